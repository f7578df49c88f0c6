//! Processes, terminals, files and sockets, opened so that nothing waits for them.

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

use super::Plan;

/// A process and our ends of its descriptors.
pub(super) struct Spawned {
    pub(super) child: Child,
    pub(super) output: OwnedFd,
    pub(super) errors: Option<OwnedFd>,
    pub(super) input: OwnedFd,
}

/// In this variable a command finds how many seconds it has to end after it was told to: half of what we
/// have, so that in a tree those at the bottom are killed first, by whom they belong to.
pub(super) const GRACE: &str = "SUBUNIT_GRACE";

/// Starts a command with pipes, or with a terminal of its own.
pub(super) fn spawn(command: &str, plan: &Plan) -> io::Result<Spawned> {
    let grace = plan.limits.grace.as_secs_f64() / 2.0;
    match plan.terminal {
        None => with_pipes(command, grace),
        Some(size) => with_terminal(command, grace, size),
    }
}

fn with_pipes(command: &str, grace: f64) -> io::Result<Spawned> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env(GRACE, grace.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let missing = || io::Error::other("a pipe is missing");
    let output = OwnedFd::from(child.stdout.take().ok_or_else(missing)?);
    let errors = OwnedFd::from(child.stderr.take().ok_or_else(missing)?);
    let input = OwnedFd::from(child.stdin.take().ok_or_else(missing)?);
    for fd in [&output, &errors, &input] {
        set_nonblocking(fd)?;
    }
    Ok(Spawned { child, output, errors: Some(errors), input })
}

/// The command gets the terminal as its controlling one, which only it can ask for: so it is started
/// through ourselves, see [`on_terminal`].
fn with_terminal(command: &str, grace: f64, (columns, rows): (u16, u16)) -> io::Result<Spawned> {
    let (ours, theirs) = open_terminal((columns, rows))?;
    let child = Command::new(std::env::current_exe()?)
        .args(["mux", "--on-terminal", command])
        .env(GRACE, grace.to_string())
        .stdin(theirs.try_clone()?)
        .stdout(theirs.try_clone()?)
        .stderr(theirs)
        .spawn()?;
    set_nonblocking(&ours)?;
    Ok(Spawned { child, input: ours.try_clone()?, output: ours, errors: None })
}

/// Both ends of a terminal of so many columns and rows: ours, and the one of who is to write to it.
pub(crate) fn open_terminal((columns, rows): (u16, u16)) -> io::Result<(OwnedFd, OwnedFd)> {
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
    // A newline must stay one byte, or no packet would come through.
    modes.output_modes.remove(OutputModes::OPOST);
    tcsetattr(&theirs, OptionalActions::Now, &modes)?;
    tcsetwinsize(&theirs, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })?;
    Ok((ours, theirs.into()))
}

/// Makes standard input our controlling terminal and becomes the command. Comes back only with an error.
pub(crate) fn on_terminal(command: &str) -> io::Error {
    let lead = || {
        rustix::process::setsid()?;
        rustix::process::ioctl_tiocsctty(io::stdin())
    };
    match lead() {
        Ok(()) => Command::new("sh").args(["-c", command]).exec(),
        Err(error) => error.into(),
    }
}

/// Opens a file. A FIFO is opened though nobody writes to it yet; reports whether it is one.
pub(super) fn open(path: &Path) -> io::Result<(OwnedFd, bool)> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    let is_fifo = file.metadata()?.file_type().is_fifo();
    Ok((file.into(), is_fifo))
}

pub(crate) fn set_nonblocking(fd: impl AsFd) -> io::Result<()> {
    let flags = fcntl_getfl(&fd)?;
    Ok(fcntl_setfl(&fd, flags | OFlags::NONBLOCK)?)
}

/// Whether we run within another multiplexer, which judges what we pass on.
pub(crate) fn is_nested() -> bool {
    std::env::var_os(GRACE).is_some()
}

/// How long a process has to stop in, by what it inherited; 5 seconds else.
pub(crate) fn inherited_grace() -> Duration {
    let told = std::env::var(GRACE).ok().and_then(|seconds| seconds.parse().ok());
    let told = told.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    told.unwrap_or(Duration::from_secs(5)).min(Duration::from_secs(3600))
}
