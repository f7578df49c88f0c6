//! A file that a report is written to: it takes its name when it is whole.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use tempfile::TempPath;

/// What becomes of the file when the report is whole.
#[derive(Debug)]
pub(crate) enum NewFile {
    /// It is a temporary file beside the place it is for, and removed unless it is put there.
    Beside { temporary: TempPath, place: PathBuf },
    /// It is where it belongs: a device, a FIFO, or a file that must stay the same file.
    InPlace,
}

impl NewFile {
    /// Opens a file to write to. What stands at `path` stays there until [`NewFile::put_in_place`], so
    /// nothing that ends this process in between leaves half a report.
    ///
    /// # Errors
    ///
    /// If `path` cannot be written.
    pub(crate) fn create(path: &Path) -> io::Result<(Self, File)> {
        let Some(place) = followed(path) else { return Ok((Self::InPlace, File::create(path)?)) };
        let found = match OpenOptions::new().write(true).open(&place) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Where the folder takes no other name, it may still take this one.
                return match beside(place, None) {
                    Ok(Some(made)) => Ok(made),
                    Ok(None) | Err(_) => Ok((Self::InPlace, File::create(path)?)),
                };
            }
            Err(error) => return Err(error),
        };
        let known = found.metadata()?;
        if !known.is_file() {
            return Ok((Self::InPlace, found));
        }
        if let Ok(Some(made)) = beside(place, Some(&known)) {
            return Ok(made);
        }
        found.set_len(0)?;
        Ok((Self::InPlace, found))
    }

    /// Gives the file its name, now that all is written.
    ///
    /// # Errors
    ///
    /// If that cannot be done; what stood there before still does.
    pub(crate) fn put_in_place(self) -> io::Result<()> {
        match self {
            Self::Beside { temporary, place } => Ok(temporary.persist(place)?),
            Self::InPlace => Ok(()),
        }
    }
}

/// Where links lead. `None` for the names of what is open already, such as `/dev/stdout`: others may write
/// there too, so it must not be replaced.
fn followed(path: &Path) -> Option<PathBuf> {
    /// More links in a row are a loop, which opening the file will tell.
    const LINKS: usize = 40;
    let mut place = path.to_owned();
    for _ in 0..LINKS {
        if cfg!(unix) && (place.starts_with("/dev") || place.starts_with("/proc")) {
            return None;
        }
        let Ok(target) = fs::read_link(&place) else { break };
        place = place.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    Some(place)
}

/// A temporary file in the folder of `place`, like the one that is `known` there. `None` where that one
/// cannot be replaced by it without a loss: it has another owner, or other names.
fn beside(place: PathBuf, known: Option<&Metadata>) -> io::Result<Option<(NewFile, File)>> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".subunit-").suffix(".tmp");
    #[cfg(unix)]
    let anybody = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(anybody); // less what the process's mask takes away
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let (file, temporary) = builder.tempfile_in(folder)?.into_parts();
    if let Some(known) = known {
        if !is_replaceable(known, &file.metadata()?) {
            return Ok(None);
        }
        file.set_permissions(known.permissions())?;
    }
    Ok(Some((NewFile::Beside { temporary, place }, file)))
}

#[cfg(unix)]
fn is_replaceable(known: &Metadata, new: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    known.nlink() == 1 && (known.uid(), known.gid()) == (new.uid(), new.gid())
}

#[cfg(not(unix))]
fn is_replaceable(_known: &Metadata, _new: &Metadata) -> bool {
    true
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{
        io::Write,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    fn write(path: &Path, text: &str) -> NewFile {
        let (new, mut file) = NewFile::create(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        new
    }

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn the_old_file_stands_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        drop(write(&path, "half"));
        assert_eq!((&*fs::read_to_string(&path).unwrap(), names(folder.path())), ("old", 1));
        let new = write(&path, "new");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        new.put_in_place().unwrap();
        assert_eq!((&*fs::read_to_string(&path).unwrap(), names(folder.path())), ("new", 1));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn links_stay_links_and_a_file_of_two_names_stays_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| folder.path().join(name);
        symlink("target", of("link")).unwrap();
        write(&of("link"), "first").put_in_place().unwrap();
        assert!(of("link").is_symlink() && !of("target").is_symlink());
        assert_eq!(fs::read_to_string(of("target")).unwrap(), "first");
        fs::hard_link(of("target"), of("twin")).unwrap();
        write(&of("link"), "2nd").put_in_place().unwrap();
        assert_eq!(fs::read_to_string(of("twin")).unwrap(), "2nd");
    }

    #[test]
    fn what_is_open_already_is_written_to_as_it_is() {
        let (new, _) = NewFile::create(Path::new("/dev/null")).unwrap();
        assert!(matches!(new, NewFile::InPlace));
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("/dev/stdout", &link).unwrap();
        assert_eq!(followed(&link), None);
    }

    #[test]
    fn what_cannot_be_written_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let error = NewFile::create(&folder.path().join("none/a.xml")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(NewFile::create(folder.path()).is_err());
    }
}
