//! Many growing lists of bytes, in the memory of a few of them: a sort in runs, and their merging.

pub(super) mod entries;
mod runs;

use std::{
    cell::OnceCell,
    fs::File,
    io::{self, Write},
    ops::Range,
};

pub(in crate::junit) use runs::Lists;
use runs::{begin_chunk, end_chunk};
use subunit_core::background::BackgroundThread;

use crate::files::temporary;

/// A chunk is what was appended at once, or more of that, up to so much.
const CHUNK: usize = 64 << 10;

/// Keeps lists apart that grow in any order, and gives them back one after the other.
///
/// What comes is gathered. Whenever that is half of `memory`, it is sorted by list and goes, as a run, into a
/// temporary file without a name; where there is a second processor, while the other half is gathered.
#[derive(Debug)]
pub(in crate::junit) struct Spool {
    memory: usize,
    /// How many lists there are.
    count: usize,
    gathered: Gathered,
    /// `None` while the helper has it.
    store: Option<Box<Store>>,
    /// Once it was needed; `None` where it cannot be had.
    helper: OnceCell<Option<BackgroundThread<Box<Store>>>>,
}

/// What is in no run yet.
#[derive(Debug, Default)]
struct Gathered {
    lists: Vec<List>,
    /// In the order of its coming.
    bytes: Vec<u8>,
    /// What `bytes` is made of.
    pieces: Vec<Piece>,
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

/// Where runs go.
#[derive(Debug, Default)]
struct Store {
    /// What the next run is made of; empty once it is written.
    gathered: Gathered,
    /// Where a run is put together.
    run: Vec<u8>,
    file: Option<File>,
    /// Where in the file the runs are.
    runs: Vec<Range<u64>>,
    error: Option<io::Error>,
}

impl Spool {
    pub(in crate::junit) fn new(memory: usize) -> Self {
        Self {
            memory,
            count: 0,
            gathered: Gathered::default(),
            store: Some(Box::default()),
            helper: OnceCell::new(),
        }
    }

    /// A new, empty list: the first is 0, and so on.
    pub(in crate::junit) fn list(&mut self) -> usize {
        self.count += 1;
        self.gathered.lists.resize(self.count, List::default());
        self.count - 1
    }

    /// Appends what `push` writes to `list`, which [`Spool::list`] gave.
    ///
    /// # Errors
    ///
    /// Those of the temporary file, with what came before too.
    pub(in crate::junit) fn append<T>(
        &mut self,
        list: usize,
        push: impl FnOnce(&mut Vec<u8>) -> T,
    ) -> io::Result<T> {
        let Gathered { lists, bytes, pieces } = &mut self.gathered;
        let begin = bytes.len();
        let pushed = push(bytes);
        let place = begin..bytes.len();
        if !place.is_empty() {
            lists[list].grow(place, pieces);
        }
        if bytes.len() >= self.memory / 2 {
            self.put_away()?;
        }
        Ok(pushed)
    }

    /// What is in the lists, to be read. They are empty then.
    pub(in crate::junit) fn take(&mut self) -> io::Result<Lists> {
        let mut store = self.store();
        store.gathered = std::mem::take(&mut self.gathered);
        self.gathered.lists.resize(self.count, List::default());
        self.store = Some(Box::default());
        store.error.take().map_or(Ok(()), Err)?;
        store.sort();
        if store.file.is_some() {
            store.write()?;
        }
        let Store { run, file, runs, .. } = *store;
        Ok(match file {
            None => Lists::in_memory(run),
            Some(file) => Lists::in_file(file, runs),
        })
    }

    /// Makes a run of what is gathered.
    fn put_away(&mut self) -> io::Result<()> {
        let mut store = self.store();
        let error = store.error.take();
        std::mem::swap(&mut store.gathered, &mut self.gathered);
        self.gathered.lists.resize(self.count, List::default());
        let helper = self
            .helper
            .get_or_init(|| BackgroundThread::start(|store: &mut Box<Store>| store.put()));
        if let Some(helper) = helper {
            helper.begin(store);
            return error.map_or(Ok(()), Err);
        }
        store.put();
        let error = error.or_else(|| store.error.take());
        self.store = Some(store);
        error.map_or(Ok(()), Err)
    }

    /// The store, once the helper is done with it.
    fn store(&mut self) -> Box<Store> {
        let lent = || self.helper.get()?.as_ref().map(BackgroundThread::finish);
        self.store.take().or_else(lent).unwrap_or_default()
    }
}

impl Store {
    /// Makes a run of what is gathered, and writes it.
    fn put(&mut self) {
        self.sort();
        self.error = self.write().err();
    }

    /// Makes a run of what is gathered.
    fn sort(&mut self) {
        let Gathered { lists, bytes, pieces } = &mut self.gathered;
        self.run.clear();
        self.run.reserve(bytes.len());
        for (list, all) in lists.iter_mut().enumerate() {
            let List { length, first, last } = std::mem::take(all);
            if length == 0 {
                continue;
            }
            let (mut at, mut begin) = (first, begin_chunk(&mut self.run));
            while let Some(piece) = pieces.get(at) {
                let written = self.run.len() - begin;
                if written > 0 && written + piece.place.len() > CHUNK {
                    end_chunk(&mut self.run, begin, list);
                    begin = begin_chunk(&mut self.run);
                }
                self.run.extend_from_slice(&bytes[piece.place.clone()]);
                at = if at == last { pieces.len() } else { piece.next };
            }
            end_chunk(&mut self.run, begin, list);
        }
        pieces.clear();
        bytes.clear();
    }

    /// Writes the run into the file.
    fn write(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(temporary::file()?),
        };
        file.write_all(&self.run).map_err(temporary::Failed::of)?;
        let begin = self.runs.last().map_or(0, |last| last.end);
        self.runs.push(begin..begin + self.run.len() as u64);
        Ok(())
    }
}

impl List {
    /// Puts a piece after the others.
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
