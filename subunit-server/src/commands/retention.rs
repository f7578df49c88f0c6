//! Which runs go, each day?

use std::{
    io::{self, Write as _},
    path::Path,
};

use subunit_filters::exit::Error;
use subunit_run::commands::Retention;

use crate::server::Daily;

/// Lets runs of a history go, as the configuration of this folder says.
pub(super) fn of_this_folder(history: &Path) -> Result<Daily, Error> {
    let retention = Retention::of(Path::new("."))?.ok_or_else(|| {
        Error::Usage(
            "--prune: no subunit.toml of this folder says in [history] what to keep: give `keep`, `older_than` or `max_size`"
                .into(),
        )
    })?;
    let history = history.to_owned();
    Ok(Box::new(move || {
        let said = match retention.prune(&history) {
            Ok(1) => "1 old run has gone".to_owned(),
            Ok(count) => format!("{count} old runs have gone"),
            Err(error) => format!("old runs stay: {error}"),
        };
        // There is nobody else to tell.
        let _ = writeln!(io::stderr(), "subunit serve: {said}");
    }))
}
