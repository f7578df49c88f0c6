//! Files that we make in a folder where others may have been before us.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// Makes a file to write to. What is there, if only a symbolic link, is neither written over nor followed.
///
/// # Errors
///
/// Those of the system; [`io::ErrorKind::AlreadyExists`] where the name is taken.
pub fn create(path: &Path) -> io::Result<File> {
    let made = OpenOptions::new().append(true).create_new(true).open(path);
    made.map_err(|error| match error.kind() {
        kind @ io::ErrorKind::AlreadyExists => io::Error::new(kind, TAKEN),
        _ => error,
    })
}

const TAKEN: &str = "it is there already and is not overwritten: name another folder, or remove it";

/// Opens a file that [`create`] has made, to write on; not what a symbolic link in its place leads to.
///
/// # Errors
///
/// Those of the system.
pub fn again(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    if let Ok(flags) = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()) {
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_is_there_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        create(&path).unwrap().write_all(b"one").unwrap();
        assert_eq!(create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        again(&path).unwrap().write_all(b"two").unwrap();
        assert_eq!(std::fs::read(path).unwrap(), b"onetwo");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, link) = (folder.path().join("victim"), folder.path().join("link"));
        std::os::unix::fs::symlink("victim", &link).unwrap();
        assert!(create(&link).is_err() && !victim.exists());
        std::fs::write(&victim, "precious").unwrap();
        assert!(create(&link).is_err() && again(&link).is_err());
        assert_eq!(std::fs::read(victim).unwrap(), b"precious");
    }
}
