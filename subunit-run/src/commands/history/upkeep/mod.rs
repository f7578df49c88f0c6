//! What is done after runs were added: a command is told what changed, and runs that are too old, too many or too large go, as the configuration says.

mod on_change;
pub(super) mod project;

use std::path::{Path, PathBuf};

use subunit_filters::{console::Console, exit::Error};
use subunit_history::{History, Keep, Store, is_address, query::RunRow};

use self::project::suite;
use super::place::{error, since};
use crate::config::{HistorySettings, PolicySettings, Suite};

/// What a configuration says of a history to which runs were added.
#[derive(Clone, Debug, Default)]
pub(in crate::commands) struct Upkeep {
    settings: HistorySettings,
    policies: Vec<PolicySettings>,
}

impl Upkeep {
    /// That of a suite.
    pub(in crate::commands) fn of(suite: &Suite) -> Self {
        Self { settings: suite.history.clone(), policies: suite.policies.clone() }
    }
}

/// Which runs of a history stay, for a program that looks after one.
#[derive(Clone, Debug)]
pub struct Retention {
    settings: HistorySettings,
    folder: PathBuf,
}

impl Retention {
    /// As the configuration of a folder says; `None` if all stay.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be read.
    pub fn of(folder: &Path) -> Result<Option<Self>, Error> {
        let suite = suite(folder).map_err(|error| Error::Usage(error.to_string()))?;
        let settings = suite.map(|suite| suite.history).filter(HistorySettings::is_limited);
        Ok(settings.map(|settings| Self { settings, folder: folder.to_owned() }))
    }

    /// Lets the other runs of a history go. Returns how many have gone.
    ///
    /// # Errors
    ///
    /// If the history, or the one to which runs move, cannot be written.
    pub fn prune(&self, history: &Path) -> Result<usize, Error> {
        let_go(history, &self.folder, &self.settings)
    }
}

/// The runs that were added, found in their history.
type Added<'a> = &'a dyn Fn(&History) -> Result<Vec<RunRow>, subunit_history::Error>;

/// Tells what changed with the runs that were added, and lets those of a history go that the configuration of a folder does
/// not keep. What is wrong is told, and no reason to stop.
pub(in crate::commands) fn tidy(
    history: &Path,
    folder: &Path,
    added: Added<'_>,
    console: &mut Console<'_>,
) -> Result<(), Error> {
    match suite(folder) {
        Ok(Some(suite)) => tidy_by(&Upkeep::of(&suite), history, folder, added, console)?,
        Ok(None) => {}
        Err(error) => console.say(format_args!("old runs stay: {error}"))?,
    }
    Ok(())
}

/// As [`tidy`], by settings that are known already: what a configuration says may take commands to read.
pub(in crate::commands) fn tidy_by(
    upkeep: &Upkeep,
    history: &Path,
    folder: &Path,
    added: Added<'_>,
    console: &mut Console<'_>,
) -> Result<(), Error> {
    let Upkeep { settings, policies } = upkeep;
    if let Some(command) = &settings.on_change
        && let Some(history) = History::open(history).map_err(error)?
    {
        let runs = added(&history).map_err(error)?;
        on_change::tell(command, policies, &history, &runs, folder, console)?;
    }
    if settings.is_limited()
        && let Err(error) = let_go(history, folder, settings).map(drop)
    {
        console.say(format_args!("old runs stay: {error}"))?;
    }
    Ok(())
}

/// Returns how many runs have gone.
fn let_go(history: &Path, folder: &Path, settings: &HistorySettings) -> Result<usize, Error> {
    let mut store = Store::open(history).map_err(error)?;
    let keep = Keep {
        runs: settings.keep,
        since: settings.older_than.as_ref().map(|(_, age)| since(*age)),
        bytes: settings.max_size.as_ref().map(|(_, size)| *size),
    };
    let old = store.to_prune(keep, |_| true).map_err(error)?;
    let Some(to) = settings.move_to.as_ref().filter(|_| !old.is_empty()) else {
        if !old.is_empty() {
            store.prune(&old).map_err(error)?;
        }
        return Ok(old.len());
    };
    let to = if is_address(Path::new(to)) { PathBuf::from(to) } else { folder.join(to) };
    let mut other = Store::open(&to).map_err(error)?;
    let old: Vec<RunRow> = old.into_iter().map(|one| one.run).collect();
    store.move_to(&old, &mut other).map_err(error)?;
    Ok(old.len())
}
