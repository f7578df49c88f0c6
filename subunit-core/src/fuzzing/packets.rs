//! What a packet says, both ways.

use super::Choices;
use crate::{
    EncodeError, Event, EventBuf, Item, Packet, RouteCodeBuf, Timestamp, Writer, items,
    wire::{fields, fields::reference, flags::Flags},
};

/// Two readers of the fields, written apart, read the same; and what a whole body is refused for is
/// what its beginning is refused for.
pub fn fields_oracle(input: &[u8]) {
    let Some((flags, body)) = input.split_first_chunk::<2>() else { return };
    let flags = Flags::from_bytes(*flags);
    let read = fields::decode(flags, body, 6);
    let event = read.as_ref().ok().copied();
    assert_eq!(event, reference::decode(flags, body));
    let error = read.err();
    let step = 1 + body.len() / 64;
    for there in (0..body.len()).step_by(step) {
        let found = fields::contradiction(flags, &body[..there], body.len() - there, 6);
        assert!(found.is_none() || found == error, "after {there} bytes: {found:?}, {error:?}");
    }
    assert_eq!(fields::contradiction(flags, body, 0, 6), error);
}

/// What is written is read, in one packet or split over many; what cannot be written is refused, and nothing
/// of it stays.
pub fn round_trip(input: &[u8]) {
    let mut choices = Choices::new(input);
    let (limit, spoilt) = (choices.index(1 << 13), choices.below(8));
    let mut event = choices.event();
    let bad = spoil(&mut event, spoilt, &mut choices);
    let mut packet = b"before".to_vec();
    let result = event.encode(&mut packet);
    let (before, packet) = packet.split_at(6);
    assert_eq!(before, b"before");
    assert_eq!(event.as_event().encoded_length(), result.map(|()| packet.len()));
    let mut writer = Writer::with_limit(Vec::new(), limit);
    let written = writer.event(&event.as_event());
    let written = written.map(|()| writer.into_inner());
    if bad {
        assert!(result.is_err() && packet.is_empty() && written.is_err());
        return;
    }
    assert_eq!(result, Ok(()));
    let read = Packet::parse(packet).expect("what is written is read");
    assert_eq!(read.bytes(), packet);
    event.tags = event.tags.filter(|tags| !tags.as_tags().is_empty());
    event.mime_type = event.mime_type.filter(|mime_type| !mime_type.is_empty());
    assert_eq!(*read.event(), event.as_event());
    let written = written.expect("memory takes all");
    split(&event, &written, limit);
}

/// Makes the event one that has no place on the wire, if asked to.
fn spoil(event: &mut EventBuf, how: usize, choices: &mut Choices<'_>) -> bool {
    let nul = || "a\0b".to_owned();
    match how {
        1 => event.test_id = Some(nul()),
        2 => event.mime_type = Some(nul()),
        3 => event.route_code = Some(RouteCodeBuf::new(nul())),
        4 => {
            let tags = event.tags.get_or_insert_default();
            tags.insert(&nul());
        }
        5 => event.timestamp = Some(Timestamp::new(u32::MAX, 1_000_000_000 | choices.word())),
        6 if event.file.is_some() => {
            event.file = event.file.take().map(|file| crate::FileChunkBuf { name: nul(), ..file });
        }
        _ => return false,
    }
    true
}

/// The pieces of an event that was split are the event.
fn split(event: &EventBuf, stream: &[u8], limit: usize) {
    let packets: Vec<Packet<'_>> = items(stream)
        .map(|item| match item {
            Item::Packet(packet) => packet,
            other => panic!("written, and no packet: {other:?}"),
        })
        .collect();
    let Some((last, pieces)) = packets.split_last() else { panic!("nothing was written") };
    let mut content = Vec::new();
    for packet in pieces {
        let piece = packet.event();
        assert!(piece.status.is_none() && piece.tags.is_none() && !piece.eof);
        assert_eq!(piece.test_id, event.test_id.as_deref());
        assert_eq!(piece.timestamp, event.timestamp);
        content.extend_from_slice(piece.file.map_or(b"", |file| file.bytes));
    }
    let end = *last.event();
    content.extend_from_slice(end.file.map_or(b"", |file| file.bytes));
    let expected = event.as_event();
    assert_eq!(content, expected.file.map_or(&b""[..], |file| file.bytes));
    assert_eq!(Event { file: expected.file, ..end }, expected);
    let empty = Event {
        file: expected.file.map(|file| crate::FileChunk { bytes: b"", ..file }),
        ..expected
    };
    // Only content is split; where the rest leaves little room for it, packets are longer.
    if empty.encoded_length().is_ok_and(|length| length + 1024 <= limit) {
        assert!(packets.iter().all(|packet| packet.bytes().len() <= limit));
    }
}

/// A packet under another route code is its event, changed and written, but for what was longer than it
/// had to be (R8).
pub fn reroute(input: &[u8]) {
    let mut choices = Choices::new(input);
    let mut bytes = Vec::new();
    match choices.below(3) {
        0 => bytes = choices.sealed(),
        _ => choices.event().encode(&mut bytes).expect("chosen to fit the wire"),
    }
    let Ok(packet) = Packet::parse(&bytes) else { return };
    let there = choices.below(4) > 0;
    let route = choices.option(there).map(RouteCodeBuf::new);
    let mut changed = packet.event().to_buf();
    changed.route_code.clone_from(&route);
    let mut rerouted = b"before".to_vec();
    let result = packet.reroute(route.as_ref().map(RouteCodeBuf::as_route), &mut rerouted);
    assert_eq!(result, Ok(()));
    is_written(&packet, &rerouted, &changed);

    let nul = packet.reroute(Some(crate::RouteCode::new("a\0")), &mut rerouted);
    assert_eq!(nul, Err(EncodeError::Nul(crate::Field::RouteCode)));

    let prefix = route.unwrap_or_default();
    changed.route_code = Some(prefix.join(packet.event().route_code));
    let mut under = b"before".to_vec();
    assert_eq!(packet.reroute_under(prefix.as_route(), &mut under), Ok(()));
    is_written(&packet, &under, &changed);
}

/// After `before`, `rerouted` is the packet that says `changed`.
fn is_written(packet: &Packet<'_>, rerouted: &[u8], changed: &EventBuf) {
    let rerouted = rerouted.strip_prefix(b"before").expect("what stood before is left alone");
    let read = Packet::parse(rerouted).expect("a rerouted packet is one");
    assert_eq!(read.bytes(), rerouted);
    assert_eq!(*read.event(), changed.as_event());
    let (mut original, mut expected, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let result = changed.encode(&mut expected);
    assert_eq!(read.event().encode(&mut again), result);
    assert_eq!(again, expected);
    let minimal = packet.event().encode(&mut original).is_ok() && original == packet.bytes();
    if minimal {
        assert_eq!(rerouted, expected);
    }
}
