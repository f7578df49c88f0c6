//! Processes, terminals and files, opened without blocking.

use std::{
    fs::{File, OpenOptions},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{
            ffi::OsStrExt,
            fs::{FileTypeExt, OpenOptionsExt},
            process::CommandExt,
        },
    },
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    pty::OpenptFlags,
    termios::{OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize},
};

/// A process and our ends of its descriptors.
pub(super) struct Spawned {
    pub(super) child: Child,
    pub(super) output: OwnedFd,
    pub(super) errors: Option<OwnedFd>,
    pub(super) results: Option<OwnedFd>,
    pub(super) input: OwnedFd,
}

/// This variable tells a command how many seconds it has to end after a request: half of ours, so that in a
/// tree each process is killed by its own parent, from the bottom up.
const GRACE: &str = "SUBUNIT_GRACE";

/// A command to start, and what its standard streams are.
///
/// It leads its own process group, so that it is stopped together with what it has started.
/// `$SUBUNIT_GRACE` tells it how many seconds it has for that. Its standard streams are pipes.
#[derive(Debug)]
pub struct Spawn {
    command: Command,
    pub(super) terminal: Option<(u16, u16)>,
    pub(super) beside_us: bool,
    our_errors: bool,
    results: Option<OwnedFd>,
}

impl Spawn {
    /// This command.
    pub fn new(command: Command) -> Self {
        Self { command, terminal: None, beside_us: false, our_errors: false, results: None }
    }

    /// A line for `sh -c`.
    pub fn shell(line: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        Self::new(command)
    }

    /// Its standard streams are a terminal of this many columns and rows. The command itself has to make
    /// that its controlling terminal: see [`run_on_terminal`].
    #[must_use]
    pub fn on_terminal(self, size: (u16, u16)) -> Self {
        Self { terminal: Some(size), ..self }
    }

    /// It is in our process group, so that ^C of our terminal reaches it, and its error output is ours.
    /// Only the command is told to stop, not what it has started.
    #[must_use]
    pub fn beside_us(self) -> Self {
        Self { beside_us: true, ..self }
    }

    /// Its error output is ours, so that a person sees it at once and in its place.
    #[must_use]
    pub fn with_our_errors(self) -> Self {
        Self { our_errors: true, ..self }
    }

    /// It writes results to a pipe as well, and this is our end of it: see
    /// [`ResultSlot`](super::ResultSlot).
    #[must_use]
    pub fn with_results(self, ours: OwnedFd) -> Self {
        Self { results: Some(ours), ..self }
    }

    /// Starts it. With `grace` between the signals that tell it to stop, it has half of that.
    pub(super) fn start(mut self, grace: Duration) -> io::Result<Spawned> {
        if !self.beside_us {
            self.command.env(GRACE, (grace.as_secs_f64() / 2.0).to_string());
        }
        match self.terminal {
            None => self.with_pipes(),
            Some(size) => self.with_terminal(size),
        }
    }

    fn with_pipes(self) -> io::Result<Spawned> {
        let mut command = self.command;
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if !self.beside_us {
            command.process_group(0);
        }
        if !self.beside_us && !self.our_errors {
            command.stderr(Stdio::piped());
        }
        let mut child = command.spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let output = OwnedFd::from(child.stdout.take().ok_or_else(missing)?);
        let errors = child.stderr.take().map(OwnedFd::from);
        let input = OwnedFd::from(child.stdin.take().ok_or_else(missing)?);
        for fd in [Some(&output), errors.as_ref(), Some(&input)].into_iter().flatten() {
            set_nonblocking(fd)?;
        }
        Ok(Spawned { child, output, errors, results: self.results, input })
    }

    fn with_terminal(self, size: (u16, u16)) -> io::Result<Spawned> {
        let (ours, theirs) = open_terminal(size)?;
        let mut command = self.command;
        command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
        let child = command.spawn()?;
        set_nonblocking(&ours)?;
        let (input, output) = (ours.try_clone()?, ours);
        Ok(Spawned { child, output, errors: None, results: self.results, input })
    }
}

/// Both ends of a terminal of this many columns and rows: ours, and the one for the program that writes to
/// it.
///
/// # Errors
///
/// If there are no more terminals.
pub fn open_terminal((columns, rows): (u16, u16)) -> io::Result<(OwnedFd, OwnedFd)> {
    let ours = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    rustix::io::fcntl_setfd(&ours, rustix::io::FdFlags::CLOEXEC)?;
    rustix::pty::grantpt(&ours)?;
    rustix::pty::unlockpt(&ours)?;
    let name = rustix::pty::ptsname(&ours, Vec::new())?;
    let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
    let theirs = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlags::NOCTTY.bits().cast_signed())
        .open(path)?;
    let mut modes = tcgetattr(&theirs)?;
    // A newline must stay one byte, or packets would be damaged.
    modes.output_modes.remove(OutputModes::OPOST);
    tcsetattr(&theirs, OptionalActions::Now, &modes)?;
    tcsetwinsize(&theirs, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })?;
    Ok((ours, theirs.into()))
}

/// Makes standard input our controlling terminal and becomes the command, a line for `sh -c`. Returns only
/// with an error. It needs a process of its own: [`Spawn::on_terminal`] starts a program that calls this.
pub fn run_on_terminal(command: &str) -> io::Error {
    let lead = || {
        rustix::process::setsid()?;
        rustix::process::ioctl_tiocsctty(io::stdin())
    };
    match lead() {
        Ok(()) => Command::new("sh").args(["-c", command]).exec(),
        Err(error) => error.into(),
    }
}

/// Opens a file, or a FIFO even if nobody writes to it yet. Returns whether it is a FIFO.
pub(crate) fn open(path: &Path) -> io::Result<(OwnedFd, bool)> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    let is_fifo = file.metadata()?.file_type().is_fifo();
    Ok((file.into(), is_fifo))
}

/// Makes a descriptor non-blocking.
///
/// # Errors
///
/// Those of the system.
pub fn set_nonblocking(fd: impl AsFd) -> io::Result<()> {
    let flags = fcntl_getfl(&fd)?;
    Ok(fcntl_setfl(&fd, flags | OFlags::NONBLOCK)?)
}

/// Whether we run within another multiplexer, which judges our stream.
pub fn is_nested() -> bool {
    std::env::var_os(GRACE).is_some()
}

/// How long to wait for further tests when nobody is left to run them, given how long a command has to
/// close its outputs. Not at all below another hub, which knows what it has requested.
pub fn time_for_more(linger: Duration) -> Duration {
    if is_nested() { Duration::ZERO } else { linger }
}

/// How long a process has to stop, as inherited; otherwise 5 seconds.
pub fn inherited_grace() -> Duration {
    let told = std::env::var(GRACE).ok().and_then(|seconds| seconds.parse().ok());
    let told = told.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    told.unwrap_or(Duration::from_secs(5)).min(Duration::from_secs(3600))
}
