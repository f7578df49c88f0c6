//! The sizes that every packet has.

/// The first byte of every packet. It cannot begin a UTF-8 character.
pub(crate) const SIGNATURE: u8 = 0xB3;
/// The checksum at a packet's end.
pub(crate) const CRC_LENGTH: usize = 4;
/// Signature and flags.
pub(crate) const BEFORE_LENGTH: usize = 3;
/// The longest packet: its length must fit a number of three bytes.
pub const MAX_LENGTH: usize = 4_194_303;
