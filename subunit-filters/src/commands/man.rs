//! `subunit man`: the manual pages.

use std::path::PathBuf;

use crate::{
    cli,
    command::Command,
    console::Console,
    exit::{Error, Exit},
};

/// Write the manual pages into a folder
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Man {
    /// The folder; it is made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Command for Man {
    const NAME: &'static str = "man";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit man man1
  $ subunit man man1 && ls man1

Exit status: 0, or 2 where the folder cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let name = self.folder.display().to_string();
        std::fs::create_dir_all(&self.folder)
            .and_then(|()| clap_mangen::generate_to(cli::definition(), &self.folder))
            .map_err(|source| Error::Input { name, source })?;
        console.flush()?;
        Ok(Exit::Passed)
    }
}
