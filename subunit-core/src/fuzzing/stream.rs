//! Where packets stand in a stream: rules R1, R2, R3, R4 and R5.

use super::{
    Choices,
    pieces::{cuts, in_chunks, push, whole},
};
use crate::{Damage, Decoder, Item, Packet, items};

/// Nothing vanishes (R1), packets are packets, and what they say can be written.
pub fn decode(input: &[u8]) {
    let mut offset = 0;
    for item in items(input) {
        let bytes = item.bytes();
        assert_eq!(input.get(offset..offset + bytes.len()), Some(bytes), "item at byte {offset}");
        match item {
            Item::Packet(packet) => written_again(&packet),
            Item::Text(text) => assert!(!text.is_empty(), "an item of no bytes"),
            Item::Damage(damage) => {
                damaged(input, &damage);
                assert!(bytes.is_empty() || damage.offset == offset as u64);
            }
        }
        offset += bytes.len();
    }
    assert_eq!(offset, input.len(), "bytes at the end vanished");
    settled(input);
}

/// Damage begins with a signature, unless it is proved that it should.
fn damaged(input: &[u8], damage: &Damage<'_>) {
    let bytes = &input[damage.offset as usize..][..damage.length];
    assert!(!bytes.is_empty());
    let said = damage.said();
    assert_eq!(said.is_some(), damage.mended.is_some(), "a proof that proves nothing");
    assert!(said.is_some() || bytes[0] == 0xB3, "{bytes:x?}");
    assert!(said.is_none_or(|said| said.bytes().len() == damage.length));
    let _ = damage.to_string();
}

/// A packet is one wherever it stands, and its event is the same when it is written again.
fn written_again(packet: &Packet<'_>) {
    let event = packet.event();
    let alone = Packet::parse(packet.bytes()).expect("a packet that was accepted is one");
    assert_eq!(alone.event(), event);
    assert_eq!(&event.to_buf().as_event(), event);
    let mut again = Vec::new();
    if event.encode(&mut again).is_err() {
        let seconds = event.timestamp.map_or(0, |time| time.seconds());
        assert!(seconds > u64::from(u32::MAX), "cannot be written: {event:?}");
        return;
    }
    assert!(again.len() <= packet.bytes().len(), "longer than what was read");
    let read = Packet::parse(&again).expect("what is written is read");
    let tags = event.tags.filter(|tags| !tags.is_empty());
    let mime_type = event.mime_type.filter(|mime_type| !mime_type.is_empty());
    assert_eq!(*read.event(), crate::Event { tags, mime_type, ..*event });
}

/// A live stream that falls silent again and again loses nothing either.
fn settled(input: &[u8]) {
    let [_, _, small, _] = cuts(input);
    let (mut decoder, mut bytes) = (Decoder::new(), Vec::new());
    for (index, piece) in small.into_iter().enumerate() {
        decoder.feed(piece);
        take(&mut decoder, &mut bytes);
        assert_eq!(decoder.offset(), bytes.len() as u64);
        decoder.settle();
        if index % 8 == 7 {
            decoder.give_up();
        }
    }
    decoder.finish();
    take(&mut decoder, &mut bytes);
    assert_eq!(bytes, input, "bytes vanished when the stream fell silent");
}

/// Takes all items. What was let go may come once more: in a packet, at its beginning.
fn take(decoder: &mut Decoder, bytes: &mut Vec<u8>) {
    loop {
        let before = decoder.offset();
        let Some(item) = decoder.next_item() else { return };
        let item = item.bytes().to_vec();
        let fresh = (decoder.offset() - before) as usize;
        bytes.extend_from_slice(&item[item.len() - fresh..]);
    }
}

/// The same items however the stream is cut (R2).
pub fn chunking(input: &[u8]) {
    let expected = whole(input);
    for chunks in cuts(input) {
        assert_eq!(in_chunks(&chunks), expected);
    }
}

/// A part of a stream, and whether it is an intact packet.
type Part = (Vec<u8>, bool);

/// Intact packets with all kinds of damage around them are found (R3 and R4).
pub fn resync(input: &[u8]) {
    let mut choices = Choices::new(input);
    let mut parts = Vec::new();
    while !choices.is_over() && parts.len() < 32 {
        parts.push(part(&mut choices));
    }
    let stream: Vec<u8> = parts.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
    let mut found = Vec::new();
    let (mut pieces, mut offset) = (Vec::new(), 0);
    for item in items(&stream) {
        let end = offset + item.bytes().len();
        if let Item::Packet(_) = item {
            found.push(offset..end);
        }
        push(&mut pieces, &item);
        offset = end;
    }
    assert_eq!(offset, stream.len());
    for expected in findable(&parts) {
        // A packet that happened to come about in front may have this one inside.
        let inside = |range: &&std::ops::Range<usize>| {
            **range == expected || range.start < expected.start && range.end > expected.start
        };
        assert!(found.iter().any(|range| inside(&range)), "lost {expected:?} of {stream:x?}");
    }
    for chunks in cuts(&stream) {
        assert_eq!(in_chunks(&chunks), pieces);
    }
}

fn part(choices: &mut Choices<'_>) -> Part {
    let intact = |choices: &mut Choices<'_>| {
        let mut packet = Vec::new();
        choices.event().encode(&mut packet).expect("chosen to fit the wire");
        packet
    };
    match choices.below(8) {
        0 => (choices.bytes().to_vec(), false),
        1 => (choices.string().into_bytes(), false),
        2 => {
            let packet = choices.sealed();
            let is_packet = Packet::parse(&packet).is_ok();
            (packet, is_packet)
        }
        3 => {
            let mut packet = intact(choices);
            damage(&mut packet, choices);
            let is_packet = Packet::parse(&packet).is_ok_and(|found| found.bytes() == packet);
            (packet, is_packet)
        }
        _ => (intact(choices), true),
    }
}

fn damage(packet: &mut Vec<u8>, choices: &mut Choices<'_>) {
    let at = choices.index(packet.len());
    match choices.below(5) {
        0 => packet[at] ^= choices.byte(),
        1 => drop(packet.remove(at)),
        2 => packet.insert(at, choices.byte()),
        3 => drop(packet.splice(at..at, choices.bytes().iter().copied())),
        _ => packet.truncate(at),
    }
}

/// Where the intact packets stand.
fn findable(parts: &[Part]) -> Vec<std::ops::Range<usize>> {
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
