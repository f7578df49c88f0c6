//! What zstd has packed: RFC 8878.

use ruzstd::{
    decoding::{
        BlockDecodingStrategy, FrameDecoder,
        errors::{FrameDecoderError, ReadFrameHeaderError},
    },
    io::Read,
};

use super::archive::{Archive, Fault};

/// Frames, one after the other.
#[derive(Default)]
pub(super) struct Zstd {
    decoder: FrameDecoder,
    part: Part,
    /// Whether a frame has ended, also one that says nothing.
    any: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Part {
    #[default]
    Header,
    /// So many bytes that say nothing.
    Skipped(usize),
    /// A block of a frame, which ends with a checksum or without one.
    Block { checksum: bool },
    /// What is left to be given of a frame that has ended.
    Rest,
}

/// So much is given at once.
const PIECE: usize = 64 * 1024;

/// The longest block, packed or not.
const LONGEST_BLOCK: usize = 128 * 1024;

impl Archive for Zstd {
    fn unpack(&mut self, packed: &[u8], plain: &mut Vec<u8>) -> Result<usize, Fault> {
        let ready = self.decoder.can_collect();
        if ready > 0 {
            plain.resize(ready.min(PIECE), 0);
            let read = self.decoder.read(plain).map_err(|_| Fault::Damaged)?;
            plain.truncate(read);
            return Ok(0);
        }
        match self.part {
            Part::Header => self.header(packed),
            Part::Skipped(length) => {
                let skipped = length.min(packed.len());
                let left = length - skipped;
                self.part = if left == 0 { Part::Header } else { Part::Skipped(left) };
                self.any |= left == 0;
                Ok(skipped)
            }
            Part::Block { checksum } => self.block(packed, checksum),
            Part::Rest => self.end(packed),
        }
    }

    fn let_go(&mut self) {
        /// The last block, which is empty, and a checksum, which is not looked at.
        const LAST: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];
        if matches!(self.part, Part::Block { .. }) {
            // The decoder keeps back what it may have to look at again, until the frame ends.
            let _ = self.decoder.decode_blocks(&LAST[..], BlockDecodingStrategy::UptoBlocks(1));
            self.part = Part::Rest;
        }
    }

    fn is_whole(&self) -> bool {
        self.any && self.part == Part::Header
    }
}

impl Zstd {
    fn header(&mut self, packed: &[u8]) -> Result<usize, Fault> {
        let Some(length) = header_length(packed)? else { return Ok(0) };
        let mut rest = packed;
        match self.decoder.reset(&mut rest) {
            Ok(()) => {
                let descriptor = packed.get(4).copied().unwrap_or_default();
                self.part = Part::Block { checksum: descriptor & 4 != 0 };
                Ok(packed.len() - rest.len())
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length: skipped,
                ..
            })) => {
                let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
                self.part = if skipped == 0 { Part::Header } else { Part::Skipped(skipped) };
                self.any |= skipped == 0;
                Ok(length)
            }
            Err(error) => Err(fault(&error)),
        }
    }

    fn block(&mut self, packed: &[u8], checksum: bool) -> Result<usize, Fault> {
        let Some([first, second, third]) = packed.first_chunk() else { return Ok(0) };
        let header = u32::from_le_bytes([*first, *second, *third, 0]);
        let (is_last, is_repeated) = (header & 1 != 0, header >> 1 & 3 == 1);
        let length = if is_repeated { 1 } else { (header >> 3) as usize };
        if length > LONGEST_BLOCK {
            return Err(Fault::Damaged);
        }
        let sum = if is_last && checksum { 4 } else { 0 };
        let Some(whole) = packed.get(..3 + length + sum) else { return Ok(0) };
        let one = BlockDecodingStrategy::UptoBlocks(1);
        self.decoder.decode_blocks(whole, one).map_err(|error| fault(&error))?;
        if is_last {
            self.part = Part::Rest;
        }
        Ok(whole.len())
    }

    /// The frame has ended, and all of it is given.
    fn end(&mut self, packed: &[u8]) -> Result<usize, Fault> {
        let said = self.decoder.get_checksum_from_data();
        if said.is_some() && said != self.decoder.get_calculated_checksum() {
            return Err(Fault::Damaged);
        }
        (self.part, self.any) = (Part::Header, true);
        if packed.is_empty() { Ok(0) } else { self.header(packed) }
    }
}

/// The length of the frame header at this place; `None` if it is incomplete.
fn header_length(packed: &[u8]) -> Result<Option<usize>, Fault> {
    const MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";
    const SKIPPED: &[u8] = b"\x2a\x4d\x18";
    let known = packed.get(..packed.len().min(4)).unwrap_or_default();
    let is_skipped = known.first().is_some_and(|byte| byte & 0xf0 == 0x50)
        && SKIPPED.starts_with(known.get(1..).unwrap_or_default());
    let length = match packed.get(4) {
        _ if !is_skipped && !MAGIC.starts_with(known) => return Err(Fault::Damaged),
        _ if is_skipped => 8,
        None => return Ok(None),
        Some(descriptor) => {
            let is_single = descriptor & 0x20 != 0;
            let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
            let content = match descriptor >> 6 {
                0 => usize::from(is_single),
                size => 1 << size,
            };
            5 + usize::from(!is_single) + dictionary + content
        }
    };
    Ok((packed.len() >= length).then_some(length))
}

fn fault(error: &FrameDecoderError) -> Fault {
    const WAY_OUT: &str = "read it by `zstd -dc";
    match error {
        FrameDecoderError::WindowSizeTooBig { requested, max } => Fault::Refused(format!(
            "it takes a window of {requested} bytes, and the limit is {max}: {WAY_OUT} --long=31`"
        )),
        FrameDecoderError::DictNotProvided { .. } => {
            Fault::Refused(format!("it takes a dictionary: {WAY_OUT} -D DICTIONARY`"))
        }
        _ => Fault::Damaged,
    }
}
