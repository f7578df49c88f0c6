//! What is done after a run was added: runs that are too old, too many or too large go, as the configuration says.

use std::path::Path;

use subunit_filters::{console::Console, exit::Error};
use subunit_history::{Keep, Store, query::RunRow};

use super::place::{error, since};
use crate::config::{HistorySettings, Suite, find, keys::Dialect, stestr, toml};

/// Lets the runs of a history go that the configuration of a folder does not keep. What is wrong is told, and no reason to
/// stop.
pub(in crate::commands) fn tidy(
    history: &Path,
    folder: &Path,
    console: &mut Console<'_>,
) -> Result<(), Error> {
    match settings(folder) {
        Ok(Some(settings)) => tidy_by(&settings, history, folder, console)?,
        Ok(None) => {}
        Err(error) => console.say(format_args!("old runs stay: {error}"))?,
    }
    Ok(())
}

/// As [`tidy`], by settings that are known already: what a configuration says may take commands to read.
pub(in crate::commands) fn tidy_by(
    settings: &HistorySettings,
    history: &Path,
    folder: &Path,
    console: &mut Console<'_>,
) -> Result<(), Error> {
    if settings.is_limited()
        && let Err(error) = let_go(history, folder, settings)
    {
        console.say(format_args!("old runs stay: {error}"))?;
    }
    Ok(())
}

/// What the configuration of a folder says, if it says that some go.
fn settings(folder: &Path) -> Result<Option<HistorySettings>, find::FindError> {
    let settings = suite(folder)?.map(|suite| suite.history);
    Ok(settings.filter(HistorySettings::is_limited))
}

/// The suite of a folder with a subunit.toml.
pub(super) fn suite(folder: &Path) -> Result<Option<Suite>, find::FindError> {
    if find::find(folder).is_none_or(|main| main.dialect != Dialect::Subunit) {
        return Ok(None);
    }
    let user = find::user_file();
    find::load(&find::Request {
        folder,
        profile: None,
        user: user.as_deref(),
        run: &toml::shell(folder),
        stestr: &stestr::Options::default(),
        runner: &stestr::Runner::new("python3"),
    })
    .map(Some)
}

fn let_go(history: &Path, folder: &Path, settings: &HistorySettings) -> Result<(), Error> {
    let mut store = Store::open(history).map_err(error)?;
    let keep = Keep {
        runs: settings.keep,
        since: settings.older_than.as_ref().map(|(_, age)| since(*age)),
        bytes: settings.max_size.as_ref().map(|(_, size)| *size),
    };
    let old = store.to_prune(keep, |_| true).map_err(error)?;
    let Some(to) = settings.move_to.as_ref().filter(|_| !old.is_empty()) else {
        return if old.is_empty() { Ok(()) } else { store.prune(&old).map_err(error) };
    };
    let mut other = Store::open(&folder.join(to)).map_err(error)?;
    let old: Vec<RunRow> = old.into_iter().map(|one| one.run).collect();
    store.move_to(&old, &mut other).map_err(error)
}
