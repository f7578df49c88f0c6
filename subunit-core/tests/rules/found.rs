//! Where packets are found, and what is blamed: R3, R4 and R5.

use subunit_core::{Decoder, Event, Status, Timestamp};

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

#[test]
fn r3_unless_its_signature_lies_inside_a_character() {
    let packet = exists("a");
    for before in [&b"\xc3"[..], b"Jos\xc3", b"\xe3\x83", b"line\n\xf0\x9f\x98"] {
        let stream = [before, &packet].concat();
        assert_eq!(whole(&stream), [Piece::Text(stream.clone())]);
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
