//! Whether a test was interrupted, or has only printed what looks like the beginning of another.

use super::line::{self, Directive, without_end};

/// How much is held back at most until that is known.
const MOST: usize = 1 << 20;

/// Lines in a test, from one on that begins another one.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    /// The last test that a line began.
    label: Vec<u8>,
    /// Whether that test has ended.
    ended: bool,
    /// The last line was too long; what comes is the rest of it.
    cut: bool,
}

/// What a line says about those before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// Nothing; it is held back as well.
    Nothing,
    /// The open test goes on: they are its output.
    Output,
    /// The open test was interrupted: they are another test.
    Interruption,
}

impl Held {
    /// Holds back `line`, which begins the test `label`.
    pub(super) fn new(label: &[u8], line: &[u8]) -> Self {
        Self { bytes: line.to_vec(), label: label.to_vec(), ended: false, cut: false }
    }

    /// Takes a line, its line end included, while the test `open` is open.
    pub(super) fn take(&mut self, line: &[u8], open: &[u8]) -> Found {
        let fresh = !std::mem::replace(&mut self.cut, !line.ends_with(b"\n"));
        let content = without_end(line).unwrap_or_default();
        let said = if fresh { line::directive(content) } else { None };
        if line::outcome_of(content, said, open).is_some() {
            return Found::Output;
        }
        match said {
            Some(Directive::Start { colon: true, label }) => {
                if self.ended {
                    return Found::Interruption;
                }
                self.label = label.to_vec();
            }
            Some(Directive::Outcome { rest, .. }) => {
                self.ended |= line::opening(rest, &self.label).is_some();
            }
            _ => {}
        }
        if self.bytes.len() + line.len() > MOST {
            return Found::Interruption;
        }
        self.bytes.extend_from_slice(line);
        Found::Nothing
    }
}
