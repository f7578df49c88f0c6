//! Which line of the text tells the format?

use subunit_core::sink::Sink;

use super::Begun;
use crate::formats::{
    Format,
    detect::{self, Clue},
};

/// Looks for the line that tells the format.
#[derive(Default)]
pub(super) struct Sniffer {
    /// Whole lines that may be the format's beginning, and the beginning of a line.
    held: Vec<u8>,
    /// Where in `held` the line begins that is not whole.
    line: usize,
    /// The rest of this line is text: its beginning was handed out.
    spoilt: bool,
    /// The whole lines that are held are [`Clue::Header`]s, or empty: the next line tells.
    headers: bool,
}

impl Sniffer {
    /// So much of a line tells what it can tell.
    const ENOUGH: usize = 4096;
    /// So many bytes are held while they may be a beginning.
    const MOST: usize = 64 * 1024;

    /// Whether something is held back until more bytes come.
    pub(super) fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }

    /// Takes text. Gives the format back, if a line has told it.
    pub(super) fn text(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Option<Begun> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            let (piece, later) = rest.split_at(end);
            rest = later;
            let whole = piece.ends_with(b"\n");
            if self.spoilt {
                self.spoilt = !whole;
                let _ = sink.text(piece);
                continue;
            }
            self.held.extend_from_slice(piece);
            if !whole && self.held.len() - self.line < Self::ENOUGH {
                continue;
            }
            if let Some(format) = self.decide(whole, sink) {
                let mut bytes = std::mem::take(&mut self.held);
                bytes.extend_from_slice(rest);
                return Some(Begun { format, bytes });
            }
        }
        None
    }

    /// Looks at the line in hand.
    fn decide(&mut self, whole: bool, sink: &mut dyn Sink) -> Option<Format> {
        let line = &self.held[self.line..];
        // However much of it has come at once.
        let line = line[..line.len().min(Self::ENOUGH)].trim_ascii_end();
        // A document may be spread over lines; what tells may stand in any of them.
        let clue = match detect::of_line(line) {
            Clue::Header if self.headers && detect::are_points(&self.held[..self.line], line) => {
                Clue::Is(Format::Tap)
            }
            Clue::Header if self.line > 0 && !self.headers => Clue::Maybe,
            Clue::None if self.headers && line.is_empty() => Clue::Header,
            Clue::None if self.line > 0 && !self.headers => {
                match detect::of_line(self.held.trim_ascii_end()) {
                    Clue::None => Clue::Maybe,
                    clue => clue,
                }
            }
            clue => clue,
        };
        match clue {
            Clue::Is(format) => return Some(format),
            clue @ (Clue::Header | Clue::Maybe) if self.held.len() < Self::MOST => {
                self.headers = clue == Clue::Header;
                self.line = if whole { self.held.len() } else { self.line };
            }
            Clue::Header | Clue::Maybe | Clue::None => {
                self.release(sink);
                self.spoilt = !whole;
            }
        }
        None
    }

    /// What does not look like the beginning of a format is handed over though its line is not whole.
    pub(super) fn pause(&mut self, sink: &mut dyn Sink) {
        if (self.line == 0 || self.headers) && !detect::may_tell(&self.held[self.line..]) {
            self.release(sink);
        }
    }

    /// What comes next begins a line.
    pub(super) fn begin_line(&mut self) {
        self.spoilt = false;
    }

    /// What was held is text after all.
    pub(super) fn release(&mut self, sink: &mut dyn Sink) {
        if self.held.is_empty() {
            return;
        }
        self.spoilt = !self.held.ends_with(b"\n");
        let _ = sink.text(&self.held);
        self.held.clear();
        self.line = 0;
        self.headers = false;
    }

    /// The input has ended: the line in hand is whole.
    pub(super) fn last_line(&mut self, sink: &mut dyn Sink) -> Option<Begun> {
        if self.held.is_empty() {
            return None;
        }
        match self.decide(true, sink) {
            Some(format) => Some(Begun { format, bytes: std::mem::take(&mut self.held) }),
            None => {
                self.release(sink);
                None
            }
        }
    }
}
