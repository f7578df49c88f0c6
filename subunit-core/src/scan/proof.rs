//! Proofs that bytes were a packet: one byte is wrong, and with that byte mended all holds.
//!
//! A wrong byte changes the checksum by a value from which the byte and its right value follow: the
//! difference is taken back through the packet, byte by byte, until it fits into one (a CRC is a remainder of
//! polynomials, so this takes a table look-up a byte). Where the fields say at which byte the packet is
//! refused, the wrong one stands before; what lies after that byte is skipped in one step.

use crate::{
    Packet,
    wire::{
        crc, fields,
        flags::Flags,
        layout::{BEFORE_LENGTH, CRC_LENGTH, MAX_LENGTH},
        number,
    },
};

/// The byte of a packet that is wrong, what it should be, and how long the packet is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Proof {
    pub(super) at: u32,
    pub(super) value: u8,
    pub(super) length: usize,
}

/// Looks for the one wrong byte of `packet`, whose length is right, in its first `reach` bytes and its
/// checksum. `difference` is the stored checksum XOR that of the bytes.
pub(super) fn one_wrong_byte(packet: &[u8], difference: u32, reach: usize) -> Option<Proof> {
    let summed = packet.len() - CRC_LENGTH;
    let stored = (0..CRC_LENGTH).find(|byte| difference & !(0xFF << (8 * byte)) == 0);
    if let Some(byte) = stored
        && reach >= summed
    {
        let at = packet.len() - 1 - byte;
        return mended(packet, at, packet[at] ^ (difference >> (8 * byte)) as u8);
    }
    let reach = reach.min(summed);
    let mut difference = crc::unshift(difference, summed - reach);
    for at in (0..reach).rev() {
        difference = crc::unshift_once(difference);
        if difference < 0x100
            && let Some(proof) = mended(packet, at, packet[at] ^ difference as u8)
        {
            return Some(proof);
        }
    }
    None
}

/// Looks for a packet at the beginning of `bytes` whose length has one wrong byte: its fields end where it
/// should. Writers put nothing after the last field. Also returns how many bytes were read.
pub(super) fn wrong_length(flags: Flags, bytes: &[u8]) -> (Option<Proof>, usize) {
    let mut read = 0;
    let proof = (1..=3).find_map(|width| {
        let body = BEFORE_LENGTH + width;
        let fields = match fields::end(flags, bytes.get(body..)?) {
            Ok(end) => end,
            Err(fault) => {
                read += fault;
                return None;
            }
        };
        read += fields;
        let length = body + fields + CRC_LENGTH;
        let (right, shortest) = number::written(u32::try_from(length).ok()?);
        if length > bytes.len().min(MAX_LENGTH) || shortest != width {
            return None;
        }
        let right = &right.to_be_bytes()[..width];
        let mut wrong = (0..width).filter(|at| bytes[BEFORE_LENGTH + at] != right[*at]);
        let (at, None) = (wrong.next()?, wrong.next()) else { return None };
        read += length;
        mended(&bytes[..length], BEFORE_LENGTH + at, right[at])
    });
    (proof, read)
}

/// Whether `bytes`, with the byte at `at` mended, are one whole packet.
fn mended(bytes: &[u8], at: usize, value: u8) -> Option<Proof> {
    let mut copy = bytes.to_vec();
    *copy.get_mut(at)? = value;
    let packet = Packet::parse(&copy).ok()?;
    let whole = packet.bytes().len() == bytes.len();
    whole.then_some(Proof { at: at as u32, value, length: bytes.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, FileChunk, Status, wire::packet};

    fn packet(content: &[u8]) -> Vec<u8> {
        let mut packet = Vec::new();
        let file = Some(FileChunk { name: "log", bytes: content });
        Event { file, ..Event::status("a.test", Status::Fail) }.encode(&mut packet).unwrap();
        packet
    }

    fn proof(bytes: &[u8], reach: usize) -> Option<Proof> {
        let (summed, stored) = packet::split_checksum(bytes);
        one_wrong_byte(bytes, stored ^ crc::checksum(summed), reach)
    }

    #[test]
    fn every_wrong_byte_but_those_of_the_length_is_found() {
        for content in [&b""[..], &[b'x'; 3000]] {
            let good = packet(content);
            let body = if good.len() < 64 { 4 } else { 5 };
            for at in (0..3).chain(body..good.len()) {
                let mut bytes = good.clone();
                bytes[at] ^= 0x11;
                let expected = Proof { at: at as u32, value: good[at], length: good.len() };
                assert_eq!(proof(&bytes, bytes.len()), Some(expected));
                if at < good.len() - CRC_LENGTH {
                    assert_eq!(proof(&bytes, at + 1), Some(expected));
                    assert_eq!(proof(&bytes, at), None);
                }
            }
        }
    }

    #[test]
    fn a_wrong_length_is_told_by_where_the_fields_end() {
        for content in [&b""[..], &[b'x'; 3000], &[b'x'; 20_000]] {
            let good = packet(content);
            let flags = Flags::from_bytes([good[1], good[2]]);
            let width = number::width_from_first(good[3]);
            for at in 3..3 + width {
                for value in (0..=255).filter(|value| *value != good[at]) {
                    let mut bytes = [&good[..], b"more"].concat();
                    bytes[at] = value;
                    let expected = Proof { at: at as u32, value: good[at], length: good.len() };
                    assert_eq!(wrong_length(flags, &bytes).0, Some(expected));
                }
            }
        }
    }

    #[test]
    fn two_wrong_bytes_prove_nothing() {
        let mut bytes = packet(b"content");
        bytes[9] ^= 1;
        bytes[20] ^= 1;
        assert_eq!(proof(&bytes, bytes.len()), None);
    }
}
