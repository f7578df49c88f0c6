//! Lists of test ids in files.

pub mod known_failures;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use crate::{exit::Error, files::input};

/// The ids in the files: one a line, without the white space after it; what follows a `#` is a comment.
pub(crate) fn read_ids(paths: &[PathBuf]) -> Result<HashSet<String>, Error> {
    let mut ids = HashSet::new();
    for path in paths {
        ids.extend(read_list(path)?);
    }
    Ok(ids)
}

/// The ids in one file, in their order.
pub(crate) fn read_list(path: &Path) -> Result<Vec<String>, Error> {
    let text = read_text(path)?;
    Ok(lines(&text).map(|line| line.id.to_owned()).collect())
}

/// The text of a list.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    String::from_utf8(read(path)?).map_err(|_| not_utf8(path))
}

/// The bytes of a list.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    input::read(path)
}

fn not_utf8(path: &Path) -> Error {
    Error::Usage(format!("{}: a list of ids must be UTF-8", path.display()))
}

/// A line of a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Line<'a> {
    /// What comes before a `#`.
    pub(crate) id: &'a str,
    /// All of it: ids may have a `#` as well.
    pub(crate) whole: &'a str,
}

/// The lines of a list that are not empty, and not comments as a whole.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines()
        .map(|whole| {
            let id = whole.split_once('#').map_or(whole, |(id, _)| id);
            Line { id: id.trim_end(), whole: whole.trim_end() }
        })
        .filter(|line| !line.id.is_empty())
}
