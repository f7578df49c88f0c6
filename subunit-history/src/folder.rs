//! Which files a history is made of.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, FileCalls};

/// The folder of a history: `history.db`, `runs/` and `.gitignore`.
#[derive(Clone, Debug)]
pub(crate) struct HistoryFolder {
    root: PathBuf,
}

/// How the names of files in `runs/` end.
pub(crate) const RUN: &str = ".sub.zst";
/// A run that is being written: the raw stream, locked by its writer.
pub(crate) const PART: &str = ".part";
/// What is known of such a run besides its stream: see [`RunHeader`](crate::run_file::RunHeader).
pub(crate) const ABOUT: &str = ".json";
/// A run file that is not whole.
pub(crate) const UNFINISHED: &str = ".tmp";
/// An empty file beside a run that stays, whatever is pruned.
pub(crate) const PINNED: &str = ".pinned";

impl HistoryFolder {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Of a history whose run files are somewhere else.
    pub(crate) fn nowhere() -> Self {
        Self { root: PathBuf::new() }
    }

    pub(crate) fn is_nowhere(&self) -> bool {
        self.root.as_os_str().is_empty()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// The file in `runs/` of this run whose name ends so.
    pub(crate) fn of(&self, uuid: &str, end: &str) -> PathBuf {
        self.root.join("runs").join(format!("{uuid}{end}"))
    }

    pub(crate) fn run(&self, uuid: &str) -> PathBuf {
        self.of(uuid, RUN)
    }

    /// Makes the folders, and keeps version control out of them.
    pub(crate) fn make(&self, files: &dyn FileCalls) -> Result<(), Error> {
        let runs = self.runs();
        fs::create_dir_all(&runs).map_err(Error::file(&runs))?;
        let ignore = self.root.join(".gitignore");
        if ignore.exists() {
            return Ok(());
        }
        let mut file = files.create(&ignore).map_err(Error::file(&ignore))?;
        files.write(&mut file, b"*\n").map_err(Error::file(&ignore))
    }

    /// The UUIDs of the files in `runs/` whose names end so, in their order. None if there is no such folder.
    pub(crate) fn uuids(&self, end: &str) -> Result<Vec<String>, Error> {
        let runs = self.runs();
        let entries = match fs::read_dir(&runs) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::file(&runs))?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry.map_err(Error::file(&runs))?.file_name();
            let uuid = name.to_str().and_then(|name| name.strip_suffix(end));
            found.extend(uuid.filter(|uuid| is_uuid(uuid)).map(str::to_owned));
        }
        found.sort_unstable();
        Ok(found)
    }
}

/// Whether this is a UUID in its usual form. Nothing else names a file.
pub(crate) fn is_uuid(text: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Disk;

    #[test]
    fn only_uuids_name_runs() {
        for (text, is) in [
            ("0f0f0f0f-0000-4000-8000-00000000000a", true),
            ("0f0f0f0f-0000-4000-8000-00000000000A", false),
            ("0f0f0f0f-0000-4000-8000-0000000000", false),
            ("../../../../../../../../../etc/passw", false),
        ] {
            assert_eq!(is_uuid(text), is, "{text}");
        }
    }

    #[test]
    fn version_control_ignores_the_folder_and_other_files_are_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = HistoryFolder::new(&place.path().join("a"));
        folder.make(&Disk).unwrap();
        assert_eq!(fs::read(place.path().join("a/.gitignore")).unwrap(), b"*\n");
        let uuid = "0f0f0f0f-0000-4000-8000-00000000000a";
        for name in [&format!("{uuid}.sub.zst"), &format!("{uuid}.part"), "note.sub.zst"] {
            fs::write(folder.runs().join(name), "").unwrap();
        }
        assert_eq!(folder.uuids(RUN).unwrap(), [uuid]);
    }
}
