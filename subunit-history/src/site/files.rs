//! The files of a site: written if they are new or different, and the others left alone.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::Error;

/// What was written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct WrittenSite {
    /// How many pages there are.
    pub pages: u64,
    /// How many of them are new or different.
    pub written: u64,
    /// The length of all, in bytes.
    pub bytes: u64,
}

/// What says that a folder is a site.
const MARK: &str = "subunit-site";

/// The folders of pages. One that is not written again is about what is not shown any more.
const FOLDERS: [&str; 4] = ["series", "grid", "run", "test"];

pub(super) struct SiteFolder {
    folder: PathBuf,
    names: BTreeSet<String>,
    written: WrittenSite,
}

impl SiteFolder {
    /// Takes a folder that is empty, not there yet, or a site.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let open = || {
            fs::create_dir_all(folder)?;
            let is_empty = fs::read_dir(folder)?.next().is_none();
            if !is_empty && !folder.join(MARK).exists() {
                let why = "there are other files in it: name a folder that is empty or not there";
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
            }
            for name in FOLDERS {
                fs::create_dir_all(folder.join(name))?;
            }
            fs::write(folder.join(MARK), "1\n")
        };
        open().map_err(Error::file(folder))?;
        let written = WrittenSite::default();
        Ok(Self { folder: folder.to_owned(), names: BTreeSet::new(), written })
    }

    /// Writes a file, if it is not there as it is to be. Readers find the old or the new one, never a part.
    pub(super) fn put(&mut self, name: &str, content: &str) -> Result<(), Error> {
        let path = self.folder.join(name);
        self.written.pages += u64::from(name.ends_with(".html"));
        self.written.bytes += content.len() as u64;
        self.names.insert(name.to_owned());
        if fs::read(&path).is_ok_and(|old| old == content.as_bytes()) {
            return Ok(());
        }
        self.written.written += 1;
        let new = path.with_extension("new");
        let write = || fs::write(&new, content).and_then(|()| fs::rename(&new, &path));
        write().map_err(Error::file(&path))
    }

    /// Takes pages away that were not written.
    pub(super) fn finish(self) -> Result<WrittenSite, Error> {
        for folder in FOLDERS {
            let path = self.folder.join(folder);
            self.clean(folder, &path).map_err(Error::file(&path))?;
        }
        Ok(self.written)
    }

    fn clean(&self, folder: &str, path: &Path) -> io::Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_shown = |name: &str| self.names.contains(&format!("{folder}/{name}"));
            if !name.to_str().is_some_and(is_shown) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}
