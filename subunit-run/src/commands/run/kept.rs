//! Where the runs of a project are kept: where the tool keeps them whose configuration it has.

use std::{io, path::Path};

use subunit_filters::console::Console;

use crate::{
    commands::history::HistoryArg,
    config::{find, keys::Dialect},
    memory::{KeptRuns, Memory, Repository, RepositoryError, Tool},
};

/// What is remembered of a project. A repository is made if it is not there, when `makes`.
pub(in crate::commands) fn open(
    folder: &Path,
    makes: bool,
    history: &HistoryArg,
    console: &mut Console<'_>,
) -> io::Result<Box<dyn Memory>> {
    let kept = || Box::new(KeptRuns::open(&history.in_project(folder)));
    if history.is_named() {
        return Ok(kept());
    }
    let tool = match find::find(folder).map(|main| main.dialect) {
        Some(Dialect::Testr) => Tool::Testr,
        Some(Dialect::Stestr) => Tool::Stestr,
        Some(Dialect::Subunit | Dialect::Inquest) | None => {
            return Ok(kept());
        }
    };
    match repository(folder, tool, makes) {
        Ok(repository) => Ok(Box::new(repository)),
        Err(error) => {
            if makes {
                console.say(format_args!("the run is kept in {}: {error}", KeptRuns::FOLDER))?;
            }
            Ok(kept())
        }
    }
}

fn repository(folder: &Path, tool: Tool, makes: bool) -> Result<Repository, RepositoryError> {
    let path = folder.join(tool.folder());
    if makes && !path.exists() {
        return Repository::init(&path, tool);
    }
    Repository::open(&path, tool)
}

/// Tells what went wrong with what is remembered, and was no reason to stop.
pub(in crate::commands) fn warn(
    memory: &mut dyn Memory,
    console: &mut Console<'_>,
) -> io::Result<()> {
    memory.warnings().iter().try_for_each(|warning| console.say(warning))
}
