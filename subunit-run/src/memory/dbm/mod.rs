//! Stores of keys and values as Python's `dbm` makes them.
//!
//! Python opens whatever form it finds, and so do we: `dumb`, GNU dbm, Berkeley DB and SQLite are read. Only
//! `dumb` is written, since every Python can open it; a store of another form is converted.

mod berkeley;
mod dumb;
mod found;
mod gdbm;
mod literal;
mod sqlite;
mod store;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub(super) use literal::repr;
pub(super) use store::{Contents, Pair};
use store::{damaged, read_whole, with};

use super::files;

/// The form of a store.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Form {
    None,
    Dumb,
    /// One of those that are one file.
    File(PathBuf),
}

/// Reads the store of this name, in the form in which it is.
pub(super) fn read(base: &Path) -> Contents {
    match form(base) {
        Form::None => Contents::default(),
        Form::Dumb => dumb::read(base),
        Form::File(path) => read_file(&path).unwrap_or_else(Contents::failed),
    }
}

fn read_file(path: &Path) -> io::Result<Contents> {
    let bytes = read_whole(path)?;
    let readers = [gdbm::read, berkeley::read, sqlite::read];
    let found = readers.into_iter().find_map(|read| read(&bytes));
    let found = found.ok_or_else(|| damaged(path, "not a store of a form that is known"))?;
    let mut error = found.wrong.map(|wrong| damaged(path, wrong));
    let log = with(path, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        error.get_or_insert_with(|| damaged(&log, "the last changes are not read"));
    }
    Ok(Contents { pairs: found.pairs, error })
}

/// Sets some keys. What cannot be read of the store is lost then.
pub(super) fn update(base: &Path, pairs: &[Pair]) -> io::Result<()> {
    if form(base) == Form::Dumb && dumb::update(base, pairs)? {
        return Ok(());
    }
    let mut all = read(base).pairs;
    all.extend_from_slice(pairs);
    dumb::create(base, &all)?;
    // Until they are gone, Python finds some of these first.
    let others = ["", "-wal", "-shm", ".db", ".pag"];
    others.iter().try_for_each(|ending| files::remove(&with(base, ending)))
}

/// Which form a store has, in the order in which Python looks for them.
fn form(base: &Path) -> Form {
    let is_there = |ending| with(base, ending).exists();
    if is_there(".pag") && is_there(".dir") {
        return Form::File(with(base, ".pag"));
    }
    if is_there(".db") {
        return Form::File(with(base, ".db"));
    }
    if is_there(".dir") && is_there(".dat") {
        return Form::Dumb;
    }
    if base.exists() { Form::File(base.to_owned()) } else { Form::None }
}

#[cfg(test)]
mod tests;
