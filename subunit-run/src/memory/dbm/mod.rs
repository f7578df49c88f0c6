//! Stores of keys and values as Python's `dbm` makes them.
//!
//! Python opens whatever form it finds, and so do we: `dumb`, GNU dbm, Berkeley DB and SQLite are read. Only
//! `dumb` is written, since every Python can open it; a store of another form is converted.

mod dumb;
mod literal;

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

pub(super) use literal::repr;

use super::files;

/// A key and its value.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

/// The longest key and the longest value that are read.
const LONGEST: u64 = 1 << 20;

/// The largest file that is read.
const LARGEST: u64 = 1 << 30;

/// What is in a store: all that can be read, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) pairs: Vec<Pair>,
    /// The first error.
    pub(super) error: Option<io::Error>,
}

impl Contents {
    fn failed(error: io::Error) -> Self {
        Self { pairs: Vec::new(), error: Some(error) }
    }
}

/// The form of a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    None,
    Dumb,
    /// None of those that are read.
    Unknown,
}

/// Reads the store of this name, in the form in which it is.
pub(super) fn read(base: &Path) -> Contents {
    match form(base) {
        Form::None => Contents::default(),
        Form::Dumb => dumb::read(base),
        Form::Unknown => Contents::failed(unknown(base)),
    }
}

/// Sets some keys. What cannot be read of the store is lost then.
pub(super) fn update(base: &Path, pairs: &[Pair]) -> io::Result<()> {
    if form(base) == Form::Dumb && dumb::update(base, pairs)? {
        return Ok(());
    }
    let mut all = read(base).pairs;
    all.extend_from_slice(pairs);
    let other = others(base).into_iter().filter(|path| path.exists()).collect::<Vec<_>>();
    dumb::create(base, &all)?;
    other.iter().try_for_each(|path| files::remove(path))
}

/// The files that a store of another form than `dumb` may have.
fn others(base: &Path) -> [PathBuf; 5] {
    ["", "-wal", "-shm", ".db", ".pag"].map(|ending| with(base, ending))
}

/// Which form a store has, in the order in which Python looks for them.
fn form(base: &Path) -> Form {
    if with(base, ".dir").exists() && with(base, ".dat").exists() {
        return Form::Dumb;
    }
    if others(base).iter().any(|path| path.exists()) { Form::Unknown } else { Form::None }
}

fn unknown(base: &Path) -> io::Error {
    let text = format!("{}: not a store of a form that is known", base.display());
    io::Error::new(ErrorKind::InvalidData, text)
}

/// The name of a store's file.
fn with(base: &Path, ending: &str) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// An error about what is in a file.
fn damaged(path: &Path, what: impl std::fmt::Display) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("{}: {what}", path.display()))
}

/// Reads a whole file, unless it is too large.
fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path).map_err(files::of(path))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(files::of(path))?;
    if bytes.len() as u64 > LARGEST {
        return Err(damaged(path, "larger than 1 GiB"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
