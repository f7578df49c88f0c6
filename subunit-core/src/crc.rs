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
/// x^8, what one byte appended multiplies by.
const BYTE: u32 = 1 << 23;
/// x^-8: what one byte taken off the end multiplies by. x has the order 2^32 - 1.
const BYTE_BACK: u32 = power(1 << 30, (u32::MAX - 8) as u64);

/// Powers x^(8n) are looked up in two steps of 11 bits, enough for the longest packet.
const STEP: usize = 2048;
static POWERS: [[u32; STEP]; 2] = [powers(BYTE), powers(power(BYTE, STEP as u64))];

/// Begins a checksum. What the processor can do is asked once, which costs as much as summing a small
/// packet does.
static BEGIN: LazyLock<Hasher> = LazyLock::new(Hasher::new);

/// CRC-32 as zlib computes it.
#[inline]
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    let mut hasher = BEGIN.clone();
    hasher.update(bytes);
    hasher.finalize()
}

/// The checksum of `a ++ b`, where `crc` is that of `a`.
pub(crate) fn extend(crc: u32, b: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(crc);
    hasher.update(b);
    hasher.finalize()
}

/// What a checksum contributes once `bytes` more bytes stand behind it; `bytes` below 2^22.
pub(crate) fn shift(crc: u32, bytes: usize) -> u32 {
    let low = POWERS[0][bytes % STEP];
    let high = POWERS[1][bytes / STEP % STEP];
    let power = if high == ONE { low } else { multiply(low, high) };
    multiply(crc, power)
}

/// The inverse of [`shift`].
pub(crate) fn unshift(crc: u32, bytes: usize) -> u32 {
    multiply(crc, power(BYTE_BACK, bytes as u64))
}

/// The product of two polynomials modulo [`POLYNOMIAL`], without branches on the operands.
const fn multiply(a: u32, mut b: u32) -> u32 {
    let mut product = 0;
    let mut bit = 32;
    while bit > 0 {
        bit -= 1;
        product ^= b & (a >> bit & 1).wrapping_neg();
        b = b >> 1 ^ POLYNOMIAL & (b & 1).wrapping_neg();
    }
    product
}

const fn power(mut base: u32, mut exponent: u64) -> u32 {
    let mut result = ONE;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    result
}

const fn powers(base: u32) -> [u32; STEP] {
    let mut table = [ONE; STEP];
    let mut n = 1;
    while n < STEP {
        table[n] = multiply(table[n - 1], base);
        n += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_range_follows_from_two_prefixes(bytes: Vec<u8>, cut: prop::sample::Index) {
            let cut = if bytes.is_empty() { 0 } else { cut.index(bytes.len()) };
            let (a, b) = bytes.split_at(cut);
            prop_assert_eq!(checksum(&bytes) ^ shift(checksum(a), b.len()), checksum(b));
            prop_assert_eq!(extend(checksum(a), b), checksum(&bytes));
        }

        #[test]
        fn unshift_undoes_shift(crc: u32, bytes in 0usize..1 << 22) {
            prop_assert_eq!(unshift(shift(crc, bytes), bytes), crc);
        }
    }

    #[test]
    fn shift_reaches_the_longest_packet() {
        let bytes = vec![0x5A; 4_194_303];
        let (a, b) = bytes.split_at(1);
        assert_eq!(checksum(&bytes), shift(checksum(a), b.len()) ^ checksum(b));
    }
}
