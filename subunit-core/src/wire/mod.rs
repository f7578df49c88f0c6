//! What a packet is made of: numbers, flags, checksum, header and fields.

pub(crate) mod contains_byte;
pub(crate) mod crc;
pub(crate) mod fields;
pub(crate) mod flags;
pub(crate) mod layout;
pub(crate) mod number;
pub(crate) mod packet;
pub(crate) mod prefixes;
