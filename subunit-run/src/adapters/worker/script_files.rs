//! Which files are scripts?

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use fancy_regex::Regex;

use crate::config::regex::{is_glob, of_glob, python_regex};

/// The files that a name or a glob of a configuration means. One of a folder means all that are in it.
pub(crate) struct NamedFiles {
    glob: String,
    /// The folder to look in.
    folder: PathBuf,
    /// How many folders deep; without end if there is none.
    depth: Option<usize>,
    regex: Regex,
}

impl NamedFiles {
    /// # Errors
    ///
    /// If the glob is none.
    pub(crate) fn new(glob: &str) -> Result<Self, String> {
        let glob = glob.strip_prefix("./").unwrap_or(glob).trim_end_matches('/').to_owned();
        let regex = python_regex(&of_glob(&glob)).map_err(|bad| format!("{glob}: {bad}"))?;
        let parts: Vec<&str> = glob.split('/').collect();
        let plain = parts.iter().take_while(|part| !is_glob(part)).count().min(parts.len() - 1);
        let is_deep = glob.contains("**") || !is_glob(&glob);
        let depth = (!is_deep).then_some(parts.len() - 1 - plain);
        let folder = parts[..plain].join("/");
        let folder = if glob.starts_with('/') { format!("/{folder}") } else { folder };
        Ok(Self { folder: folder.into(), depth, regex, glob })
    }

    /// Whether this is one of them.
    pub(super) fn fit(&self, id: &str) -> bool {
        self.regex.is_match(id).unwrap_or(false)
    }

    /// Their paths, sorted. A name that means none goes to `broken`, as it may be wrong.
    pub(crate) fn find(
        &self,
        only_executable: bool,
        broken: &mut Vec<(String, String)>,
    ) -> Vec<String> {
        let (mut found, mut has_others) = (Vec::new(), false);
        let mut wrong = Vec::new();
        let mut see = |path: &Path, is_executable: bool| {
            let id = path.to_string_lossy();
            if self.fit(&id) {
                has_others |= !is_executable;
                found.extend((is_executable || !only_executable).then(|| id.into_owned()));
            }
        };
        if self.folder.as_os_str().is_empty() || self.folder.exists() {
            walk(&self.folder, self.depth, &mut see, &mut wrong);
        }
        // Of a folder that cannot be read nobody knows what is in it.
        wrong.retain(|(path, _)| path.ends_with('/') || self.fit(path));
        if found.is_empty() && wrong.is_empty() {
            let why = match has_others {
                true => "no file of this name is executable, and there is no `command` for it",
                false => "there is no file of this name",
            };
            wrong.push((self.glob.clone(), why.to_owned()));
        }
        broken.append(&mut wrong);
        found.sort();
        found
    }
}

/// The paths of the executables of a folder and of the folders in it, sorted.
pub(super) fn under(folder: &Path, broken: &mut Vec<(String, String)>) -> Vec<String> {
    let mut found = Vec::new();
    let mut see = |path: &Path, is_executable: bool| {
        found.extend(is_executable.then(|| path.to_string_lossy().into_owned()));
    };
    walk(folder, None, &mut see, broken);
    found.sort();
    found
}

/// Whether a folder has a script.
pub(crate) fn has_script(folder: &Path) -> bool {
    !under(folder, &mut Vec::new()).is_empty()
}

/// Looks at the files of a folder, and of the folders in it this deep, but for those whose names begin with a dot. What
/// cannot be looked at goes to `broken`.
fn walk(
    folder: &Path,
    depth: Option<usize>,
    see: &mut dyn FnMut(&Path, bool),
    broken: &mut Vec<(String, String)>,
) {
    let mut wrong = |path: &Path, error: &io::Error| {
        broken.push((path.to_string_lossy().into_owned(), error.to_string()));
    };
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = match fs::read_dir(here) {
        Ok(entries) => entries,
        Err(error) => return wrong(&folder.join(""), &error),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return wrong(&folder.join(""), &error),
        };
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = folder.join(entry.file_name());
        match fs::metadata(&path) {
            // A link to a folder may lead back.
            Ok(kind) if kind.is_dir() => {
                let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                folders.extend((!is_link).then_some(path));
            }
            Ok(kind) => see(&path, kind.is_file() && kind.permissions().mode() & 0o111 != 0),
            Err(error) => wrong(&path, &error),
        }
    }
    if depth != Some(0) {
        let depth = depth.map(|depth| depth - 1);
        folders.iter().for_each(|folder| walk(folder, depth, see, broken));
    }
}
