//! One event as the packets that carry it.

use crate::{Event, File, NoMemory, TooLong, encode::encode, encoded_length, with_buffer};

/// The longest write that a pipe never tears or mixes with another process's: PIPE_BUF of Linux.
pub const PIPE_LIMIT: usize = 4096;

/// Why an event was not written, or not to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused<E> {
    /// What the event says besides a file's content does not fit into a packet.
    TooLong,
    /// There was no memory for a packet above [`PIPE_LIMIT`].
    NoMemory,
    /// The output failed.
    Output(E),
}

impl<E> From<TooLong> for Refused<E> {
    fn from(_: TooLong) -> Self {
        Self::TooLong
    }
}

impl<E> From<NoMemory> for Refused<E> {
    fn from(_: NoMemory) -> Self {
        Self::NoMemory
    }
}

/// Gives `write` the packets of an event, one a call. None is longer than `limit` bytes, if the content
/// of a file is all that can be put into several: all pieces have the id, the route code and the time;
/// status, tags and eof are on the last.
///
/// # Errors
///
/// See [`Refused`]; only after [`Refused::Output`] and [`Refused::NoMemory`] can a part have been written.
pub fn packets<E>(
    event: &Event<'_>,
    limit: usize,
    mut write: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), Refused<E>> {
    let room = match event.file {
        Some(file) if file.bytes.len() > limit / 2 => content_room(event, limit)?,
        _ => usize::MAX,
    };
    let Some(mut file) = event.file.filter(|file| file.bytes.len() > room) else {
        return packet(event, &mut write);
    };
    while let Some((bytes, rest)) = file.bytes.split_at_checked(room)
        && !rest.is_empty()
    {
        let piece = Some(File { bytes, ..file });
        let part = Event { status: None, tags: [&[], &[]], eof: false, file: piece, ..*event };
        packet(&part, &mut write)?;
        file.bytes = rest;
    }
    packet(&Event { file: Some(file), ..*event }, &mut write)
}

fn packet<E>(
    event: &Event<'_>,
    write: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), Refused<E>> {
    let length = encoded_length(event)?;
    with_buffer(length, |room| {
        encode(event, room)?;
        write(room).map_err(Refused::Output)
    })?
}

/// How many bytes of content a packet of at most `limit` bytes has room for.
fn content_room(event: &Event<'_>, limit: usize) -> Result<usize, TooLong> {
    /// Lengths of packet and content may each take two bytes more than for empty content.
    const NUMBERS: usize = 4;
    /// Rather a packet above the limit than one with less content than this.
    const LEAST: usize = 512;
    let empty = event.file.map(|file| File { bytes: &[], ..file });
    let others = encoded_length(&Event { file: empty, ..*event })? + NUMBERS;
    let hard = subunit_core::MAX_LENGTH.saturating_sub(others).max(1);
    Ok(limit.saturating_sub(others).max(LEAST).min(hard))
}

#[cfg(test)]
mod tests {
    use subunit_core::{Packet, Status};

    use super::*;

    #[test]
    fn content_is_split_and_status_and_eof_are_on_the_last_packet() {
        let content: Vec<u8> = (0..100_000u32).map(|n| n as u8).collect();
        let event = Event {
            status: Some(Status::Fail),
            test_id: Some("t"),
            file: Some(File { name: "log", bytes: &content }),
            eof: true,
            ..Event::default()
        };
        let mut joined = Vec::new();
        let mut ends = 0;
        let result = packets(&event, PIPE_LIMIT, |bytes| {
            assert!(bytes.len() <= PIPE_LIMIT && ends == 0);
            let packet = Packet::parse(bytes).unwrap();
            let piece = packet.event();
            joined.extend_from_slice(piece.file.unwrap().bytes);
            assert_eq!(piece.eof, piece.status.is_some());
            ends += usize::from(piece.eof);
            Ok::<(), ()>(())
        });
        assert_eq!((result, joined == content, ends), (Ok(()), true, 1));
    }

    #[test]
    fn a_failed_output_ends_it() {
        let mut calls = 0;
        let file = Some(File { name: "f", bytes: &[0; 10_000] });
        let result = packets(&Event { file, ..Event::default() }, PIPE_LIMIT, |_| {
            calls += 1;
            Err("full")
        });
        assert_eq!((result, calls), (Err(Refused::Output("full")), 1));
    }

    #[test]
    fn an_id_that_is_no_packets_is_refused_before_anything_is_written() {
        let id = "i".repeat(5_000_000);
        let event = Event { test_id: Some(&id), ..Event::default() };
        let write = |_: &[u8]| -> Result<(), ()> { panic!("nothing is to be written") };
        assert_eq!(packets(&event, PIPE_LIMIT, write), Err(Refused::TooLong));
    }
}
