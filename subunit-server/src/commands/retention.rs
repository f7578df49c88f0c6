//! Which runs go, each day?

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use subunit_filters::exit::Error;
use subunit_run::commands::Retention;

use super::served_history::ServedHistory;
use crate::server::Daily;

/// Lets runs of histories go, as the configuration of this folder says.
pub(super) fn of_this_folder(histories: &[ServedHistory]) -> Result<Daily, Error> {
    let retention = Retention::of(Path::new("."))?.ok_or_else(|| {
        Error::Usage(
            "--prune: no subunit.toml of this folder says in [history] what to keep: give `keep`, `older_than` or `max_size`"
                .into(),
        )
    })?;
    let of = |history: &ServedHistory| {
        let project = history.project().map(|name| format!("{name}: ")).unwrap_or_default();
        (project, history.place.path().to_owned())
    };
    let histories: Vec<(String, PathBuf)> = histories.iter().map(of).collect();
    Ok(Box::new(move || {
        for (project, history) in &histories {
            let said = match retention.prune(history) {
                Ok(1) => "1 old run has gone".to_owned(),
                Ok(count) => format!("{count} old runs have gone"),
                Err(error) => format!("old runs stay: {error}"),
            };
            // There is nobody else to tell.
            let _ = writeln!(io::stderr(), "subunit serve: {project}{said}");
        }
    }))
}
