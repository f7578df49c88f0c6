//! The output of a test in libtest's text, as files.

use subunit_core::{TagsBuf, Timestamp};

use super::line::Outcome;
use crate::events::push::Push;

/// A test whose output runs into its line.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) id: String,
    pub(super) files: Files,
    /// The last line of output, which may end with the outcome.
    pub(super) held: Vec<u8>,
    /// What its output begins with: an outcome, unless another comes.
    first: Option<Outcome>,
}

/// Which files of a test have begun.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    stdout: bool,
    traceback: bool,
    /// When the test ended, if that is known.
    pub(super) stop: Option<Timestamp>,
}

impl Running {
    /// A test of which there is this after its name.
    pub(super) fn new(id: String, output: &[u8]) -> Self {
        let first =
            outcomes().find_map(|(word, outcome)| output.starts_with(word).then_some(outcome));
        Self { id, files: Files::default(), held: output.to_vec(), first }
    }

    /// Its outcome, if its output ends with one, or begins with one that the output of others follows.
    pub(super) fn take_outcome(&mut self) -> Option<Outcome> {
        let Some((outcome, length)) = glued(&self.held) else { return self.first.take() };
        self.held.truncate(length);
        Some(outcome)
    }

    pub(super) fn push_held(&mut self, push: &mut Push<'_>) {
        self.files.push_line(&self.id, &self.held, push);
        self.held.clear();
    }

    pub(super) fn incomplete(mut self, why: &str, push: &mut Push<'_>) {
        self.push_held(push);
        self.files.end(&self.id, push);
        push.incomplete(&self.id, &format!("no result: {why}"), TagsBuf::new(), None);
    }
}

impl Files {
    /// A line of output: from the message of a panic on it is the traceback.
    pub(super) fn push_line(&mut self, id: &str, line: &[u8], push: &mut Push<'_>) {
        if line.is_empty() {
            return;
        }
        let panics =
            line.starts_with(b"thread '") && memchr::memmem::find(line, b" panicked at ").is_some();
        self.traceback |= panics;
        self.stdout |= !self.traceback;
        push.file(Some(id), if self.traceback { "traceback" } else { "stdout" }, line, false);
    }

    /// Says that no more of the files will come.
    pub(super) fn end(&self, id: &str, push: &mut Push<'_>) {
        for (open, name) in [(self.stdout, "stdout"), (self.traceback, "traceback")] {
            if open {
                push.file(Some(id), name, b"", true);
            }
        }
    }
}

/// The outcome that a line of output ends with, and where it begins.
fn glued(line: &[u8]) -> Option<(Outcome, usize)> {
    let line = line.trim_ascii_end();
    outcomes()
        .find_map(|(word, outcome)| line.strip_suffix(word).map(|output| (outcome, output.len())))
}

fn outcomes() -> impl Iterator<Item = (&'static [u8], Outcome)> {
    [(&b"ok"[..], Outcome::Ok), (b"FAILED", Outcome::Failed)].into_iter()
}
