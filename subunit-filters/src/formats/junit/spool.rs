//! Many growing lists of bytes, in the memory of a few of them: a sort in runs, and their merging.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
};

/// In front of each chunk of a list in a run: which list (8 bytes), and how many bytes (8 bytes).
const HEADER: usize = 16;
/// A chunk is what was appended at once, or more of that, up to so much.
const CHUNK: usize = 64 << 10;
/// So much of all runs is in memory when they are merged, as long as each has the least.
const WINDOWS: usize = 2 << 20;
/// How much of a run is read at once.
const LEAST_WINDOW: usize = 4 << 10;
const MOST_WINDOW: usize = 64 << 10;

/// Keeps lists apart that grow in any order, and gives them back one after the other.
///
/// What comes is gathered. Whenever that is `memory` bytes, they are sorted by list and go, as a run, into a
/// temporary file without a name.
#[derive(Debug)]
pub(super) struct Spool {
    memory: usize,
    lists: Vec<List>,
    /// What is in no run yet, in the order of its coming.
    gathered: Vec<u8>,
    /// What `gathered` is made of.
    pieces: Vec<Piece>,
    /// Where a run is put together.
    run: Vec<u8>,
    file: Option<File>,
    /// Where in the file the runs are.
    runs: Vec<Range<u64>>,
}

/// What is gathered of a list.
#[derive(Clone, Debug, Default)]
struct List {
    length: usize,
    /// The first and the last of its pieces, where it has a length.
    first: usize,
    last: usize,
}

#[derive(Debug)]
struct Piece {
    place: Range<usize>,
    /// The next one of the same list, unless this is the last.
    next: usize,
}

impl Spool {
    pub(super) fn new(memory: usize) -> Self {
        Self {
            memory,
            lists: Vec::new(),
            gathered: Vec::new(),
            pieces: Vec::new(),
            run: Vec::new(),
            file: None,
            runs: Vec::new(),
        }
    }

    /// A new, empty list: the first is 0, and so on.
    pub(super) fn list(&mut self) -> usize {
        self.lists.push(List::default());
        self.lists.len() - 1
    }

    /// Puts what `push` writes behind `list`, which [`Spool::list`] gave.
    pub(super) fn append<T>(
        &mut self,
        list: usize,
        push: impl FnOnce(&mut Vec<u8>) -> T,
    ) -> io::Result<T> {
        let begin = self.gathered.len();
        let pushed = push(&mut self.gathered);
        let place = begin..self.gathered.len();
        if !place.is_empty() {
            self.lists[list].grow(place, &mut self.pieces);
        }
        if self.gathered.len() >= self.memory {
            self.sort();
            self.write_run()?;
        }
        Ok(pushed)
    }

    /// What is in the lists, to be read. They are empty then.
    pub(super) fn take(&mut self) -> io::Result<Lists> {
        let empty =
            Self { lists: vec![List::default(); self.lists.len()], ..Self::new(self.memory) };
        let mut spool = std::mem::replace(self, empty);
        spool.sort();
        if spool.file.is_none() {
            let run = Run { at: 0, end: spool.run.len(), window: spool.run, left: 0..0 };
            return Ok(Lists { file: None, runs: vec![run] });
        }
        spool.write_run()?;
        let window = (WINDOWS / spool.runs.len()).clamp(LEAST_WINDOW, MOST_WINDOW);
        let run = |left| Run { window: vec![0; window], at: 0, end: 0, left };
        Ok(Lists { file: spool.file, runs: spool.runs.into_iter().map(run).collect() })
    }

    /// Makes a run of what is gathered.
    fn sort(&mut self) {
        self.run.clear();
        self.run.reserve(self.gathered.len());
        for (list, pieces) in self.lists.iter_mut().enumerate() {
            let List { length, first, last } = std::mem::take(pieces);
            if length == 0 {
                continue;
            }
            let (mut at, mut begin) = (first, begin_chunk(&mut self.run));
            while let Some(piece) = self.pieces.get(at) {
                let written = self.run.len() - begin;
                if written > 0 && written + piece.place.len() > CHUNK {
                    end_chunk(&mut self.run, begin, list);
                    begin = begin_chunk(&mut self.run);
                }
                self.run.extend_from_slice(&self.gathered[piece.place.clone()]);
                at = if at == last { self.pieces.len() } else { piece.next };
            }
            end_chunk(&mut self.run, begin, list);
        }
        self.pieces.clear();
        self.gathered.clear();
    }

    fn write_run(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.write_all(&self.run)?;
        let begin = self.runs.last().map_or(0, |last| last.end);
        self.runs.push(begin..begin + self.run.len() as u64);
        Ok(())
    }
}

impl List {
    /// Puts a piece behind the others.
    fn grow(&mut self, place: Range<usize>, pieces: &mut Vec<Piece>) {
        let at = pieces.len();
        match pieces.get_mut(self.last) {
            Some(last) if self.length > 0 => last.next = at,
            _ => self.first = at,
        }
        self.last = at;
        self.length += place.len();
        pieces.push(Piece { place, next: at });
    }
}

/// Makes room for a chunk's header. Gives the place behind it.
fn begin_chunk(run: &mut Vec<u8>) -> usize {
    run.extend_from_slice(&[0; HEADER]);
    run.len()
}

/// Writes the header of the chunk that begins there.
fn end_chunk(run: &mut [u8], begin: usize, list: usize) {
    let length = run.len() - begin;
    let header = (list as u128 | (length as u128) << 64).to_le_bytes();
    run[begin - HEADER..begin].copy_from_slice(&header);
}

/// The lists of a [`Spool`], to be read in their order. Memory: a window of each run.
#[derive(Debug)]
pub(super) struct Lists {
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
    /// Writes all of `list` to `out`. Lists that were passed over are lost.
    pub(super) fn copy(&mut self, list: usize, out: &mut dyn Write) -> io::Result<()> {
        while self.copy_chunk(list, out)? {}
        Ok(())
    }

    /// Writes the next chunk of `list` to `out`: what was appended at once, or more of that. False where there
    /// is no more. Lists that were passed over are lost.
    pub(super) fn copy_chunk(&mut self, list: usize, out: &mut dyn Write) -> io::Result<bool> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_grow_in_turns_stay_apart_in_memory_and_on_disk() {
        for memory in [0, 100, 300_000, 64 << 20] {
            let mut spool = Spool::new(memory);
            let lists = [spool.list(), spool.list(), spool.list(), spool.list()];
            let mut expected = [const { Vec::new() }; 4];
            for round in 0..200_usize {
                let list = (round * round) % 3 * 3 / 2;
                let bytes = vec![round as u8; round % 17 * 10_000];
                spool.append(lists[list], |out| out.extend_from_slice(&bytes)).unwrap();
                expected[list].extend_from_slice(&bytes);
            }
            let mut read = spool.take().unwrap();
            for (list, expected) in lists.into_iter().zip(expected) {
                let mut out = Vec::new();
                read.copy(list, &mut out).unwrap();
                assert!(out == expected);
            }
        }
    }
}
