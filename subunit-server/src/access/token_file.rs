//! Which tokens are there? A file says it, which is read again when it has changed.

use std::{
    fmt, fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

use super::token::{self, KeptToken};

/// How long the file may be. A token takes about 150 bytes.
const MOST: u64 = 1 << 20;

/// The file of the tokens of a server. Each change replaces it, so that nobody reads half of one.
#[derive(Debug)]
pub(crate) struct TokenFile {
    path: PathBuf,
    known: Mutex<Known>,
}

/// What was read, and of which file.
#[derive(Debug, Default)]
struct Known {
    stamp: Option<Stamp>,
    tokens: Arc<Vec<KeptToken>>,
}

/// What changes when a file is replaced.
type Stamp = (u64, Option<SystemTime>, u64);

/// The file, as it is written.
#[derive(Deserialize, Serialize)]
struct Written {
    version: u32,
    tokens: Vec<KeptToken>,
}

/// Why tokens cannot be read or written.
#[derive(Debug)]
pub(crate) struct TokenFileError {
    path: PathBuf,
    what: String,
}

impl fmt::Display for TokenFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

impl TokenFile {
    /// The file of this name, which need not be there: then there are no tokens.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, known: Mutex::default() }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// All tokens, as the file says now.
    pub(crate) fn tokens(&self) -> Result<Arc<Vec<KeptToken>>, TokenFileError> {
        let stamp = match fs::metadata(&self.path) {
            Ok(found) => Some(stamp(&found)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(self.wrong(error)),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.stamp != stamp {
            let tokens = if stamp.is_some() { Arc::new(self.read()?) } else { Arc::default() };
            *known = Known { stamp, tokens };
        }
        Ok(Arc::clone(&known.tokens))
    }

    fn read(&self) -> Result<Vec<KeptToken>, TokenFileError> {
        let file = fs::File::open(&self.path).map_err(|error| self.wrong(error))?;
        let mut text = String::new();
        file.take(MOST + 1).read_to_string(&mut text).map_err(|error| self.wrong(error))?;
        if text.len() as u64 > MOST {
            return Err(self.wrong(format_args!("it is longer than {MOST} bytes")));
        }
        let written: Written = serde_json::from_str(&text).map_err(|error| {
            self.wrong(format_args!(
                "these are no tokens: {error}: remove the file, and add tokens again"
            ))
        })?;
        match written.version {
            1 => Ok(written.tokens),
            other => Err(self.wrong(format_args!("version {other} is of a newer program"))),
        }
    }

    /// The token with this secret, unless it has expired.
    pub(crate) fn find(&self, secret: &str) -> Result<Option<KeptToken>, TokenFileError> {
        let sum = token::sum(secret);
        let tokens = self.tokens()?;
        // All are compared, however early one is found.
        let found =
            tokens.iter().fold(None, |found, one| if one.is_of(&sum) { Some(one) } else { found });
        Ok(found.filter(|one| !one.has_expired()).cloned())
    }

    /// Changes the tokens, and nobody else does meanwhile.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Vec<KeptToken>) -> T,
    ) -> Result<T, TokenFileError> {
        let _lock = self.locked()?;
        let mut tokens = self.tokens()?.to_vec();
        let changed = change(&mut tokens);
        let written = serde_json::to_string_pretty(&Written { version: 1, tokens });
        let written = written.map_err(|error| self.wrong(error))?;
        self.replace(&written).map_err(|error| self.wrong(error))?;
        Ok(changed)
    }

    /// A file beside it is locked: the file itself is replaced.
    fn locked(&self) -> Result<fs::File, TokenFileError> {
        let path = self.path.with_extension("lock");
        let options = || fs::File::options().create(true).truncate(false).write(true).open(&path);
        // It may be of root, who has added a token before: it can be locked by whoever can read it.
        let file = options().or_else(|_| fs::File::open(&path));
        let file = file.map_err(|error| self.wrong(error))?;
        #[cfg(unix)]
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|error| self.wrong(error))?;
        Ok(file)
    }

    fn replace(&self, content: &str) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        // It can be read and written by its owner only.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        writeln!(file, "{content}")?;
        #[cfg(unix)]
        give(file.as_file(), &self.path, folder)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }

    fn wrong(&self, what: impl fmt::Display) -> TokenFileError {
        TokenFileError { path: self.path.clone(), what: what.to_string() }
    }
}

/// Gives a new file to the owner of the one that it replaces, or of the folder: whoever adds a token as root does not take the
/// file from the server.
#[cfg(unix)]
fn give(new: &fs::File, old: &Path, folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let mine = new.metadata()?.uid();
    match fs::metadata(old) {
        Ok(old) if old.uid() == mine => Ok(()),
        Ok(old) => fchown(new, Some(old.uid()), None),
        Err(_) => {
            // Somebody else may write in the folder of another, and cannot give files away.
            let _ = fchown(new, Some(fs::metadata(folder)?.uid()), None);
            Ok(())
        }
    }
}

#[cfg(unix)]
fn stamp(found: &fs::Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt as _;
    (found.len(), found.modified().ok(), found.ino())
}

#[cfg(not(unix))]
fn stamp(found: &fs::Metadata) -> Stamp {
    (found.len(), found.modified().ok(), 0)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, chown};

    use super::*;

    #[test]
    fn the_file_belongs_to_the_owner_of_the_folder_or_of_the_file_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.tokens");
        let uid = |path: &Path| fs::metadata(path).unwrap().uid();
        // Only root can give a folder away; anybody else owns all of this.
        let _ = chown(folder.path(), Some(4321), None);
        let tokens = TokenFile::new(path.clone());
        tokens.change(|_| ()).unwrap();
        assert_eq!(uid(&path), uid(folder.path()));
        let _ = chown(&path, Some(4322), None);
        let before = uid(&path);
        tokens.change(|_| ()).unwrap();
        assert_eq!(uid(&path), before);
    }
}
