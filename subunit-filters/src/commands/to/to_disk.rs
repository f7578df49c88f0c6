//! `subunit to-disk`: one directory a test.

use std::io;

use subunit_core::{
    Damage, Event, Packet, Status,
    sink::{Attachment, Records, TestRecord},
};
use subunit_formats::events::emit::{DAMAGED, REASON};

use super::disk::Folder;
use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::DirectoryArg,
    pipeline::{Filter, Out, ReportArgs, run_report},
};

/// Write every test into a directory, with its attachments
///
/// Each test gets a directory named by its id, with `test.json` and a file for each attachment. Nothing is
/// written outside DIR. Existing files are never overwritten: a name that is taken gets a number. A damaged
/// stream gets a directory `(damaged stream)`. Text outside packets goes to standard error.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ToDisk {
    #[command(flatten)]
    directory: DirectoryArg,
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToDisk {
    const NAME: &'static str = "to-disk";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-disk -d results run.subunit
  $ subunit filter --status fail run.subunit | subunit to-disk -d failed

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a stream cannot be read or the directory cannot be written; 4 there was
no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        console.interrupts.catch()?;
        let name = self.directory.directory.display().to_string();
        let folder = Folder::create(self.directory.directory)
            .map_err(|source| Error::File { name, source })?;
        let directories = Directories { folder, records: whole_records(), damage: None };
        run_report(directories, &self.report, console)
    }
}

/// Represents all damage, so that the directories are not taken for those of a whole stream.
fn damaged(damage: String) -> TestRecord {
    let bytes = format!("{damage}\n").into_bytes();
    let reason = Attachment { name: REASON.into(), bytes, eof: true, ..Attachment::default() };
    TestRecord {
        test_id: DAMAGED.into(),
        status: Some(Status::Fail),
        attachments: vec![reason],
        ..TestRecord::default()
    }
}

/// Records that leave nothing out.
pub(in crate::commands) fn whole_records() -> Records {
    Records::with_limit(usize::MAX)
}

struct Directories {
    folder: Folder,
    records: Records,
    /// The first place of damage.
    damage: Option<String>,
}

impl Filter for Directories {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.records.note(event).map_or(Ok(()), |record| self.folder.write(&record))
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.damage.get_or_insert_with(|| damage.to_string());
        out.text(damage.bytes)
    }

    fn finish(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        self.records.take_open().iter().try_for_each(|record| self.folder.write(record))?;
        self.damage.take().map_or(Ok(()), |damage| self.folder.write(&damaged(damage)))
    }
}
