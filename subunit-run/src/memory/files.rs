//! Files that appear whole or not at all, and locks on them.

use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, Write},
    path::Path,
};

use tempfile::{Builder, NamedTempFile};

/// What the names of files begin with that are being written.
pub(super) const UNFINISHED: &str = "tmp-";

/// Says in an error which file it is about.
pub(super) fn of(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Opens a file to read it; none if it is not there.
pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(of(path)(error)),
    }
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(of(path)(error)),
        _ => Ok(()),
    }
}

/// A new file in `folder`, with the permissions that files of this process have.
pub(super) fn unfinished(folder: &Path, prefix: &str, suffix: &str) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(suffix);
    #[cfg(unix)]
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(permissions);
    builder.tempfile_in(folder).map_err(of(folder))
}

/// Replaces a file by what `write` writes, in one step.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let file = unfinished(folder, UNFINISHED, "")?;
    let mut output = BufWriter::new(file.as_file());
    write(&mut output).and_then(|()| output.flush()).map_err(of(path))?;
    drop(output);
    file.persist(path).map_err(|error| of(path)(error.error))?;
    Ok(())
}

/// Waits until nobody else works in `folder`, and keeps others out until the answer is dropped. None where
/// there are no locks.
pub(super) fn hold(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    lock(&file).then_some(file)
}

#[cfg(unix)]
fn lock(file: &File) -> bool {
    use rustix::{
        fs::{FlockOperation, flock},
        io::Errno,
    };

    loop {
        match flock(file, FlockOperation::LockExclusive) {
            Err(Errno::INTR) => {}
            result => return result.is_ok(),
        }
    }
}

#[cfg(not(unix))]
fn lock(_: &File) -> bool {
    false
}
