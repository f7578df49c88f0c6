//! Lists of bytes in runs, each of which is sorted by list: how they are written, and read one after the other.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
};

/// In front of each chunk of a list in a run: which list (8 bytes), and how many bytes (8 bytes).
const HEADER: usize = 16;
/// So much of all runs is in memory when they are merged, as long as each has the least.
const WINDOWS: usize = 2 << 20;
/// How much of a run is read at once.
const LEAST_WINDOW: usize = 4 << 10;
const MOST_WINDOW: usize = 64 << 10;

/// Makes room for a chunk's header. Gives the place after it.
pub(super) fn begin_chunk(run: &mut Vec<u8>) -> usize {
    run.extend_from_slice(&[0; HEADER]);
    run.len()
}

/// Writes the header of the chunk that begins there.
pub(super) fn end_chunk(run: &mut [u8], begin: usize, list: usize) {
    let length = run.len() - begin;
    let header = (list as u128 | (length as u128) << 64).to_le_bytes();
    run[begin - HEADER..begin].copy_from_slice(&header);
}

/// The lists of a [`Spool`], to be read in their order. Memory: a window of each run.
#[derive(Debug)]
pub(in crate::junit) struct Lists {
    file: Option<File>,
    runs: Vec<Run>,
}

/// A run that is being read.
#[derive(Debug)]
struct Run {
    /// Where what has been read is, from `at` to `end`.
    window: Vec<u8>,
    at: usize,
    end: usize,
    /// Where in the file the rest is.
    left: Range<u64>,
}

impl Lists {
    /// Of one run, which is in memory.
    pub(super) fn in_memory(run: Vec<u8>) -> Self {
        let run = Run { at: 0, end: run.len(), window: run, left: 0..0 };
        Self { file: None, runs: vec![run] }
    }

    /// Of runs, which are there in `file`.
    pub(super) fn in_file(file: File, runs: Vec<Range<u64>>) -> Self {
        let window = (WINDOWS / runs.len().max(1)).clamp(LEAST_WINDOW, MOST_WINDOW);
        let run = |left| Run { window: vec![0; window], at: 0, end: 0, left };
        Self { file: Some(file), runs: runs.into_iter().map(run).collect() }
    }

    /// Writes all of `list` to `out`. Lists that were passed over are lost.
    pub(in crate::junit) fn copy(&mut self, list: usize, out: &mut dyn Write) -> io::Result<()> {
        while self.copy_chunk(list, out)? {}
        Ok(())
    }

    /// Writes the next chunk of `list` to `out`: what was appended at once, or more of that. False where there
    /// is no more. Lists that were passed over are lost.
    pub(in crate::junit) fn copy_chunk(
        &mut self,
        list: usize,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        for run in &mut self.runs {
            if run.copy_chunk(list, self.file.as_mut(), out)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Run {
    /// Writes the next chunk that the run has of `list`.
    fn copy_chunk(
        &mut self,
        list: usize,
        mut file: Option<&mut File>,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        while let Some((found, mut length)) = self.header(file.as_deref_mut())?
            && found <= list
        {
            self.at += HEADER;
            while length > 0 {
                let window = self.window(1, file.as_deref_mut())?;
                let piece = &window[..length.min(window.len())];
                if piece.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                if found == list {
                    out.write_all(piece)?;
                }
                let copied = piece.len();
                self.at += copied;
                length -= copied;
            }
            if found == list {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Which list is next, and how much there is of it.
    fn header(&mut self, file: Option<&mut File>) -> io::Result<Option<(usize, usize)>> {
        let Some(header) = self.window(HEADER, file)?.first_chunk() else { return Ok(None) };
        let both = u128::from_le_bytes(*header);
        Ok(Some((both as u64 as usize, (both >> 64) as usize)))
    }

    /// What comes next: at least `wanted` bytes, unless the run has no more.
    fn window(&mut self, wanted: usize, file: Option<&mut File>) -> io::Result<&[u8]> {
        if self.end - self.at < wanted
            && !self.left.is_empty()
            && let Some(file) = file
        {
            self.window.copy_within(self.at..self.end, 0);
            (self.at, self.end) = (0, self.end - self.at);
            let room = (self.window.len() - self.end) as u64;
            let read = room.min(self.left.end - self.left.start);
            let end = self.end + read as usize;
            file.seek(SeekFrom::Start(self.left.start))?;
            file.read_exact(&mut self.window[self.end..end])?;
            self.end = end;
            self.left.start += read;
        }
        Ok(&self.window[self.at..self.end])
    }
}
