//! Events, packets and streams of them to read: of any kind, intact and damaged.

use proptest::{collection::vec, prelude::*};
use subunit_core::{Event, EventBuf, FileChunk, FileChunkBuf, RouteCodeBuf, Status, Timestamp};

pub(crate) fn events() -> impl Strategy<Value = EventBuf> {
    let status = prop::option::of(prop::sample::select(Status::ALL.to_vec()));
    let time = prop::option::of((any::<u32>(), 0u32..1_000_000_000));
    let name = "[a-zó³\n]{0,12}";
    let file = prop::option::of((name, vec(any::<u8>(), 0..300)));
    let others = (prop::option::of(name), any::<bool>(), any::<bool>());
    (status, prop::option::of(name), time, vec("[a-z]{0,3}", 0..4), file, others).prop_map(
        |(status, test_id, time, tags, file, (route, runnable, eof))| EventBuf {
            status,
            test_id,
            timestamp: time.map(|(seconds, nanos)| Timestamp::new(seconds, nanos)),
            tags: (!tags.is_empty()).then(|| tags.iter().map(String::as_str).collect()),
            runnable,
            mime_type: file.as_ref().map(|_| "text/plain".to_owned()),
            file: file.map(|(name, bytes)| FileChunkBuf { name, bytes: bytes.into() }),
            eof,
            route_code: route.map(RouteCodeBuf::new),
        },
    )
}

pub(crate) fn encoded(event: &EventBuf) -> Vec<u8> {
    let mut packet = Vec::new();
    event.encode(&mut packet).unwrap();
    packet
}

/// A part of a stream, and whether it is an intact packet.
pub(crate) type Part = (Vec<u8>, bool);

pub(crate) fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        6 => events().prop_map(|event| (encoded(&event), true)),
        2 => "[a-zó³γ\n .😳]{0,30}".prop_map(|text| (text.into_bytes(), false)),
        1 => vec(any::<u8>(), 0..20).prop_map(|noise| (noise, false)),
        1 => vec(prop::sample::select(b"\xb3\x20\x24\x2b\x00\x40\xbf\xc3\n".to_vec()), 0..20)
            .prop_map(|noise| (noise, false)),
        3 => damaged(),
    ]
}

/// A packet that was flipped, shortened, lengthened, torn by a line or cut off.
fn damaged() -> impl Strategy<Value = Part> {
    (events(), any::<prop::sample::Index>(), 0..5, 1u8..=255, any::<u8>()).prop_map(
        |(event, at, kind, bits, byte)| {
            let mut packet = encoded(&event);
            let at = at.index(packet.len());
            match kind {
                0 => packet[at] ^= bits,
                1 => drop(packet.remove(at)),
                2 => packet.insert(at, byte),
                3 => drop(packet.splice(at..at, *b"torn by a line\n")),
                _ => packet.truncate(at),
            }
            (packet, false)
        },
    )
}

pub(crate) fn joined(parts: &[Part]) -> Vec<u8> {
    parts.iter().flat_map(|(bytes, _)| bytes.clone()).collect()
}

/// Where the intact packets stand: all of them are found.
pub(crate) fn findable(parts: &[Part]) -> Vec<std::ops::Range<usize>> {
    let mut offset = 0;
    let mut findable = Vec::new();
    for (bytes, intact) in parts {
        let end = offset + bytes.len();
        if *intact {
            findable.push(offset..end);
        }
        offset = end;
    }
    findable
}

/// A packet that lists a test.
pub(crate) fn exists(test_id: &str) -> Vec<u8> {
    let mut packet = Vec::new();
    Event::status(test_id, Status::Exists).encode(&mut packet).unwrap();
    packet
}

/// A packet with a piece of a file, and nothing else.
pub(crate) fn file(content: &[u8]) -> Vec<u8> {
    let file = Some(FileChunk { name: "f", bytes: content });
    let mut packet = Vec::new();
    Event { file, ..Event::default() }.encode(&mut packet).unwrap();
    packet
}
