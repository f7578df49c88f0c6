//! WHAT a packet says: its body, field by field, becomes an [`Event`].
//!
//! The body of a packet is a flat row of optional fields, in this order (source: the protocol's
//! section "Version 2", "Packet layout"; note that the MIME type stands before the file and that the
//! flags have another order):
//!
//! ```text
//! timestamp:  seconds u32, nanoseconds number
//! test id:    string              (a string is a number, its length in bytes, and UTF-8 without NUL)
//! tags:       number, that many strings
//! mime type:  string
//! file:       string (its name), number (length of the content), content
//! route code: string
//! ```
//!
//! Bytes after the last field are ignored (rule R8). The only file that uses nom: its types carry the
//! results; the leaves are a few lines of std, which measured faster than nom's own and cannot be in
//! streaming mode by accident.
//!
//! The same grammar serves two questions. [`decode`] reads a whole body. [`contradiction`] reads the
//! beginning of one: does any byte so far rule out that this is a packet? Both run over [`Body`], which
//! knows how many bytes are still to come; for a whole body that is none.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod reference;

use nom::{Err, IResult};

use crate::{
    Event, Field, FileChunk, PacketError, PacketErrorKind, RouteCode, Tags, Timestamp,
    wire::{contains_byte::contains_byte, flags::Flags, number},
};

/// A body, or the beginning of one. Parsers are its methods and take and give offsets in it: with
/// nothing but an offset and a value in them, their results stay in registers.
struct Body<'a> {
    here: &'a [u8],
    /// Bytes that belong to the body and have not arrived.
    missing: usize,
}

/// Where in the body reading failed, and why. 8 bytes, so that results stay small.
#[derive(Clone, Copy, Debug)]
struct Fault {
    at: u32,
    field: Field,
    cause: Cause,
}

#[derive(Clone, Copy, Debug)]
enum Cause {
    Overrun,
    NotUtf8,
    Nul,
}

/// How much of a string is looked at before it is known whether more of it is worth the time.
const PIECE: usize = 4096;

type Parsed<T> = IResult<usize, T, Fault>;

/// Bytes known to be UTF-8 without NUL, from an offset in the body on.
///
/// Checking all strings of a packet at once takes half as long as checking each. Numbers below 64 are ASCII
/// and do not disturb; strings after anything else are checked one by one.
#[derive(Clone, Copy)]
struct Text<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Text<'a> {
    /// How many bytes are looked at.
    const REACH: usize = 256;

    #[inline(always)]
    fn find(body: &Body<'a>, start: usize) -> Self {
        let front = &body.here[start..];
        let front = &front[..front.len().min(Self::REACH)];
        let end = if contains_byte::<0>(front) { memchr::memchr(0, front) } else { None };
        let front = &front[..end.unwrap_or(front.len())];
        Self { text: std::str::from_utf8(front).unwrap_or_default(), start }
    }

    #[inline(always)]
    fn part(self, start: usize, end: usize) -> Option<&'a str> {
        self.text.get(start - self.start..end - self.start)
    }
}

/// Reads a whole body. `start` is where it begins in its packet, in bytes; errors count from the packet.
#[inline(always)]
pub(crate) fn decode(flags: Flags, body: &[u8], start: usize) -> Result<Event<'_>, PacketError> {
    match (Body { here: body, missing: 0 }).event(flags) {
        Ok((_, event)) => Ok(event),
        Err(fault) => Err(error(fault, body.len(), start)),
    }
}

/// What in the first bytes of a body rules out that it is one; `missing` bytes are yet to come.
pub(crate) fn contradiction(
    flags: Flags,
    here: &[u8],
    missing: usize,
    start: usize,
) -> Option<PacketError> {
    match (Body { here, missing }).event(flags) {
        Ok(_) | Err(Err::Incomplete(_)) => None,
        Err(fault) => Some(error(fault, here.len(), start)),
    }
}

/// Where the fields of the body that `bytes` begin with end; if they do not, how far they were read.
pub(crate) fn end(flags: Flags, bytes: &[u8]) -> Result<usize, usize> {
    match (Body { here: bytes, missing: 0 }).event(flags) {
        Ok((end, _)) => Ok(end),
        Err(Err::Error(fault) | Err::Failure(fault)) => Err(fault.at as usize),
        Err(Err::Incomplete(_)) => Err(bytes.len()),
    }
}

#[cold]
fn error(fault: Err<Fault>, body_length: usize, start: usize) -> PacketError {
    match fault {
        Err::Error(fault) | Err::Failure(fault) => {
            let kind = match fault.cause {
                Cause::Overrun => PacketErrorKind::Overrun(fault.field),
                Cause::NotUtf8 => PacketErrorKind::NotUtf8(fault.field),
                Cause::Nul => PacketErrorKind::Nul(fault.field),
            };
            PacketError { kind, at: start as u32 + fault.at }
        }
        // A whole body is never incomplete; nothing is missing from it.
        Err::Incomplete(_) => {
            PacketError { kind: PacketErrorKind::Truncated, at: (start + body_length) as u32 }
        }
    }
}

impl<'a> Body<'a> {
    /// The event, and where its last field ends.
    #[inline(always)]
    fn event(&self, flags: Flags) -> Parsed<Event<'a>> {
        let mut event = Event {
            status: flags.status(),
            runnable: flags.has(Flags::RUNNABLE),
            eof: flags.has(Flags::EOF),
            ..Event::default()
        };
        let mut at = 0;
        if flags.has(Flags::TIMESTAMP) {
            let (end, timestamp) = self.timestamp(at)?;
            (at, event.timestamp) = (end, Some(timestamp));
        }
        let text = Text::find(self, at);
        if flags.has(Flags::TEST_ID) {
            let (end, test_id) = self.string(text, Field::TestId, at)?;
            (at, event.test_id) = (end, Some(test_id));
        }
        if flags.has(Flags::TAGS) {
            let (end, tags) = self.tags(text, at)?;
            (at, event.tags) = (end, Some(tags));
        }
        if flags.has(Flags::MIME_TYPE) {
            let (end, mime_type) = self.string(text, Field::MimeType, at)?;
            (at, event.mime_type) = (end, Some(mime_type));
        }
        if flags.has(Flags::FILE) {
            let (end, file) = self.file(text, at)?;
            (at, event.file) = (end, Some(file));
        }
        if flags.has(Flags::ROUTE_CODE) {
            let (end, route_code) = self.string(text, Field::RouteCode, at)?;
            (at, event.route_code) = (end, Some(RouteCode::new(route_code)));
        }
        Ok((at, event))
    }

    #[inline(always)]
    fn timestamp(&self, at: usize) -> Parsed<Timestamp> {
        let Some(seconds) = self.here[at..].first_chunk() else {
            return Err(self.short(Field::Timestamp, at, 4, at));
        };
        let (at, nanoseconds) = self.number(Field::Timestamp, at + seconds.len())?;
        Ok((at, Timestamp::new(u32::from_be_bytes(*seconds), nanoseconds)))
    }

    #[inline(always)]
    fn tags(&self, text: Text<'a>, at: usize) -> Parsed<Tags<'a>> {
        let (first, count) = self.number(Field::Tags, at)?;
        // The count is the packet's word: every round takes at least one byte, or the loop ends.
        let mut at = first;
        for _ in 0..count {
            (at, _) = self.string(text, Field::Tags, at)?;
        }
        Ok((at, Tags::from_checked(&self.here[first..at])))
    }

    #[inline(always)]
    fn file(&self, text: Text<'a>, at: usize) -> Parsed<FileChunk<'a>> {
        let (claim, name) = self.string(text, Field::FileName, at)?;
        let (at, length) = self.number(Field::FileContent, claim)?;
        match self.here[at..].get(..length as usize) {
            Some(bytes) => Ok((at + bytes.len(), FileChunk { name, bytes })),
            None => Err(self.short(Field::FileContent, at, length as usize, claim)),
        }
    }

    #[inline(always)]
    fn string(&self, text: Text<'a>, field: Field, claim: usize) -> Parsed<&'a str> {
        let (at, length) = self.number(field, claim)?;
        match text.part(at, at + length as usize) {
            Some(string) => Ok((at + string.len(), string)),
            None => self.lone_string(field, claim, at, length as usize),
        }
    }

    /// A string that is checked by itself; `claim` is where its length stands.
    fn lone_string(&self, field: Field, claim: usize, at: usize, length: usize) -> Parsed<&'a str> {
        let rest = &self.here[at..];
        let Some(bytes) = rest.get(..length) else {
            return Err(match self.short(field, at, length, claim) {
                Err::Incomplete(_) => not_a_string(field, at, rest, false),
                overrun => overrun,
            });
        };
        if length > PIECE && first_fault(bytes, true).is_some() {
            return Err(not_a_string(field, at, bytes, true));
        }
        match std::str::from_utf8(bytes) {
            Ok(string) if memchr::memchr(0, bytes).is_none() => Ok((at + length, string)),
            _ => Err(not_a_string(field, at, bytes, true)),
        }
    }

    #[inline(always)]
    fn number(&self, field: Field, at: usize) -> Parsed<u32> {
        match number::split(&self.here[at..]) {
            Some((value, rest)) => Ok((self.here.len() - rest.len(), value)),
            None => Err(self.short_number(field, at)),
        }
    }

    #[cold]
    fn short_number(&self, field: Field, at: usize) -> Err<Fault> {
        let first = self.here.get(at);
        let width = first.map_or(1, |first| number::width_from_first(*first));
        self.short(field, at, width, at)
    }

    /// There are no `length` bytes at `at`: they are yet to come, or the packet's word at `claim` that
    /// they would be there is wrong.
    #[cold]
    fn short(&self, field: Field, at: usize, length: usize, claim: usize) -> Err<Fault> {
        if length > self.here.len() - at + self.missing {
            return Err::Failure(Fault { at: claim as u32, field, cause: Cause::Overrun });
        }
        Err::Incomplete(nom::Needed::Unknown)
    }
}

/// The first byte of `bytes`, which stand at `at`, that no string has; [`Err::Incomplete`] where there
/// is none and `bytes` are only the beginning of the string.
#[cold]
fn not_a_string(field: Field, at: usize, bytes: &[u8], whole: bool) -> Err<Fault> {
    match first_fault(bytes, whole) {
        Some((offset, cause)) => Err::Failure(Fault { at: (at + offset) as u32, field, cause }),
        None => Err::Incomplete(nom::Needed::Unknown),
    }
}

/// The first byte that no string has. `whole` says that the string ends with `bytes`.
///
/// Goes piece by piece, so that at most one piece is read after that byte (rule R6).
fn first_fault(bytes: &[u8], whole: bool) -> Option<(usize, Cause)> {
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        let piece = &rest[..rest.len().min(PIECE)];
        let nul = memchr::memchr(0, piece);
        let cut = nul.is_none() && (!whole || piece.len() < rest.len());
        let text = &piece[..nul.unwrap_or(piece.len())];
        let read = match std::str::from_utf8(text) {
            Ok(_) if nul.is_some() => return Some((at + text.len(), Cause::Nul)),
            Ok(_) => text.len(),
            Err(error) if cut && error.error_len().is_none() => error.valid_up_to(),
            Err(error) => return Some((at + error.valid_up_to(), Cause::NotUtf8)),
        };
        if piece.len() == rest.len() {
            return None;
        }
        at += read;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bodies that are mostly well-formed: numbers that fit, strings with a little of what strings may
    /// not have, cut or prolonged in places.
    fn bodies() -> impl Strategy<Value = (Flags, Vec<u8>)> {
        let piece = prop_oneof![
            4 => "[a-z/\u{e9}\u{20ac}]{0,70}".prop_map(|text| with_length(text.as_bytes())),
            2 => (0u32..3).prop_map(|count| vec![count as u8]),
            1 => any::<[u8; 5]>().prop_map(|time| time.to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..8).prop_map(|bytes| with_length(&bytes)),
            1 => prop::collection::vec(any::<u8>(), 0..4),
            1 => (0u32..200).prop_map(|n| vec![0x40 | (n >> 8) as u8, n as u8]),
        ];
        (any::<u16>(), prop::collection::vec(piece, 0..8))
            .prop_map(|(flags, pieces)| (Flags::from_bytes(flags.to_be_bytes()), pieces.concat()))
    }

    fn with_length(bytes: &[u8]) -> Vec<u8> {
        let mut piece = Vec::new();
        number::push(&mut piece, bytes.len() as u32);
        piece.extend_from_slice(bytes);
        piece
    }

    proptest! {
        #[test]
        fn reads_what_the_reference_reads((flags, body) in bodies()) {
            let found = decode(flags, &body, 6).ok();
            prop_assert_eq!(found, reference::decode(flags, &body));
        }

        /// What a whole body is refused for is found in its beginning, as soon as it is there.
        #[test]
        fn a_contradiction_is_the_error_of_the_whole((flags, body) in bodies()) {
            let error = decode(flags, &body, 6).err();
            for there in 0..=body.len() {
                let found = contradiction(flags, &body[..there], body.len() - there, 6);
                if found.is_some() {
                    prop_assert_eq!(found, error, "after {} bytes", there);
                }
            }
            prop_assert_eq!(contradiction(flags, &body, 0, 6), error);
        }
    }

    /// Faults around the borders of the pieces in which a long string is looked at.
    #[test]
    fn the_first_fault_of_a_long_string_is_found() {
        for border in [PIECE, 2 * PIECE] {
            for at in border - 5..border + 5 {
                for (bad, cause) in
                    [(&b"\0"[..], "Nul"), (b"\xff", "NotUtf8"), (b"\xe2\x82x", "NotUtf8")]
                {
                    let mut string = vec![b'x'; 3 * PIECE];
                    string[at..at + bad.len()].copy_from_slice(bad);
                    string[3 * PIECE - 1] = 0;
                    let found =
                        first_fault(&string, true).map(|(at, cause)| (at, format!("{cause:?}")));
                    assert_eq!(found, Some((at, cause.to_owned())), "{bad:x?}");
                }
                let mut string = "x".repeat(at) + "\u{20ac}" + &"x".repeat(2 * PIECE);
                assert!(first_fault(string.as_bytes(), true).is_none());
                string.truncate(at + 3);
                assert!(first_fault(&string.as_bytes()[..at + 2], false).is_none());
                assert!(matches!(
                    first_fault(&string.as_bytes()[..at + 2], true),
                    Some((found, Cause::NotUtf8)) if found == at
                ));
            }
        }
    }

    /// nom's own combinators would answer `Incomplete` here.
    #[test]
    fn a_whole_body_is_never_incomplete() {
        let flags = Flags::new(None).with(Flags::TEST_ID, true);
        let error = decode(flags, b"\x05ab", 4).err();
        let kind = PacketErrorKind::Overrun(Field::TestId);
        assert_eq!(error, Some(PacketError { kind, at: 4 }));
    }
}
