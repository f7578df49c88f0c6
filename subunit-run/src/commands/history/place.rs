//! Which history is meant, and how it is opened.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use subunit_filters::{console::Console, exit::Error};
use subunit_history::{History, Store, query::RunRow};

use super::json::JsonArg;
use crate::memory::KeptRuns;

/// Which history is meant.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct HistoryArg {
    /// Use the history in this folder [default: $SUBUNIT_HISTORY, or .subunit]
    #[arg(long, value_name = "DIR")]
    history: Option<PathBuf>,
}

/// Which series of it.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct SeriesArg {
    /// Only runs of this series, such as a branch [default: that of the last run]
    #[arg(long, value_name = "NAME")]
    pub(super) series: Option<String>,
}

/// What is asked of which history, and how the answer is written.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct QueryArgs {
    #[command(flatten)]
    pub(super) form: JsonArg,
    #[command(flatten)]
    pub(super) series: SeriesArg,
    #[command(flatten)]
    pub(super) history: HistoryArg,
}

impl HistoryArg {
    /// The folder.
    pub(super) fn path(&self) -> PathBuf {
        self.named().unwrap_or_else(|| PathBuf::from(KeptRuns::FOLDER))
    }

    /// The folder, for a run in a project.
    pub(in crate::commands) fn in_project(&self, project: &Path) -> PathBuf {
        self.named().unwrap_or_else(|| project.join(KeptRuns::FOLDER))
    }

    /// Whether one is named.
    pub(in crate::commands) fn is_named(&self) -> bool {
        self.named().is_some()
    }

    fn named(&self) -> Option<PathBuf> {
        let of_variable = || std::env::var_os("SUBUNIT_HISTORY").filter(|name| !name.is_empty());
        self.history.clone().or_else(|| of_variable().map(PathBuf::from))
    }

    /// Whether this folder is that of the history.
    pub(super) fn is(&self, folder: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().ok();
        real(folder).is_some_and(|folder| real(&self.path()) == Some(folder))
    }

    /// Opens the history to read it.
    pub(super) fn read(&self) -> Result<History, Error> {
        let path = self.path();
        History::open(&path).map_err(error)?.ok_or_else(|| {
            let folder = path.display();
            Error::Usage(format!(
                "{folder}: there is no history: `subunit run` and `subunit load` make one"
            ))
        })
    }

    /// Opens the history to write it, and tells what was put right.
    pub(super) fn write(&self, console: &mut Console<'_>) -> Result<Store, Error> {
        let mut store = Store::open(&self.path()).map_err(error)?;
        store.take_notes().iter().try_for_each(|note| console.say(note))?;
        Ok(store)
    }
}

/// So long ago, in microseconds since 1970.
pub(super) fn since(age: Duration) -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.saturating_sub(age).as_micros()).unwrap_or(i64::MAX)
}

/// What went wrong with a history.
pub(super) fn error(error: subunit_history::Error) -> Error {
    match error {
        subunit_history::Error::Output(error) => Error::Output(error),
        error => Error::Usage(error.to_string()),
    }
}

/// The run that is meant.
pub(super) fn find(history: &History, meant: &str) -> Result<RunRow, Error> {
    let found = history.find(meant).map_err(error)?;
    found.ok_or_else(|| {
        let known = "use a number such as @12, @last, @last-green, or the beginning of a name";
        Error::Usage(format!("there is no run {meant}: {known}; `subunit history list` lists them"))
    })
}

/// The run that came last.
pub(super) fn last(history: &History, series: &SeriesArg) -> Result<RunRow, Error> {
    let found = history.last(series.series.as_deref()).map_err(error)?;
    found.ok_or_else(|| match &series.series {
        Some(series) => Error::Usage(format!("there is no run of the series {series}")),
        None => Error::Usage("there is no run: `subunit run` and `subunit load` keep runs".into()),
    })
}
