//! Messages and text in one log: none runs into the other, and no text is taken for a message.

use std::io;

use subunit_core::sink::Flow;

use super::line::MessageLine;
use crate::{ci::teamcity::message::MARK, report::output::Output};

/// The log.
#[derive(Debug)]
pub(super) struct MessageLog<W> {
    out: Output<W>,
    /// How many bytes of a message's beginning the text ended with; they are held back.
    held: usize,
    in_line: bool,
}

impl<W: io::Write> MessageLog<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out: Output::new(out), held: 0, in_line: false }
    }

    /// Asks to stop after an error.
    pub(super) fn flow(&self) -> Flow {
        self.out.flow()
    }

    /// The output, or the first error.
    pub(super) fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }

    fn write(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        self.in_line = *last != b'\n';
        self.out.write(bytes);
        self.out.flush();
    }

    /// Writes a message, on a line of its own.
    pub(super) fn send(&mut self, line: MessageLine) {
        self.release();
        self.write(&line.into_bytes(self.in_line));
    }

    /// Writes the text that was held back.
    pub(super) fn release(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.write(&MARK[..held]);
    }

    /// Writes text, what looks like a message in it made harmless.
    pub(super) fn pass_on(&mut self, bytes: &[u8]) {
        let mut text = MARK[..std::mem::take(&mut self.held)].to_vec();
        text.extend_from_slice(bytes);
        let mut plain = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        while let Some(at) = memchr::memmem::find(rest, MARK) {
            plain.extend_from_slice(&rest[..at]);
            plain.extend_from_slice("##\u{200b}teamcity[".as_bytes());
            rest = &rest[at + MARK.len()..];
        }
        let held =
            (1..MARK.len()).rev().find(|&length| rest.ends_with(&MARK[..length])).unwrap_or(0);
        plain.extend_from_slice(&rest[..rest.len() - held]);
        self.write(&plain);
        self.held = held;
    }
}
