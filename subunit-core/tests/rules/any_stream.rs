//! What holds for any stream: R1, R2, R4 and R5.

use proptest::{collection::vec, prelude::*};
use subunit_core::{Packet, items};

use crate::{
    pieces::{Piece, in_chunks, packets, whole},
    streams::{Part, encoded, events, findable, joined, part},
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
}
