//! What holds for any stream: R1, R2, R4 and R5.

use proptest::{collection::vec, prelude::*};
use subunit_core::{Decoder, Item, Packet, items};

use crate::{
    pieces::{Piece, in_chunks, packets, whole},
    streams::{Part, encoded, events, exists, findable, joined, part},
};

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
        let mut found = Vec::new();
        let mut offset = 0;
        for item in items(&stream) {
            let end = offset + item.bytes().len();
            if let Item::Packet(packet) = item {
                prop_assert!(Packet::parse(packet.bytes()).is_ok());
                found.push(offset..end);
            }
            offset = end;
        }
        for packet in findable(&parts) {
            // One that lost its last byte is whole if the next packet begins with that byte.
            let is_found = |range: &std::ops::Range<usize>| {
                *range == packet || range.start < packet.start && range.end > packet.start
            };
            prop_assert!(found.iter().any(is_found), "lost {:?} of {:x?}", packet, stream);
        }
    }

    /// However a stream is cut, and whenever it falls silent: the same packets, the same damage.
    #[test]
    fn r5_silence_does_not_change_what_is_damage(
        parts in vec(part(), 0..12),
        cuts in vec((1usize..60, any::<bool>()), 1..20),
    ) {
        let stream = joined(&parts);
        let mut log = Log::default();
        let mut decoder = Decoder::new();
        let mut rest = &stream[..];
        for (length, is_silent) in cuts.into_iter().cycle() {
            let (chunk, later) = rest.split_at(length.min(rest.len()));
            rest = later;
            decoder.feed(chunk);
            log.read(&mut decoder);
            if is_silent {
                decoder.settle();
                log.read(&mut decoder);
            }
            if rest.is_empty() {
                break;
            }
        }
        decoder.finish();
        log.read(&mut decoder);
        let mut whole = Log::default();
        items(&stream).for_each(|item| whole.item(&item));
        prop_assert_eq!(&log.packets, &whole.packets, "{:x?}", stream);
        prop_assert_eq!(&log.damage, &whole.damage, "{:x?}", stream);
        prop_assert_eq!(log.fresh, stream);
    }

    #[test]
    fn r5_text_between_packets_is_never_damage(
        texts in vec("[\\PC\n\r\t]{0,80}", 1..6),
    ) {
        let packet = exists("a");
        let mut stream = packet.clone();
        for text in &texts {
            stream.extend_from_slice(text.as_bytes());
            stream.extend_from_slice(&packet);
        }
        let pieces = whole(&stream);
        prop_assert_eq!(packets(&pieces).len(), texts.len() + 1);
        let damaged = pieces.iter().any(|piece| matches!(piece, Piece::Damage(..)));
        prop_assert!(!damaged, "{:?}", texts);
    }

    /// Any one wrong byte, wherever the packet stands: it is told which, and what the packet said.
    #[test]
    fn r5_one_wrong_byte_costs_its_packet_and_is_proved(
        events in vec(events(), 3..6),
        text in prop::sample::select(vec!["", "\n", ".", "50% ", "größe "]),
        victim in 1usize..3,
        at in any::<prop::sample::Index>(),
        bits in 1u8..=255,
    ) {
        // A header that says nothing cannot be told from text.
        let mut events = events;
        events[victim].test_id.get_or_insert_default().insert(0, 'a');
        let mut parts: Vec<Part> = events.iter().map(|event| (encoded(event), true)).collect();
        let good = parts[victim].0.clone();
        let at = 1 + at.index(good.len() - 1);
        parts[victim].0[at] ^= bits;
        parts[victim].1 = false;
        parts.insert(victim, (text.as_bytes().to_vec(), false));
        let offset: usize = parts[..=victim].iter().map(|(bytes, _)| bytes.len()).sum();
        let stream = joined(&parts);
        let pieces = whole(&stream);
        prop_assert_eq!(packets(&pieces).len(), events.len() - 1);
        let damage = items(&stream).find_map(|item| match item {
            Item::Damage(damage) => Some(damage),
            _ => None,
        });
        let Some(damage) = damage else { panic!("{pieces:x?}") };
        prop_assert_eq!(damage.offset, offset as u64);
        // Where a packet is due, one with a wrong length is damage before its end is known.
        let of_length = 3..3 + 1 + usize::from(good[3] >> 6);
        if damage.mended.is_none() && of_length.contains(&at) {
            return Ok(());
        }
        prop_assert_eq!(damage.length, good.len());
        prop_assert_eq!(damage.mended.map(|mended| mended.at as usize), Some(at));
        prop_assert_eq!(&damage.said().map(|said| said.bytes().to_vec()), &Some(good));
    }
}

/// What was read: packets, damage, and the bytes that were handed out for the first time.
#[derive(Default)]
struct Log {
    packets: Vec<Vec<u8>>,
    /// Where and how long. Why is left out: what is given up is told as truncated, whatever else is wrong.
    damage: Vec<(u64, usize, Option<u32>)>,
    fresh: Vec<u8>,
}

impl Log {
    fn read(&mut self, decoder: &mut Decoder) {
        loop {
            let before = decoder.offset();
            let Some(item) = decoder.next_item() else { return };
            self.item(&item);
            let bytes = item.bytes().to_vec();
            let fresh = (decoder.offset() - before) as usize;
            self.fresh.extend_from_slice(&bytes[bytes.len() - fresh..]);
        }
    }

    fn item(&mut self, item: &Item<'_>) {
        match item {
            Item::Packet(packet) => self.packets.push(packet.bytes().to_vec()),
            Item::Damage(damage) => {
                let mended = damage.mended.map(|mended| mended.at);
                self.damage.push((damage.offset, damage.length, mended));
            }
            Item::Text(_) => {}
        }
    }
}
