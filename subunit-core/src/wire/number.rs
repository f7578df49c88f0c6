//! The variable-length numbers of the wire.
//!
//! The two top bits of the first byte say how many bytes the number has (1 to 4); the rest is the
//! value, big-endian. Source: the protocol's section "Version 2", "Numbers".

/// How many bytes a number takes whose first byte is `first`.
pub(crate) const fn width_from_first(first: u8) -> usize {
    (first >> 6) as usize + 1
}

/// How many bytes `value` takes at least. `value` is below 2^30. Has no branches: lengths on both sides of 64
/// follow each other in any order.
#[inline(always)]
pub(crate) const fn width(value: u32) -> usize {
    1 + (value > 0x3F) as usize + (value > 0x3FFF) as usize + (value > 0x3F_FFFF) as usize
}

/// Splits the first number off `input`; `None` if `input` ends before the number does. Numbers longer than
/// they need to be are read as well.
#[inline(always)]
pub(crate) fn split(input: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = input.split_first()?;
    // Almost all numbers have one byte; a branch is cheaper than a jump by width.
    if *first < 0x40 {
        return Some((u32::from(*first), rest));
    }
    let width = width_from_first(*first);
    let Some(bytes) = input.first_chunk() else { return split_at_end(input, width) };
    Some((long(*bytes, width), &input[width..]))
}

/// The value of a number of `width` bytes, which `bytes` begin with.
#[inline(always)]
const fn long(bytes: [u8; 4], width: usize) -> u32 {
    (u32::from_be_bytes(bytes) & 0x3FFF_FFFF) >> (32 - 8 * width)
}

/// As [`split`], for the last three bytes of an input.
#[inline(never)]
fn split_at_end(input: &[u8], width: usize) -> Option<(u32, &[u8])> {
    let (number, rest) = input.split_at_checked(width)?;
    let mut bytes = [0; 4];
    bytes.iter_mut().zip(number).for_each(|(to, from)| *to = *from);
    Some((long(bytes, width), rest))
}

/// `value` as it is written, in as few bytes as it takes: the upper bytes of four, and how many these are.
/// `value` is below 2^30.
#[inline(always)]
pub(crate) const fn written(value: u32) -> (u32, usize) {
    if value > 0x3FFF {
        return written_long(value);
    }
    let wide = value > 0x3F;
    (if wide { (value | 0x4000) << 16 } else { value << 24 }, 1 + wide as usize)
}

/// As [`written`]. Nanoseconds have three bytes or four, in any order.
#[inline(always)]
const fn written_long(value: u32) -> (u32, usize) {
    let widest = value > 0x3F_FFFF;
    (if widest { value | 0xC000_0000 } else { (value | 0x80_0000) << 8 }, 3 + widest as usize)
}

/// Appends `value`, in as few bytes as it takes. `value` is below 2^30.
#[inline(always)]
pub(crate) fn push(out: &mut Vec<u8>, value: u32) {
    // A branch is cheaper where almost all numbers have one byte.
    if value < 0x40 {
        return out.push(value as u8);
    }
    let (bytes, width) = written(value);
    out.extend_from_slice(&bytes.to_be_bytes());
    out.truncate(out.len() - 4 + width);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_of_each_width() {
        for (value, hex) in [
            (0x3F, &b"\x3f"[..]),
            (0x40, b"\x40\x40"),
            (0x3FFF, b"\x7f\xff"),
            (0x4000, b"\x80\x40\x00"),
            (0x3F_FFFF, b"\xbf\xff\xff"),
            (0x40_0000, b"\xc0\x40\x00\x00"),
            (0x3FFF_FFFF, b"\xff\xff\xff\xff"),
        ] {
            let mut out = Vec::new();
            push(&mut out, value);
            assert_eq!(out, hex);
            assert_eq!(out.len(), width(value));
        }
    }

    #[test]
    fn a_number_cut_short_is_not_a_number() {
        for cut in [&b""[..], b"\x40", b"\x80\x00", b"\xc0\x00\x00"] {
            assert_eq!(split(cut), None);
        }
    }

    #[test]
    fn shared_vectors() {
        let vectors = include_str!("../../tests/data/numbers.json");
        let vectors: Vec<serde_json::Value> = serde_json::from_str(vectors).unwrap();
        for vector in &vectors {
            let value = vector["value"].as_u64().unwrap();
            if vector["error"] == true {
                // No caller has such a number: lengths end at 4 MiB, nanoseconds at 10^9.
                assert!(value >= 1 << 30);
                continue;
            }
            let hex = vector["hex"].as_str().unwrap();
            let bytes: Vec<u8> = (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                .collect();
            assert_eq!(split(&bytes), Some((value as u32, &b""[..])), "{vector}");
            if vector["decode_only"] != true {
                let mut out = Vec::new();
                push(&mut out, value as u32);
                assert_eq!(out, bytes, "{vector}");
            }
        }
        assert_eq!(vectors.len(), 27);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in 0u32..1 << 30, rest: Vec<u8>) {
            let mut out = Vec::new();
            push(&mut out, value);
            prop_assert_eq!(width_from_first(out[0]), out.len());
            out.extend_from_slice(&rest);
            prop_assert_eq!(split(&out), Some((value, &rest[..])));
        }
    }
}
