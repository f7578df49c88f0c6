//! Events with tags of C, as packets in memory that may be had: on the stack where they are of usual size.

use subunit_core::{
    EncodeError, Event,
    encode::{TagList, encode_into, encoded_length, split},
};

use crate::CText;

/// The longest write that a pipe never tears or mixes with another process's: PIPE_BUF of Linux.
pub const PIPE_LIMIT: usize = 4096;

/// The tags of an event: its own, and those that the writer adds.
#[derive(Clone, Copy, Debug, Default)]
pub struct CTags<'a>(pub [&'a [CText<'a>]; 2]);

/// Up to this many tags a repeated one is found and left out; comparing more of them with each other
/// would take quadratic time, and there is no memory for a better way.
const COMPARED: usize = 512;

impl TagList for CTags<'_> {
    fn is_empty(self, _: &Event<'_>) -> bool {
        self.0.iter().all(|tags| tags.is_empty())
    }

    fn each_once(self, _: &Event<'_>, mut each: impl FnMut(&[u8])) {
        let [first, second] = self.0;
        let all = || first.iter().chain(second).map(|tag| tag.bytes());
        let few = first.len().saturating_add(second.len()) <= COMPARED;
        for (nth, tag) in all().enumerate() {
            if !few || !all().take(nth).any(|earlier| earlier == tag) {
                each(tag);
            }
        }
    }
}

/// Why an event was not written, or not to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused<E> {
    /// The event cannot be a packet: what it says besides a file's content does not fit into one.
    Encoding(EncodeError),
    /// There was no memory for a packet above [`PIPE_LIMIT`].
    NoMemory,
    /// The output failed.
    Output(E),
}

impl<E> From<EncodeError> for Refused<E> {
    fn from(error: EncodeError) -> Self {
        Self::Encoding(error)
    }
}

impl<E> From<NoMemory> for Refused<E> {
    fn from(_: NoMemory) -> Self {
        Self::NoMemory
    }
}

/// Gives `write` the packets of an event, one a call, as the core's `Writer` would write them.
///
/// # Errors
///
/// See [`Refused`]; only after [`Refused::Output`] and [`Refused::NoMemory`] can a part have been written.
pub fn packets<E>(
    event: &Event<'_>,
    tags: CTags<'_>,
    limit: usize,
    mut write: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), Refused<E>> {
    split(event, tags, limit, |piece, tags| {
        with_buffer(encoded_length(piece, tags)?, |room| {
            encode_into(piece, tags, room)?;
            write(room).map_err(Refused::Output)
        })?
    })
}

/// There is no memory for a packet above the usual size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoMemory;

/// Lends `length` bytes of zeros to `body`: from the stack up to [`PIPE_LIMIT`], else from the heap.
///
/// # Errors
///
/// Where the heap has no such room; the process is not ended for it.
pub fn with_buffer<T>(length: usize, body: impl FnOnce(&mut [u8]) -> T) -> Result<T, NoMemory> {
    let mut stack = [0; PIPE_LIMIT];
    if let Some(room) = stack.get_mut(..length) {
        return Ok(body(room));
    }
    let mut heap = Vec::new();
    heap.try_reserve_exact(length).map_err(|_| NoMemory)?;
    heap.resize(length, 0);
    Ok(body(&mut heap))
}

#[cfg(test)]
mod tests {
    use std::ffi::{CString, c_char};

    use proptest::prelude::*;
    use subunit_core::{FileChunk, Packet, Status, TagsBuf, Writer};

    use super::*;

    proptest! {
        #[test]
        fn the_packets_are_those_of_the_cores_writer(
            test_id in proptest::option::of("[^\0]{0,80}"),
            tags in proptest::collection::vec("[a-c]{0,2}", 0..6),
            cut in any::<prop::sample::Index>(),
            bytes in proptest::option::of(prop::collection::vec(any::<u8>(), 0..20_000)),
            limit in 600usize..10_000,
        ) {
            let owned: Vec<CString> =
                tags.iter().map(|tag| CString::new(tag.as_str()).unwrap()).collect();
            let pointers: Vec<*const c_char> = owned.iter().map(|tag| tag.as_ptr()).collect();
            // SAFETY: `owned` keeps the strings to the end of the test.
            let texts = unsafe { CText::slice_from_raw(pointers.as_ptr(), pointers.len()) }.unwrap();
            let cut = if texts.is_empty() { 0 } else { cut.index(texts.len()) };
            let (first, second) = texts.split_at(cut);
            let event = Event {
                status: Some(Status::Fail),
                test_id: test_id.as_deref(),
                file: bytes.as_ref().map(|bytes| FileChunk { name: "log", bytes }),
                eof: true,
                ..Event::default()
            };
            let mut ours = Vec::new();
            packets::<()>(&event, CTags([first, second]), limit, |packet| {
                ours.extend_from_slice(packet);
                Ok(())
            })
            .unwrap();
            let set: TagsBuf = tags.iter().map(String::as_str).collect();
            let mut cores = Writer::with_limit(Vec::new(), limit);
            cores.event(&event.with_tags(&set)).unwrap();
            prop_assert_eq!(ours, cores.into_inner());
        }
    }

    #[test]
    fn a_tag_without_end_makes_a_packet_too_long_and_nothing_else() {
        let long = CString::new(vec![b'x'; 5_000_000]).unwrap();
        let pointers = vec![long.as_ptr(); 600];
        // SAFETY: `long` lives to the end of the test.
        let texts = unsafe { CText::slice_from_raw(pointers.as_ptr(), pointers.len()) }.unwrap();
        let length = encoded_length(&Event::default(), CTags([texts, &[]]));
        assert!(matches!(length, Err(EncodeError::TooLong { .. })), "{length:?}");
    }

    #[test]
    fn content_is_split_and_status_and_eof_are_on_the_last_packet() {
        let content: Vec<u8> = (0..100_000u32).map(|n| n as u8).collect();
        let event = Event {
            file: Some(FileChunk { name: "log", bytes: &content }),
            eof: true,
            ..Event::status("t", Status::Fail)
        };
        let mut joined = Vec::new();
        let mut ends = 0;
        let result = packets(&event, CTags::default(), PIPE_LIMIT, |bytes| {
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
        let file = Some(FileChunk { name: "f", bytes: &[0; 10_000] });
        let event = Event { file, ..Event::default() };
        let result = packets(&event, CTags::default(), PIPE_LIMIT, |_| {
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
        let refused = packets(&event, CTags::default(), PIPE_LIMIT, write);
        assert!(
            matches!(refused, Err(Refused::Encoding(EncodeError::TooLong { .. }))),
            "{refused:?}"
        );
    }

    #[test]
    fn room_without_end_is_refused_and_nothing_breaks() {
        assert_eq!(with_buffer(usize::MAX, |_| ()), Err(NoMemory));
        assert_eq!(with_buffer(10_000, |room| room.len()), Ok(10_000));
    }
}
