//! The same packet under another route code, without decoding or building anything else anew.
//!
//! The route code is the last field, so a rerouted packet is: a header with new flags and length, the
//! body's other fields as they were, the new route code, a checksum. Bytes behind the last field are
//! dropped (rule R8). In a large packet the checksum of the unchanged middle is not computed from its
//! bytes: it follows from the packet's own checksum, see [`crate::crc`].

use crate::{
    EncodeError, Field, Packet, RouteCode, crc,
    encode::{self, NumberedHeader},
    flags::Flags,
    number,
    packet::split_checksum,
};

/// From this many unchanged bytes on, arithmetic on checksums is faster than another pass.
const LARGE: usize = 16 * 1024;

impl Packet<'_> {
    /// Appends the packet to `out` with `route_code` in place of its own; `None` takes it off.
    ///
    /// # Errors
    ///
    /// Nothing is appended where the packet would be longer than the protocol allows, or where the
    /// route code holds a NUL byte.
    pub fn reroute(
        &self,
        route_code: Option<RouteCode<'_>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let route = route_code.map(RouteCode::as_str);
        if route.is_some_and(|route| memchr::memchr(0, route.as_bytes()).is_some()) {
            return Err(EncodeError::Nul(Field::RouteCode));
        }
        let middle = self.without_route();
        let route_length = route.map_or(0, |route| number::width(route.len() as u32) + route.len());
        let flags = self.flags().with(Flags::ROUTE_CODE, route.is_some());
        let header = NumberedHeader::for_body(flags, middle.len() + route_length)?;

        let start = out.len();
        out.reserve(header.packet_length());
        header.push(out);
        let body = out.len();
        out.extend_from_slice(middle);
        let tail = out.len();
        if let Some(route) = route {
            encode::push_string(out, route.as_bytes());
        }
        let checksum = if middle.len() < LARGE {
            crc::checksum(&out[start..])
        } else {
            let front = crc::shift(crc::checksum(&out[start..body]), middle.len());
            crc::extend(front ^ self.checksum_of(middle), &out[tail..])
        };
        out.extend_from_slice(&checksum.to_be_bytes());
        Ok(())
    }

    /// Appends the packet to `out` with `prefix` put in front of its route code: what a multiplexer
    /// does to what it forwards.
    ///
    /// # Errors
    ///
    /// As [`Packet::reroute`].
    pub fn reroute_under(
        &self,
        prefix: RouteCode<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        match self.event().route_code {
            None => self.reroute(Some(prefix), out),
            Some(_) => {
                let route = prefix.to_buf().join(self.event().route_code);
                self.reroute(Some(route.as_route()), out)
            }
        }
    }

    /// The checksum of `middle`, the first bytes of the body, from that of the whole packet.
    fn checksum_of(&self, middle: &[u8]) -> u32 {
        let (summed, whole) = split_checksum(self.bytes());
        let (front, rest) = summed.split_at(self.body());
        let tail = &rest[middle.len()..];
        let up_to_middle = crc::unshift(whole ^ crc::checksum(tail), tail.len());
        up_to_middle ^ crc::shift(crc::checksum(front), middle.len())
    }
}
