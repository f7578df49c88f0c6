//! Where a report goes, and what then goes to standard output.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use subunit_core::{Event, Packet};

use super::reading::ReportArgs;
use crate::{console::Console, exit::Error, pipeline::Out, style::pass_text};

/// A report on standard output, or in a file beside the stream.
pub(super) struct ReportFile {
    file: Option<(String, BufWriter<File>)>,
    forward: bool,
    no_passthrough: bool,
}

impl ReportFile {
    /// Creates the file, if there is to be one.
    pub(super) fn create(args: &ReportArgs) -> Result<Self, Error> {
        let ReportArgs { no_passthrough, forward, ref output_to, .. } = *args;
        let file = match output_to {
            Some(path) => {
                let name = path.display().to_string();
                let failed = |source| Error::File { name: name.clone(), source };
                let file = BufWriter::new(File::create(path).map_err(failed)?);
                Some((name, file))
            }
            None => None,
        };
        Ok(Self { file, forward, no_passthrough })
    }

    /// Passes on what is to be passed on beside the report: the whole stream, or what belongs to no test.
    /// A report and packets never mix on one output, unless both were asked for.
    pub(super) fn pass(
        &self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let loose = event.test_id.is_none();
        if loose && self.no_passthrough || !loose && !self.forward {
            return Ok(());
        }
        if self.forward || self.file.is_some() {
            return out.forward(event, packet);
        }
        let bytes = event.file.map_or(&[][..], |file| file.bytes);
        pass_text(out.console.stderr_look, bytes, &mut out.console.stderr)
    }

    /// Where the report is written to.
    pub(super) fn of<'o>(&'o mut self, out: &'o mut Out<'_, '_>) -> &'o mut dyn Write {
        self.of_console(out.console)
    }

    /// As [`ReportFile::of`], before and after the stream.
    pub(super) fn of_console<'o>(&'o mut self, console: &'o mut Console<'_>) -> &'o mut dyn Write {
        match &mut self.file {
            Some((_, file)) => file,
            None => &mut console.stdout,
        }
    }

    /// Writes what is left to the file.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        let Some((name, file)) = &mut self.file else { return Ok(()) };
        file.flush().map_err(|source| Error::File { name: name.clone(), source })
    }
}
