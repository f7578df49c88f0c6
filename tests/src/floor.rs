//! What no reader of packets can do without, by hand: the bound that the decoder is measured against.
//!
//! It hops from header to header, sums each packet, and takes all fields as slices. Strings are checked
//! by one test for ASCII a packet, and one by one only where that fails. There is no recovery, no
//! state and no error; it looks for a packet at each 0xB3 and skips what is none.

/// What a packet says, as slices of the stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fields<'a> {
    /// All flags, with version and status.
    pub flags: u16,
    /// Seconds and nanoseconds.
    pub time: (u32, u32),
    /// The id of the test.
    pub test_id: &'a [u8],
    /// How many tags there are, and each with its length in front.
    pub tags: (u32, &'a [u8]),
    /// The type of the file.
    pub mime_type: &'a [u8],
    /// The name of the file.
    pub file_name: &'a [u8],
    /// The bytes of the file.
    pub file_bytes: &'a [u8],
    /// The route code.
    pub route_code: &'a [u8],
}

/// Hands on the fields of each packet of a stream; how many there were.
pub fn decode<'a>(stream: &'a [u8], mut each: impl FnMut(Fields<'a>)) -> usize {
    let (mut rest, mut packets) = (stream, 0);
    while let Some((packet, later)) = split(rest) {
        let fields = packet.split_last_chunk::<4>().and_then(|(summed, stored)| {
            (crc32fast::hash(summed) == u32::from_be_bytes(*stored)).then(|| fields(summed))
        });
        match fields.flatten() {
            Some(fields) => {
                each(fields);
                packets += 1;
                rest = later;
            }
            None => rest = &rest[rest.len() - later.len() - packet.len() + 1..],
        }
    }
    packets
}

/// The next thing that looks like a packet by its header, and what follows it.
fn split(stream: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = stream;
    loop {
        if rest.first() != Some(&0xB3) {
            rest = &rest[memchr::memchr(0xB3, rest)?..];
        }
        if let Some((length, _)) = rest.get(3..).and_then(number)
            && rest[1] >> 4 == 2
            && rest[2] & 0x08 == 0
            && length >= 8
            && let Some(split) = rest.split_at_checked(length as usize)
        {
            return Some(split);
        }
        rest = &rest[1..];
    }
}

#[inline(always)]
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let high = u32::from(first & 0x3F);
    match (first >> 6, rest) {
        (0, rest) => Some((high, rest)),
        (1, [a, rest @ ..]) => Some((high << 8 | u32::from(*a), rest)),
        (2, [a, b, rest @ ..]) => Some((high << 16 | u32::from(*a) << 8 | u32::from(*b), rest)),
        (3, [a, b, c, rest @ ..]) => {
            let low = u32::from(*a) << 16 | u32::from(*b) << 8 | u32::from(*c);
            Some((high << 24 | low, rest))
        }
        _ => None,
    }
}

#[inline(always)]
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(length as usize)
}

/// The fields of a packet without its checksum.
#[inline(always)]
fn fields(packet: &[u8]) -> Option<Fields<'_>> {
    let flags = u16::from_be_bytes([packet[1], packet[2]]);
    let (_, mut rest) = number(&packet[3..])?;
    let mut fields = Fields { flags, ..Fields::default() };
    if flags & 0x0200 != 0 {
        let (seconds, after) = rest.split_first_chunk::<4>()?;
        let (nanoseconds, after) = number(after)?;
        (fields.time, rest) = ((u32::from_be_bytes(*seconds), nanoseconds), after);
    }
    let strings = rest;
    if flags & 0x0800 != 0 {
        (fields.test_id, rest) = string(rest)?;
    }
    if flags & 0x0080 != 0 {
        let (count, first) = number(rest)?;
        rest = first;
        for _ in 0..count {
            (_, rest) = string(rest)?;
        }
        fields.tags = (count, &first[..first.len() - rest.len()]);
    }
    if flags & 0x0020 != 0 {
        (fields.mime_type, rest) = string(rest)?;
    }
    let mut front = strings.len() - rest.len();
    if flags & 0x0040 != 0 {
        (fields.file_name, rest) = string(rest)?;
        front = strings.len() - rest.len();
        (fields.file_bytes, rest) = string(rest)?;
    }
    let end = rest;
    if flags & 0x0400 != 0 {
        (fields.route_code, _) = string(rest)?;
    }
    // Lengths of 128 and more are not ASCII either: then the strings are looked at.
    if strings[..front].is_ascii() && end.is_ascii() {
        return Some(fields);
    }
    let strings =
        [fields.test_id, fields.tags.1, fields.mime_type, fields.file_name, fields.route_code];
    strings.iter().all(|string| std::str::from_utf8(string).is_ok()).then_some(fields)
}

#[cfg(test)]
mod tests {
    use subunit_core::{Item, items};

    use super::*;
    use crate::corpus::{Kind, stream};

    #[test]
    fn the_floor_reads_what_the_decoder_reads() {
        for kind in [Kind::Small, Kind::Listing, Kind::Mixed] {
            let stream = stream(kind, 3000, 1);
            let mut ids = Vec::new();
            decode(&stream, |fields| ids.push(fields.test_id));
            let packets = items(&stream).filter_map(|item| match item {
                Item::Packet(packet) => packet.event().test_id.map(str::as_bytes),
                _ => None,
            });
            assert!(packets.eq(ids), "{kind:?}");
        }
    }
}
