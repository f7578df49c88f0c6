//! What a stream is taken apart into.

use subunit_core::{Decoder, Item, items};

/// An item, owned, text joined: what must not depend on how a stream is cut.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Piece {
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

pub(crate) fn whole(stream: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    items(stream).for_each(|item| push_piece(&mut pieces, &item));
    pieces
}

pub(crate) fn in_chunks<'s>(chunks: impl Iterator<Item = &'s [u8]>) -> Vec<Piece> {
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

pub(crate) fn packets(pieces: &[Piece]) -> Vec<&[u8]> {
    pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Packet(bytes) => Some(&bytes[..]),
            _ => None,
        })
        .collect()
}
