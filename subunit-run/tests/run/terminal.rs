//! A terminal, and a line of a shell whose session has it.

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

use crate::project::Project;

/// What should happen happens at once; this is for machines that have a lot to do.
const DEADLINE: Duration = Duration::from_secs(60);

/// A terminal of 100 columns and 24 lines. `$RUN` is `subunit run` in the project.
pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
}

impl Terminal {
    pub(crate) fn start(project: &Project, line: &str) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
        let theirs = OpenOptions::new().read(true).write(true).open(path).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&theirs, size).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_subunit-run"));
        let on_terminal = program.parent().unwrap().join("examples/on_terminal");
        let child = Command::new(on_terminal)
            .arg(line)
            .current_dir(project.folder())
            .env("RUN", format!("{} run", program.display()))
            .env("HOME", project.folder())
            .env("TERM", "xterm")
            .env("PS1", "$ ")
            .env_remove("ENV")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("CI")
            .env_remove("NO_COLOR")
            .stdin(theirs.try_clone().unwrap())
            .stdout(theirs.try_clone().unwrap())
            .stderr(theirs)
            .spawn()
            .unwrap();
        let keyboard = File::from(ours);
        let output = read_aside(keyboard.try_clone().unwrap());
        Self { child, keyboard, output, screen: vt100::Parser::new(24, 100, 1000) }
    }

    pub(crate) fn screen(&self) -> String {
        self.screen.screen().contents()
    }

    /// Reads on until `happened` on the screen.
    pub(crate) fn until(&mut self, happened: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !happened(&self.screen()) {
            assert!(self.read(deadline), "it ended before that:\n{}", self.screen());
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
        while self.read(deadline) {}
        let status = self.child.wait().unwrap();
        (status.code(), self.screen())
    }

    fn read(&mut self, deadline: Instant) -> bool {
        match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(bytes) => {
                self.screen.process(&bytes);
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
