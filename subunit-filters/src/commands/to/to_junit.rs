//! `subunit to-junit`: a report in JUnit XML.

use std::{
    io::{self, Seek},
    path::PathBuf,
};

use subunit_core::{Damage, Event, Packet, sink::Sink};
use subunit_formats::{
    files::temporary::Spool,
    junit::{AttachmentFolder, JunitOptions, JunitWriter},
};

use super::to_html::ShownArgs;
use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Out, ReportArgs, run_report},
};

/// Write a report in JUnit XML, for CI services
///
/// The report is written at the end, since its counts come first. It holds attachments that are text, unless
/// there is a folder for them. Text outside packets goes to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToJunit {
    /// Name of the report
    #[arg(long, value_name = "NAME", default_value = "subunit")]
    name: String,
    /// Write attachments into this folder; the report refers to them as Jenkins and GitLab expect
    #[arg(long, value_name = "DIR")]
    attachments: Option<PathBuf>,
    #[command(flatten)]
    shown: ShownArgs,
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToJunit {
    const NAME: &'static str = "to-junit";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-junit --attachments files run.subunit > run.xml
  $ subunit filter --id '^tt' run.subunit | subunit to-junit --name tt > tt.xml

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        console.interrupts.catch()?;
        let options = JunitOptions { name: self.name, ..JunitOptions::default() };
        let options = self.shown.of_junit(options);
        let mut writer = JunitWriter::new(io::sink(), options);
        writer.set_judge(&self.report.judge.judge(&self.report.inputs, console)?);
        if let Some(path) = self.attachments {
            writer = writer.with_attachments(attachment_folder(path)?);
        }
        let report = Report { writer: Some(writer), unfinished: 0 };
        run_report(report, &self.report, console)
    }
}

/// The folder for files of tests.
pub(in crate::commands) fn attachment_folder(path: PathBuf) -> Result<AttachmentFolder, Error> {
    let name = path.display().to_string();
    AttachmentFolder::create(path).map_err(|source| Error::File { name, source })
}

/// Where a report waits for its end: in memory while it is small, else in a file without a name.
pub(in crate::commands) fn spool() -> Spool {
    Spool::new(4 << 20)
}

/// Copies a report to where it belongs.
pub(in crate::commands) fn copy(mut spool: Spool, out: &mut dyn io::Write) -> io::Result<()> {
    spool.rewind()?;
    io::copy(&mut spool, out).map(drop)
}

struct Report {
    /// Keeps the report until its end, when there is an output.
    writer: Option<JunitWriter<io::Sink>>,
    /// How many tests never ended.
    unfinished: u64,
}

impl Filter for Report {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if let Some(writer) = &mut self.writer {
            writer.event(event);
        }
        Ok(())
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        if let Some(writer) = &mut self.writer {
            writer.damage(damage);
        }
        out.damage(damage)
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        self.unfinished = writer.finish_into(out.report())?;
        Ok(())
    }

    fn unfinished(&self) -> Option<u64> {
        Some(self.unfinished)
    }
}
