//! A terminal, and a command whose session has it. `subunit-run` has the same tests of its own commands.
#![allow(dead_code, reason = "each test uses part of it")]

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::ffi::OsStrExt,
    path::Path,
    process::{Child, Command},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

/// What should happen happens at once; this is for machines that have a lot to do.
const DEADLINE: Duration = Duration::from_secs(60);

/// A shell tells by this how its command has ended, and waits: with the leader of its session a terminal ends, and what
/// nobody has read yet may be lost.
pub(crate) const SAY_END: &str = "printf '\\033]0;exit %d\\007' $?; kill -STOP $$";

/// A terminal of 100 columns and 24 lines, and a command whose session has it.
pub(crate) struct Terminal {
    pub(crate) child: Child,
    keyboard: File,
    output: Receiver<Vec<u8>>,
    pub(crate) screen: vt100::Parser,
    pub(crate) written: Vec<u8>,
}

impl Terminal {
    /// Starts a command that makes its standard input the controlling terminal of a session of its own.
    pub(crate) fn start(mut command: Command) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
        let theirs = OpenOptions::new().read(true).write(true).open(path).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&theirs, size).unwrap();
        command.env("TERM", "xterm").env_remove("CI").env_remove("NO_COLOR");
        command.stdin(theirs.try_clone().unwrap()).stdout(theirs.try_clone().unwrap());
        let child = command.stderr(theirs).spawn().unwrap();
        // Its end of the terminal is closed here, or the terminal would never end.
        drop(command);
        let keyboard = File::from(ours);
        let output = read_aside(keyboard.try_clone().unwrap());
        let screen = vt100::Parser::new(24, 100, 1000);
        Self { child, keyboard, output, screen, written: Vec::new() }
    }

    pub(crate) fn screen(&self) -> String {
        self.screen.screen().contents()
    }

    /// Reads on until `happened` on the screen.
    pub(crate) fn until(&mut self, happened: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !happened(&self.screen()) {
            let there_is_more = self.read(deadline);
            assert!(there_is_more, "it ended before that:\n{}", self.screen());
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Whether what is typed is shown by the terminal, line by line, as shells leave it to programs.
    pub(crate) fn is_a_shells(&self) -> bool {
        let modes = tcgetattr(&self.keyboard).unwrap().local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Reads to the end; the exit status, and what the screen shows.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.said_status() {
                return (Some(status), self.screen());
            }
            if !self.read(deadline) {
                break;
            }
        }
        let status = self.child.wait().unwrap();
        (status.code(), self.screen())
    }

    /// The exit status that [`SAY_END`] has told.
    fn said_status(&self) -> Option<i32> {
        let written = String::from_utf8_lossy(&self.written);
        let (_, told) = written.rsplit_once("\x1b]0;exit ")?;
        let (status, _) = told.split_once('\x07')?;
        status.parse().ok()
    }

    fn read(&mut self, deadline: Instant) -> bool {
        match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(bytes) => {
                self.screen.process(&bytes);
                self.written.extend(bytes);
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => panic!("nothing came:\n{}", self.screen()),
        }
    }
}

/// A terminal that nobody has open any more ends by an error.
fn read_aside(mut terminal: File) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut block = vec![0; 4096];
        while let Ok(length @ 1..) = terminal.read(&mut block) {
            if sender.send(block[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
