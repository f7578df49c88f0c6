//! Python's `dbm.dumb`: an index in `.dir`, the values in `.dat`.
//!
//! The index has a line `'key', (offset, length)` for each value. Values begin at multiples of 512 bytes. The
//! index before the last change is `.bak`.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
};

use super::{
    literal::{latin1_repr, read_latin1},
    store::{Contents, LONGEST, Pair, damaged, read_whole, with},
};
use crate::memory::files;

/// Values begin at multiples of this.
const BLOCK: u64 = 512;

/// Where a value is.
#[derive(Clone, Copy, Debug)]
struct Place {
    offset: u64,
    length: u64,
}

impl Place {
    /// Whether it is a place in a file of this length that a value may have.
    fn is_within(&self, end: u64) -> bool {
        let stop = self.offset.checked_add(self.length);
        self.length <= LONGEST && stop.is_some_and(|stop| stop <= end)
    }
}

/// Where the value of each key is, in the order of the index.
#[derive(Debug, Default)]
struct Index {
    keys: Vec<(Vec<u8>, Place)>,
    by_key: HashMap<Vec<u8>, usize>,
    error: Option<io::Error>,
}

impl Index {
    fn set(&mut self, key: &[u8], place: Place) {
        match self.by_key.get(key) {
            Some(at) => self.keys[*at].1 = place,
            None => {
                self.by_key.insert(key.to_vec(), self.keys.len());
                self.keys.push((key.to_vec(), place));
            }
        }
    }

    fn find(&self, key: &[u8]) -> Option<Place> {
        self.by_key.get(key).map(|at| self.keys[*at].1)
    }

    /// Reads an index: all lines of it that can be read.
    fn read(path: &Path, text: &[u8]) -> Self {
        let mut index = Self::default();
        for (nth, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            match entry(line) {
                Some((key, place)) => index.set(&key, place),
                None => {
                    let error = || damaged(path, format!("line {}: not an entry", nth + 1));
                    index.error.get_or_insert_with(error);
                }
            }
        }
        index
    }

    fn write(&self, output: &mut impl Write) -> io::Result<()> {
        for (key, Place { offset, length }) in &self.keys {
            output.write_all(&latin1_repr(key))?;
            writeln!(output, ", ({offset}, {length})")?;
        }
        Ok(())
    }
}

/// `'key', (offset, length)`
fn entry(line: &[u8]) -> Option<(Vec<u8>, Place)> {
    let (key, rest) = read_latin1(line)?;
    let rest = std::str::from_utf8(rest).ok()?.trim();
    let pair = rest.strip_prefix(',')?.trim_start().strip_prefix('(')?.strip_suffix(')')?;
    let (offset, length) = pair.split_once(',')?;
    let (offset, length) = (offset.trim().parse().ok()?, length.trim().parse().ok()?);
    Some((key, Place { offset, length }))
}

/// Reads a store.
pub(super) fn read(base: &Path) -> Contents {
    let (dir, dat) = (with(base, ".dir"), with(base, ".dat"));
    let mut contents = Contents::default();
    contents.error = read_into(&mut contents, &dir, &dat).err().or(contents.error);
    contents
}

fn read_into(contents: &mut Contents, dir: &Path, dat: &Path) -> io::Result<()> {
    let Index { keys, error, .. } = Index::read(dir, &read_whole(dir)?);
    contents.error = error;
    let file = File::open(dat).map_err(files::of(dat))?;
    let mut values = Values::new(file).map_err(files::of(dat))?;
    // In the order of the file they are read without going back and forth.
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|at| keys[*at].1.offset);
    let mut found = vec![None; keys.len()];
    for at in order {
        let place = keys[at].1;
        found[at] = values.read(place).map_err(files::of(dat))?;
        if found[at].is_none() {
            let what = || format!("no value of {} bytes at {}", place.length, place.offset);
            contents.error.get_or_insert_with(|| damaged(dat, what()));
        }
    }
    let keys = keys.into_iter().map(|(key, _)| key);
    contents.pairs = keys.zip(found).filter_map(|(key, value)| Some((key, value?))).collect();
    Ok(())
}

/// Reads values in the order of their offsets.
struct Values {
    input: BufReader<File>,
    at: u64,
    end: u64,
}

impl Values {
    fn new(file: File) -> io::Result<Self> {
        let end = file.metadata()?.len();
        Ok(Self { input: BufReader::with_capacity(64 * 1024, file), at: 0, end })
    }

    /// Reads a value that is in the file, none else.
    fn read(&mut self, place: Place) -> io::Result<Option<Vec<u8>>> {
        if !place.is_within(self.end) {
            return Ok(None);
        }
        self.input.seek_relative(place.offset as i64 - self.at as i64)?;
        let mut value = vec![0; place.length as usize];
        self.input.read_exact(&mut value)?;
        self.at = place.offset + place.length;
        Ok(Some(value))
    }
}

/// Sets keys of a store, as Python does: a value that fits where the old one was replaces it, others are
/// added at the end. False if the store cannot be read, and nothing was changed.
pub(super) fn update(base: &Path, pairs: &[Pair]) -> io::Result<bool> {
    let (dir, dat) = (with(base, ".dir"), with(base, ".dat"));
    let text = read_whole(&dir)?;
    let mut index = Index::read(&dir, &text);
    let mut file = OpenOptions::new().read(true).write(true).open(&dat).map_err(files::of(&dat))?;
    let mut end = file.metadata().map_err(files::of(&dat))?.len();
    if index.error.is_some() || !index.keys.iter().all(|(_, place)| place.is_within(end)) {
        return Ok(false);
    }
    let blocks = |length: u64| length.div_ceil(BLOCK);
    for (key, value) in pairs {
        let length = value.len() as u64;
        let old = index.find(key).filter(|old| blocks(length) <= blocks(old.length));
        let offset = old.map_or_else(|| blocks(end) * BLOCK, |old| old.offset);
        file.seek(SeekFrom::Start(offset)).map_err(files::of(&dat))?;
        file.write_all(value).map_err(files::of(&dat))?;
        end = end.max(offset + length);
        index.set(key, Place { offset, length });
    }
    files::replace(&with(base, ".bak"), |output| output.write_all(&text))?;
    files::replace(&dir, |output| index.write(output))?;
    Ok(true)
}

/// Makes a store of these keys; of a key that is there twice the last value counts.
pub(super) fn create(base: &Path, pairs: &[Pair]) -> io::Result<()> {
    let mut index = Index::default();
    let mut values: Vec<&[u8]> = Vec::new();
    for (key, value) in pairs {
        let at = index.by_key.get(key).copied().unwrap_or(values.len());
        index.set(key, Place { offset: 0, length: value.len() as u64 });
        if at == values.len() {
            values.push(value);
        }
        values[at] = value;
    }
    let mut end = 0u64;
    for (_, place) in &mut index.keys {
        place.offset = end.next_multiple_of(BLOCK);
        end = place.offset + place.length;
    }
    files::replace(&with(base, ".dat"), |output| {
        let mut at = 0u64;
        for ((_, place), value) in index.keys.iter().zip(values) {
            io::copy(&mut io::repeat(0).take(place.offset - at), output)?;
            output.write_all(value)?;
            at = place.offset + place.length;
        }
        Ok(())
    })?;
    files::replace(&with(base, ".dir"), |output| index.write(output))
}
