//! Which line of the text tells the format?

use subunit_core::sink::Sink;

use super::begun::Begun;
use crate::{
    Format,
    auto::detect::{self, Detection, Sign},
};

/// Looks for the line that tells the format.
#[derive(Default)]
pub(crate) struct Sniffer {
    /// Whole lines that may be the format's beginning, and the beginning of a line.
    held: Vec<u8>,
    /// Where in `held` the line begins that is not whole.
    line: usize,
    /// The rest of this line is text: its beginning was handed out.
    spoilt: bool,
    /// The whole lines that are held, or those of `words.document`, are [`Detection::Header`]s, or empty: the next
    /// line tells.
    headers: bool,
    /// The whole lines that are held may be the [first of a run](detect::of_preamble).
    preamble: bool,
    /// A line that is held may be a point of TAP.
    words: Option<Words>,
}

/// What is known since a line that may be a point of TAP and may be anybody's words. One that stands alone
/// is overruled by a document of another format.
struct Words {
    /// The surest sign of TAP so far.
    sign: Sign,
    /// Where in `held` a document of another format may begin.
    document: Option<usize>,
    /// Where version 1 may begin, whose words are anybody's, too.
    v1: Option<usize>,
}

/// A format, and where in what is held it begins.
struct Told {
    format: Format,
    at: usize,
}

impl Sniffer {
    /// So much of a line tells what it can tell.
    const ENOUGH: usize = 4096;
    /// So many bytes are held while they may be a beginning.
    const MOST: usize = 64 * 1024;

    /// Whether something is held back until more bytes come.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }

    /// Takes text. Gives the format back, if a line has told it.
    pub(crate) fn text(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Option<Begun> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            let (piece, later) = rest.split_at(end);
            rest = later;
            let whole = piece.ends_with(b"\n");
            if self.spoilt {
                self.spoilt = !whole;
                sink.text(piece);
                continue;
            }
            self.held.extend_from_slice(piece);
            if !whole && self.held.len() - self.line < Self::ENOUGH {
                continue;
            }
            if let Some(told) = self.decide(whole, sink) {
                let mut begun = self.begin(told, sink);
                begun.bytes.extend_from_slice(rest);
                return Some(begun);
            }
        }
        None
    }

    /// What begins, with what is held from there on; what stands before it is text.
    fn begin(&mut self, told: Told, sink: &mut dyn Sink) -> Begun {
        let bytes = self.held.split_off(told.at.min(self.held.len()));
        self.release(sink);
        Begun { format: told.format, bytes }
    }

    /// Looks at the line in hand.
    fn decide(&mut self, whole: bool, sink: &mut dyn Sink) -> Option<Told> {
        if self.words.is_some() {
            return self.decide_words(whole, sink);
        }
        if self.preamble {
            match detect::of_preamble(&self.held) {
                Detection::Is(format) => return Some(Told { format, at: 0 }),
                Detection::Maybe if whole && self.held.len() < Self::MOST => {
                    self.go_on(whole);
                    return None;
                }
                _ => self.not_a_preamble(sink),
            }
        }
        let line = self.line_in_hand();
        // A document may be spread over lines; what tells may stand in any of them.
        let detection = match detect::of_line(line) {
            Detection::Words
                if self.headers && detect::announce_points(&self.held[..self.line]) =>
            {
                Detection::Is(Format::Tap)
            }
            Detection::Header if self.line > 0 && !self.headers => Detection::Maybe,
            Detection::None if self.headers && line.is_empty() => Detection::Header,
            Detection::None if whole && self.line == 0 => detect::of_preamble(&self.held),
            Detection::None if self.line > 0 && !self.headers => {
                match detect::of_line(self.held.trim_ascii_end()) {
                    // A list is a document by its first object, or none.
                    Detection::None if self.held.starts_with(b"[") => Detection::None,
                    Detection::None => Detection::Maybe,
                    detection => detection,
                }
            }
            detection => detection,
        };
        match detection {
            Detection::Is(format) => return Some(Told { format, at: 0 }),
            Detection::Words => {
                let sign = detect::of_tap(line);
                let document = (self.line > 0).then_some(0);
                self.words = Some(Words { sign, document, v1: None });
                self.go_on(whole);
            }
            detection @ (Detection::Header | Detection::Maybe) if self.held.len() < Self::MOST => {
                self.headers = detection == Detection::Header;
                self.preamble =
                    self.line == 0 && detect::of_preamble(&self.held) != Detection::None;
                self.go_on(whole);
            }
            Detection::Header | Detection::Maybe | Detection::None => {
                self.release(sink);
                self.spoilt = !whole;
            }
        }
        None
    }

    /// Looks at a line after one that may be a point of TAP.
    fn decide_words(&mut self, whole: bool, sink: &mut dyn Sink) -> Option<Told> {
        let line = self.line_in_hand();
        let sign = detect::of_tap(line);
        let detection = if sign == Sign::None { detect::of_line(line) } else { Detection::None };
        let (at, empty) = (self.line, line.is_empty());
        let headers = std::mem::take(&mut self.headers);
        let words = self.words.as_mut()?;
        if sign == Sign::Sure || sign.is_one_of_two() && words.sign.is_one_of_two() {
            return Some(Told { format: Format::Tap, at: 0 });
        }
        words.sign = words.sign.max(sign);
        match detection {
            Detection::Is(format @ Format::Ktap) => return Some(Told { format, at: 0 }),
            Detection::Is(Format::SubunitV1) if words.sign.is_one_of_two() => {
                words.v1.get_or_insert(at);
            }
            Detection::Is(format) => {
                let at = words.document.filter(|_| headers).unwrap_or(at);
                return Some(Told { format, at });
            }
            Detection::Header | Detection::Maybe => {
                words.document = words.document.filter(|_| headers).or(Some(at));
                self.headers = true;
            }
            Detection::None | Detection::Words => {
                self.headers = headers && empty;
                if let Some(at) = words.document
                    && let Detection::Is(format) = detect::of_line(self.held[at..].trim_ascii_end())
                    && format != Format::Tap
                {
                    return Some(Told { format, at });
                }
            }
        }
        if self.held.len() < Self::MOST {
            self.go_on(whole);
            return None;
        }
        let told = self.resolve(sink);
        self.spoilt = !whole;
        told
    }

    /// What is held is not the beginning of more: a point that stands alone is one, and other words are text.
    fn resolve(&mut self, sink: &mut dyn Sink) -> Option<Told> {
        let words = self.words.take()?;
        if let Some(at) = words.v1 {
            return Some(Told { format: Format::SubunitV1, at });
        }
        if words.sign == Sign::Point {
            return Some(Told { format: Format::Tap, at: 0 });
        }
        self.release(sink);
        None
    }

    /// The line in hand without its end, or so much of it as tells, however much has come at once.
    fn line_in_hand(&self) -> &[u8] {
        let line = &self.held[self.line..];
        line[..line.len().min(Self::ENOUGH)].trim_ascii_end()
    }

    fn go_on(&mut self, whole: bool) {
        self.line = if whole { self.held.len() } else { self.line };
    }

    /// The input has paused, or something else comes that is no text: words are not waited for any longer,
    /// unless the line in hand may tell.
    pub(crate) fn pause(&mut self, sink: &mut dyn Sink) -> Option<Begun> {
        let line = &self.held[self.line..];
        if self.words.is_some() {
            let waits = !line.is_empty() && detect::may_tell(line);
            return if waits { None } else { self.interrupt(sink) };
        }
        // What does not look like the beginning of a format is handed over though its line is not whole.
        let goes_on = || detect::of_preamble(&self.held) != Detection::None;
        let may_tell = if self.preamble {
            line.is_empty() || goes_on()
        } else {
            self.line > 0 && !self.headers || detect::may_tell(line) || goes_on()
        };
        if !may_tell {
            self.release(sink);
        }
        None
    }

    /// The lines before the one in hand are text.
    fn not_a_preamble(&mut self, sink: &mut dyn Sink) {
        let line = self.held.split_off(self.line);
        self.release(sink);
        self.held = line;
    }

    /// Something comes that is no text: what is held came before it.
    pub(crate) fn interrupt(&mut self, sink: &mut dyn Sink) -> Option<Begun> {
        let told = self.resolve(sink);
        if told.is_none() {
            self.release(sink);
        }
        told.map(|told| self.begin(told, sink))
    }

    /// What comes next begins a line.
    pub(crate) fn begin_line(&mut self) {
        self.spoilt = false;
    }

    /// What was held is text after all.
    pub(crate) fn release(&mut self, sink: &mut dyn Sink) {
        self.words = None;
        if self.held.is_empty() {
            return;
        }
        self.spoilt = !self.held.ends_with(b"\n");
        sink.text(&self.held);
        self.held.clear();
        self.line = 0;
        (self.headers, self.preamble) = (false, false);
    }

    /// The input has ended: the line in hand is whole.
    pub(crate) fn last_line(&mut self, sink: &mut dyn Sink) -> Option<Begun> {
        if self.held.is_empty() {
            return None;
        }
        match self.decide(true, sink) {
            Some(told) => Some(self.begin(told, sink)),
            None => self.interrupt(sink),
        }
    }
}
