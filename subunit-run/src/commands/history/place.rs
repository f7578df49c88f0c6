//! Which history is meant, and how it is opened.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use subunit_filters::{console::Console, exit::Error};
use subunit_history::{History, Store, shown_place};

use crate::memory::KeptRuns;

/// Which history is meant.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct HistoryArg {
    /// Use the history in this folder, or at this postgres:// address [default: $SUBUNIT_HISTORY, or .subunit]
    #[arg(long, value_name = "DIR|ADDRESS")]
    history: Option<PathBuf>,
}

impl HistoryArg {
    /// The folder.
    pub(super) fn path(&self) -> PathBuf {
        self.history.clone().unwrap_or_else(usual)
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
        self.history.clone().or_else(of_variable)
    }

    /// Opens the history to read it.
    pub(super) fn read(&self) -> Result<History, Error> {
        open(&self.path())
    }

    /// Opens the history to write it, and tells what was put right.
    pub(super) fn write(&self, console: &mut Console<'_>) -> Result<Store, Error> {
        let mut store = Store::open(&self.path()).map_err(error)?;
        store.take_notes().iter().try_for_each(|note| console.say(note))?;
        Ok(store)
    }
}

fn of_variable() -> Option<PathBuf> {
    std::env::var_os("SUBUNIT_HISTORY").filter(|name| !name.is_empty()).map(PathBuf::from)
}

/// The folder of the history if none is named.
pub(super) fn usual() -> PathBuf {
    of_variable().unwrap_or_else(|| PathBuf::from(KeptRuns::FOLDER))
}

/// Opens the history in a folder to read it.
pub(super) fn open(folder: &Path) -> Result<History, Error> {
    History::open(folder).map_err(error)?.ok_or_else(|| {
        let folder = shown_place(folder);
        Error::Usage(format!(
            "{folder}: there is no history: `subunit run` and `subunit load` make one"
        ))
    })
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
