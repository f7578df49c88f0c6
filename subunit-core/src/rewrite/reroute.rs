//! The same packet with another route code. Nothing else is decoded or encoded again.
//!
//! The route code is the last field, so a rerouted packet is: a header with new flags and length, the body's
//! other fields as they were, the new route code, a checksum. Bytes after the last field are dropped (rule
//! R8). The checksum is not computed from the bytes: it follows from the packet's own checksum and what has
//! changed, see [`crate::wire::crc`].

use crate::{
    EncodeError, Field, Packet, RouteCode,
    encode::NumberedHeader,
    wire::{crc, flags::Flags, layout::BEFORE_LENGTH, number, packet::split_checksum},
};

/// Going back over a route code costs as much as another pass where it is longer than this.
const LONG: usize = 64;

impl Packet<'_> {
    /// Appends the packet to `out` with `route_code` instead of its own; `None` removes it.
    ///
    /// # Errors
    ///
    /// If the packet would be longer than the protocol allows, or if the route code holds a NUL byte. Nothing
    /// is appended then.
    pub fn reroute(
        &self,
        route_code: Option<RouteCode<'_>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        self.push_under(route_code.map(|front| NewRoute { front, rest: None }), out)
    }

    /// Appends the packet to `out` with `prefix` before its route code, as a multiplexer does with packets
    /// that it forwards.
    ///
    /// # Errors
    ///
    /// As [`Packet::reroute`].
    pub fn reroute_under(
        &self,
        prefix: RouteCode<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        self.push_under(Some(NewRoute { front: prefix, rest: self.event().route_code }), out)
    }

    fn push_under(
        &self,
        route: Option<NewRoute<'_>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if route.is_some_and(NewRoute::holds_nul) {
            return Err(EncodeError::Nul(Field::RouteCode));
        }
        let old = Parts::of(self);
        let flags = old.flags.with(Flags::ROUTE_CODE, route.is_some());
        let route_length = route.map_or(0, NewRoute::field_length);
        let header = NumberedHeader::for_body(flags, old.middle.len() + route_length)?;

        let start = out.len();
        out.reserve(header.packet_length());
        header.push(out);
        out.extend_from_slice(old.middle);
        let tail = out.len();
        if let Some(route) = route {
            route.push(out);
        }
        let checksum = old.checksum_with(flags, header.packet_length(), &out[tail..]);
        let checksum = checksum.unwrap_or_else(|| crc::checksum(&out[start..]));
        out.extend_from_slice(&checksum.to_be_bytes());
        Ok(())
    }
}

/// A route code to be written.
#[derive(Clone, Copy)]
struct NewRoute<'a> {
    front: RouteCode<'a>,
    /// What follows it, from a packet, with a `/` between them.
    rest: Option<RouteCode<'a>>,
}

impl NewRoute<'_> {
    fn holds_nul(self) -> bool {
        self.front.as_str().as_bytes().contains(&0)
    }

    fn length(self) -> usize {
        self.front.as_str().len() + self.rest.map_or(0, |rest| 1 + rest.as_str().len())
    }

    fn field_length(self) -> usize {
        number::width(self.length() as u32) + self.length()
    }

    fn push(self, out: &mut Vec<u8>) {
        number::push(out, self.length() as u32);
        out.extend_from_slice(self.front.as_str().as_bytes());
        if let Some(rest) = self.rest {
            out.push(b'/');
            out.extend_from_slice(rest.as_str().as_bytes());
        }
    }
}

/// A checked packet, split where its route code is, or would be.
struct Parts<'a> {
    flags: Flags,
    /// That of the whole packet, and how many bytes it has.
    length: usize,
    width: usize,
    /// The fields before the route code.
    middle: &'a [u8],
    /// The route code, and bytes after the last field.
    tail: &'a [u8],
    checksum: u32,
}

impl<'a> Parts<'a> {
    #[inline(always)]
    fn of(packet: &Packet<'a>) -> Self {
        let flags = packet.flags();
        let (summed, checksum) = split_checksum(packet.bytes());
        let (front, body) = summed.split_at(packet.body());
        // The fields were read before, so they are there.
        let (middle, tail) = body.split_at(before_route(flags, body).unwrap_or(body.len()));
        let width = front.len() - BEFORE_LENGTH;
        Self { flags, length: packet.bytes().len(), width, middle, tail, checksum }
    }

    /// The checksum with other flags, another length and another tail. `None` if computing it from all bytes
    /// is as good: if the header gets longer or shorter, or the tail was long.
    #[inline(always)]
    fn checksum_with(&self, flags: Flags, length: usize, tail: &[u8]) -> Option<u32> {
        if number::width(length as u32) != self.width || self.tail.len() > LONG {
            return None;
        }
        let flags = u64::from(self.flags.difference(flags)) << (8 * self.width);
        let change = crc::change(flags | (self.length ^ length) as u64, self.middle.len());
        Some(crc::extend(crc::retract(self.checksum, self.tail) ^ change, tail))
    }
}

/// How many bytes of a body come before the route code, or would if it had one. Goes from length to length,
/// and does not read the fields.
fn before_route(flags: Flags, body: &[u8]) -> Option<usize> {
    let mut rest = body;
    if flags.has(Flags::TIMESTAMP) {
        (_, rest) = number::split(rest.get(4..)?)?;
    }
    if flags.has(Flags::TEST_ID) {
        rest = behind_sized(rest)?;
    }
    if flags.has(Flags::TAGS) {
        let (count, tags) = number::split(rest)?;
        rest = tags;
        for _ in 0..count {
            rest = behind_sized(rest)?;
        }
    }
    if flags.has(Flags::MIME_TYPE) {
        rest = behind_sized(rest)?;
    }
    if flags.has(Flags::FILE) {
        rest = behind_sized(behind_sized(rest)?)?;
    }
    Some(body.len() - rest.len())
}

/// What follows a field that begins with its length.
#[inline(always)]
fn behind_sized(input: &[u8]) -> Option<&[u8]> {
    let (length, rest) = number::split(input)?;
    rest.get(length as usize..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;

    /// A packet of these flags and this body, which need not be what a strict writer makes.
    fn packet(flags: u16, body: &[u8]) -> Vec<u8> {
        let header = NumberedHeader::for_body(Flags::from_bytes(flags.to_be_bytes()), body.len());
        let mut packet = Vec::new();
        header.unwrap().push(&mut packet);
        packet.extend_from_slice(body);
        packet.extend_from_slice(&crc::checksum(&packet).to_be_bytes());
        packet
    }

    const LONGER: &str =
        "bytes behind the last field, more of them than it is worth going back over one by one";

    #[test]
    fn the_last_field_is_the_route_and_nothing_follows_it() {
        let flags = 0x2000 | Flags::TEST_ID | Flags::TAGS | Flags::ROUTE_CODE | 3;
        // Lengths of two, three and four bytes where one would do, and bytes after the last field.
        let others = b"\x40\x01a\x80\x00\x01\xc0\x00\x00\x01t";
        // Among these are packets whose length gets a byte more or less.
        let lengths = (0..64).chain([2040, 5000]).chain(16_330..16_360).chain([40_000]);
        for (length, behind) in lengths.flat_map(|length| [(length, "rest"), (length, LONGER)]) {
            let file = [&b"\x01f\x80"[..], &(length as u16).to_be_bytes(), &vec![7; length]];
            let middle = [&others[..], &file.concat()].concat();
            let body = [&middle[..], b"\x40\x011", behind.as_bytes()].concat();
            let whole = packet(flags | Flags::FILE, &body);
            let whole = Packet::parse(&whole).unwrap();
            for (prefix, route) in [("0", &b"\x030/1"[..]), ("", b"\x02/1")] {
                let mut out = Vec::new();
                whole.reroute_under(RouteCode::new(prefix), &mut out).unwrap();
                assert_eq!(out, packet(flags | Flags::FILE, &[&middle[..], route].concat()));
            }
            let mut out = Vec::new();
            whole.reroute(None, &mut out).unwrap();
            let without = (flags | Flags::FILE) & !Flags::ROUTE_CODE;
            assert_eq!(out, packet(without, &middle));
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let mut whole = Vec::new();
        Event::default().encode(&mut whole).unwrap();
        let whole = Packet::parse(&whole).unwrap();
        let mut out = Vec::new();
        let nul = whole.reroute_under(RouteCode::new("a\0"), &mut out);
        assert_eq!(nul, Err(EncodeError::Nul(Field::RouteCode)));
        let long = "x".repeat(crate::MAX_LENGTH);
        assert!(whole.reroute(Some(RouteCode::new(&long)), &mut out).is_err());
        assert!(out.is_empty());
    }
}
