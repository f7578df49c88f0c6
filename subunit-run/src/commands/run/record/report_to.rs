//! Sends the stream of a run to a server while it goes on. The program that has the network does it.

use std::{
    io::{self, BufWriter, Write as _},
    process::{Child, ChildStdin, Stdio},
};

use subunit_filters::console::Console;
use tempfile::NamedTempFile;

use crate::databases::SERVER;

/// How the lines of that program begin.
const SAYS: &str = "subunit send: ";

/// The program that sends the run.
pub(super) struct RunReporter {
    child: Child,
    /// None once the run has ended.
    input: Option<BufWriter<ChildStdin>>,
    /// A file that is there while the run goes on. It stays if this process is killed.
    goes_on: Option<NamedTempFile>,
}

impl RunReporter {
    /// Begins to send a run to this address.
    pub(super) fn begin(url: &str, partial: bool) -> Result<Self, String> {
        let mut command = SERVER.command().ok_or_else(|| {
            let program = SERVER.program;
            format!("the program {program} is not installed: install it beside subunit")
        })?;
        let goes_on = NamedTempFile::with_prefix("subunit-run-");
        let goes_on = goes_on.map_err(|error| format!("a temporary file: {error}"))?;
        command.args(["send", "--live", "--to", url, "--while-there"]).arg(goes_on.path());
        command.args(partial.then_some("--partial"));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        // ^C ends the run, and the report of it ends later.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let started = command.spawn();
        let mut child = started.map_err(|error| format!("{}: {error}", SERVER.program))?;
        let input = child.stdin.take().map(BufWriter::new);
        Ok(Self { child, input, goes_on: Some(goes_on) })
    }

    /// Takes a piece of the stream.
    pub(super) fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.input.as_mut().map_or(Ok(()), |input| input.write_all(bytes))
    }

    /// Passes on what was taken.
    pub(super) fn save(&mut self) -> io::Result<()> {
        self.input.as_mut().map_or(Ok(()), BufWriter::flush)
    }

    /// The run has ended.
    pub(super) fn close(&mut self) -> io::Result<()> {
        let closed = self.save();
        // Before the end of the stream: the other program looks for it then.
        self.goes_on = None;
        self.input = None;
        closed
    }

    /// Waits until the run was sent, or it was tried for long enough. Says what became of it.
    pub(super) fn end(mut self, console: &mut Console<'_>) {
        // What went wrong with it, the other program says.
        let _ = self.close();
        let said = match self.child.wait_with_output() {
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        for line in said.lines() {
            let line = line.strip_prefix(SAYS).unwrap_or(line);
            // The verdict is what it is, also if nobody hears this.
            let _ = console.say(format_args!("reported to a server: {line}"));
        }
    }
}
