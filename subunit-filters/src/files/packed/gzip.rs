//! What gzip has packed: RFC 1952.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::archive::{Archive, Fault};

/// Members, one after the other.
pub(super) struct Gzip {
    part: Part,
    inflate: Decompress,
    crc: Crc,
    /// Whether a member has ended.
    any: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    Header,
    Content,
    Trailer,
}

/// So much is unpacked at once.
const BLOCK: usize = 64 * 1024;

/// A header has a name and a comment without limit; no real one is longer.
const LONGEST_HEADER: usize = 128 * 1024;

impl Default for Gzip {
    fn default() -> Self {
        let (part, crc) = (Part::Header, Crc::new());
        Self { part, inflate: Decompress::new(false), crc, any: false }
    }
}

impl Archive for Gzip {
    fn unpack(&mut self, packed: &[u8], plain: &mut Vec<u8>) -> Result<usize, Fault> {
        match self.part {
            Part::Header => self.header(packed),
            Part::Content => self.content(packed, plain),
            Part::Trailer => self.trailer(packed),
        }
    }

    fn is_whole(&self) -> bool {
        self.any && self.part == Part::Header
    }
}

impl Gzip {
    fn header(&mut self, packed: &[u8]) -> Result<usize, Fault> {
        if self.any && packed.first() == Some(&0) {
            // Tapes are filled up by zeros.
            return Ok(packed.iter().take_while(|byte| **byte == 0).count());
        }
        let Some(length) = header_length(packed)? else {
            return if packed.len() > LONGEST_HEADER { Err(Fault::Damaged) } else { Ok(0) };
        };
        self.part = Part::Content;
        self.inflate.reset(false);
        self.crc.reset();
        Ok(length)
    }

    fn content(&mut self, packed: &[u8], plain: &mut Vec<u8>) -> Result<usize, Fault> {
        let (taken, unpacked) = (self.inflate.total_in(), self.inflate.total_out());
        plain.resize(BLOCK, 0);
        let result = self.inflate.decompress(packed, plain, FlushDecompress::None);
        let unpacked = self.inflate.total_out() - unpacked;
        plain.truncate(usize::try_from(unpacked).unwrap_or_default());
        self.crc.update(plain);
        match result {
            Ok(Status::StreamEnd) => self.part = Part::Trailer,
            Ok(_) => {}
            Err(_) => return Err(Fault::Damaged),
        }
        Ok(usize::try_from(self.inflate.total_in() - taken).unwrap_or_default())
    }

    fn trailer(&mut self, packed: &[u8]) -> Result<usize, Fault> {
        let Some((sum, rest)) = packed.split_first_chunk() else { return Ok(0) };
        let Some(length) = rest.first_chunk() else { return Ok(0) };
        if u32::from_le_bytes(*sum) != self.crc.sum()
            || u32::from_le_bytes(*length) != self.crc.amount()
        {
            return Err(Fault::Damaged);
        }
        (self.part, self.any) = (Part::Header, true);
        Ok(8)
    }
}

/// The length of the header at this place; `None` if it is incomplete.
fn header_length(packed: &[u8]) -> Result<Option<usize>, Fault> {
    const CRC: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const RESERVED: u8 = 0xe0;
    const DEFLATE: &[u8] = b"\x1f\x8b\x08";
    let known = packed.len().min(DEFLATE.len());
    if packed.get(..known) != DEFLATE.get(..known) {
        return Err(Fault::Damaged);
    }
    let Some(flags) = packed.get(3).copied() else { return Ok(None) };
    if flags & RESERVED != 0 {
        return Err(Fault::Damaged);
    }
    let mut length = 10;
    if flags & EXTRA != 0 {
        let Some([low, high]) = packed.get(length..length + 2) else { return Ok(None) };
        length += 2 + usize::from(u16::from_le_bytes([*low, *high]));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let rest = packed.get(length..).unwrap_or_default();
            let Some(end) = memchr::memchr(0, rest) else { return Ok(None) };
            length += end + 1;
        }
    }
    length += if flags & CRC != 0 { 2 } else { 0 };
    Ok((packed.len() >= length).then_some(length))
}
