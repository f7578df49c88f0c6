//! The file of one run: its stream, compressed, so that `zstd -dc` and every filter read it.
//!
//! 1. A skippable frame, `0x184D2A53`: [`RunHeader`] as JSON, in one line.
//! 2. Frames of at most [`FRAME`] bytes of the stream, each of which can be read alone.
//! 3. A skippable frame, `0x184D2A54`: the [`StreamEnd`], as JSON in one line: the lengths of the frames, packed and
//!    unpacked, the length of the stream and the CRC-32 of its bytes.
//!
//! A file without its end, or cut anywhere, holds a run as far as its frames go.

mod header;
mod read;
mod write;

pub use self::{
    header::{FORMAT, RunHeader, StreamEnd},
    read::{RunArchive, RunStream},
};
pub(crate) use self::{
    read::read_skippable,
    write::{skippable, write, write_to},
};

/// How much of the stream is in a frame.
pub const FRAME: usize = 1 << 20;

/// What a header begins with.
const HEADER: u32 = 0x184D_2A53;

/// What an end begins with.
const END: u32 = 0x184D_2A54;

/// The longest header or end that is read, in bytes.
const LONGEST: u32 = 64 << 20;

#[cfg(test)]
mod tests;
