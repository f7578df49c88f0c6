//! Many growing lists of bytes in one temporary file.

use std::io::{self, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

/// How many bytes of all lists are gathered before they go into the file, so that lists that grow in
/// turns have long extents all the same.
const GATHERED: usize = 4 << 20;
/// Where the next extent begins (8 bytes) and how long this one is (8 bytes).
const HEADER: usize = 16;

/// Keeps lists apart that grow in any order, in the memory of a few of them.
///
/// The first `memory` bytes of the file stay in memory; what is more goes into a file without a name. A
/// list is a chain of extents: each says where the next one begins.
#[derive(Debug)]
pub(super) struct Spool {
    file: SpooledTempFile,
    end: u64,
    lists: Vec<List>,
    /// How many bytes of all lists are not in the file yet.
    gathered: usize,
}

#[derive(Debug, Default)]
struct List {
    first: Option<u64>,
    last: Option<u64>,
    /// What is not in the file yet.
    gathered: Vec<u8>,
}

impl Spool {
    pub(super) fn new(memory: usize) -> Self {
        let file = tempfile::spooled_tempfile(memory);
        Self { file, end: 0, lists: Vec::new(), gathered: 0 }
    }

    /// A new, empty list.
    pub(super) fn list(&mut self) -> usize {
        self.lists.push(List::default());
        self.lists.len() - 1
    }

    /// Puts `bytes` behind `list`, which [`Spool::list`] gave.
    pub(super) fn append(&mut self, list: usize, bytes: &[u8]) -> io::Result<()> {
        let Some(list) = self.lists.get_mut(list) else {
            return Ok(());
        };
        list.gathered.extend_from_slice(bytes);
        self.gathered += bytes.len();
        if self.gathered >= GATHERED { self.flush() } else { Ok(()) }
    }

    /// Writes all of `list` to `out`.
    pub(super) fn copy(&mut self, list: usize, out: &mut dyn Write) -> io::Result<()> {
        let Some(list) = self.lists.get(list) else {
            return Ok(());
        };
        let mut next = list.first;
        while let Some(at) = next {
            self.file.seek(SeekFrom::Start(at))?;
            let mut header = [0; HEADER];
            self.file.read_exact(&mut header)?;
            let (following, length) = read_header(header);
            let copied = io::copy(&mut (&mut self.file).take(length), out)?;
            if copied < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            next = (following > at).then_some(following);
        }
        out.write_all(&list.gathered)
    }

    /// Makes extents of what is gathered.
    fn flush(&mut self) -> io::Result<()> {
        for list in self.lists.iter_mut().filter(|list| !list.gathered.is_empty()) {
            let at = self.end;
            if let Some(before) = list.last.replace(at) {
                self.file.seek(SeekFrom::Start(before))?;
                self.file.write_all(&at.to_le_bytes())?;
            }
            list.first.get_or_insert(at);
            self.file.seek(SeekFrom::Start(at))?;
            self.file.write_all(&write_header(0, list.gathered.len() as u64))?;
            self.file.write_all(&list.gathered)?;
            self.end = at + (HEADER + list.gathered.len()) as u64;
            list.gathered = Vec::new();
        }
        self.gathered = 0;
        Ok(())
    }
}

fn write_header(next: u64, length: u64) -> [u8; HEADER] {
    (u128::from(next) | u128::from(length) << 64).to_le_bytes()
}

fn read_header(header: [u8; HEADER]) -> (u64, u64) {
    let both = u128::from_le_bytes(header);
    (both as u64, (both >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_grow_in_turns_stay_apart_in_memory_and_on_disk() {
        for memory in [0, 100, 64 << 20] {
            let mut spool = Spool::new(memory);
            let lists = [spool.list(), spool.list(), spool.list()];
            let mut expected = [const { Vec::new() }; 3];
            for round in 0..200_usize {
                let list = (round * round) % 3;
                let bytes = vec![round as u8; round % 17 * 10_000];
                spool.append(lists[list], &bytes).unwrap();
                expected[list].extend_from_slice(&bytes);
            }
            for (list, expected) in lists.into_iter().zip(expected) {
                let mut out = Vec::new();
                spool.copy(list, &mut out).unwrap();
                assert!(out == expected);
            }
        }
    }
}
