//! Arithmetic on CRC-32 checksums: the checksum of a part from those of the whole and the rest.
//!
//! A CRC is a remainder of polynomials over GF(2), so appending `n` bytes to a message multiplies its
//! remainder by x^(8n): `crc(a ++ b) = shift(crc(a), |b|) ^ crc(b)`. With that rule the checksum of any
//! range follows from those of two prefixes, and the checksum of a changed packet from that of the
//! old one, without looking at the bytes again. The initial value and the final inversion of CRC-32
//! cancel out of the rule.

use std::sync::LazyLock;

use crc32fast::Hasher;

/// The polynomial of CRC-32 (the one of zlib), bits reversed: bit 31 is the coefficient of x^0.
const POLYNOMIAL: u32 = 0xEDB8_8320;
/// x^0 in the same order of bits.
const ONE: u32 = 1 << 31;

/// Powers of x are looked up in two steps: those of one byte after another in a block, and those of blocks.
/// There are enough blocks for the longest packet.
const BLOCK: usize = 2048;
/// x^n, for the bits of a block and of a word in front of it.
static BITS: [u32; 8 * BLOCK + 64] = bits();
/// x^(8 * BLOCK * n).
static BLOCKS: [u32; BLOCK] = powers(BITS[8 * BLOCK]);

/// x^-(8 * n) and x^-(8 * BLOCK * n), which undo a shift.
static UNSHIFT: [u32; BLOCK] = powers(inverse_of_x(8));
static UNSHIFT_BLOCKS: [u32; BLOCK] = powers(UNSHIFT_BLOCK);
const UNSHIFT_BLOCK: u32 = inverse_of_x(8 * BLOCK);

/// What a byte does to the remainder before it.
static FORTH: [u32; 256] = forth();
/// What undoes that, by the last byte of the remainder.
static BACK: [u32; 256] = back();

/// Begins a checksum. The features of the processor are looked up once, which costs as much as summing a
/// small packet.
static BEGIN: LazyLock<Hasher> = LazyLock::new(Hasher::new);

/// CRC-32 as zlib computes it.
#[inline]
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    let mut hasher = BEGIN.clone();
    hasher.update(bytes);
    hasher.finalize()
}

/// The checksum of `a ++ b`, where `crc` is that of `a`.
#[inline]
pub(crate) fn extend(crc: u32, b: &[u8]) -> u32 {
    /// From this many bytes on it is worth looking up the features of the processor.
    const MANY: usize = 16;
    if b.len() >= MANY {
        return extend_by_many(crc, b);
    }
    let step = |crc: u32, byte: &u8| crc >> 8 ^ FORTH[usize::from(crc as u8 ^ byte)];
    !b.iter().fold(!crc, step)
}

#[inline(never)]
fn extend_by_many(crc: u32, b: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(crc);
    hasher.update(b);
    hasher.finalize()
}

/// The inverse of [`extend`]: the checksum of `a`, where `crc` is that of `a ++ b`. Goes byte by byte.
pub(crate) fn retract(crc: u32, b: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| crc << 8 ^ BACK[(crc >> 24) as usize] ^ u32::from(*byte);
    !b.iter().rev().fold(!crc, step)
}

/// What a checksum contributes when `bytes` more bytes follow it; `bytes` below 2^22.
pub(crate) fn shift(crc: u32, bytes: usize) -> u32 {
    let low = BITS[8 * (bytes % BLOCK)];
    let high = BLOCKS[bytes / BLOCK % BLOCK];
    let power = if high == ONE { low } else { multiply(low, high) };
    multiply(crc, power)
}

/// The inverse of [`shift`]; `bytes` below 2^22.
pub(crate) fn unshift(crc: u32, bytes: usize) -> u32 {
    multiply(multiply(crc, UNSHIFT[bytes % BLOCK]), UNSHIFT_BLOCKS[bytes / BLOCK % BLOCK])
}

/// [`unshift`] by one byte.
#[inline(always)]
pub(crate) fn unshift_once(crc: u32) -> u32 {
    crc << 8 ^ BACK[(crc >> 24) as usize]
}

/// How a checksum changes with eight bytes that `bytes` more bytes follow, `bytes` below 2^22 - 4. `change`
/// is their old value XOR their new one, big-endian. Costs little where few bits change.
#[inline]
pub(crate) fn change(mut change: u64, bytes: usize) -> u32 {
    // The checksum of a byte is as long as four more.
    let bytes = bytes + 4;
    let mut sum = 0;
    while change != 0 {
        // The lowest bit of a byte is that of its highest power.
        sum ^= BITS[8 * (bytes % BLOCK) + (change.trailing_zeros() ^ 7) as usize];
        change &= change - 1;
    }
    if bytes < BLOCK { sum } else { multiply(sum, BLOCKS[bytes / BLOCK % BLOCK]) }
}

/// The product of two polynomials modulo [`POLYNOMIAL`], without branches on the operands.
const fn multiply(a: u32, mut b: u32) -> u32 {
    let mut product = 0;
    let mut bit = 32;
    while bit > 0 {
        bit -= 1;
        product ^= b & (a >> bit & 1).wrapping_neg();
        b = times_x(b);
    }
    product
}

const fn times_x(polynomial: u32) -> u32 {
    polynomial >> 1 ^ POLYNOMIAL & (polynomial & 1).wrapping_neg()
}

/// x^-n.
const fn inverse_of_x(n: usize) -> u32 {
    let mut power = ONE;
    let mut times = 0;
    while times < n {
        // What has an odd last bit after a division by x had the polynomial added by the product.
        power = if power & ONE != 0 { (power ^ POLYNOMIAL) << 1 | 1 } else { power << 1 };
        times += 1;
    }
    power
}

const fn bits() -> [u32; 8 * BLOCK + 64] {
    let mut table = [ONE; 8 * BLOCK + 64];
    let mut n = 1;
    while n < table.len() {
        table[n] = times_x(table[n - 1]);
        n += 1;
    }
    table
}

const fn powers(base: u32) -> [u32; BLOCK] {
    let mut table = [ONE; BLOCK];
    let mut n = 1;
    while n < BLOCK {
        table[n] = multiply(table[n - 1], base);
        n += 1;
    }
    table
}

const fn forth() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = times_x(crc);
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

/// No two entries of [`FORTH`] have the same highest byte, so that one tells which was added.
const fn back() -> [u32; 256] {
    let forth = forth();
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[(forth[byte] >> 24) as usize] = forth[byte] << 8 ^ byte as u32;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_range_follows_from_two_prefixes(bytes: Vec<u8>, cut: prop::sample::Index) {
            let cut = if bytes.is_empty() { 0 } else { cut.index(bytes.len()) };
            let (a, b) = bytes.split_at(cut);
            prop_assert_eq!(checksum(&bytes) ^ shift(checksum(a), b.len()), checksum(b));
            prop_assert_eq!(extend(checksum(a), b), checksum(&bytes));
        }

        #[test]
        fn retract_undoes_extend(a: Vec<u8>, b: Vec<u8>) {
            prop_assert_eq!(retract(checksum(&[&a[..], &b].concat()), &b), checksum(&a));
        }

        #[test]
        fn a_change_follows_from_its_bits(
            old: [u8; 8],
            new: [u8; 8],
            behind in prop::collection::vec(any::<u8>(), 0..3 * BLOCK),
        ) {
            let change = change(u64::from_be_bytes(old) ^ u64::from_be_bytes(new), behind.len());
            let summed = |bytes: [u8; 8]| checksum(&[&bytes[..], &behind].concat());
            prop_assert_eq!(summed(old) ^ change, summed(new));
        }
    }

    #[test]
    fn unshift_undoes_shift() {
        for bytes in [0, 1, 2, BLOCK - 1, BLOCK, 5 * BLOCK + 77, 4_194_303] {
            let crc = checksum(b"any");
            assert_eq!(unshift(shift(crc, bytes), bytes), crc, "{bytes}");
        }
        assert_eq!(unshift_once(shift(7, 1)), 7);
    }

    #[test]
    fn shift_reaches_the_longest_packet() {
        let bytes = vec![0x5A; 4_194_303];
        let (a, b) = bytes.split_at(1);
        assert_eq!(checksum(&bytes), shift(checksum(a), b.len()) ^ checksum(b));
        let (_, b) = bytes.split_at(8);
        let changed = [&[0; 8][..], b].concat();
        let change = change(u64::from_be_bytes([0x5A; 8]), b.len());
        assert_eq!(checksum(&changed), checksum(&bytes) ^ change);
    }
}
