//! Streams that come slowly, fall silent or end: R7.

use subunit_core::{Decoder, Item, MAX_LENGTH, Packet, PacketErrorKind, items};

use crate::{
    nested::with_id,
    pieces::{Piece, in_chunks, packets},
    streams::{exists, file},
};

#[test]
fn r7_text_behind_a_lie_is_not_held_back() {
    // A header that claims 16 KiB, with an id that soon is not UTF-8.
    let mut decoder = Decoder::new();
    let lie = b"a \xb3\x28\x01\x7f\xff\x50\x00 not a packet\xff at all\n";
    decoder.feed(lie);
    let mut text = Vec::new();
    while let Some(item) = decoder.next_item() {
        assert!(matches!(item, Item::Text(_)), "{item:?}");
        text.extend_from_slice(item.bytes());
    }
    assert_eq!(text, lie);
}

/// Where a packet is due, what begins like one waits for evidence, unless it has waited for long. Then it is text,
/// and when the evidence comes it is damage all the same.
#[test]
fn r7_what_has_waited_for_long_is_let_go_and_keeps_its_place() {
    let mut torn = with_id(b"a.test");
    torn[6] = 0xFF;
    torn[8] = 0xFF;
    let mut decoder = Decoder::new();
    decoder.feed(&torn);
    assert!(decoder.next_item().is_none());
    decoder.settle();
    assert!(matches!(decoder.next_item(), Some(Item::Text(text)) if text == torn));
    assert!(decoder.next_item().is_none());
    decoder.feed(&exists("b"));
    let Some(Item::Damage(damage)) = decoder.next_item() else { panic!("damage is forgotten") };
    assert_eq!((damage.offset, damage.length, damage.bytes), (0, torn.len(), &b""[..]));
    assert!(matches!(decoder.next_item(), Some(Item::Packet(_))));
}

/// Of the claimed 16383 bytes the checksum takes four, so an id of 16372 fits behind the header.
#[test]
fn r7_a_field_that_would_run_into_the_checksum_is_a_lie() {
    for (id, refuted) in [(16_372_u16, false), (16_373, true), (16_376, true)] {
        let mut decoder = Decoder::new();
        let id = (id | 0x4000).to_be_bytes();
        decoder.feed(&[b". \xb3\x28\x01\x7f\xff", &id[..], &[b'x'; 64]].concat());
        assert!(decoder.next_item().is_some(), "the text before");
        assert_eq!(decoder.next_item().is_some(), refuted, "{id:x?}");
    }
}

#[test]
fn r7_an_intact_packet_inside_a_doubtful_extent_is_handed_over_when_the_stream_falls_silent() {
    let packet = exists("a");
    let mut decoder = Decoder::new();
    decoder.feed(b"\xb3\x20\x01\x7f\xff the writer was killed here\n");
    decoder.feed(&packet);
    decoder.settle();
    assert!(decoder.next_item().is_none(), "its writer may be slow");
    decoder.give_up();
    assert!(matches!(decoder.next_item(), Some(Item::Damage(damage)) if damage.offset == 0));
    assert!(matches!(decoder.next_item(), Some(Item::Packet(found)) if found.bytes() == packet));
}

/// What a pipe takes at once was written at once; of more, only what is seen to be wrong is.
#[test]
fn r7_damage_of_up_to_a_page_reaches_to_its_claimed_end() {
    for (claim, reach) in [(4096_u16, 4096), (4097, 6)] {
        let head =
            [&b"\xb3\x28\x00"[..], &(claim | 0x4000).to_be_bytes(), b"\x7f\xff\x00"].concat();
        let stream = [&head[..], &[b'x'; 5000]].concat();
        let first = items(&stream).next();
        assert!(
            matches!(first, Some(Item::Damage(damage)) if damage.bytes.len() == reach),
            "{claim}"
        );
    }
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
    decoder.give_up();
    assert!(matches!(decoder.next_item(), Some(Item::Text(text)) if text.len() == 5));
    assert!(matches!(decoder.next_item(), Some(Item::Packet(packet)) if packet.bytes() == found));
    assert!(decoder.next_item().is_none());
    decoder.feed(&slow[7..]);
    assert!(matches!(decoder.next_item(), Some(Item::Packet(packet)) if packet.bytes() == slow));
}

#[test]
fn r7_a_packet_that_arrives_slowly_is_waited_for() {
    let packet = file(&[b'x'; 10_000]);
    let mut decoder = Decoder::new();
    for byte in &packet[..packet.len() - 1] {
        decoder.feed(std::slice::from_ref(byte));
        decoder.settle();
        decoder.give_up();
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
    let packet = file(&vec![0xB3; MAX_LENGTH - 15]);
    assert_eq!(packet.len(), MAX_LENGTH);
    let stream = [&packet[..], &packet[..MAX_LENGTH - 1]].concat();
    let pieces = in_chunks(stream.chunks(100_000));
    assert_eq!(packets(&pieces), [&packet[..]]);
    let Some(Piece::Damage(offset, ..)) = pieces.get(1) else { panic!("the second is cut short") };
    assert_eq!(*offset, MAX_LENGTH as u64);
    assert_eq!(Packet::parse(&stream[MAX_LENGTH..]).unwrap_err().kind, PacketErrorKind::Truncated);
}
