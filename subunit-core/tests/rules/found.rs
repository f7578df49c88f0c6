//! Where packets are found, and what is blamed: R3, R4 and R5.

use subunit_core::{Decoder, Event, Item, Status, Timestamp, items};

use crate::{
    nested::{crc, nested, wide, with_id},
    pieces::{Piece, in_chunks, packets, whole},
    streams::{encoded, exists},
};

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

/// Output that is cut within a character by a buffer, as C's is, hides no packet.
#[test]
fn r3_also_where_its_signature_would_complete_a_character() {
    let packet = exists("a");
    for before in [&b"\xc3"[..], b"Jos\xc3", b"\xe3\x83", b"line\n\xf0\x9f\x98"] {
        let rest = b"\xb3 (the rest)\n";
        let stream = [before, &packet, rest].concat();
        let expected = [before.to_vec(), packet.clone(), rest.to_vec()];
        let pieces: Vec<Vec<u8>> = items(&stream).map(|item| item.bytes().to_vec()).collect();
        assert_eq!(pieces, expected);
        assert!(!whole(&stream).iter().any(|piece| matches!(piece, Piece::Damage(..))));
    }
}

/// Text in which a 0xB3 ends a character may look like a header. It does not wait for what it claims.
#[test]
fn r3_text_of_another_alphabet_is_not_held_back() {
    let mut decoder = Decoder::new();
    decoder.feed(("\u{e9}".repeat(40) + "\u{f3} @bc!name").as_bytes());
    while decoder.next_item().is_some() {}
    decoder.settle();
    while decoder.next_item().is_some() {}
    assert_eq!(decoder.pending(), 0);
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

/// Damage is told by what it was, not by what stands before it.
#[test]
fn r5_damage_is_blamed_wherever_it_stands() {
    let mut torn = encoded(&Event::status("a.test", Status::Fail).to_buf());
    torn[5] ^= 1;
    torn[7] ^= 1;
    for before in [&b""[..], b"line\n", &torn, b"no line", b".", b"\xff"] {
        let pieces = whole(&[before, &torn, &exists("b")].concat());
        let [.., damage, Piece::Packet(_)] = &pieces[..] else { panic!("{pieces:x?}") };
        assert!(matches!(damage, Piece::Damage(..)), "after {before:x?}: {pieces:x?}");
    }
}

#[test]
fn r5_a_packet_of_another_version_is_named() {
    let mut newer = exists("a");
    newer[1] = 0x39;
    let end = newer.len() - 4;
    let checksum = crc(&newer[..end]);
    newer[end..].copy_from_slice(&checksum.to_be_bytes());
    for before in [&b""[..], b"text "] {
        let pieces = whole(&[before, &newer, &exists("b")].concat());
        let reason = pieces.iter().find_map(|piece| match piece {
            Piece::Damage(_, _, reason) => Some(&reason[..]),
            _ => None,
        });
        assert_eq!(reason, Some("version 3 instead of 2 (byte 1 of the packet)"));
    }
}

/// The signature is the only byte that a packet cannot be without.
#[test]
fn r5_a_packet_that_lost_its_signature_is_found_where_text_has_odd_bytes() {
    let good = exists("some.test");
    for value in [0x00, b'3', 0xB2, 0xF3] {
        let torn = [&[value], &good[1..]].concat();
        let stream = [b"text ", &torn[..], b" more\n", &exists("b")].concat();
        let damage = items(&stream).find_map(|item| match item {
            Item::Damage(damage) => Some((damage.offset, damage.said())),
            _ => None,
        });
        let Some((5, Some(said))) = damage else { panic!("{value:x}: {:x?}", whole(&stream)) };
        assert_eq!(&said.bytes()[..], good);
    }
}

#[test]
fn what_a_damaged_packet_said_is_told_and_its_test_failed() {
    let mut torn = encoded(&Event::status("pkg.test_b", Status::Success).to_buf());
    torn[8] ^= 4;
    let stream = [&exists("a")[..], b".", &torn].concat();
    let told = items(&stream).find_map(|item| match item {
        Item::Damage(damage) => Some((damage.to_string(), damage.failure())),
        _ => None,
    });
    let Some((message, Some(failure))) = told else { panic!("{:x?}", whole(&stream)) };
    let expected = "damaged packet at byte 11: one wrong byte (byte 8 of the packet); it said: success pkg.test_b";
    assert_eq!(message, expected);
    assert_eq!(
        (failure.test_id.as_deref(), failure.status),
        (Some("pkg.test_b"), Some(Status::Fail))
    );
}
