//! A shell command that a configuration names, run to its end: it prints ids of instances, a number, tests.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    os::fd::AsFd,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use subunit_mux::{
    ending::described,
    process::{
        Child, PollFd, PollFlags, Signals, StopSignal, inherited_grace, poll_until, set_nonblocking,
    },
};

/// How long a command may take unless told otherwise.
pub const LIMIT: Duration = Duration::from_secs(600);

/// The most that is read of what a command prints, in bytes.
const MAX_PRINTED: usize = 64 << 20;

/// How long its output may stay open after its end.
const LINGER: Duration = Duration::from_secs(2);

/// Why a command was of no use.
#[derive(Debug)]
pub struct CalloutError {
    line: String,
    why: Why,
}

/// What was wrong.
#[derive(Debug)]
pub enum Why {
    /// It could not be started or read.
    System(io::Error),
    /// It ended badly.
    Ended(ExitStatus),
    /// It took longer than this.
    TooLong(Duration),
    /// It printed more than is read.
    TooMuch,
    /// A signal came meanwhile, which the caller finds in its signals: `terminate` if it was not ^C.
    Interrupted {
        /// Whether it was a request to end.
        terminate: bool,
    },
}

impl CalloutError {
    /// What was wrong.
    pub fn why(&self) -> &Why {
        &self.why
    }
}

impl std::error::Error for CalloutError {}

impl fmt::Display for CalloutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: ", self.line)?;
        match &self.why {
            Why::System(error) => write!(f, "{error}"),
            Why::Ended(status) => f.write_str(&described(*status)),
            Why::TooLong(limit) => write!(f, "not ended after {} s", limit.as_secs()),
            Why::TooMuch => write!(f, "it prints more than {} MiB", MAX_PRINTED >> 20),
            Why::Interrupted { .. } => f.write_str("interrupted"),
        }
    }
}

/// Runs a line with `sh -c` in a folder and gives what it printed. Its standard input is empty, its error
/// output is ours.
///
/// # Errors
///
/// If it cannot be started, ends badly, takes too long, or if a signal comes.
pub fn run(
    line: &str,
    folder: &Path,
    limit: Duration,
    signals: &mut Signals,
) -> Result<Vec<u8>, CalloutError> {
    match output(line, folder, limit, signals)? {
        (status, printed) if status.success() => Ok(printed),
        (status, _) => Err(CalloutError { line: line.to_owned(), why: Why::Ended(status) }),
    }
}

/// As [`run`], with a file as its standard input.
///
/// # Errors
///
/// As those of [`run`].
pub fn run_with(
    line: &str,
    input: File,
    folder: &Path,
    limit: Duration,
    signals: &mut Signals,
) -> Result<Vec<u8>, CalloutError> {
    let failed = |why| CalloutError { line: line.to_owned(), why };
    match capture(line, input.into(), folder, limit, signals).map_err(failed)? {
        (status, printed) if status.success() => Ok(printed),
        (status, _) => Err(failed(Why::Ended(status))),
    }
}

/// As [`run`], and gives what was printed if the line ended badly, too.
///
/// # Errors
///
/// If it cannot be started, takes too long, or if a signal comes.
pub fn output(
    line: &str,
    folder: &Path,
    limit: Duration,
    signals: &mut Signals,
) -> Result<(ExitStatus, Vec<u8>), CalloutError> {
    capture(line, Stdio::null(), folder, limit, signals)
        .map_err(|why| CalloutError { line: line.to_owned(), why })
}

fn capture(
    line: &str,
    stdin: Stdio,
    folder: &Path,
    limit: Duration,
    signals: &mut Signals,
) -> Result<(ExitStatus, Vec<u8>), Why> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).current_dir(folder);
    command.stdin(stdin).stdout(Stdio::piped());
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(Why::System)?;
    let output = child.stdout.take();
    let mut child = Child::new(child, false);
    let mut printed = Vec::new();
    let until = Instant::now() + limit;
    let result = match output {
        Some(output) => read(output, &mut child, &mut printed, until, limit, signals),
        None => Ok(()),
    };
    result
        .and_then(|()| wait(&mut child, until, limit, signals))
        .inspect_err(|_| stop(&mut child))?;
    Ok((child.status().unwrap_or_default(), printed))
}

fn read(
    mut output: impl Read + AsFd,
    child: &mut Child,
    printed: &mut Vec<u8>,
    until: Instant,
    limit: Duration,
    signals: &mut Signals,
) -> Result<(), Why> {
    set_nonblocking(&output).map_err(Why::System)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match output.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => printed.extend_from_slice(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let now = Instant::now();
                child.look(now);
                if child.ended_at().is_some_and(|at| now >= at + LINGER) {
                    return Ok(());
                }
                pause(Some(PollFd::from_borrowed_fd(output.as_fd(), PollFlags::IN)), signals)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Why::System(error)),
        }
        if printed.len() > MAX_PRINTED {
            return Err(Why::TooMuch);
        }
        if Instant::now() >= until {
            return Err(Why::TooLong(limit));
        }
    }
}

fn wait(
    child: &mut Child,
    until: Instant,
    limit: Duration,
    signals: &mut Signals,
) -> Result<(), Why> {
    while !child.look(Instant::now()) && child.status().is_none() {
        if Instant::now() >= until {
            return Err(Why::TooLong(limit));
        }
        pause(None, signals)?;
    }
    Ok(())
}

/// Waits for output or a signal. Ends of processes are looked for: no signal of ours tells of them.
fn pause(output: Option<PollFd<'_>>, signals: &mut Signals) -> Result<(), Why> {
    const LOOK: Duration = Duration::from_millis(20);
    let has_signal = {
        let mut fds = vec![PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN)];
        fds.extend(output);
        poll_until(&mut fds, Some(Instant::now() + LOOK)).map_err(Why::System)?;
        fds.first().is_some_and(|fd| !fd.revents().is_empty())
    };
    match if has_signal { signals.take() } else { (false, false) } {
        (false, false) => Ok(()),
        (_, terminate) => Err(Why::Interrupted { terminate }),
    }
}

/// What is not to go on is stopped, the group with it.
fn stop(child: &mut Child) {
    child.stop(StopSignal::Terminate);
    let until = Instant::now() + inherited_grace();
    while !child.look(Instant::now()) && child.status().is_none() && Instant::now() < until {
        let _ = poll_until(&mut [], Some(Instant::now() + Duration::from_millis(20)));
    }
    child.stop(StopSignal::Kill);
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(line: &str, limit: Duration) -> Result<String, String> {
        let mut signals = Signals::catch().unwrap();
        let printed = run(line, Path::new("."), limit, &mut signals);
        printed.map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_command_prints_is_given() {
        assert_eq!(ran("echo a; echo b", LIMIT).unwrap(), "a\nb\n");
        assert_eq!(ran("echo a; cat", LIMIT).unwrap(), "a\n", "nothing is typed");
        assert_eq!(ran("exit 7", LIMIT).unwrap_err(), "`exit 7`: exit status 7");
        let error = ran("kill -9 $$", LIMIT).unwrap_err();
        assert_eq!(error, "`kill -9 $$`: killed by signal 9 (SIGKILL)");
        let mut signals = Signals::catch().unwrap();
        let (status, printed) =
            output("echo a; exit 7", Path::new("."), LIMIT, &mut signals).unwrap();
        assert_eq!((status.code(), printed.as_slice()), (Some(7), &b"a\n"[..]));
    }

    #[test]
    fn a_command_that_takes_too_long_is_stopped() {
        let error = ran("exec sleep 1000", Duration::from_millis(50)).unwrap_err();
        assert_eq!(error, "`exec sleep 1000`: not ended after 0 s");
    }
}
