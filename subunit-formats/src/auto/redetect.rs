//! Does another format begin in text that is none of a format's?

use subunit_core::sink::{Flow, Sink};

use super::begun::Begun;
use crate::{Format, auto::detect};

/// Looks at lines that begin as a format does, and lets everything else through at once.
pub(super) struct Redetector {
    /// What is read already; its words in text are only words.
    known: Vec<Format>,
    /// The beginning of a line that may tell a format.
    held: Vec<u8>,
    /// The rest of the line is text: its beginning was handed out.
    within_line: bool,
}

impl Redetector {
    /// So much of a line tells what it can tell.
    const ENOUGH: usize = 4096;

    pub(super) fn new(known: Vec<Format>) -> Self {
        Self { known, held: Vec::new(), within_line: false }
    }

    pub(super) fn known(&self) -> &[Format] {
        &self.known
    }

    /// Takes text. Gives the format back, if a line has told it.
    pub(super) fn text(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Option<Begun> {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            let (piece, later) = rest.split_at(end);
            let begins = !self.held.is_empty() || detect::may_begin(*first);
            if self.within_line || !begins {
                self.within_line = !piece.ends_with(b"\n");
                sink.text(piece);
                rest = later;
                continue;
            }
            self.held.extend_from_slice(piece);
            rest = later;
            if !piece.ends_with(b"\n") && self.held.len() < Self::ENOUGH {
                continue;
            }
            if let Some(format) = self.told() {
                let mut bytes = std::mem::take(&mut self.held);
                bytes.extend_from_slice(rest);
                return Some(Begun { format, bytes });
            }
            if self.held.len() >= Self::ENOUGH || !detect::may_go_on_beyond(&self.held) {
                self.release(sink);
            }
        }
        None
    }

    /// The input has paused: lets go what tells nothing so far, such as a prompt.
    pub(super) fn pause(&mut self, sink: &mut dyn Sink) -> Flow {
        if detect::may_tell(&self.held) { Flow::Continue } else { self.release(sink) }
    }

    /// The input has ended: the line in hand is whole.
    pub(super) fn last_line(&mut self, sink: &mut dyn Sink) -> Option<Begun> {
        if let Some(format) = self.told() {
            return Some(Begun { format, bytes: std::mem::take(&mut self.held) });
        }
        self.release(sink);
        None
    }

    /// Lets go what is held: it is text after all.
    pub(super) fn release(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.held.is_empty() {
            return Flow::Continue;
        }
        self.within_line = !self.held.ends_with(b"\n");
        let flow = sink.text(&self.held);
        self.held.clear();
        flow
    }

    /// The format that the line in hand tells, by so much of it as is looked at however it arrives.
    fn told(&self) -> Option<Format> {
        let line = self.held[..self.held.len().min(Self::ENOUGH)].trim_ascii_end();
        let is_known = |format: &Format| self.known.iter().any(|known| known.is_akin(*format));
        detect::unambiguous(line).filter(|format| !is_known(format))
    }
}
