//! The header of a packet whose length is known.

use super::cursor::Cursor;
use crate::{
    EncodeError,
    wire::{
        flags::Flags,
        layout::{BEFORE_LENGTH, CRC_LENGTH, MAX_LENGTH, SIGNATURE},
        number,
    },
};

/// A header whose length is known and fits.
pub(crate) struct NumberedHeader {
    flags: Flags,
    length: usize,
}

impl NumberedHeader {
    /// The header of a body of `body_length` bytes.
    ///
    /// The length counts its own bytes, so there are lengths that no packet can have: 62 bytes
    /// without the length are 63 with it, and 63 bytes are 65, never 64.
    pub(crate) fn for_body(flags: Flags, body_length: usize) -> Result<Self, EncodeError> {
        let base = BEFORE_LENGTH + body_length + CRC_LENGTH;
        let width = match base {
            0..=62 => 1,
            63..=16_381 => 2,
            _ => 3,
        };
        let length = base + width;
        if length > MAX_LENGTH {
            return Err(EncodeError::TooLong { length });
        }
        Ok(Self { flags, length })
    }

    pub(crate) fn packet_length(&self) -> usize {
        self.length
    }

    /// The header, followed by zeros, and its length.
    #[inline(always)]
    fn written(&self) -> ([u8; 8], usize) {
        let [high, low] = self.flags.to_bytes();
        let (length, width) = number::written(self.length as u32);
        let flags = u64::from_be_bytes([SIGNATURE, high, low, 0, 0, 0, 0, 0]);
        ((flags | u64::from(length) << 8).to_be_bytes(), BEFORE_LENGTH + width)
    }

    #[inline(always)]
    pub(crate) fn write(&self, out: &mut Cursor<'_>) {
        let (bytes, length) = self.written();
        out.push_first(bytes, length);
    }

    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        let (bytes, length) = self.written();
        out.extend_from_slice(&bytes);
        out.truncate(out.len() - bytes.len() + length);
    }
}
