//! A running `subunit mux` and what it has said so far.
#![allow(dead_code, reason = "each of the tests takes what it needs")]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{
    fs,
    io::{Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use subunit_core::{Decoder, Event, EventBuf, FileChunk, Item, RouteCode, Status};

pub(crate) const SUBUNIT: &str = env!("CARGO_BIN_EXE_subunit");

/// What should happen happens at once; this is for machines that have a lot to do.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    bytes: Option<Receiver<Vec<u8>>>,
    errors: Option<std::thread::JoinHandle<String>>,
    decoder: Decoder,
    pub(crate) seen: Vec<EventBuf>,
    pub(crate) text: Vec<u8>,
    pub(crate) damage: usize,
}

impl Running {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::of("mux", args)
    }

    pub(crate) fn of(verb: &str, args: &[&str]) -> Self {
        let mut running = Self::stalled_of(verb, args);
        running.unstall();
        running
    }

    /// Nobody reads what it says.
    pub(crate) fn stalled(args: &[&str]) -> Self {
        Self::stalled_of("mux", args)
    }

    fn stalled_of(verb: &str, args: &[&str]) -> Self {
        let mut child = Command::new(SUBUNIT)
            .arg(verb)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        Self {
            stdin: child.stdin.take(),
            stdout: child.stdout.take(),
            child,
            bytes: None,
            errors: Some(errors),
            decoder: Decoder::new(),
            seen: Vec::new(),
            text: Vec::new(),
            damage: 0,
        }
    }

    pub(crate) fn unstall(&mut self) {
        let mut stdout = self.stdout.take().unwrap();
        let (sender, receiver) = channel();
        self.bytes = Some(receiver);
        std::thread::spawn(move || {
            let mut block = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = stdout.read(&mut block) {
                if sender.send(block[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    /// Types at a leaf.
    pub(crate) fn tell(&mut self, route: &str, bytes: &[u8]) {
        self.send(&stdin_to(route, bytes, false));
    }

    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Reads on until `happened`.
    pub(crate) fn until(&mut self, happened: impl Fn(&[EventBuf]) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !happened(&self.seen) {
            assert!(self.read(deadline), "it ended before that: {:#?}", self.seen);
        }
    }

    /// Reads to the end; the exit status.
    pub(crate) fn end(&mut self) -> Option<i32> {
        let deadline = Instant::now() + DEADLINE;
        while self.read(deadline) {}
        self.decoder.finish();
        self.take_items();
        self.child.wait().unwrap().code()
    }

    /// Whoever was to read what it says goes away.
    pub(crate) fn hang_up(&mut self) {
        self.stdout = None;
    }

    /// Waits for its end; the exit status.
    pub(crate) fn status(&mut self) -> Option<i32> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::yield_now();
        }
    }

    /// What it has said on standard error, after its end.
    pub(crate) fn errors(&mut self) -> String {
        self.errors.take().unwrap().join().unwrap()
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn signal(&self, signal: &str) {
        kill(signal, self.child.id().try_into().unwrap());
    }

    fn read(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.bytes.as_ref().unwrap().recv_timeout(left) {
            Ok(bytes) => {
                self.decoder.feed(&bytes);
                self.take_items();
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => panic!("nothing came: {:#?}", self.seen),
        }
    }

    fn take_items(&mut self) {
        while let Some(item) = self.decoder.next_item() {
            match item {
                Item::Packet(packet) => self.seen.push(packet.event().to_buf()),
                Item::Text(text) => self.text.extend_from_slice(text),
                Item::Damage(_) => self.damage += 1,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves nothing running; one that passed has waited for the end.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("TERM");
            self.signal("TERM");
            let deadline = Instant::now() + Duration::from_secs(5);
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::yield_now();
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Waits until a process is stopped.
pub(crate) fn until_stopped(pid: &str) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let state = state_of(pid);
        if state.starts_with('T') {
            return;
        }
        assert!(Instant::now() < deadline, "{pid} is not stopped: {state:?}");
    }
}

/// The state of a process, as `ps` says it. A small Linux has no `ps`; systems without `/proc` have.
fn state_of(pid: &str) -> String {
    if let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) {
        return stat.rsplit_once(") ").unwrap().1.to_owned();
    }
    let ps = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap();
    String::from_utf8(ps.stdout).unwrap()
}

/// By the shell, as a small system has no program `kill`.
pub(crate) fn kill(signal: &str, pid: i32) {
    let kill = Command::new("sh").args(["-c", &format!("kill -s {signal} {pid}")]).status();
    assert!(kill.unwrap().success());
}

pub(crate) fn encoded(event: &Event<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    event.encode(&mut out).unwrap();
    out
}

/// The events of a stream that holds nothing else.
pub(crate) fn events(stream: &[u8]) -> Vec<EventBuf> {
    let event = |item| match item {
        Item::Packet(packet) => packet.event().to_buf(),
        other => panic!("{other:?}"),
    };
    subunit_core::items(stream).map(event).collect()
}

/// Hands three tests to a worker, each when the one before it has passed, and ends the run.
pub(crate) fn hand_tests_to(mux: &mut Running, route: &str) {
    mux.until(|seen| text_of(seen, route, "capabilities").contains("\"tests\""));
    for test_id in ["first", "second", &"long".repeat(30)] {
        let listed = Event::status(test_id, Status::Exists);
        mux.send(&encoded(&Event { route_code: Some(RouteCode::new(route)), ..listed }));
        mux.until(|seen| seen.iter().any(|event| is(event, route, test_id, Status::Success)));
    }
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0));
    assert_eq!(mux.seen.iter().filter(|event| event.test_id.is_some()).count(), 6);
}

/// A packet with input for a leaf.
pub(crate) fn stdin_to(route: &str, bytes: &[u8], eof: bool) -> Vec<u8> {
    let file = Some(FileChunk { name: "stdin", bytes });
    encoded(&Event { file, eof, route_code: Some(RouteCode::new(route)), ..Event::default() })
}

pub(crate) fn route(event: &EventBuf) -> &str {
    event.route_code.as_ref().map_or("", |route| route.as_route().as_str())
}

/// All that a leaf has said on one of its outputs.
pub(crate) fn text_of(seen: &[EventBuf], of: &str, name: &str) -> String {
    let said = seen.iter().filter(|event| route(event) == of);
    let said = said.filter_map(|event| event.file.as_ref()).filter(|file| file.name == name);
    let bytes: Vec<u8> = said.flat_map(|file| file.bytes.to_vec()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn is(event: &EventBuf, of: &str, test_id: &str, status: Status) -> bool {
    route(event) == of && event.test_id.as_deref() == Some(test_id) && event.status == Some(status)
}

pub(crate) fn is_final(event: &EventBuf) -> bool {
    event.status.is_some_and(Status::is_final)
}

/// A command line that reports a status for a test.
pub(crate) fn says(status: &str, test_id: &str) -> String {
    format!("{SUBUNIT} output --{status} {test_id}")
}

pub(crate) fn fails(mux: &Running) -> Vec<(String, String)> {
    let failed = mux.seen.iter().filter(|event| event.status == Some(Status::Fail));
    failed
        .map(|event| {
            let file = event.file.as_ref().map(|file| file.bytes.to_vec()).unwrap_or_default();
            let reason = String::from_utf8_lossy(&file).into_owned();
            (event.test_id.clone().unwrap_or_default(), reason)
        })
        .collect()
}

/// An empty directory that no other run of these tests has.
pub(crate) fn directory(name: &str) -> String {
    let path = path(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

pub(crate) fn tempfile(name: &str, content: &str) -> String {
    tempfile_bytes(name, content.as_bytes())
}

pub(crate) fn tempfile_bytes(name: &str, content: &[u8]) -> String {
    let path = path(name);
    fs::write(&path, content).unwrap();
    path
}

fn path(name: &str) -> String {
    format!("{}/mux-{}-{name}", env!("CARGO_TARGET_TMPDIR"), std::process::id())
}

/// What somebody writes into a FIFO.
pub(crate) fn read_in_time(fifo: &str) -> String {
    let (sender, receiver) = channel();
    let fifo = fifo.to_owned();
    std::thread::spawn(move || sender.send(fs::read_to_string(fifo)));
    receiver.recv_timeout(DEADLINE).unwrap().unwrap()
}
