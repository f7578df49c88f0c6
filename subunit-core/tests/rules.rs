//! The rules of reading, R1 to R8 of ARCHITECTURE.md, as properties over streams of packets and text
//! with damage of all kinds.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::{collection::vec, prelude::*};
use subunit_core::{
    Decoder, Event, EventBuf, FileChunkBuf, Item, MAX_LENGTH, Packet, PacketErrorKind,
    RouteCodeBuf, Status, Timestamp, items,
};

/// An item, owned, text joined: what must not depend on how a stream is cut.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Piece {
    Packet(Vec<u8>),
    Text(Vec<u8>),
    Damage(u64, Vec<u8>, String),
}

fn push_piece(pieces: &mut Vec<Piece>, item: &Item<'_>) {
    match (item, pieces.last_mut()) {
        (Item::Text(text), Some(Piece::Text(joined))) => joined.extend_from_slice(text),
        (Item::Text(text), _) => pieces.push(Piece::Text(text.to_vec())),
        (Item::Packet(packet), _) => pieces.push(Piece::Packet(packet.bytes().to_vec())),
        (Item::Damage(damage), _) => pieces.push(Piece::Damage(
            damage.offset,
            damage.bytes.to_vec(),
            damage.reason.to_string(),
        )),
    }
}

fn whole(stream: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    items(stream).for_each(|item| push_piece(&mut pieces, &item));
    pieces
}

fn in_chunks<'s>(chunks: impl Iterator<Item = &'s [u8]>) -> Vec<Piece> {
    let (mut decoder, mut pieces) = (Decoder::new(), Vec::new());
    for chunk in chunks {
        decoder.feed(chunk);
        while let Some(item) = decoder.next_item() {
            push_piece(&mut pieces, &item);
        }
    }
    decoder.finish();
    while let Some(item) = decoder.next_item() {
        push_piece(&mut pieces, &item);
    }
    pieces
}

fn packets(pieces: &[Piece]) -> Vec<&[u8]> {
    pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Packet(bytes) => Some(&bytes[..]),
            _ => None,
        })
        .collect()
}

fn events() -> impl Strategy<Value = EventBuf> {
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

fn encoded(event: &EventBuf) -> Vec<u8> {
    let mut packet = Vec::new();
    event.encode(&mut packet).unwrap();
    packet
}

/// A part of a stream, and whether it is an intact packet.
type Part = (Vec<u8>, bool);

fn part() -> impl Strategy<Value = Part> {
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

fn joined(parts: &[Part]) -> Vec<u8> {
    parts.iter().flat_map(|(bytes, _)| bytes.clone()).collect()
}

/// The intact packets of which the rules say that they are found: their 0xB3 does not complete a
/// character with what stands before it.
fn findable(parts: &[Part]) -> Vec<&[u8]> {
    let mut before = Vec::new();
    let mut findable = Vec::new();
    for (bytes, intact) in parts {
        before.push(0xB3);
        let completes = (2..=4).any(|length| {
            let character = before.len().checked_sub(length).map(|from| &before[from..]);
            character.and_then(|bytes| std::str::from_utf8(bytes).ok()).is_some()
        });
        before.pop();
        // Behind an intact packet nothing before it counts.
        let completes = completes && !before.is_empty();
        if *intact && !completes {
            findable.push(&bytes[..]);
        }
        if *intact {
            before.clear();
        } else {
            before.extend_from_slice(bytes);
        }
    }
    findable
}

proptest! {
    #[test]
    fn r1_nothing_vanishes(parts in vec(part(), 0..20)) {
        let stream = joined(&parts);
        let bytes: Vec<u8> = items(&stream).flat_map(|item| item.bytes().to_vec()).collect();
        prop_assert_eq!(bytes, stream);
    }

    #[test]
    fn r2_chunking_does_not_matter(parts in vec(part(), 0..20), cuts in vec(1usize..40, 1..20)) {
        let stream = joined(&parts);
        let expected = whole(&stream);
        prop_assert_eq!(in_chunks(stream.chunks(1)), expected.clone(), "{:x?}", stream);
        let mut rest = &stream[..];
        let mut cuts = cuts.into_iter().cycle();
        let chunks = std::iter::from_fn(|| {
            let (chunk, later) = rest.split_at(cuts.next()?.min(rest.len()));
            rest = later;
            (!chunk.is_empty()).then_some(chunk)
        });
        prop_assert_eq!(in_chunks(chunks), expected, "random cuts");
    }

    #[test]
    fn r4_every_intact_packet_is_found(parts in vec(part(), 0..20)) {
        let stream = joined(&parts);
        let pieces = whole(&stream);
        let found = packets(&pieces);
        let mut search = found.iter();
        for packet in findable(&parts) {
            prop_assert!(
                search.any(|found| *found == packet),
                "lost {packet:x?} of {stream:x?}\nfound {pieces:x?}"
            );
        }
        for packet in found {
            prop_assert!(Packet::parse(packet).is_ok());
        }
    }

    #[test]
    fn r5_damage_is_blamed_at_sync_points_only(parts in vec(part(), 0..20)) {
        let pieces = whole(&joined(&parts));
        let mut before: Option<&Piece> = None;
        for piece in &pieces {
            if let Piece::Damage(_, bytes, _) = piece {
                let sync = match before {
                    None | Some(Piece::Packet(_) | Piece::Damage(..)) => true,
                    Some(Piece::Text(text)) => text.ends_with(b"\n"),
                };
                prop_assert!(sync, "{pieces:x?}");
                prop_assert_eq!(bytes[0], 0xB3);
                prop_assert!(bytes.get(1).is_none_or(|byte| byte >> 4 == 2));
            }
            before = Some(piece);
        }
    }

    #[test]
    fn r5_a_flipped_byte_costs_its_packet_and_is_reported(
        events in vec(events(), 3..6),
        victim in 1usize..3,
        at in any::<prop::sample::Index>(),
        bits in 1u8..=255,
    ) {
        let mut parts: Vec<Part> = events.iter().map(|event| (encoded(event), true)).collect();
        // Flags, length and signature may become implausible; then the bytes are text.
        let body = parts[victim].0.len() - 6;
        let at = 6 + at.index(body);
        parts[victim].0[at] ^= bits;
        parts[victim].1 = false;
        let offset: usize = parts[..victim].iter().map(|(bytes, _)| bytes.len()).sum();
        let pieces = whole(&joined(&parts));
        prop_assert_eq!(packets(&pieces).len(), parts.len() - 1);
        let damage = pieces.iter().find_map(|piece| match piece {
            Piece::Damage(offset, bytes, _) => Some((*offset, bytes)),
            _ => None,
        });
        prop_assert_eq!(damage, Some((offset as u64, &parts[victim].0)));
    }

    #[test]
    fn r8_what_is_written_is_read(event in events()) {
        let packet = encoded(&event);
        prop_assert_eq!(event.as_event().encoded_length(), Ok(packet.len()));
        prop_assert_eq!(Packet::parse(&packet).unwrap().event().to_buf(), event);
    }

    #[test]
    fn a_rerouted_packet_is_the_event_with_another_route(
        mut event in events(),
        route in prop::option::of("[0-9/]{0,80}"),
        content in prop::option::of(15_000usize..40_000),
    ) {
        if let Some(length) = content {
            let bytes = vec![0x5A; length].into();
            event.file = Some(FileChunkBuf { name: "large".into(), bytes });
        }
        let packet = encoded(&event);
        let mut rerouted = b"before".to_vec();
        let route = route.map(RouteCodeBuf::new);
        let packet = Packet::parse(&packet).unwrap();
        packet.reroute(route.as_ref().map(RouteCodeBuf::as_route), &mut rerouted).unwrap();
        event.route_code = route;
        prop_assert_eq!(&rerouted[6..], encoded(&event));
    }

    #[test]
    fn a_packet_under_a_prefix_is_the_event_with_a_longer_route(
        mut event in events(),
        prefix in "[a-z0-9]{0,80}",
        content in prop::option::of(15_000usize..40_000),
    ) {
        if let Some(length) = content {
            let bytes = vec![0x5A; length].into();
            event.file = Some(FileChunkBuf { name: "large".into(), bytes });
        }
        let packet = encoded(&event);
        let mut rerouted = b"before".to_vec();
        let prefix = RouteCodeBuf::new(prefix);
        Packet::parse(&packet).unwrap().reroute_under(prefix.as_route(), &mut rerouted).unwrap();
        event.route_code = Some(prefix.join(event.route_code.as_ref().map(RouteCodeBuf::as_route)));
        prop_assert_eq!(&rerouted[6..], encoded(&event));
    }
}

#[test]
fn r5_damage_is_blamed_behind_a_line_and_behind_other_damage_and_nowhere_in_a_line() {
    let mut torn = exists("a");
    torn[5] ^= 1;
    for (before, blamed) in
        [(&b""[..], true), (b"line\n", true), (&torn, true), (b"no line", false), (b"\xff", false)]
    {
        let pieces = whole(&[before, &torn].concat());
        let last = pieces.last().unwrap();
        assert_eq!(matches!(last, Piece::Damage(..)), blamed, "after {before:x?}: {pieces:x?}");
    }
}

fn exists(test_id: &str) -> Vec<u8> {
    let mut packet = Vec::new();
    Event::status(test_id, Status::Exists).encode(&mut packet).unwrap();
    packet
}

#[test]
fn r3_a_packet_is_accepted_wherever_it_stands() {
    let packet = exists("a");
    for before in
        [&b""[..], b"line\n", b"no newline", b"....", b"\xff", b"cut \xe3", b"\xb3", b"\0\xc3"]
    {
        let pieces = whole(&[before, &packet].concat());
        assert_eq!(packets(&pieces), [&packet[..]], "after {before:x?}");
    }
}

#[test]
fn r3_unless_its_signature_lies_inside_a_character() {
    let packet = exists("a");
    for before in [&b"\xc3"[..], b"Jos\xc3", b"\xe3\x83", b"line\n\xf0\x9f\x98"] {
        let stream = [before, &packet].concat();
        assert_eq!(whole(&stream), [Piece::Text(stream.clone())]);
    }
}

/// 0xC3 at the end of a damaged packet is no letter, though 0xB3 after it would make it one.
#[test]
fn r4_the_insides_of_a_damaged_packet_hide_nothing() {
    let mut event = Event::status("a", Status::Success).to_buf();
    let victim = (0..)
        .map(|nanos| {
            event.timestamp = Some(Timestamp::new(1_700_000_000, nanos));
            encoded(&event)
        })
        .find(|packet| packet.ends_with(b"\xc3"))
        .unwrap();
    let next = exists("b");
    for at in 0..victim.len() - 1 {
        let mut damaged = victim.clone();
        damaged[at] ^= 0x10;
        let pieces = whole(&[&damaged[..], &next].concat());
        assert_eq!(packets(&pieces), [&next[..]], "byte {at} flipped");
    }
}

#[test]
fn r4_an_intact_packet_inside_a_malformed_one_with_a_good_checksum_is_found() {
    let inner = exists("inner");
    // The id claims one byte more than there is.
    let mut outer = [&b"\xb3\x28\x01\x00\x0f"[..], &inner].concat();
    outer[3] = outer.len() as u8 + 4;
    outer.extend_from_slice(&crc(&outer).to_be_bytes());
    let pieces = whole(&outer);
    assert_eq!(packets(&pieces), [&inner[..]]);
}

/// Every six bytes a header claims the longest packet; none is one. In square time this would take
/// minutes.
#[test]
fn r6_overlapping_headers_are_told_apart_in_linear_time() {
    let mut stream = b"\xb3\x20\x01\xbf\xff\xff".repeat(1 << 20);
    let last = exists("last");
    stream.extend_from_slice(&last);
    assert_eq!(packets(&whole(&stream)), [&last[..]]);
    let pieces = in_chunks(stream.chunks(64 * 1024));
    assert_eq!(packets(&pieces), [&last[..]]);
}

/// A number of three bytes.
fn wide(value: usize) -> [u8; 3] {
    [0x80 | (value >> 16) as u8, (value >> 8) as u8, value as u8]
}

/// A packet of nothing but a test id, of bytes that need not be one.
fn with_id(id: &[u8]) -> Vec<u8> {
    let mut packet = [b"\xb3\x28\x01", &wide(id.len() + 13)[..], &wide(id.len()), id].concat();
    packet.extend_from_slice(&crc(&packet).to_be_bytes());
    packet
}

/// Packets in packets, each with a good checksum: what stands in front of each, the innermost first,
/// and what is inside.
fn nested(heads: &[Vec<u8>], inside: &[u8]) -> Vec<u8> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(inside);
    let mut ends = Vec::new();
    for head in heads {
        let inner = std::mem::take(&mut sum);
        sum.update(head);
        sum.combine(&inner);
        let end = sum.clone().finalize().to_be_bytes();
        sum.update(&end);
        ends.extend_from_slice(&end);
    }
    let heads: Vec<u8> = heads.iter().rev().flatten().copied().collect();
    [&heads, inside, &ends].concat()
}

/// Their test ids are not UTF-8 from the first byte on. In square time the checksums alone would take
/// minutes.
#[test]
fn r6_nested_packets_with_good_checksums_and_bad_fields_take_linear_time() {
    const DEPTH: usize = 100_000;
    let inside = vec![0xFF; 2_800_000];
    let heads: Vec<Vec<u8>> = (0..DEPTH)
        .map(|depth| inside.len() + depth * 13)
        .map(|id| [b"\xb3\x28\x01", &wide(id + 13)[..], &wide(id)].concat())
        .collect();
    let last = exists("last");
    let stream = [nested(&heads, &inside), last.clone()].concat();
    assert_eq!(packets(&whole(&stream)), [&last[..]]);
}

/// Packets in packets whose test ids are `first` and then text, up to the checksums at their ends.
fn nested_text(first: u8) -> Vec<u8> {
    // A length is UTF-8 with 0xC2 in front of it, if its other bytes are ASCII.
    let is_text = |length: usize| length & 0x8080 == 0;
    let inside = vec![b'x'; 1_500_000];
    let (mut heads, mut inner) = (Vec::new(), inside.len());
    while inner < MAX_LENGTH - 40_000 {
        let id = (inner + 2..).find(|id| is_text(*id) && is_text(id + 19)).unwrap();
        let mut head = [b"\xb3\x2a\xc2", &wide(id + 19)[..], b"time\x40\xc2", &wide(id)].concat();
        head.push(first);
        head.resize(head.len() + id - inner - 2, b'x');
        head.push(0xC2);
        heads.push(head);
        inner = id + 19;
    }
    heads[0].pop();
    heads[0].push(b'x');
    assert!(heads.len() > 15_000);
    nested(&heads, &inside)
}

#[test]
fn r6_text_behind_a_fault_is_not_read_again_for_each_of_nested_packets() {
    let last = exists("last");
    let stream = [nested_text(0), last.clone()].concat();
    assert_eq!(packets(&whole(&stream)), [&last[..]]);
}

/// Each must be read whole to be refused.
#[test]
fn r6_nested_packets_that_are_bad_at_their_ends_are_passed_over() {
    let last = exists("last");
    let stream = [nested_text(b'x'), last.clone()].concat();
    assert_eq!(packets(&whole(&stream)), [&last[..]]);
}

/// Packets in packets that say at their ends that there is one more string.
fn nested_files(depth: usize, inside: &[u8]) -> Vec<u8> {
    let heads: Vec<Vec<u8>> = (0..depth)
        .map(|depth| inside.len() + depth * 15)
        .map(|file| [b"\xb3\x24\x40", &wide(file + 15)[..], b"\x01f", &wide(file)].concat())
        .collect();
    nested(&heads, inside)
}

/// What is in a few malformed packets is found; where they are nested dozens deep, it is passed over.
#[test]
fn r6_patience_ends_where_packets_are_malformed_at_their_ends_and_nested_dozens_deep() {
    let (inner, last) = (exists("inner"), exists("last"));
    let inside = [&vec![b'x'; 100_000][..], &inner].concat();
    let stream = [nested_files(12, &inside), last.clone()].concat();
    assert_eq!(packets(&whole(&stream)), [&inner[..], &last]);
    let stream = [nested_files(24, &inside), last.clone()].concat();
    assert_eq!(packets(&whole(&stream)), [&last[..]]);
    assert_eq!(packets(&in_chunks(stream.chunks(1000))), [&last[..]]);
}

/// Patience is a matter of all that was read, not of how much of it stands in front.
#[test]
fn r4_an_intact_packet_in_two_malformed_ones_is_found_though_one_is_large() {
    let is_text = |packet: &Vec<u8>| std::str::from_utf8(&packet[1..]).is_ok();
    let inner = (0..).map(|n| exists(&n.to_string())).find(is_text).unwrap();
    // An id with the intact packet at its end, and a tag that is longer than what is left.
    let mut id = vec![b'm'; 0x1320 - inner.len()];
    id[0x131F - inner.len()] = 0xC2;
    id.extend_from_slice(&inner);
    let middle = |n: u32| {
        let time = format!("{n:04}\x40");
        let lengths = (wide(0x1320 + 21), wide(0x1320));
        let head = [b"\xb3\x2a\xc2", &lengths.0[..], time.as_bytes(), b"\xc2", &lengths.1].concat();
        nested(&[head], &[&id[..], b"\x01\x3f"].concat())
    };
    let middle = (0..).map(middle).find(is_text).unwrap();
    let outer = with_id(&[b"\xc2", &middle[..], &[b'x'; 300_000], b"\0"].concat());
    let pieces = whole(&outer);
    assert_eq!(packets(&pieces), [&inner[..]]);
    assert_eq!(in_chunks(outer.chunks(1000)), pieces);
}

#[test]
fn r7_text_behind_a_lie_is_not_held_back() {
    // A header that claims 16 KiB, with an id that soon is not UTF-8.
    let mut decoder = Decoder::new();
    decoder.feed(b"\xb3\x28\x01\x7f\xff\x50\x00 not a packet\xff at all\n");
    let damage = decoder.next_item().unwrap();
    let Item::Damage(damage) = damage else { panic!("{damage:?}") };
    assert_eq!(damage.reason.to_string(), "test id is not UTF-8 (byte 20 of the packet)");
    let Some(Item::Text(text)) = decoder.next_item() else { panic!("text is held back") };
    assert_eq!(text, b" at all\n");
}

/// Of the claimed 16383 bytes the checksum takes four, so an id of 16372 fits behind the header.
#[test]
fn r7_a_field_that_would_run_into_the_checksum_is_a_lie() {
    for (id, refuted) in [(16_372_u16, false), (16_373, true), (16_376, true)] {
        let mut decoder = Decoder::new();
        let id = (id | 0x4000).to_be_bytes();
        decoder.feed(&[b"\xb3\x28\x01\x7f\xff", &id[..], b"text\n"].concat());
        assert_eq!(decoder.next_item().is_some(), refuted, "{id:x?}");
    }
}

#[test]
fn r7_an_intact_packet_inside_a_doubtful_extent_is_handed_over_when_the_stream_falls_silent() {
    let packet = exists("a");
    let mut decoder = Decoder::new();
    decoder.feed(b"\xb3\x20\x01\x7f\xff the writer was killed here\n");
    decoder.feed(&packet);
    assert!(decoder.next_item().is_none());
    decoder.settle();
    assert!(matches!(decoder.next_item(), Some(Item::Damage(damage)) if damage.offset == 0));
    assert!(matches!(decoder.next_item(), Some(Item::Packet(found)) if found.bytes() == packet));
}

/// What a pipe takes at once was written at once; of more, only what is seen to be wrong is.
#[test]
fn r7_damage_of_up_to_a_page_reaches_to_its_claimed_end() {
    for (claim, reach) in [(4096_u16, 4096), (4097, 6)] {
        let head = [&b"\xb3\x28\x00"[..], &(claim | 0x4000).to_be_bytes(), b"\x7f\xff"].concat();
        let stream = [&head[..], &[b'x'; 5000]].concat();
        let first = items(&stream).next();
        assert!(
            matches!(first, Some(Item::Damage(damage)) if damage.bytes.len() == reach),
            "{claim}"
        );
    }
}

/// The 64 bytes that tell text from damage may begin within a character.
#[test]
fn r3_text_of_another_alphabet_is_not_held_back() {
    let mut decoder = Decoder::new();
    decoder.feed(("\u{e9}".repeat(40) + "\u{f3} @bc!name").as_bytes());
    while decoder.next_item().is_some() {}
    assert_eq!(decoder.pending(), 0);
}

/// Only what stands in front of the intact packet is given up.
#[test]
fn r7_what_has_begun_behind_the_intact_packet_is_waited_for() {
    let (found, slow) = (exists("a"), exists("b"));
    let mut decoder = Decoder::new();
    decoder.feed(&b"far into a stream\n".repeat(50));
    while decoder.next_item().is_some() {}
    decoder.feed(&[b"\xb3\x20\x01\x7f\xff", &found[..], &slow[..7]].concat());
    assert!(decoder.next_item().is_none());
    decoder.settle();
    assert!(matches!(decoder.next_item(), Some(Item::Damage(_))));
    assert!(matches!(decoder.next_item(), Some(Item::Packet(packet)) if packet.bytes() == found));
    assert!(decoder.next_item().is_none());
    decoder.feed(&slow[7..]);
    assert!(matches!(decoder.next_item(), Some(Item::Packet(packet)) if packet.bytes() == slow));
}

#[test]
fn r7_a_packet_that_arrives_slowly_is_waited_for() {
    let mut packet = Vec::new();
    let event = Event {
        file: Some(subunit_core::FileChunk { name: "f", bytes: &[b'x'; 10_000] }),
        ..Event::default()
    };
    event.encode(&mut packet).unwrap();
    let mut decoder = Decoder::new();
    for byte in &packet[..packet.len() - 1] {
        decoder.feed(std::slice::from_ref(byte));
        decoder.settle();
        assert!(decoder.next_item().is_none());
    }
    decoder.feed(&packet[packet.len() - 1..]);
    assert!(matches!(decoder.next_item(), Some(Item::Packet(_))));
}

#[test]
fn the_end_of_the_input_within_a_packet_is_damage() {
    let packet = exists("a");
    for cut in 1..packet.len() {
        let pieces = in_chunks(packet[..cut].chunks(3));
        let [Piece::Damage(0, bytes, reason)] = &pieces[..] else { panic!("{pieces:?}") };
        assert_eq!(bytes, &packet[..cut]);
        assert!(reason.starts_with("truncated"), "{reason}");
    }
}

#[test]
fn the_longest_packet_passes_through_the_decoder() {
    let content = vec![0xB3; MAX_LENGTH - 15];
    let event = Event {
        file: Some(subunit_core::FileChunk { name: "f", bytes: &content }),
        ..Event::default()
    };
    let mut packet = Vec::new();
    event.encode(&mut packet).unwrap();
    assert_eq!(packet.len(), MAX_LENGTH);
    let stream = [&packet[..], &packet[..MAX_LENGTH - 1]].concat();
    let pieces = in_chunks(stream.chunks(100_000));
    assert_eq!(packets(&pieces), [&packet[..]]);
    let Some(Piece::Damage(offset, ..)) = pieces.get(1) else { panic!("the second is cut short") };
    assert_eq!(*offset, MAX_LENGTH as u64);
    assert_eq!(Packet::parse(&stream[MAX_LENGTH..]).unwrap_err().kind, PacketErrorKind::Truncated);
}

/// A damaged packet, and the beginning of another in it that may be intact: together they are kept up to the
/// length of the longest packet.
#[test]
fn r6_damage_waits_for_what_begins_in_it_while_there_is_room() {
    let kibi = |n: usize| vec![0xFF; n << 10];
    let packet = |content: &[u8]| {
        let file = Some(subunit_core::FileChunk { name: "f", bytes: content });
        let mut packet = Vec::new();
        Event { file, ..Event::default() }.encode(&mut packet).unwrap();
        packet
    };
    let next = packet(&kibi(2000));
    for (text, before, waits) in [(0, 1500, true), (3000, 1500, true), (0, 2500, false)] {
        let head = packet(&kibi(3000))[..20].to_vec();
        let damaged = [&head[..], &kibi(before)].concat();
        let mut decoder = Decoder::new();
        decoder.feed(&vec![b'\n'; text << 10]);
        decoder.feed(&damaged);
        let (there, later) = next.split_at((3050 - before) << 10);
        decoder.feed(there);
        let mut found = Vec::new();
        while let Some(item) = decoder.next_item() {
            found.extend(matches!(item, Item::Damage(_)).then(|| item.bytes().len()));
        }
        assert_eq!(found, if waits { vec![] } else { vec![damaged.len()] });
        decoder.feed(later);
        let mut rest = std::iter::from_fn(|| decoder.next_item().map(|item| item.bytes().len()));
        assert!(!waits || rest.next() == Some(damaged.len()));
        assert_eq!(rest.next(), Some(next.len()));
    }
}

fn crc(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}
