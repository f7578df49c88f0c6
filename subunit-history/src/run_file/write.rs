//! How a stream becomes a run file.

use std::{
    fs::File,
    io::{self, Read},
};

use super::{END, FRAME, HEADER, RunHeader, StreamEnd};
use crate::FileCalls;

/// The level of compression. Higher ones are slower and save a tenth.
const LEVEL: i32 = 3;

/// Writes a stream as a run file. Returns its end, and the length of the file.
pub(crate) fn write(
    files: &dyn FileCalls,
    header: &RunHeader,
    stream: impl Read,
    file: &mut File,
) -> io::Result<(StreamEnd, u64)> {
    write_to(header, stream, |bytes| files.write(file, bytes))
}

/// The same; gives the parts of the file to `put`.
pub(crate) fn write_to(
    header: &RunHeader,
    mut stream: impl Read,
    mut put: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<(StreamEnd, u64)> {
    let mut packed = skippable(HEADER, &serde_json::to_vec(header)?)?;
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.include_contentsize(true)?;
    let (mut end, mut crc) = (StreamEnd::default(), crc32fast::Hasher::new());
    let mut plain = vec![0; FRAME];
    let mut written = 0;
    loop {
        let length = fill(&mut stream, &mut plain)?;
        let plain = plain.get(..length).unwrap_or_default();
        if plain.is_empty() {
            break;
        }
        crc.update(plain);
        let frame = compressor.compress(plain)?;
        end.frames.push((frame.len() as u64, length as u64));
        end.length += length as u64;
        packed.extend_from_slice(&frame);
        put(&packed)?;
        written += packed.len() as u64;
        packed.clear();
    }
    end.crc32 = crc.finalize();
    packed.extend_from_slice(&skippable(END, &serde_json::to_vec(&end)?)?);
    put(&packed)?;
    Ok((end, written + packed.len() as u64))
}

/// Reads until the room is full or the stream has ended.
fn fill(stream: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = room.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match stream.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A frame that zstd does not look into.
pub(crate) fn skippable(magic: u32, content: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(content.len()).map_err(io::Error::other)?;
    let mut frame = Vec::with_capacity(content.len() + 8);
    frame.extend_from_slice(&magic.to_le_bytes());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(content);
    Ok(frame)
}
