//! Whether bytes that are no packet were written as one: what their fields say.
//!
//! A damaged packet and a 0xB3 in text begin alike. They differ in what a writer puts into the first fields,
//! and in where the packet claims to end. `tests/examples/blame.rs` measures what is found by that, and how
//! often it is wrong.

use crate::wire::{flags::Flags, layout::CRC_LENGTH, number, packet::Header};

/// How many bytes are looked at to tell whether a packet was begun.
pub(super) const GLANCE: usize = 64;

/// How many bytes of fields are read for evidence.
const READ: usize = 4096;

/// What the fields of a body say, as far as they go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    /// Whether the time is one that clocks show in this century; `None` if there is no time.
    dated: Option<bool>,
    /// How many fields are there as a whole and hold.
    good: usize,
    /// Whether no field so far rules out a packet.
    pub(super) holds: bool,
    /// The fields end where the body does.
    fits: bool,
    names_test: bool,
    names_file: bool,
    /// All bytes are characters of Latin-1.
    is_text: bool,
    /// They are a line of text.
    is_line: bool,
}

/// Where a claimed packet ends, compared with what comes next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    /// It is not known what comes next.
    Unknown,
    /// No packet and no end of the stream is near the claimed end.
    Apart,
    /// A packet, or the end of the stream, is within two bytes of the claimed end.
    Meets,
    /// A packet begins before the claimed end, this many bytes after the signature.
    CutByPacket(usize),
    /// The stream ends before the claimed end, this many bytes after the signature.
    CutByEnd(usize),
}

impl Evidence {
    /// Reads what is there of a packet: `bytes`, at most to its claimed end.
    pub(super) fn of(header: Header, bytes: &[u8]) -> Self {
        let is_text = is_latin_1(bytes.get(1..).unwrap_or_default());
        let body_end = header.length - CRC_LENGTH;
        let whole = bytes.len() >= body_end;
        let here = bytes.get(header.body..bytes.len().min(body_end)).unwrap_or_default();
        // What cuts a packet short may go on in a new line.
        let here = if whole || bytes.len() < DATED { here } else { without_line_end(here) };
        let is_line = is_text && bytes.ends_with(b"\n");
        Self { is_text, is_line, ..Self::of_fields(header.flags, here, whole) }
    }

    fn of_fields(flags: Flags, here: &[u8], whole: bool) -> Self {
        let whole = whole && here.len() <= READ;
        let mut fields = Fields { here: &here[..here.len().min(READ)], whole, at: 0, good: 0 };
        let dated = flags.has(Flags::TIMESTAMP).then(|| fields.is_dated());
        let read = fields.read(flags);
        Self {
            dated,
            good: fields.good,
            holds: !matches!(read, Err(Stop::Contradiction)),
            fits: whole && read.is_ok() && fields.at == here.len(),
            names_test: flags.has(Flags::TEST_ID),
            names_file: flags.has(Flags::FILE),
            is_text: false,
            is_line: false,
        }
    }

    /// Whether all evidence together says that this was a packet.
    pub(super) fn convinces(&self, ending: Ending) -> bool {
        if !(self.names_test || self.names_file) || self.dated == Some(false) {
            return false;
        }
        if self.fits && self.good >= 2 {
            return true;
        }
        if ending == Ending::Meets && !self.is_text {
            return true;
        }
        let dated = self.dated == Some(true);
        let ends = !matches!(ending, Ending::Unknown | Ending::Apart);
        if dated && ends && self.good >= 1 {
            return true;
        }
        let first = 1 + usize::from(dated);
        if self.names_test && self.good >= first && (dated || ends) {
            return true;
        }
        let (Ending::CutByPacket(length) | Ending::CutByEnd(length)) = ending else {
            return false;
        };
        // The whole of a time is never text; its first bytes may be.
        let dated = dated && (self.good > 0 || !self.is_line);
        self.holds && length >= SHORTEST && (dated || !self.is_text)
    }
}

/// A cut packet of fewer bytes says too little.
const SHORTEST: usize = 8;

/// From this many bytes on, most of them a time, a cut packet and a line end are not text.
const DATED: usize = 11;

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// Whether bytes are all printed characters of Latin-1, in which a 0xB3 is `³`, or white space.
pub(super) fn is_latin_1(bytes: &[u8]) -> bool {
    let printed = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7E | 0xA0..);
    bytes[..bytes.len().min(READ)].iter().all(printed)
}

/// Whether the beginning of a claimed packet looks like one rather than like text: by its time or, if it has
/// none, by its test id. `None` if more bytes are needed; [`GLANCE`] bytes are always enough.
pub(super) fn looks_written(header: Header, bytes: &[u8]) -> Option<bool> {
    let enough = bytes.len() >= GLANCE || bytes.len() + CRC_LENGTH >= header.length;
    // What stands after its claimed end says nothing, whether it is there or not.
    let claimed = GLANCE.min(header.length - CRC_LENGTH);
    let here = bytes.get(header.body..bytes.len().min(claimed)).unwrap_or_default();
    if header.flags.has(Flags::TIMESTAMP) {
        let known = enough || here.get(4).is_some_and(|first| here.len() >= 4 + width(*first));
        let mut fields = Fields { here, whole: false, at: 0, good: 0 };
        return known.then(|| fields.is_dated());
    }
    if !header.flags.has(Flags::TEST_ID) {
        return Some(false);
    }
    let mut fields = Fields { here, whole: false, at: 0, good: 0 };
    match fields.test_id() {
        Ok(()) => Some(true),
        Err(Stop::Contradiction) => Some(false),
        Err(Stop::Cut) => enough.then_some(false),
    }
}

fn width(first: u8) -> usize {
    number::width_from_first(first)
}

/// Reads fields one after another.
struct Fields<'a> {
    here: &'a [u8],
    /// Whether the body ends where `here` does.
    whole: bool,
    at: usize,
    good: usize,
}

enum Stop {
    /// The bytes end, and nothing in them contradicts a packet.
    Cut,
    Contradiction,
}

impl<'a> Fields<'a> {
    fn read(&mut self, flags: Flags) -> Result<(), Stop> {
        if flags.has(Flags::TIMESTAMP) {
            self.skip(4)?;
            let nanoseconds = self.number()?;
            self.field(nanoseconds < 1_000_000_000)?;
        }
        if flags.has(Flags::TEST_ID) {
            self.test_id()?;
            self.good += 1;
        }
        if flags.has(Flags::TAGS) {
            for _ in 0..self.number()? {
                self.string()?;
            }
            self.good += 1;
        }
        if flags.has(Flags::MIME_TYPE) {
            self.string()?;
            self.good += 1;
        }
        if flags.has(Flags::FILE) {
            self.string()?;
            let length = self.number()?;
            self.skip(length)?;
            self.good += 1;
        }
        if flags.has(Flags::ROUTE_CODE) {
            self.string()?;
            self.good += 1;
        }
        Ok(())
    }

    fn field(&mut self, holds: bool) -> Result<(), Stop> {
        self.good += usize::from(holds);
        if holds { Ok(()) } else { Err(Stop::Contradiction) }
    }

    /// No test id is empty or has control characters.
    fn test_id(&mut self) -> Result<(), Stop> {
        let readable = |text: &[u8]| text.iter().all(|byte| *byte >= 0x20);
        let start = self.at;
        match self.string() {
            Ok(test_id) if test_id.is_empty() || !readable(test_id) => Err(Stop::Contradiction),
            Ok(_) => Ok(()),
            Err(Stop::Cut) => {
                let first = self.here.get(start).map_or(0, |first| width(*first));
                let rest = self.here.get(start + first..).unwrap_or_default();
                Err(if readable(rest) { Stop::Cut } else { Stop::Contradiction })
            }
            Err(stop) => Err(stop),
        }
    }

    /// Whether the time that stands first is from 2001 to 2099, with nanoseconds as clocks have them:
    /// none, whole microseconds, or a number of four bytes. Text never looks like that.
    fn is_dated(&mut self) -> bool {
        let Some(seconds) = self.here.first_chunk() else { return false };
        if !(0x3B00_0000..0xF400_0000).contains(&u32::from_be_bytes(*seconds)) {
            return false;
        }
        match number::split(&self.here[4..]) {
            None => true,
            Some((nanoseconds, _)) => {
                nanoseconds < 1_000_000_000
                    && (nanoseconds.is_multiple_of(1000) || nanoseconds >= 1 << 22)
            }
        }
    }

    fn short(&self) -> Stop {
        if self.whole { Stop::Contradiction } else { Stop::Cut }
    }

    fn skip(&mut self, length: usize) -> Result<(), Stop> {
        if length > self.here.len() - self.at {
            return Err(self.short());
        }
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Result<usize, Stop> {
        let Some((value, rest)) = number::split(&self.here[self.at..]) else {
            return Err(self.short());
        };
        self.at = self.here.len() - rest.len();
        Ok(value as usize)
    }

    fn string(&mut self) -> Result<&'a [u8], Stop> {
        let length = self.number()?;
        let rest = &self.here[self.at..];
        let bytes = &rest[..length.min(rest.len())];
        if memchr::memchr(0, bytes).is_some() {
            return Err(Stop::Contradiction);
        }
        let valid = std::str::from_utf8(bytes);
        let cut = bytes.len() < length;
        if valid.is_err_and(|error| !cut || error.error_len().is_some()) {
            return Err(Stop::Contradiction);
        }
        self.skip(length)?;
        Ok(bytes)
    }
}
