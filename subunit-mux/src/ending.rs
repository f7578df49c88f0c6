//! How an input ends, and what the stream says about it: the same for inputs of a multiplexer and for the
//! command that a report runs.

use subunit_core::{
    Event, EventBuf, FileChunk, Status,
    sink::{Counts, OpenTests},
};

/// Why an input ends.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Ending<'a> {
    /// It was read to its end, and nothing more is known, as for a file. Tests in progress are left as they
    /// are.
    #[default]
    Read,
    /// It went away. Tests in progress end as failures for this cause; otherwise nothing is wrong.
    Gone {
        /// What happened, such as `exit status 0`.
        cause: &'a str,
    },
    /// It broke. Tests in progress end as failures, and an event that is not about a runnable test says so.
    Broken {
        /// What happened, such as `killed by signal 9 (SIGKILL)`.
        cause: &'a str,
        /// Whether that is a failure even if failed tests explain it. A runner with failed tests ends with
        /// a status other than 0, which is not a second failure.
        crashed: bool,
    },
}

impl<'a> Ending<'a> {
    /// Why tests in progress did not end; `None` if they are left as they are.
    pub(crate) fn cause(self) -> Option<&'a str> {
        match self {
            Self::Read => None,
            Self::Gone { cause } | Self::Broken { cause, .. } => Some(cause),
        }
    }
}

/// The id of the failure of a command that did not end well.
pub const COMMAND: &str = "command";

/// What follows the cause in the reason of a test that was running when its input ended.
pub const WHILE_RUNNING: &str = " while this test was running";

/// The ends of tests that were running when their input ended for this cause.
pub fn closed_tests(open: &OpenTests, cause: &str, tail: &Tail) -> Vec<EventBuf> {
    let reason = reason(&format!("{cause}{WHILE_RUNNING}"), tail);
    let closed = open.in_order().map(|test| {
        let event = Event { route_code: test.route_code, ..failure(test.test_id, &reason) };
        event.to_buf()
    });
    closed.collect()
}

/// The event of an input that broke: a failure, or with `told` only the reason.
pub fn broken(cause: &str, told: bool, tail: &Tail) -> EventBuf {
    let reason = reason(cause, tail);
    let failure = Event { runnable: false, ..failure(COMMAND, &reason) };
    let event = if told { Event { test_id: None, status: None, ..failure } } else { failure };
    event.to_buf()
}

/// What a reason says below its first line, which is how the process ended.
pub fn after_first_line(reason: &str) -> &str {
    reason.split_once('\n').map_or("", |(_, more)| more)
}

/// Whether there are failures that explain a status other than 0.
pub fn explained(counts: &Counts) -> bool {
    counts.fail + counts.uxsuccess + counts.damage > 0
}

pub(crate) fn failure<'a>(test_id: &'a str, reason: &'a [u8]) -> Event<'a> {
    Event {
        file: Some(FileChunk { name: "reason", bytes: reason }),
        mime_type: Some("text/plain;charset=utf8"),
        eof: true,
        ..Event::status(test_id, Status::Fail)
    }
}

/// The signal that ended a process, or that a shell reports by its status.
#[cfg(unix)]
pub fn signal_of(status: std::process::ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    status.signal().or_else(|| status.code().filter(|code| *code > 128).map(|code| code - 128))
}

/// The signal that killed a process, or that a shell reports by its status; not every status above 128
/// means a signal.
#[cfg(unix)]
pub fn killed_by(status: std::process::ExitStatus) -> Option<i32> {
    signal_of(status).filter(|signal| signal_hook::low_level::signal_name(*signal).is_some())
}

/// There are no signals here.
#[cfg(not(unix))]
pub fn killed_by(_status: std::process::ExitStatus) -> Option<i32> {
    None
}

/// There are no signals here.
#[cfg(not(unix))]
pub fn signal_of(_status: std::process::ExitStatus) -> Option<i32> {
    None
}

/// How a process ended, in words.
#[cfg(not(unix))]
pub fn described(status: std::process::ExitStatus) -> String {
    in_words(status.code(), None)
}

/// How a process ended, in words.
#[cfg(unix)]
pub fn described(status: std::process::ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    in_words(status.code(), status.signal())
}

/// How a process ended, by its exit status or the signal that killed it, in words.
pub fn in_words(exit: Option<i32>, signal: Option<i32>) -> String {
    match (signal, exit) {
        (Some(signal), _) => format!("killed by signal {signal} ({})", signal_name(signal)),
        (None, Some(code @ 129..)) => format!("exit status {code} ({})", signal_name(code - 128)),
        (None, code) => format!("exit status {}", code.unwrap_or_default()),
    }
}

#[cfg(unix)]
fn signal_name(signal: i32) -> &'static str {
    signal_hook::low_level::signal_name(signal).unwrap_or("unknown")
}

/// Signals have names if the system has signals.
#[cfg(not(unix))]
fn signal_name(_signal: i32) -> &'static str {
    "unknown"
}

/// The last lines of an error output.
#[derive(Debug, Default)]
pub struct Tail(Vec<u8>);

impl Tail {
    /// Takes what was written there next.
    pub fn take(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(TAIL);
        self.0.extend_from_slice(&bytes[bytes.len() - kept..]);
        // Moving them once every few kilobytes is cheap enough to do without a ring buffer.
        if self.0.len() > 4 * TAIL {
            self.0.drain(..self.0.len() - TAIL);
        }
    }

    /// At most twenty lines, of which the first is complete.
    fn lines(&self) -> &[u8] {
        const LINES: usize = 20;
        let cut = self.0.len().saturating_sub(TAIL);
        let mut kept = &self.0[cut..];
        let mut begins: Vec<usize> = memchr::memchr_iter(b'\n', kept)
            .map(|at| at + 1)
            .filter(|at| *at < kept.len())
            .collect();
        if cut == 0 {
            begins.insert(0, 0);
        }
        if let Some(begin) = begins.get(begins.len().saturating_sub(LINES)) {
            kept = &kept[*begin..];
        }
        kept
    }
}

/// How much of the error output is kept.
const TAIL: usize = 2048;

/// The content of a `reason` file: the cause, and the last lines of the error output.
fn reason(cause: &str, tail: &Tail) -> Vec<u8> {
    let mut text = format!("{cause}\n").into_bytes();
    let lines = tail.lines();
    if !lines.is_empty() {
        text.extend_from_slice(b"\nlast lines of stderr:\n");
        text.extend_from_slice(lines);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_whole_lines() {
        let mut tail = Tail::default();
        for n in 0..10_000 {
            tail.take(format!("line {n}\n").as_bytes());
        }
        let lines = String::from_utf8(tail.lines().to_vec()).unwrap();
        assert_eq!(lines.lines().count(), 20);
        assert!(lines.starts_with("line 9980\n") && lines.ends_with("line 9999\n"), "{lines}");
        let mut tail = Tail::default();
        tail.take(&[b'x'; 100_000]);
        assert_eq!(tail.lines().len(), 2048);
        let mut tail = Tail::default();
        tail.take(b"one\ntwo");
        assert_eq!(tail.lines(), b"one\ntwo");
    }
}
