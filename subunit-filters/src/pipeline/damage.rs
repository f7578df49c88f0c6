//! Damage in a stream that is written: the next reader must find it again, whatever became of the text and
//! the packets around it.

use memchr::{memchr, memchr_iter};
use subunit_core::{Damage, Event, Item, Packet, PacketErrorKind, items};
use subunit_formats::events::emit::Outcome;

/// The first byte of every packet, and so of all damage that a decoder finds.
const SIGNATURE: u8 = 0xB3;

/// What is written after the bytes of damage where all around them is as it was: nothing where these show it, else
/// a failure that says so.
///
/// Lines of other formats show nothing in a stream, nor do bytes that were text before they were found to be damaged;
/// but these stand in a stream that keeps its text.
fn told_after(before: u8, damage: &Damage<'_>) -> Vec<u8> {
    let is_packet = damage.bytes.first().is_none_or(|first| *first == SIGNATURE);
    let recorded = damage.reason.kind == PacketErrorKind::Recorded;
    if is_packet && !recorded { Vec::new() } else { told_alone(before, damage) }
}

/// The same where what stood around them is left out.
fn told_alone(before: u8, damage: &Damage<'_>) -> Vec<u8> {
    gap(before, damage.bytes, &damage.to_string())
}

/// The bytes of damage for a place where nothing around them is as it was. `text` is the last byte of the text right
/// before them, if there is some.
pub(crate) fn apart(text: Option<u8>, damage: &Damage<'_>) -> Vec<u8> {
    [damage.bytes, &told_alone(text.unwrap_or(PLAIN), damage)].concat()
}

/// What stands between damage and what was not next to it before. The end of a torn packet must not be put to its
/// beginning, so that the packet is whole and nobody sees that it was damaged; nor may text that follows be read as a
/// part of it. So it is a packet: one that says nothing where the damage shows, else the failure.
fn gap(before: u8, damaged: &[u8], reason: &str) -> Vec<u8> {
    if shows(before, damaged) { nothing() } else { failure(reason) }
}

/// A packet that says nothing.
fn nothing() -> Vec<u8> {
    let mut packet = Vec::new();
    // It has no strings, so it can be written.
    let _ = Event { runnable: false, ..Event::default() }.encode(&mut packet);
    packet
}

/// The end of a stream that is written.
#[derive(Debug)]
pub(crate) struct End {
    last: Last,
    /// What the text there ends with, or the text before the damage there.
    before: u8,
    /// The bytes of the damage there, and what is said of it.
    damaged: Vec<u8>,
    reason: String,
    /// Text there, from the first byte on that a packet may begin with; of much text its end.
    text: Vec<u8>,
}

/// How many bytes are enough to tell what they may be a part of.
const MANY: usize = 8192;

/// What a stream that is written ends with.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Last {
    /// What was read last, or nothing yet.
    #[default]
    Written,
    /// What was read last was not written, at least not yet.
    LeftOut,
    /// Damage.
    Damage,
}

/// Stands for text that says nothing of what follows, and for no text.
const PLAIN: u8 = b'.';
/// The first half of a character.
const HALF: u8 = b'\xC2';

impl Default for End {
    /// Of what nothing is written of yet.
    fn default() -> Self {
        let (damaged, reason, text) = (Vec::new(), String::new(), Vec::new());
        Self { last: Last::default(), before: PLAIN, damaged, reason, text }
    }
}

impl End {
    /// The next piece is read, and nothing written of it.
    #[inline(always)]
    pub(crate) fn begin(&mut self) {
        if self.last == Last::Written {
            self.last = Last::LeftOut;
        }
    }

    /// Text is written. It is no evidence, but what stands between damage and a packet that is left out may be
    /// read as a part of the former.
    pub(crate) fn text(&mut self, bytes: &[u8]) {
        if self.last != Last::Damage {
            return self.keep_text(bytes);
        }
        if self.damaged.len() + bytes.len() > MANY {
            self.damaged.clear();
        } else {
            self.damaged.extend_from_slice(bytes);
        }
    }

    fn keep_text(&mut self, bytes: &[u8]) {
        self.before = bytes.last().copied().unwrap_or(self.before);
        let from = if self.text.is_empty() { memchr(SIGNATURE, bytes) } else { Some(0) };
        let bytes = from.and_then(|from| bytes.get(from..)).unwrap_or_default();
        self.text.extend_from_slice(bytes);
        self.text.drain(..self.text.len().saturating_sub(MANY));
    }

    /// Whether what is written next may be read as the rest of a packet that the text there begins.
    fn is_open(&self) -> bool {
        let begins = |at| {
            let packet = Packet::parse(self.text.get(at..).unwrap_or_default());
            packet.is_err_and(|error| error.kind == PacketErrorKind::Truncated)
        };
        memchr_iter(SIGNATURE, &self.text).any(begins)
    }

    /// A packet is written.
    #[inline(always)]
    pub(crate) fn written(&mut self) {
        self.last = Last::Written;
        self.before = PLAIN;
        self.text.clear();
    }

    /// Whether [`End::left_out`] may have something to say.
    #[inline(always)]
    pub(crate) fn minds_gaps(&self) -> bool {
        self.last == Last::Damage || self.last == Last::LeftOut && !self.text.is_empty()
    }

    /// Something is left out: gives what has to be written now.
    pub(crate) fn left_out(&mut self) -> Vec<u8> {
        let between = match std::mem::replace(&mut self.last, Last::LeftOut) {
            Last::Damage => gap(self.before, &self.damaged, &self.reason),
            Last::Written | Last::LeftOut if self.is_open() => nothing(),
            Last::Written | Last::LeftOut => Vec::new(),
        };
        if !between.is_empty() {
            self.before = PLAIN;
        }
        self.text.clear();
        between
    }

    /// Damage is written: gives what stands after its bytes.
    pub(crate) fn damage(&mut self, damage: &Damage<'_>, no_text: bool) -> Vec<u8> {
        // What it followed may have been the evidence.
        let is_alone = no_text || self.last == Last::LeftOut;
        if self.last == Last::Damage {
            self.before = self.damaged.last().copied().unwrap_or(HALF);
        }
        let told = if is_alone { told_alone } else { told_after };
        let after = told(self.before, damage);
        if after.is_empty() {
            self.last = Last::Damage;
            self.damaged.clear();
            self.damaged.extend_from_slice(damage.bytes);
            self.reason = damage.to_string();
        } else {
            self.last = Last::Written;
            self.before = PLAIN;
        }
        after
    }
}

/// Whether a reader of these bytes finds damage, after text that ends with a byte like this one, or with a part of
/// a character where that is not ASCII, and with a packet after them.
fn shows(before: u8, bytes: &[u8]) -> bool {
    // In a row of packets it takes less to be damage; after half a character, more.
    shows_after(PLAIN, bytes) && (before.is_ascii() || shows_after(HALF, bytes))
}

/// Whether a reader of these bytes finds damage, after text that ends with this byte and with a packet after them.
pub(crate) fn shows_after(last: u8, bytes: &[u8]) -> bool {
    let stream = [&[last], bytes, &nothing()].concat();
    items(&stream).any(|item| matches!(item, Item::Damage(_)))
}

/// A line's end, since a packet is better off at the beginning of a line, and the failure.
fn failure(reason: &str) -> Vec<u8> {
    let mut bytes = b"\n".to_vec();
    // It has no NUL and is short, so it can be written.
    let _ = Outcome::failure("(damage)", reason).event().encode(&mut bytes);
    bytes
}
