//! Where runs can be found by other processes of the same user: a socket for each, in one folder.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, Permissions},
    io,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::{
            fs::{DirBuilderExt, MetadataExt, PermissionsExt},
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
};

use rustix::process::geteuid;

/// The socket of a run. It is removed when the run ends.
#[derive(Debug)]
pub struct RunSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl RunSocket {
    /// Listens for those who ask for the run of this name.
    ///
    /// # Errors
    ///
    /// If there is no folder that is ours alone, or it cannot be written.
    pub fn listen(name: &str) -> io::Result<Self> {
        let path = folder()?.join(format!("{name}.{SOCKET}"));
        let listener = UnixListener::bind(&path)?;
        let socket = Self { listener, path };
        fs::set_permissions(&socket.path, Permissions::from_mode(0o600))?;
        socket.listener.set_nonblocking(true)?;
        Ok(socket)
    }

    /// The next who asks, if one waits.
    pub fn accept(&self) -> Option<UnixStream> {
        let (stream, _) = self.listener.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some(stream)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl AsFd for RunSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

impl Drop for RunSocket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

const SOCKET: &str = "sock";

/// The folder of the sockets: `$XDG_RUNTIME_DIR/subunit`, or one in the folder for temporary files. It is
/// made if it is not there.
///
/// # Errors
///
/// If it cannot be made, or is not ours alone.
pub fn folder() -> io::Result<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let folder = match runtime.filter(|folder| folder.is_absolute()) {
        Some(runtime) => runtime.join("subunit"),
        None => std::env::temp_dir().join(format!("subunit-{}", geteuid().as_raw())),
    };
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = fs::symlink_metadata(&folder)?;
    let is_ours = found.is_dir() && found.uid() == geteuid().as_raw();
    if !is_ours || found.permissions().mode() & 0o077 != 0 {
        let message = format!("{} is not a folder of ours alone", folder.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(folder)
}

/// The runs that can be reached, by name. What a run has left that was killed is removed.
///
/// # Errors
///
/// If the folder cannot be read.
pub fn runs() -> io::Result<Vec<(String, UnixStream)>> {
    let mut runs = Vec::new();
    for entry in fs::read_dir(folder()?)? {
        let path = entry?.path();
        if path.extension() != Some(OsStr::new(SOCKET)) {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match UnixStream::connect(&path) {
            Ok(stream) => runs.push((name, stream)),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                let _ = fs::remove_file(&path);
            }
            // It has just ended.
            Err(_) => {}
        }
    }
    runs.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(runs)
}
