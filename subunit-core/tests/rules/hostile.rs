//! Streams made to cost time or memory: R6.

use subunit_core::{Decoder, Item, MAX_LENGTH};

use crate::{
    nested::{nested, wide},
    pieces::{in_chunks, packets, whole},
    streams::{exists, file},
};

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

/// A damaged packet, and the beginning of another in it that may be intact: together they are kept up to the
/// length of the longest packet.
#[test]
fn r6_damage_waits_for_what_begins_in_it_while_there_is_room() {
    let kibi = |n: usize| vec![0xFF; n << 10];
    let next = file(&kibi(2000));
    for (before, waits) in [(1500, true), (2500, false)] {
        let head = file(&kibi(3000))[..20].to_vec();
        let damaged = [&head[..], &kibi(before)].concat();
        let mut decoder = Decoder::new();
        decoder.feed(&exists("a"));
        assert!(matches!(decoder.next_item(), Some(Item::Packet(_))));
        decoder.feed(&damaged);
        let (there, later) = next.split_at((3050 - before) << 10);
        decoder.feed(there);
        let mut found = Vec::new();
        while let Some(item) = decoder.next_item() {
            found.extend(matches!(item, Item::Damage(_)).then(|| item.bytes().len()));
        }
        assert_eq!(found, if waits { vec![] } else { vec![damaged.len()] });
        decoder.feed(later);
        let mut rest = Vec::new();
        while let Some(item) = decoder.next_item() {
            rest.push(item.bytes().len());
        }
        assert_eq!(rest, if waits { vec![damaged.len(), next.len()] } else { vec![next.len()] });
    }
}
