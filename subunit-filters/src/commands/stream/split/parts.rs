//! The files that a stream is split into.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::Write,
    path::PathBuf,
};

use subunit_formats::files::own_file;

use crate::{commands::to::disk::flat, exit::Error};

/// Files in a folder, one for each part. None is held open, so there may be any number of them.
pub(super) struct Parts {
    folder: PathBuf,
    /// Where the parts stand in `files`.
    places: HashMap<Option<Box<str>>, usize>,
    files: Vec<Part>,
    names: HashSet<String>,
    /// How many bytes all parts hold that are not written.
    held: usize,
}

struct Part {
    path: PathBuf,
    made: bool,
    bytes: Vec<u8>,
}

/// How many bytes are held before all are written.
const MOST: usize = 4 << 20;

impl Parts {
    /// Makes the folder if it is not there.
    pub(super) fn create(folder: PathBuf) -> Result<Self, Error> {
        fs::create_dir_all(&folder)
            .map_err(|source| Error::File { name: folder.display().to_string(), source })?;
        let (places, files, held) = (HashMap::new(), Vec::new(), 0);
        // This name is reserved for what is in no part.
        let names = HashSet::from(["none".to_owned()]);
        Ok(Self { folder, places, files, names, held })
    }

    /// Adds to a part; `None` is for what is in no part.
    pub(super) fn write(&mut self, part: Option<&str>, bytes: &[u8]) -> Result<(), Error> {
        let part = part.map(Box::<str>::from);
        let place = match self.places.get(&part) {
            Some(place) => *place,
            None => self.open(part),
        };
        if let Some(file) = self.files.get_mut(place) {
            file.bytes.extend_from_slice(bytes);
            self.held += bytes.len();
        }
        if self.held < MOST { Ok(()) } else { self.flush() }
    }

    /// Writes what is held.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        self.held = 0;
        self.files.iter_mut().try_for_each(Part::flush)
    }

    fn open(&mut self, part: Option<Box<str>>) -> usize {
        let name = part.as_deref().map_or_else(|| "none".to_owned(), |part| self.name(part));
        let path = self.folder.join(format!("{name}.subunit"));
        self.files.push(Part { path, made: false, bytes: Vec::new() });
        let place = self.files.len() - 1;
        self.places.insert(part, place);
        place
    }

    /// A name of its own: with `-1` after it if it is taken, or `-2`, and so on.
    fn name(&mut self, part: &str) -> String {
        let flat = flat(part);
        let mut name = flat.clone();
        let mut number = 0;
        // File systems may not tell upper from lower case.
        while !self.names.insert(name.to_lowercase()) {
            number += 1;
            name = format!("{flat}-{number}");
        }
        name
    }
}

impl Part {
    fn flush(&mut self) -> Result<(), Error> {
        if self.bytes.is_empty() && self.made {
            return Ok(());
        }
        let failed = |source| Error::File { name: self.path.display().to_string(), source };
        let open = if self.made { own_file::again } else { own_file::create };
        let mut file = open(&self.path).map_err(failed)?;
        self.made = true;
        file.write_all(&self.bytes).map_err(failed)?;
        self.bytes.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_parts_share_a_file_and_none_lies_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = Parts::create(folder.path().join("out")).unwrap();
        let ids = [None, Some("none"), Some("0/1"), Some("0_1"), Some("../x"), Some(""), Some("A")];
        for id in ids.into_iter().chain([Some("a"), Some("/abs")]) {
            parts.write(id, b"x").unwrap();
            parts.write(id, b"y").unwrap();
            parts.flush().unwrap();
            parts.write(id, b"z").unwrap();
        }
        parts.flush().unwrap();
        let mut names: Vec<String> = fs::read_dir(folder.path().join("out"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                assert_eq!(fs::read(entry.path()).unwrap(), b"xyz");
                entry.file_name().into_string().unwrap()
            })
            .collect();
        names.sort_unstable();
        let mut expected = [".._x", "0_1", "0_1-1", "A", "_", "_abs", "a-1", "none", "none-1"]
            .map(|name| format!("{name}.subunit"));
        expected.sort_unstable();
        assert_eq!(names, expected);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("none.subunit"), "mine").unwrap();
        let mut parts = Parts::create(folder.path().to_owned()).unwrap();
        parts.write(None, b"x").unwrap();
        assert!(parts.flush().unwrap_err().to_string().contains("none.subunit: "));
        assert_eq!(fs::read(folder.path().join("none.subunit")).unwrap(), b"mine");
    }
}
