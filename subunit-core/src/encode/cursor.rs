//! Writes bytes one after the other into a given buffer.
//!
//! Copies of a length that is known beforehand take 16 % off encoding: 669 instructions a packet, 801 with copies of
//! just the length there is (`.ci/instructions library/encode-small`).

use crate::wire::number;

/// Where the next bytes go. Bytes that do not fit are dropped: callers measure the room beforehand.
pub(crate) struct Cursor<'b> {
    room: &'b mut [u8],
}

impl<'b> Cursor<'b> {
    pub(crate) fn new(room: &'b mut [u8]) -> Self {
        Self { room }
    }

    /// How much room is left.
    pub(crate) fn room(&self) -> usize {
        self.room.len()
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if let Some(room) = self.room.split_off_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
        }
    }

    /// The first `length` of `bytes`. If there is room for all of them, as mostly, all are written, which
    /// takes no loop, and the next write overwrites the rest.
    #[inline(always)]
    pub(crate) fn push_first<const N: usize>(&mut self, bytes: [u8; N], length: usize) {
        match self.room.first_chunk_mut() {
            Some(room) => *room = bytes,
            None => return self.push(&bytes[..length]),
        }
        let _ = self.room.split_off_mut(..length);
    }

    /// A number in as few bytes as it takes. It is below 2^30.
    #[inline(always)]
    pub(crate) fn number(&mut self, value: u32) {
        let (bytes, width) = number::written(value);
        self.push_first(bytes.to_be_bytes(), width);
    }

    /// Bytes, with their number before them.
    #[inline(always)]
    pub(crate) fn sized(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u32);
        self.push(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_wire() {
        for value in [0, 0x3F, 0x40, 0x3FFF, 0x4000, 0x3F_FFFF, 0x40_0000, 0x3FFF_FFFF] {
            let mut expected = Vec::new();
            number::push(&mut expected, value);
            let mut room = vec![0xAA; expected.len()];
            let mut cursor = Cursor::new(&mut room);
            cursor.number(value);
            assert_eq!(cursor.room(), 0);
            assert_eq!(room, expected);
        }
    }

    #[test]
    fn what_there_is_no_room_for_is_dropped() {
        let mut room = [0; 4];
        let mut cursor = Cursor::new(&mut room);
        cursor.push(b"abc");
        cursor.push(b"de");
        assert_eq!(cursor.room(), 1);
        assert_eq!(&room, b"abc\0");
    }
}
