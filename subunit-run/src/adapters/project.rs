//! What is in a folder: which files, and what do they say? Nothing is run.

use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// How much of a file is read.
const READ: u64 = 64 * 1024;

/// How deep folders are looked into, and how many entries at most.
const DEPTH: usize = 3;
const ENTRIES: usize = 10_000;

/// Folders that hold no tests of the project; those with a name that begins with a dot are left out as well.
const LEFT_OUT: [&str; 6] = ["target", "node_modules", "__pycache__", "venv", "vendor", "build"];

/// A folder with tests.
#[derive(Debug)]
pub(super) struct Project {
    folder: PathBuf,
}

impl Project {
    pub(super) fn new(folder: &Path) -> Self {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Self { folder: folder.to_owned() }
    }

    /// Whether there is a file of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.folder.join(name).is_file()
    }

    /// Whether there is a folder of this name.
    pub(super) fn has_folder(&self, name: &str) -> bool {
        self.folder.join(name).is_dir()
    }

    /// Where something of it is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// When a file was written last.
    pub(super) fn modified(&self, name: &str) -> Option<SystemTime> {
        fs::metadata(self.folder.join(name)).ok()?.modified().ok()
    }

    /// The folders whose names begin so, and those in `below`, sorted.
    pub(super) fn folders(&self, beginnings: &[&str], below: &str) -> Vec<String> {
        let in_folder = |folder: &Path| -> Vec<String> {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let folders = entries.filter(|entry| entry.path().is_dir());
            let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
            names.filter(|name| !name.starts_with('.')).take(ENTRIES).collect()
        };
        let mut found = in_folder(&self.folder);
        found.retain(|name| beginnings.iter().any(|beginning| name.starts_with(beginning)));
        let below_it = in_folder(&self.folder.join(below));
        found.extend(below_it.into_iter().map(|name| format!("{below}/{name}")));
        found.sort();
        found
    }

    /// The names of the files and folders in it, sorted.
    pub(super) fn entries(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten().take(ENTRIES);
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// The beginning of a file; nothing if it cannot be read.
    pub(super) fn text(&self, name: impl AsRef<Path>) -> String {
        let mut bytes = Vec::new();
        if let Ok(file) = fs::File::open(self.folder.join(name)) {
            // What was read before an error is looked at.
            let _ = file.take(READ).read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether a file says this.
    pub(super) fn says(&self, name: &str, words: &str) -> bool {
        self.text(name).contains(words)
    }

    /// The files whose names fit, from the folder on, in the order of their paths.
    pub(super) fn files(&self, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![(PathBuf::new(), 0)];
        let mut looked_at = 0;
        while let Some((folder, depth)) = folders.pop() {
            let entries = fs::read_dir(self.folder.join(&folder)).into_iter().flatten().flatten();
            for entry in entries {
                looked_at += 1;
                let name = entry.file_name();
                let Some(name) = name.to_str().filter(|_| looked_at < ENTRIES) else { continue };
                let path = folder.join(name);
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => {
                        let is_left_out = name.starts_with('.') || LEFT_OUT.contains(&name);
                        folders
                            .extend((depth < DEPTH && !is_left_out).then_some((path, depth + 1)));
                    }
                    Ok(_) if fits(name) => found.push(path),
                    _ => {}
                }
            }
        }
        found.sort();
        found
    }

    /// A program of the project's own environment of Python, or else the one that `PATH` has.
    pub(super) fn python_program(&self, name: &str) -> Option<String> {
        let own = [".venv", "venv"].map(|folder| format!("{folder}/bin/{name}"));
        let own = own.into_iter().find(|path| self.has(path));
        own.or_else(|| is_in_path(name).then(|| name.to_owned()))
    }
}

/// Whether `PATH` has a program.
pub(super) fn is_in_path(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
