//! One event as the events whose packets carry it: only the content of a file can be split.

use crate::{
    EncodeError, Event, FileChunk, MAX_LENGTH,
    encode::{TagList, check_strings, encoded_length},
};

/// Calls `packet` for each packet that carries the event with these tags. None is longer than `limit` bytes
/// if only the content of a file is too long. All pieces have the id, the route code and the time; status,
/// tags and eof are on the last.
///
/// # Errors
///
/// Those of `packet`, which is not called again then. If the event cannot be encoded, before the first call.
#[inline(always)]
pub fn split<T: TagList, E: From<EncodeError>>(
    event: &Event<'_>,
    tags: T,
    limit: usize,
    mut packet: impl FnMut(&Event<'_>, T) -> Result<(), E>,
) -> Result<(), E> {
    let Some(mut file) = event.file else { return packet(event, tags) };
    // The other fields matter where the content is not too long by itself.
    if file.bytes.len() < limit && encoded_length(event, tags).is_ok_and(|length| length <= limit) {
        return packet(event, tags);
    }
    check_strings(event, tags)?;
    let length = content_room(event, tags, limit)?;
    while let Some((bytes, rest)) = file.bytes.split_at_checked(length)
        && !rest.is_empty()
    {
        let chunk = Some(FileChunk { bytes, ..file });
        let piece = Event { status: None, tags: None, eof: false, file: chunk, ..*event };
        packet(&piece, T::default())?;
        file.bytes = rest;
    }
    packet(&Event { file: Some(file), ..*event }, tags)
}

/// How many bytes of content fit into a packet of the limit.
fn content_room<T: TagList>(
    event: &Event<'_>,
    tags: T,
    limit: usize,
) -> Result<usize, EncodeError> {
    /// Lengths of packet and content may each take two bytes more than for empty content.
    const NUMBERS: usize = 4;
    /// A packet with less content than this is made longer than the limit instead.
    const LEAST: usize = 512;
    let empty = event.file.map(|file| FileChunk { bytes: &[], ..file });
    let others = encoded_length(&Event { file: empty, ..*event }, tags)? + NUMBERS;
    let hard = MAX_LENGTH.saturating_sub(others).max(1);
    let room = limit.saturating_sub(others);
    // Above the limit anyway, the other fields are not repeated more often than they must be.
    let room = if room < LEAST { LEAST.max(limit / 2) } else { room };
    Ok(room.min(hard))
}
