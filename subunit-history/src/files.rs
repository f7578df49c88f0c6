//! Changes of files, as calls that a test can let fail one by one.

use std::{
    fmt::Debug,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// The calls that change files. [`Disk`] is the only one outside tests.
pub trait FileCalls: Debug + Send + Sync {
    /// A new empty file, to write and to read; what was there is gone.
    ///
    /// # Errors
    ///
    /// Those of the system, as for all of these.
    fn create(&self, path: &Path) -> io::Result<File>;

    /// Writes all of `bytes` at the end of what was written.
    ///
    /// # Errors
    ///
    /// If not all is written.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;

    /// Waits until the disk has the file.
    ///
    /// # Errors
    ///
    /// If it does not.
    fn sync(&self, file: &File) -> io::Result<()>;

    /// Waits until the disk has the names in a folder.
    ///
    /// # Errors
    ///
    /// If it does not.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name, whatever had it before.
    ///
    /// # Errors
    ///
    /// If the name stays.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. It is no error if there is none.
    ///
    /// # Errors
    ///
    /// If it stays.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The files of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl FileCalls for Disk {
    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Takes a file for this process, without waiting. False if another process has it.
#[cfg(unix)]
pub(crate) fn try_lock(file: &File) -> bool {
    use rustix::{
        fs::{FlockOperation, flock},
        io::Errno,
    };

    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::INTR) => {}
            result => return result != Err(Errno::WOULDBLOCK),
        }
    }
}

/// Where there are no locks nobody takes it.
#[cfg(not(unix))]
pub(crate) fn try_lock(_: &File) -> bool {
    false
}

/// Whether another process has the file for itself. Asks by taking a shared lock for a moment.
#[cfg(unix)]
pub(crate) fn is_locked(file: &File) -> bool {
    use rustix::{
        fs::{FlockOperation, flock},
        io::Errno,
    };

    loop {
        match flock(file, FlockOperation::NonBlockingLockShared) {
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) => return true,
            _ => break,
        }
    }
    // It is closed soon, at the latest.
    let _ = flock(file, FlockOperation::Unlock);
    false
}

/// Where there are no locks nobody has it.
#[cfg(not(unix))]
pub(crate) fn is_locked(_: &File) -> bool {
    false
}
