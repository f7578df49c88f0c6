//! Pieces of files.

use bytes::Bytes;

/// A piece of a file: its name and the bytes that one packet holds.
///
/// All pieces with the same route code, test id and name, up to one with `eof`, are one attachment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FileChunk<'a> {
    /// The file's name. `stdout`, `stderr` and `stdin` are the process's streams by custom.
    pub name: &'a str,
    /// The next bytes of its content; may be empty.
    pub bytes: &'a [u8],
}

impl FileChunk<'_> {
    /// A copy that owns name and bytes.
    pub fn to_buf(self) -> FileChunkBuf {
        FileChunkBuf { name: self.name.to_owned(), bytes: Bytes::copy_from_slice(self.bytes) }
    }
}

/// A [`FileChunk`] that owns name and bytes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FileChunkBuf {
    /// See [`FileChunk::name`].
    pub name: String,
    /// See [`FileChunk::bytes`].
    pub bytes: Bytes,
}

impl FileChunkBuf {
    /// The same chunk, borrowed.
    pub fn as_chunk(&self) -> FileChunk<'_> {
        FileChunk { name: &self.name, bytes: &self.bytes }
    }
}
