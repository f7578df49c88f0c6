//! A process that is one test: what it writes, and what its end means.

use std::{
    io,
    os::unix::process::ExitStatusExt,
    process::{Command, ExitStatus},
};

use subunit_core::{
    Damage, Event, FileChunk, Status, conventions,
    run::counted,
    sink::{Flow, Sink},
};
use subunit_formats::auto;

use super::{forker::Forker, output::start_with_output, results::ResultWriter};

/// The exit status of a test that does not apply here.
const SKIPPED: i32 = 77;

/// What starts the process of a test.
pub(super) enum TestStart<'a> {
    /// A command.
    Command(&'a mut Command),
    /// A process that forks it.
    Forker(&'a mut Forker),
}

/// Runs a process that is this test, and says how it ended.
///
/// # Errors
///
/// If results cannot be passed on.
pub(super) fn run_test(
    start: TestStart<'_>,
    id: &str,
    results: &mut ResultWriter,
) -> io::Result<()> {
    results.say(&Event::status(id, Status::InProgress))?;
    let mut told = PartsSink { id, results, parts: PartsTold::default(), error: None };
    let ended = told.read_process(start);
    let PartsSink { parts, error, .. } = told;
    error.map_or(Ok(()), Err)?;
    let (status, reason) = match ended {
        Ok(status) => judged(status, &parts),
        Err(error) => (Status::Fail, format!("it could not be run: {error}\n")),
    };
    results.end(&Event::status(id, status), &reason)
}

/// What a test has said of its parts.
#[derive(Debug, Default)]
struct PartsTold {
    failures: u64,
    /// Whether it has said that it has no test here.
    has_none: bool,
}

/// What prove says of a file that skips all its tests.
const NO_TESTS: &[u8] = b"\nResult: NOTESTS\n";

/// The result of a test by the exit status of its process.
fn judged(status: ExitStatus, told: &PartsTold) -> (Status, String) {
    match status.code() {
        Some(0) if told.failures > 0 => (
            Status::Fail,
            format!(
                "exit status 0, and what it wrote says {}\n",
                counted(told.failures, "failure")
            ),
        ),
        Some(0) if told.has_none => (Status::Skip, String::new()),
        Some(0) => (Status::Success, String::new()),
        Some(SKIPPED) => (Status::Skip, format!("exit status {SKIPPED}\n")),
        Some(code) => (Status::Fail, format!("exit status {code}\n")),
        None => {
            let signal = status.signal().unwrap_or_default();
            (Status::Fail, format!("killed by signal {signal}\n"))
        }
    }
}

/// Passes on what a script says in any format: results of its own within the test, the rest as its output.
struct PartsSink<'a> {
    id: &'a str,
    results: &'a mut ResultWriter,
    parts: PartsTold,
    error: Option<io::Error>,
}

impl PartsSink<'_> {
    /// Reads what a process says of its parts, to its end.
    fn read_process(&mut self, start: TestStart<'_>) -> io::Result<ExitStatus> {
        match start {
            TestStart::Command(command) => {
                let (reader, mut child) = start_with_output(command)?;
                auto::read(reader, None, self)?;
                child.wait()
            }
            TestStart::Forker(forker) => {
                auto::read(forker.run(self.id)?, None, self)?;
                forker.ended()
            }
        }
    }

    fn say(&mut self, event: &Event<'_>) -> Flow {
        match self.results.say(event) {
            Ok(()) => Flow::Continue,
            Err(error) => {
                self.error.get_or_insert(error);
                Flow::Break
            }
        }
    }
}

impl Sink for PartsSink<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if conventions::is_aside(event) {
            return Flow::Continue;
        }
        // A script cannot be asked for one of its results.
        let Some(test_id) = event.test_id else {
            return self.say(&Event { test_id: Some(self.id), runnable: false, ..*event });
        };
        if event.status == Some(Status::Exists) {
            return Flow::Continue;
        }
        self.parts.failures += u64::from(event.status.is_some_and(Status::is_failure));
        // Some say whose part it is.
        let part = test_id.strip_prefix(self.id).and_then(|rest| rest.strip_prefix(" > "));
        let test_id = format!("{}: {}", self.id, part.unwrap_or(test_id));
        self.say(&Event { test_id: Some(&test_id), runnable: false, ..*event })
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.parts.failures += 1;
        self.text(damage.bytes)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.parts.has_none |= bytes.ends_with(NO_TESTS) || bytes == &NO_TESTS[1..];
        let file = Some(FileChunk { name: conventions::STDOUT, bytes });
        let mime_type = Some(conventions::TEXT);
        self.say(&Event { test_id: Some(self.id), file, mime_type, ..Event::default() })
    }
}
