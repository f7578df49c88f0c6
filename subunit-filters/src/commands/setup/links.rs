//! `subunit links`: the traditional names.

use std::{fs, io, path::Path};

use crate::{
    cli::command::Command,
    commands::{ELSEWHERE, TOOLS},
    console::Console,
    exit::{Error, Exit},
    files::destination::DirectoryOrWord,
};

/// Make links of the traditional names, such as subunit-stats
///
/// Under such a name, the command has the options, the output and the exit statuses of python-subunit's tool
/// of that name. Links named testr and stestr to subunit-run do the same for testrepository and stestr, where
/// that program is installed.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Links {
    #[command(flatten)]
    directory: DirectoryOrWord,
    /// Replace existing files of these names
    #[arg(long)]
    force: bool,
}

impl Command for Links {
    const NAME: &'static str = "links";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit links -d bin
  $ subunit links --force -d bin && bin/subunit-stats run.subunit

Exit status: 0, or 2 if a link cannot be made.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let failed = |path: &Path, source| {
            let name = path.display().to_string();
            Error::File { name, source }
        };
        let command =
            std::env::current_exe().map_err(|error| failed(Path::new("subunit"), error))?;
        let folder = self.directory.clone().path();
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
        let link = |target: &Path, tool: &str| {
            let path = folder.join(format!("{tool}{}", std::env::consts::EXE_SUFFIX));
            self.make(target, &path).map_err(|error| failed(&path, error))
        };
        TOOLS.iter().try_for_each(|tool| link(&command, tool.name))?;
        for other in ELSEWHERE.iter().filter(|other| !other.tools.is_empty()) {
            match other.path() {
                Some(program) => other.tools.iter().try_for_each(|tool| link(&program, tool))?,
                None => {
                    let (tools, program) = (other.tools.join(", "), other.program);
                    console.say(format_args!("{tools}: no links: {program} is not installed"))?;
                }
            }
        }
        console.flush()?;
        Ok(Exit::Passed)
    }
}

impl Links {
    fn make(&self, command: &Path, path: &Path) -> io::Result<()> {
        // A link that is as it should be is left alone.
        if fs::read_link(path).is_ok_and(|target| target == command) {
            return Ok(());
        }
        if self.force && path.symlink_metadata().is_ok() {
            fs::remove_file(path)?;
        }
        link(command, path)
    }
}

#[cfg(unix)]
fn link(command: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(command, path)
}

/// Links need rights that not everybody has here.
#[cfg(not(unix))]
fn link(command: &Path, path: &Path) -> io::Result<()> {
    fs::hard_link(command, path).or_else(|_| fs::copy(command, path).map(drop))
}
