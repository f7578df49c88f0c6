//! Packets in packets, each with a good checksum.

/// A number of three bytes.
pub(crate) fn wide(value: usize) -> [u8; 3] {
    [0x80 | (value >> 16) as u8, (value >> 8) as u8, value as u8]
}

/// A packet of nothing but a test id, of bytes that need not be one.
pub(crate) fn with_id(id: &[u8]) -> Vec<u8> {
    let mut packet = [b"\xb3\x28\x01", &wide(id.len() + 13)[..], &wide(id.len()), id].concat();
    packet.extend_from_slice(&crc(&packet).to_be_bytes());
    packet
}

/// Packets in packets, each with a good checksum: what stands in front of each, the innermost first,
/// and what is inside.
pub(crate) fn nested(heads: &[Vec<u8>], inside: &[u8]) -> Vec<u8> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(inside);
    let mut ends = Vec::new();
    for head in heads {
        let inner = std::mem::take(&mut sum);
        sum.update(head);
        sum.combine(&inner);
        let end = sum.clone().finalize().to_be_bytes();
        sum.update(&end);
        ends.extend_from_slice(&end);
    }
    let heads: Vec<u8> = heads.iter().rev().flatten().copied().collect();
    [&heads, inside, &ends].concat()
}

pub(crate) fn crc(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}
