//! A socket that clients connect to.

use std::{
    fs, io,
    num::NonZeroUsize,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::{
            fs::{FileTypeExt, MetadataExt},
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::{
    fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl},
    io::Errno,
    net::{AddressFamily, SocketAddrUnix, SocketType, connect, socket},
    process::{Resource, getrlimit, umask},
};

/// Descriptors that are not for clients: our own, and those that are open for a moment.
const RESERVED: usize = 32;

/// The most clients at a time, unless told otherwise: each of them is polled in each turn.
const MANY: usize = 1024;

/// How long to accept nobody when there are no descriptors, unless one is closed before.
const PAUSE: Duration = Duration::from_millis(100);

/// A socket that only processes of our user can connect to.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    path: PathBuf,
    /// Which file it is.
    file: Option<(u64, u64)>,
    /// The most clients at a time. Others wait in the kernel.
    limit: usize,
    paused: Option<Instant>,
}

impl Listener {
    /// Listens at a path. Replaces a socket that nobody answers at, and nothing else.
    ///
    /// At most `most` clients are open at a time, 1024 by default, and at most as many as there are
    /// descriptors for, without the `reserved` ones for other inputs.
    ///
    /// # Errors
    ///
    /// If the path cannot be listened at.
    pub fn at(path: &Path, most: Option<NonZeroUsize>, reserved: usize) -> io::Result<Self> {
        let socket = match bind(path) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                remove_forsaken(path)?;
                bind(path)?
            }
            bound => bound?,
        };
        socket.set_nonblocking(true)?;
        let limit = most.map_or(MANY, usize::from).min(room(reserved));
        Ok(Self { socket, path: path.into(), file: identity(path), limit, paused: None })
    }

    /// Whether one more client can be accepted beside the `open` ones.
    pub fn has_room(&self, open: usize, now: Instant) -> bool {
        open < self.limit && self.paused.is_none_or(|until| until <= now)
    }

    /// When to try again.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        self.paused.filter(|until| *until > now)
    }

    /// A descriptor has been closed.
    pub fn go_on(&mut self) {
        self.paused = None;
    }

    /// Accepts a client, if one waits. A client that cannot be accepted now waits, and is not lost.
    ///
    /// # Errors
    ///
    /// Those of the system, except that there are no descriptors now.
    pub fn accept(&mut self, now: Instant) -> io::Result<Option<UnixStream>> {
        self.paused = None;
        match self.socket.accept() {
            Ok((stream, _)) => Ok(Some(stream)),
            Err(error) => match Errno::from_io_error(&error) {
                // It went away before it was accepted.
                Some(Errno::AGAIN | Errno::INTR | Errno::CONNABORTED) => Ok(None),
                Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => {
                    self.paused = Some(now + PAUSE);
                    Ok(None)
                }
                _ => Err(error),
            },
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if self.file.is_some() && identity(&self.path) == self.file {
            // Best effort: the run is over either way.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// No other user may connect, from the first moment.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let before = umask(Mode::from_raw_mode(0o177));
    let bound = UnixListener::bind(path);
    umask(before);
    bound
}

fn remove_forsaken(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return Err(io::Error::other("a file that is no socket is there: give another path"));
    }
    match knock(path) {
        Err(Errno::CONNREFUSED) => fs::remove_file(path),
        // A listener that is busy is there too.
        Ok(()) | Err(Errno::AGAIN | Errno::INPROGRESS) => {
            Err(io::Error::other("somebody listens there already: give another path"))
        }
        Err(error) => Err(error.into()),
    }
}

fn knock(path: &Path) -> Result<(), Errno> {
    let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    let flags = fcntl_getfl(&socket)?;
    fcntl_setfl(&socket, flags | OFlags::NONBLOCK)?;
    connect(&socket, &SocketAddrUnix::new(path)?)
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// How many clients there are descriptors for. No more can be polled than that, and a client may be polled
/// for both reading and writing.
fn room(reserved: usize) -> usize {
    let descriptors = getrlimit(Resource::Nofile).current;
    let descriptors = descriptors.and_then(|limit| usize::try_from(limit).ok());
    let others = RESERVED.saturating_add(reserved);
    descriptors.map_or(usize::MAX, |limit| (limit.saturating_sub(others) / 2).max(1))
}
