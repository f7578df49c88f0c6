//! Events become packets without allocation and without locks, so that a signal handler can do it.
//!
//! The core's own encoder appends to a `Vec` and takes tags in wire form; here both ends are memory of
//! a C program. The order of the fields and the rules for writers (shortest numbers, each tag once) are
//! the core's, and a property test compares the bytes of the two.

use subunit_core::{MAX_LENGTH, Status};

use crate::{CText, buffer::Cursor};

/// What one packet is to say. The strings hold no NUL; they came from C.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// What happened to the test.
    pub status: Option<Status>,
    /// Which test.
    pub test_id: Option<&'a str>,
    /// Seconds since 1970 UTC, and nanoseconds below 10^9.
    pub time: Option<(u32, u32)>,
    /// The tags: those of the event, and those that the writer adds.
    pub tags: [&'a [CText<'a>]; 2],
    /// Whether the test can be run on its own.
    pub runnable: bool,
    /// A piece of a file.
    pub file: Option<File<'a>>,
    /// The type of the file's content; an empty one is left out.
    pub mime_type: Option<&'a str>,
    /// Whether this is the file's last piece.
    pub eof: bool,
    /// The multiplexers the event came through.
    pub route_code: Option<&'a str>,
}

/// A piece of a file.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// The file's name.
    pub name: &'a str,
    /// The next bytes of its content.
    pub bytes: &'a [u8],
}

impl Default for Event<'_> {
    fn default() -> Self {
        Self {
            status: None,
            test_id: None,
            time: None,
            tags: [&[], &[]],
            runnable: true,
            file: None,
            mime_type: None,
            eof: false,
            route_code: None,
        }
    }
}

/// The packet would have more than 4194303 bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooLong;

/// Up to this many tags a repeated one is found and left out; comparing more of them with each other
/// would take quadratic time, and there is no memory for a better way.
const COMPARED: usize = 512;

/// How many bytes the packet has.
///
/// # Errors
///
/// Where they are more than the protocol allows.
pub fn encoded_length(event: &Event<'_>) -> Result<usize, TooLong> {
    packet_length(body_length(event))
}

/// Writes the packet to the front of `out`; `None` where it does not fit. The answer is its length.
///
/// # Errors
///
/// As [`encoded_length`].
pub fn encode(event: &Event<'_>, out: &mut [u8]) -> Result<Option<usize>, TooLong> {
    let length = encoded_length(event)?;
    let Some(packet) = out.get_mut(..length) else { return Ok(None) };
    let (summed, checksum) = packet.split_at_mut(length - CHECKSUM);
    let mut cursor = Cursor::new(summed);
    let [high, low] = flags(event).to_be_bytes();
    cursor.push(&[SIGNATURE, high, low]);
    number(&mut cursor, length);
    body(&mut cursor, event);
    debug_assert_eq!(cursor.count(), length - CHECKSUM);
    checksum.copy_from_slice(&crc32fast::hash(summed).to_be_bytes());
    Ok(Some(length))
}

const SIGNATURE: u8 = 0xB3;
/// The checksum at a packet's end.
const CHECKSUM: usize = 4;
/// Signature and flags.
const BEFORE_LENGTH: usize = 3;

fn body_length(event: &Event<'_>) -> usize {
    let mut counter = Cursor::new(&mut []);
    body(&mut counter, event);
    counter.count()
}

/// The length counts its own bytes.
fn packet_length(body: usize) -> Result<usize, TooLong> {
    let base = BEFORE_LENGTH.saturating_add(body).saturating_add(CHECKSUM);
    let width = match base {
        0..=62 => 1,
        63..=16_381 => 2,
        _ => 3,
    };
    match base.saturating_add(width) {
        length if length > MAX_LENGTH => Err(TooLong),
        length => Ok(length),
    }
}

/// Source of the bits: the protocol's section "Version 2", "Packet layout".
fn flags(event: &Event<'_>) -> u16 {
    let bit = |set: bool, bit: u16| if set { bit } else { 0 };
    0x2000
        | bit(event.test_id.is_some(), 0x0800)
        | bit(event.route_code.is_some(), 0x0400)
        | bit(event.time.is_some(), 0x0200)
        | bit(event.runnable, 0x0100)
        | bit(event.tags.iter().any(|tags| !tags.is_empty()), 0x0080)
        | bit(event.file.is_some(), 0x0040)
        | bit(written_mime_type(event).is_some(), 0x0020)
        | bit(event.eof, 0x0010)
        | event.status.map_or(0, |status| status as u16)
}

fn written_mime_type<'a>(event: &Event<'a>) -> Option<&'a str> {
    event.mime_type.filter(|mime_type| !mime_type.is_empty())
}

fn body(out: &mut Cursor<'_>, event: &Event<'_>) {
    if let Some((seconds, nanoseconds)) = event.time {
        out.push(&seconds.to_be_bytes());
        number(out, nanoseconds as usize);
    }
    if let Some(test_id) = event.test_id {
        sized(out, test_id.as_bytes());
    }
    tags(out, event.tags);
    if let Some(mime_type) = written_mime_type(event) {
        sized(out, mime_type.as_bytes());
    }
    if let Some(file) = event.file {
        sized(out, file.name.as_bytes());
        sized(out, file.bytes);
    }
    if let Some(route_code) = event.route_code {
        sized(out, route_code.as_bytes());
    }
}

fn tags(out: &mut Cursor<'_>, tags: [&[CText<'_>]; 2]) {
    let [first, second] = tags;
    if first.is_empty() && second.is_empty() {
        return;
    }
    let all = || first.iter().chain(second).map(|tag| tag.bytes());
    let few = first.len().saturating_add(second.len()) <= COMPARED;
    let is_first = |nth: usize, tag: &[u8]| !few || !all().take(nth).any(|earlier| earlier == tag);
    let once = || all().enumerate().filter(|(nth, tag)| is_first(*nth, tag));
    number(out, once().count());
    once().for_each(|(_, tag)| sized(out, tag));
}

/// A length and that many bytes.
#[inline]
fn sized(out: &mut Cursor<'_>, bytes: &[u8]) {
    number(out, bytes.len());
    out.push(bytes);
}

/// A number in as few bytes as it takes. One that is too big for the wire makes a packet that is too
/// long, whatever is written here: it only ever counts what follows, nanoseconds apart, which are small.
#[inline]
fn number(out: &mut Cursor<'_>, value: usize) {
    let bytes = (value as u32).to_be_bytes();
    match value {
        0..=0x3F => out.push(&[bytes[3]]),
        0x40..=0x3FFF => out.push(&[bytes[2] | 0x40, bytes[3]]),
        0x4000..=0x3F_FFFF => out.push(&[bytes[1] | 0x80, bytes[2], bytes[3]]),
        _ => out.push(&[bytes[0] | 0xC0, bytes[1], bytes[2], bytes[3]]),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::{CString, c_char};

    use proptest::prelude::*;
    use subunit_core::{FileChunk, RouteCode, TagsBuf, Timestamp};

    use super::*;

    fn without_nul() -> impl Strategy<Value = String> {
        "[^\0]{0,80}"
    }

    proptest! {
        #[test]
        fn the_bytes_are_the_cores(
            code in 0usize..8,
            test_id in proptest::option::of(without_nul()),
            time in proptest::option::of((any::<u32>(), 0u32..1_000_000_000)),
            tags in proptest::collection::vec("[a-c]{0,2}", 0..6),
            cut in any::<prop::sample::Index>(),
            runnable: bool,
            file in proptest::option::of((without_nul(), prop::collection::vec(any::<u8>(), 0..20_000))),
            mime_type in proptest::option::of(without_nul()),
            eof: bool,
            route_code in proptest::option::of(without_nul()),
        ) {
            let status = code.checked_sub(1).map(|code| Status::ALL[code]);
            let owned: Vec<CString> =
                tags.iter().map(|tag| CString::new(tag.as_str()).unwrap()).collect();
            let pointers: Vec<*const c_char> = owned.iter().map(|tag| tag.as_ptr()).collect();
            // SAFETY: `owned` keeps the strings to the end of the test.
            let texts = unsafe { CText::slice_from_raw(pointers.as_ptr(), pointers.len()) }.unwrap();
            let cut = if texts.is_empty() { 0 } else { cut.index(texts.len()) };
            let (first, second) = texts.split_at(cut);
            let ours = Event {
                status,
                test_id: test_id.as_deref(),
                time,
                tags: [first, second],
                runnable,
                file: file.as_ref().map(|(name, bytes)| File { name, bytes }),
                mime_type: mime_type.as_deref(),
                eof,
                route_code: route_code.as_deref(),
            };
            let set: TagsBuf = tags.iter().map(String::as_str).collect();
            let theirs = subunit_core::Event {
                status,
                test_id: test_id.as_deref(),
                timestamp: time.map(|(seconds, nanoseconds)| Timestamp::new(seconds, nanoseconds)),
                tags: Some(set.as_tags()),
                runnable,
                file: file.as_ref().map(|(name, bytes)| FileChunk { name, bytes }),
                mime_type: mime_type.as_deref(),
                eof,
                route_code: route_code.as_deref().map(RouteCode::new),
            };
            let mut expected = Vec::new();
            theirs.encode(&mut expected).unwrap();
            let mut room = vec![0xAA; expected.len() + 3];
            prop_assert_eq!(encode(&ours, &mut room), Ok(Some(expected.len())));
            prop_assert_eq!(&room[..expected.len()], &expected[..]);
            prop_assert_eq!(&room[expected.len()..], &[0xAA; 3]);
            prop_assert_eq!(encode(&ours, &mut room[..expected.len() - 1]), Ok(None));
        }
    }

    #[test]
    fn the_longest_packet_and_one_byte_more() {
        let content = vec![0; MAX_LENGTH];
        let with = |length: usize| Event {
            file: Some(File { name: "f", bytes: &content[..length] }),
            ..Event::default()
        };
        assert_eq!(encoded_length(&with(MAX_LENGTH - 15)), Ok(MAX_LENGTH));
        assert_eq!(encoded_length(&with(MAX_LENGTH - 14)), Err(TooLong));
    }
}
