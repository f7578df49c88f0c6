//! The decoder and the encoder as a codec for tokio's framed streams.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio_util::codec;

use crate::{DamageBuf, Decoder, EventBuf, Item, PacketBuf};

/// An [`Item`] that owns its bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ItemBuf {
    /// See [`Item::Packet`].
    Packet(PacketBuf),
    /// See [`Item::Text`].
    Text(Bytes),
    /// See [`Item::Damage`].
    Damage(DamageBuf),
}

impl ItemBuf {
    /// The same item, borrowed.
    pub fn as_item(&self) -> Item<'_> {
        match self {
            Self::Packet(packet) => Item::Packet(packet.as_packet()),
            Self::Text(bytes) => Item::Text(bytes),
            Self::Damage(damage) => Item::Damage(damage.as_damage()),
        }
    }
}

impl From<Item<'_>> for ItemBuf {
    fn from(item: Item<'_>) -> Self {
        match item {
            Item::Packet(packet) => Self::Packet(packet.to_buf()),
            Item::Text(bytes) => Self::Text(Bytes::copy_from_slice(bytes)),
            Item::Damage(damage) => Self::Damage((&damage).into()),
        }
    }
}

/// Reads items and writes events on a tokio stream: `FramedRead::new(stdin(), Codec::default())`.
///
/// Reading fails only for errors of the stream itself: what is not a packet is text or damage.
#[derive(Debug, Default)]
pub struct Codec {
    decoder: Decoder,
    packet: Vec<u8>,
}

impl codec::Decoder for Codec {
    type Item = ItemBuf;
    type Error = io::Error;

    fn decode(&mut self, source: &mut BytesMut) -> io::Result<Option<ItemBuf>> {
        if !source.is_empty() {
            self.decoder.feed(source);
            source.clear();
        }
        Ok(self.decoder.next_item().map(ItemBuf::from))
    }

    fn decode_eof(&mut self, source: &mut BytesMut) -> io::Result<Option<ItemBuf>> {
        let item = self.decode(source)?;
        if item.is_some() {
            return Ok(item);
        }
        self.decoder.finish();
        self.decode(source)
    }
}

impl codec::Encoder<EventBuf> for Codec {
    type Error = io::Error;

    fn encode(&mut self, event: EventBuf, out: &mut BytesMut) -> io::Result<()> {
        self.packet.clear();
        event.encode(&mut self.packet)?;
        out.extend_from_slice(&self.packet);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::codec::Decoder as _;

    use super::*;

    #[test]
    fn what_is_left_at_the_end_is_not_dropped() {
        let mut source = BytesMut::from(&b"\xb3\x29\x01"[..]);
        let item = Codec::default().decode_eof(&mut source).unwrap();
        let Some(ItemBuf::Damage(damage)) = item else { panic!("{item:?}") };
        assert_eq!(damage.as_damage().offset, 0);
    }

    #[test]
    fn gives_the_same_items_as_the_decoder() {
        let stream = b"text\n\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1b\xb3\x29\x01";
        let expected: Vec<ItemBuf> = crate::items(stream).map(ItemBuf::from).collect();
        let bytes: Vec<u8> =
            expected.iter().flat_map(|item| item.as_item().bytes()).copied().collect();
        assert_eq!(bytes, stream);
        let mut codec = Codec::default();
        let mut found = Vec::new();
        for chunk in stream.chunks(5) {
            let mut source = BytesMut::from(chunk);
            while let Some(item) = codec.decode(&mut source).unwrap() {
                found.push(item);
            }
        }
        while let Some(item) = codec.decode_eof(&mut BytesMut::new()).unwrap() {
            found.push(item);
        }
        assert_eq!(found, expected);
    }
}
