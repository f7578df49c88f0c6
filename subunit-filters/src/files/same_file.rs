//! What is read is never written: which file it is that a path, or a standard stream, leads to.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use crate::exit::Error;

/// A regular file, whatever name it was found by: all its links have the same one.
///
/// What is no regular file has none: a terminal, a pipe or `/dev/null` may well be read and written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct FileId(Id);

#[cfg(unix)]
type Id = (u64, u64);
#[cfg(not(unix))]
type Id = PathBuf;

impl FileId {
    /// The file that a path leads to, if there is one.
    pub(crate) fn of_path(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        return Self::of_metadata(&path.metadata().ok()?);
        #[cfg(not(unix))]
        return path.canonicalize().ok().filter(|path| path.is_file()).map(Self);
    }

    #[cfg(unix)]
    fn of_metadata(metadata: &std::fs::Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        metadata.is_file().then(|| Self((metadata.dev(), metadata.ino())))
    }

    /// The file of a standard stream that the shell has redirected.
    #[cfg(unix)]
    fn of_stream(stream: &impl std::os::fd::AsFd) -> Option<Self> {
        let copy = File::from(stream.as_fd().try_clone_to_owned().ok()?);
        Self::of_metadata(&copy.metadata().ok()?)
    }

    #[cfg(not(unix))]
    fn of_stream<S>(_stream: &S) -> Option<Self> {
        None
    }

    /// The file that is read for `path`, where `-` is standard input.
    pub(crate) fn of_input(path: &Path) -> Option<Self> {
        if is_standard(path) { Self::of_stream(&io::stdin()) } else { Self::of_path(path) }
    }

    /// The file that is written for `path`, where `-` is standard output.
    fn of_output(path: &Path) -> Option<Self> {
        if is_standard(path) { Self::of_stream(&io::stdout()) } else { Self::of_path(path) }
    }
}

fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a file to read, unless standard output goes there.
///
/// # Errors
///
/// If it cannot be opened; as [`refuse_standard_output`].
pub(crate) fn open(path: &Path) -> Result<File, Error> {
    refuse_standard_output(path)?;
    File::open(path).map_err(|source| Error::File { name: path.display().to_string(), source })
}

/// Refuses to read what standard output goes to: reading would never end, or the shell has emptied it.
///
/// # Errors
///
/// If standard output goes to the file that is read for `path`.
pub(crate) fn refuse_standard_output(path: &Path) -> Result<(), Error> {
    let Some(input) = FileId::of_input(path) else { return Ok(()) };
    if FileId::of_stream(&io::stdout()) != Some(input) {
        return Ok(());
    }
    Err(refusal(path, "standard output goes to this file: send it to another one"))
}

/// Refuses to write a file that is read.
///
/// # Errors
///
/// If `output` is the file that is read for one of `inputs`.
pub(crate) fn refuse_inputs<'p>(
    output: &Path,
    inputs: impl IntoIterator<Item = &'p Path>,
) -> Result<(), Error> {
    let Some(id) = FileId::of_path(output) else { return Ok(()) };
    match inputs.into_iter().find(|input| FileId::of_input(input).as_ref() == Some(&id)) {
        None => Ok(()),
        Some(input) => {
            let output = output.display();
            Err(refusal(input, &format!("{output} would overwrite it: name another file")))
        }
    }
}

fn refusal(input: &Path, why: &str) -> Error {
    let name =
        if is_standard(input) { "standard input".to_owned() } else { input.display().to_string() };
    Error::Usage(format!("{name} is read, and {why}"))
}

/// Whether two paths lead to one file to write, which need not be there yet; `-` is standard output.
pub(crate) fn is_one_place(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| -> Option<PathBuf> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or_else(|| Path::new(".")).canonicalize().ok()?.join(path.file_name()?))
    };
    match (FileId::of_output(one), FileId::of_output(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one == other || place(one).is_some_and(|one| Some(one) == place(other)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn all_links_of_a_file_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "x").unwrap();
        fs::write(path("other"), "x").unwrap();
        fs::hard_link(path("file"), path("hard")).unwrap();
        std::os::unix::fs::symlink("file", path("soft")).unwrap();
        for name in ["file", "hard", "soft", "../x/file"] {
            let inputs = [path("other"), path("file")];
            let inputs = inputs.iter().map(PathBuf::as_path);
            let name = name.replace("../x", ".");
            assert!(refuse_inputs(&path(&name), inputs.clone()).is_err(), "{name}");
            assert!(refuse_inputs(&path("new"), inputs).is_ok());
            assert!(is_one_place(&path(&name), &path("file")));
            assert!(!is_one_place(&path(&name), &path("other")));
        }
        assert!(is_one_place(&path("new"), &path("./new")));
        assert!(!is_one_place(&path("new"), &path("newer")));
        let null = Path::new("/dev/null");
        assert!(refuse_inputs(null, [null]).is_ok());
    }
}
