//! The folder of a process, and what is found in it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rustix::fs::OFlags;
use tempfile::TempDir;

use crate::leftovers;

/// The most that is kept of the files of one test together, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// The most files that are kept of one test.
const MAX_FILES: usize = 100;

/// How deep folders in the folder are looked through.
const MAX_DEPTH: usize = 16;

/// The clock of a file system may stand still for this long: later changes may have the same time.
const TICK: Duration = Duration::from_millis(20);

/// All folders of a run.
#[derive(Debug, Default)]
pub(in crate::supervise) struct Artifacts {
    root: Option<TempDir>,
    made: u64,
}

impl Artifacts {
    /// Makes the folder of the next process of this run.
    pub(in crate::supervise) fn make(&mut self, run: &str) -> io::Result<ArtifactFolder> {
        let root = match self.root.take() {
            Some(root) => root,
            None => tempfile::Builder::new().prefix(&leftovers::artifacts(run)).tempdir()?,
        };
        self.made += 1;
        let path = self.root.insert(root).path().join(self.made.to_string());
        fs::create_dir(&path)?;
        Ok(ArtifactFolder { path, seen: None })
    }
}

/// The folder of a process. Dropping it removes it.
#[derive(Debug)]
pub(in crate::supervise) struct ArtifactFolder {
    path: PathBuf,
    /// When it had last changed, if no other change can have had the same time.
    seen: Option<SystemTime>,
}

/// What was found in a folder, and is there no more.
#[derive(Debug, Default)]
pub(super) struct FoundFiles {
    /// Names within the folder, and what is in the files.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// What was not kept, and why; a line each.
    pub(super) left_out: String,
    bytes: u64,
}

impl ArtifactFolder {
    pub(in crate::supervise) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the files that have not been changed after this time. Quick where there is nothing new.
    pub(super) fn take(&mut self, until: Option<SystemTime>) -> FoundFiles {
        let mut found = FoundFiles::default();
        if self.has_changed() {
            let is_flat = take_from(&self.path, "", until, 0, &mut found);
            if !is_flat {
                // Changes in folders below are not seen from above.
                self.seen = None;
            }
        }
        found
    }

    fn has_changed(&mut self) -> bool {
        let Ok(changed) = fs::symlink_metadata(&self.path).and_then(|data| data.modified()) else {
            return false;
        };
        if self.seen == Some(changed) {
            return false;
        }
        let is_settled = changed.elapsed().is_ok_and(|age| age > TICK);
        self.seen = Some(changed).filter(|_| is_settled);
        true
    }
}

impl Drop for ArtifactFolder {
    fn drop(&mut self) {
        // Best effort: it is in a folder for temporary files.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Takes the files of a folder. Whether there is nothing else in it.
fn take_from(
    folder: &Path,
    within: &str,
    until: Option<SystemTime>,
    depth: usize,
    found: &mut FoundFiles,
) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut is_flat = true;
    for entry in entries {
        let name = format!("{within}{}", entry.file_name().to_string_lossy());
        let Ok(data) = entry.metadata() else { continue };
        if data.is_dir() {
            is_flat = false;
            if depth < MAX_DEPTH {
                take_from(&entry.path(), &format!("{name}/"), until, depth + 1, found);
            }
            continue;
        }
        let is_later = until.is_some_and(|until| data.modified().is_ok_and(|time| time > until));
        if is_later {
            is_flat = false;
            continue;
        }
        found.take(name, &entry.path(), data.is_file());
        let _ = fs::remove_file(entry.path());
    }
    is_flat
}

impl FoundFiles {
    fn take(&mut self, name: String, path: &Path, is_file: bool) {
        let kept = match is_file {
            // Links may lead anywhere, and reading a pipe may take for ever.
            false => Err("it is no file".to_owned()),
            true if self.files.len() >= MAX_FILES => {
                Err(format!("there are more than {MAX_FILES} files"))
            }
            true => read(path, MAX_BYTES - self.bytes),
        };
        match kept {
            Ok(bytes) => {
                self.bytes += bytes.len() as u64;
                self.files.push((name, bytes));
            }
            Err(why) => self.left_out += &format!("{name}: not kept: {why}\n"),
        }
    }
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let open = || -> io::Result<(File, u64)> {
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let length = file.metadata()?.len();
        Ok((file, length))
    };
    let (file, length) = open().map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    if length <= most {
        file.take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    }
    if length > most || bytes.len() as u64 > most {
        return Err(format!("{length} bytes, more than {} MiB with the others", MAX_BYTES >> 20));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &FoundFiles) -> Vec<&str> {
        found.files.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn files_are_taken_once_and_only_up_to_a_time() {
        let mut all = Artifacts::default();
        let mut folder = all.make("run").unwrap();
        let path = folder.path().to_owned();
        fs::create_dir(path.join("below")).unwrap();
        fs::write(path.join("a.txt"), "a").unwrap();
        fs::write(path.join("below/b"), "b").unwrap();
        let past = SystemTime::UNIX_EPOCH;
        assert_eq!(names(&folder.take(Some(past))), Vec::<&str>::new());
        assert_eq!(names(&folder.take(None)), ["a.txt", "below/b"]);
        assert_eq!(names(&folder.take(None)), Vec::<&str>::new());
        fs::write(path.join("below/c"), "c").unwrap();
        assert_eq!(names(&folder.take(None)), ["below/c"]);
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn what_is_no_file_or_too_much_is_named() {
        let mut all = Artifacts::default();
        let mut folder = all.make("run").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
        let big = File::create(folder.path().join("big")).unwrap();
        big.set_len(MAX_BYTES + 1).unwrap();
        for nth in 0..=MAX_FILES {
            fs::write(folder.path().join(format!("many-{nth:03}")), "x").unwrap();
        }
        let found = folder.take(None);
        assert_eq!(found.files.len(), MAX_FILES);
        let told: Vec<_> = found.left_out.lines().collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].starts_with("big: not kept: 16777217 bytes"), "{told:?}");
        assert_eq!(told[1], "link: not kept: it is no file");
        assert_eq!(told[2], "many-100: not kept: there are more than 100 files");
    }
}
