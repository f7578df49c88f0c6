//! `subunit2disk`.

use std::{io, path::PathBuf};

use subunit_core::{Event, Packet, sink::Records};

use super::reading::{Input, Tool, run};
use crate::{
    cli::command::Command,
    commands::to::{disk::Folder, to_disk::whole_records},
    console::Console,
    exit::{Error, Exit},
    pipeline::Out,
    style::pass_text,
};

/// Write every test into a directory, with its attachments
///
/// As python-subunit's subunit2disk, and never outside the directory. What belongs to no test goes to
/// standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ToDisk {
    /// The directory; it is made if it is not there
    #[arg(long, short, value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    #[command(flatten)]
    input: Input,
}

impl Command for ToDisk {
    const NAME: &'static str = "subunit2disk";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit2disk -d results run.subunit
  $ subunit-filter < run.subunit | subunit2disk -d failed

Exit status: 0, or 2 where the stream cannot be read or the directory cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let name = self.directory.display().to_string();
        let folder =
            Folder::create(self.directory).map_err(|source| Error::File { name, source })?;
        run(Directories { folder, records: whole_records() }, &self.input, console)?;
        Ok(Exit::Passed)
    }
}

struct Directories {
    folder: Folder,
    records: Records,
}

impl Tool for Directories {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if let (None, Some(file)) = (event.test_id, event.file) {
            return pass_text(out.console.stderr_look, file.bytes, &mut out.console.stderr);
        }
        self.records.note(event).map_or(Ok(()), |record| self.folder.write(&record))
    }

    fn finish(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        self.records.take_open().iter().try_for_each(|record| self.folder.write(record))
    }
}
