//! Runs that go on elsewhere: which one is joined, and how its stream comes here.

use std::{io, os::unix::net::UnixStream};

use rustix::{
    event::{PollFd, PollFlags},
    io::{Errno, read, write},
    net::{Shutdown, shutdown},
    stdio::{stdin, stdout},
};
use subunit_mux::process::{
    poll_until,
    run_socket::{folder, runs},
};

use crate::exit::{Error, Exit};

/// How much is copied at once.
const BLOCK: usize = 64 * 1024;

/// The command whose output is the stream of a run, and whose input goes to it.
///
/// # Errors
///
/// If there is no such run here. Whether there is one on another machine is said there.
pub(crate) fn command_of_run(run: Option<&str>) -> Result<Vec<String>, Error> {
    if let Some(place) = run.and_then(|run| run.strip_prefix("ssh:")) {
        let (host, run) =
            place.split_once('/').map_or((place, None), |(host, run)| (host, Some(run)));
        if host.is_empty() || host.starts_with('-') {
            return Err(Error::Usage(format!("ssh:{place}: use ssh:HOST or ssh:HOST/RUN")));
        }
        let words = ["ssh", "-T", host, "subunit", "attach", "--bridge"];
        return Ok(words.into_iter().chain(run).map(str::to_owned).collect());
    }
    let (name, _) = found(run)?;
    let ours = std::env::current_exe()
        .map_err(|source| Error::System { name: "this program".into(), source })?;
    Ok(vec![ours.display().to_string(), "attach".into(), "--bridge".into(), name])
}

/// The run of this name, or the only one.
fn found(run: Option<&str>) -> Result<(String, UnixStream), Error> {
    let all = runs().map_err(|source| {
        let name = folder().map_or_else(|_| "runs".into(), |folder| folder.display().to_string());
        Error::File { name, source }
    })?;
    let names: Vec<String> = all.iter().map(|(name, _)| name.clone()).collect();
    let mut fitting: Vec<_> =
        all.into_iter().filter(|(name, _)| run.is_none_or(|run| name.starts_with(run))).collect();
    match (fitting.pop(), fitting.is_empty(), run) {
        (Some(found), true, _) => Ok(found),
        (None, _, Some(run)) if !names.is_empty() => Err(Error::Usage(format!(
            "{run}: there is no such run: use one of {}",
            names.join(", ")
        ))),
        (None, ..) => Err(Error::Usage("no run goes on here: start one with `subunit run`".into())),
        (Some(_), false, _) => {
            let names = names.join(", ");
            Err(Error::Usage(format!("there are several runs: name one of {names}")))
        }
    }
}

/// Copies standard input to a run, and its stream to standard output, until the run ends.
///
/// # Errors
///
/// If there is no such run, or the output cannot be written.
pub(crate) fn bridge(run: Option<&str>) -> Result<Exit, Error> {
    let (_, run) = found(run)?;
    let mut buffer = vec![0; BLOCK];
    let mut stdin_open = true;
    loop {
        let mut fds = vec![PollFd::new(&run, PollFlags::IN)];
        if stdin_open {
            fds.push(PollFd::from_borrowed_fd(stdin(), PollFlags::IN));
        }
        poll_until(&mut fds, None).map_err(Error::Wait)?;
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        if ready.get(1) == Some(&true) {
            match read(stdin(), &mut buffer[..]) {
                Ok(length @ 1..) => write_all(&run, &buffer[..length])?,
                Err(Errno::INTR | Errno::AGAIN) => {}
                Ok(0) | Err(_) => {
                    stdin_open = false;
                    let _ = shutdown(&run, Shutdown::Write);
                }
            }
        }
        if ready.first() == Some(&true) {
            match read(&run, &mut buffer[..]) {
                Ok(length @ 1..) => write_all(stdout(), &buffer[..length])?,
                Err(Errno::INTR | Errno::AGAIN) => {}
                Ok(0) | Err(_) => return Ok(Exit::Passed),
            }
        }
    }
}

fn write_all(to: impl std::os::fd::AsFd, mut bytes: &[u8]) -> Result<(), Error> {
    while !bytes.is_empty() {
        match write(&to, bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(Error::Output(io::Error::from(error))),
        }
    }
    Ok(())
}
