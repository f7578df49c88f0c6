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
//! Bytes behind the last field are left alone (rule R8). The only file that uses nom: its types carry
//! the results; the leaves are a few lines of std, which measured faster than nom's own and cannot
//! be in streaming mode by accident.
//!
//! The same grammar serves two questions. [`decode`] reads a whole body. [`contradiction`] reads the
//! beginning of one: does any byte so far rule out that this is a packet? Both run over [`Body`], which
//! knows how many bytes are still to come; for a whole body that is none.

use nom::{Err, IResult};

use crate::{
    Event, Field, FileChunk, PacketError, PacketErrorKind, RouteCode, Tags, Timestamp,
    flags::Flags, number,
};

/// What is left to read of a body.
#[derive(Clone, Copy)]
struct Body<'a> {
    here: &'a [u8],
    /// Bytes that belong to the body and have not arrived.
    missing: usize,
}

/// Where reading failed, by the bytes that were left, and why. 8 bytes, so that results stay small.
#[derive(Clone, Copy, Debug)]
struct Fault {
    left: u32,
    field: Field,
    cause: Cause,
}

#[derive(Clone, Copy, Debug)]
enum Cause {
    Overrun,
    NotUtf8,
    Nul,
}

type Parsed<'a, T> = IResult<Body<'a>, T, Fault>;

/// A body's fields.
pub(crate) struct Fields<'a> {
    pub(crate) event: Event<'a>,
    /// How many bytes of the body stand before the route code, or would if it had one.
    pub(crate) before_route: usize,
}

/// Reads a whole body. `start` is where it begins in its packet, in bytes; errors count from the packet.
#[inline(always)]
pub(crate) fn decode(flags: Flags, body: &[u8], start: usize) -> Result<Fields<'_>, PacketError> {
    match event(flags, Body { here: body, missing: 0 }) {
        Ok((left, event)) => Ok(Fields { event, before_route: body.len() - left }),
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
    match event(flags, Body { here, missing }) {
        Ok(_) | Err(Err::Incomplete(_)) => None,
        Err(fault) => Some(error(fault, here.len(), start)),
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
            PacketError { kind, at: (start + body_length) as u32 - fault.left }
        }
        // A whole body is never incomplete; nothing is missing from it.
        Err::Incomplete(_) => {
            PacketError { kind: PacketErrorKind::Truncated, at: (start + body_length) as u32 }
        }
    }
}

/// The event, and how many bytes were left before the route code.
#[inline(always)]
fn event(flags: Flags, body: Body<'_>) -> Result<(usize, Event<'_>), Err<Fault>> {
    let (body, timestamp) = when(flags, Flags::TIMESTAMP, timestamp, body)?;
    let (body, test_id) = when(flags, Flags::TEST_ID, |i| string(Field::TestId, i), body)?;
    let (body, tags) = when(flags, Flags::TAGS, tags, body)?;
    let (body, mime_type) = when(flags, Flags::MIME_TYPE, |i| string(Field::MimeType, i), body)?;
    let (body, file) = when(flags, Flags::FILE, file, body)?;
    let before_route = body;
    let (_, route_code) = when(flags, Flags::ROUTE_CODE, |i| string(Field::RouteCode, i), body)?;
    let event = Event {
        status: flags.status(),
        test_id,
        timestamp,
        tags,
        runnable: flags.has(Flags::RUNNABLE),
        file,
        mime_type,
        eof: flags.has(Flags::EOF),
        route_code: route_code.map(RouteCode::new),
    };
    Ok((before_route.here.len(), event))
}

#[inline(always)]
fn when<'a, T>(
    flags: Flags,
    bit: u16,
    parser: impl Fn(Body<'a>) -> Parsed<'a, T>,
    body: Body<'a>,
) -> Parsed<'a, Option<T>> {
    if !flags.has(bit) {
        return Ok((body, None));
    }
    let (body, value) = parser(body)?;
    Ok((body, Some(value)))
}

#[inline(always)]
fn timestamp(body: Body<'_>) -> Parsed<'_, Timestamp> {
    let (body, seconds) = take(Field::Timestamp, 4, body)?;
    let (body, nanoseconds) = count(Field::Timestamp, body)?;
    let seconds = seconds.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    Ok((body, Timestamp::new(seconds, nanoseconds)))
}

#[inline(always)]
fn tags(body: Body<'_>) -> Parsed<'_, Tags<'_>> {
    let (first, tag_count) = count(Field::Tags, body)?;
    // The count is the packet's word: every round takes at least one byte, or the loop ends.
    let mut rest = first;
    for _ in 0..tag_count {
        (rest, _) = string(Field::Tags, rest)?;
    }
    let wire = &first.here[..first.here.len() - rest.here.len()];
    Ok((rest, Tags::from_checked(wire, tag_count)))
}

#[inline(always)]
fn file(body: Body<'_>) -> Parsed<'_, FileChunk<'_>> {
    let (body, name) = string(Field::FileName, body)?;
    let (after_length, length) = count(Field::FileContent, body)?;
    let (rest, bytes) = take_from(body, Field::FileContent, length as usize, after_length)?;
    Ok((rest, FileChunk { name, bytes }))
}

#[inline(always)]
fn string(field: Field, body: Body<'_>) -> Parsed<'_, &str> {
    let (after_length, length) = count(field, body)?;
    let length = length as usize;
    match after_length.here.split_at_checked(length) {
        Some((bytes, here)) => match std::str::from_utf8(bytes) {
            Ok(string) if memchr::memchr(0, bytes).is_none() => {
                Ok((Body { here, ..after_length }, string))
            }
            _ => Err(not_a_string(field, bytes, after_length.here.len(), true)),
        },
        None if length > after_length.here.len() + after_length.missing => {
            Err(overrun(field, body.here.len()))
        }
        None => Err(not_a_string(field, after_length.here, after_length.here.len(), false)),
    }
}

/// The first byte of `bytes` that no string has; [`Err::Incomplete`] where there is none and `bytes`
/// are only the beginning of the string.
#[cold]
fn not_a_string(field: Field, bytes: &[u8], left: usize, whole: bool) -> Err<Fault> {
    let nul = memchr::memchr(0, bytes);
    let ill = match std::str::from_utf8(bytes) {
        Err(error) if whole || error.error_len().is_some() => Some(error.valid_up_to()),
        _ => None,
    };
    let (at, cause) = match (nul, ill) {
        (Some(nul), Some(ill)) if ill < nul => (ill, Cause::NotUtf8),
        (Some(nul), _) => (nul, Cause::Nul),
        (None, Some(ill)) => (ill, Cause::NotUtf8),
        (None, None) => return Err::Incomplete(nom::Needed::Unknown),
    };
    Err::Failure(Fault { left: (left - at) as u32, field, cause })
}

#[inline(always)]
fn count(field: Field, body: Body<'_>) -> Parsed<'_, u32> {
    match number::split(body.here) {
        Some((value, here)) => Ok((Body { here, ..body }, value)),
        None => Err(no_number(field, body)),
    }
}

#[cold]
fn no_number(field: Field, body: Body<'_>) -> Err<Fault> {
    let width = body.here.first().map_or(1, |first| number::width_from_first(*first));
    if width > body.here.len() + body.missing {
        return overrun(field, body.here.len());
    }
    Err::Incomplete(nom::Needed::Unknown)
}

#[inline(always)]
fn take(field: Field, length: usize, body: Body<'_>) -> Parsed<'_, &[u8]> {
    take_from(body, field, length, body)
}

/// Takes `length` bytes; a failure is reported where `claim`, the number that claims them, stands.
#[inline(always)]
fn take_from<'a>(
    claim: Body<'a>,
    field: Field,
    length: usize,
    body: Body<'a>,
) -> Parsed<'a, &'a [u8]> {
    match body.here.split_at_checked(length) {
        Some((bytes, here)) => Ok((Body { here, ..body }, bytes)),
        None if length > body.here.len() + body.missing => Err(overrun(field, claim.here.len())),
        None => Err(Err::Incomplete(nom::Needed::Unknown)),
    }
}

#[cold]
fn overrun(field: Field, left: usize) -> Err<Fault> {
    Err::Failure(Fault { left: left as u32, field, cause: Cause::Overrun })
}
