//! What must not depend on how a stream is cut, and ways to cut one.

use crate::{Decoder, Item, items, wire::crc};

/// An item, owned, text joined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Piece {
    Packet(Vec<u8>),
    Text(Vec<u8>),
    Damage(u64, Vec<u8>, String),
}

pub(super) fn push(pieces: &mut Vec<Piece>, item: &Item<'_>) {
    match (item, pieces.last_mut()) {
        (Item::Text(text), Some(Piece::Text(joined))) => joined.extend_from_slice(text),
        (Item::Text(text), _) => pieces.push(Piece::Text(text.to_vec())),
        (Item::Packet(packet), _) => pieces.push(Piece::Packet(packet.bytes().to_vec())),
        (Item::Damage(damage), _) => {
            let reason = damage.reason.to_string();
            pieces.push(Piece::Damage(damage.offset, damage.bytes.to_vec(), reason));
        }
    }
}

/// The pieces of a stream in memory.
pub(super) fn whole(stream: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    items(stream).for_each(|item| push(&mut pieces, &item));
    pieces
}

/// The pieces of a stream that comes in chunks.
pub(super) fn in_chunks(chunks: &[&[u8]]) -> Vec<Piece> {
    let (mut decoder, mut pieces) = (Decoder::new(), Vec::new());
    for chunk in chunks {
        decoder.feed(chunk);
        while let Some(item) = decoder.next_item() {
            push(&mut pieces, &item);
        }
    }
    decoder.finish();
    while let Some(item) = decoder.next_item() {
        push(&mut pieces, &item);
    }
    assert_eq!(decoder.pending(), 0);
    pieces
}

/// Ways to cut `input`: into bytes, in two, into small pieces of all lengths, into larger ones. Where is
/// told by the input itself, so that an input is all there is to keep.
pub fn cuts(input: &[u8]) -> [Vec<&[u8]>; 4] {
    let mut seed = crc::checksum(input);
    let mut next = |limit: usize| {
        // Numerical Recipes' "quick and dirty" generator; its high bits are the better ones.
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % limit.max(1)
    };
    let (head, tail) = input.split_at(next(input.len() + 1));
    let mut random = |longest: usize| {
        let (mut rest, mut pieces) = (input, Vec::new());
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((1 + next(longest)).min(rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        pieces
    };
    let (small, large) = (random(24), random(1 + input.len() / 4));
    [input.chunks(1).collect(), vec![head, tail], small, large]
}
