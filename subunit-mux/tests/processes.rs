//! Commands, files and connections as inputs, for callers with their own loop.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    io::Write,
    os::{
        fd::AsFd,
        unix::{net::UnixStream, process::ExitStatusExt},
    },
    process::Command,
    time::Instant,
};

use subunit_core::{Event, FileChunk, Item, Status, items, sink::Verdict};
use subunit_mux::{
    Undelivered,
    process::{
        Listener, Notice, PollFd, PollFlags, Processes, Settings, Spawn, SpawnError, StopSignal,
    },
};

/// Processes, what they have said, and how they ended.
struct Bench {
    processes: Processes,
    stream: Vec<u8>,
    /// Names and numbers of those that have ended.
    ended: Vec<(String, Option<i32>)>,
}

impl Bench {
    fn new() -> Self {
        let processes = Processes::new(Settings::default()).unwrap();
        Self { processes, stream: Vec::new(), ended: Vec::new() }
    }

    fn turn(&mut self) {
        self.processes.turn(&[], None).unwrap();
        self.stream.extend_from_slice(self.processes.output().as_bytes());
        self.processes.output().clear();
        for notice in self.processes.notices() {
            if let Notice::Ended { name, status, .. } = notice {
                let number = status.and_then(|status| status.code().or_else(|| status.signal()));
                self.ended.push((name, number));
            }
        }
    }

    fn run(&mut self) {
        while !self.processes.is_empty() {
            self.turn();
        }
    }

    /// The text of an input.
    fn text(&self, name: &str) -> String {
        let text = items(&self.stream).filter_map(|item| {
            let Item::Packet(packet) = item else { return None };
            let event = packet.event();
            let file = event.file.filter(|file| file.name == "stdout")?;
            let is_theirs = event.route_code.is_some_and(|route| route.as_str() == name);
            is_theirs.then(|| String::from_utf8_lossy(file.bytes).into_owned())
        });
        text.collect()
    }

    /// The ids that failed, with their reasons.
    fn failures(&self) -> Vec<(String, String)> {
        let failed = items(&self.stream).filter_map(|item| {
            let Item::Packet(packet) = item else { return None };
            let event = packet.event();
            let test_id = event.test_id.filter(|_| event.status == Some(Status::Fail))?;
            let reason = event.file.map_or(&b""[..], |file| file.bytes);
            Some((test_id.to_owned(), String::from_utf8_lossy(reason).into_owned()))
        });
        failed.collect()
    }
}

fn stdin(bytes: &[u8], eof: bool) -> Event<'_> {
    Event { file: Some(FileChunk { name: "stdin", bytes }), eof, ..Event::default() }
}

#[test]
fn inputs_are_added_and_spoken_to_while_others_run() {
    let mut bench = Bench::new();
    let first = bench.processes.spawn("first", Spawn::shell("cat; exit 3")).unwrap();
    bench.processes.send(first, &stdin(b"hello\n", false)).unwrap();
    while bench.text("first").is_empty() {
        bench.turn();
    }
    assert_eq!(bench.text("first"), "hello\n");
    bench.processes.spawn("second", Spawn::shell("echo later")).unwrap();
    let taken = bench.processes.spawn("first", Spawn::shell("true"));
    assert!(matches!(taken, Err(SpawnError::Name(_))), "{taken:?}");
    while bench.ended.is_empty() {
        bench.turn();
    }
    bench.processes.send(first, &stdin(b"bye\n", true)).unwrap();
    let closed = bench.processes.send(first, &stdin(b"?", false));
    assert_eq!(closed, Err(Undelivered::Closed));
    bench.run();
    assert_eq!(bench.ended, [("second".into(), Some(0)), ("first".into(), Some(3))]);
    assert_eq!((&*bench.text("first"), &*bench.text("second")), ("hello\nbye\n", "later\n"));
    assert_eq!(bench.failures(), [("command".into(), "exit status 3\n".into())]);
    assert_eq!(bench.processes.started(), 2);
    let gone = bench.processes.send(first, &stdin(b"?", false));
    assert_eq!(gone, Err(Undelivered::NoSuchRoute));
}

#[test]
fn what_cannot_be_started_is_a_failure_of_its_name() {
    let mut bench = Bench::new();
    let spawned = bench.processes.spawn("it", Spawn::new(Command::new("/nowhere/to/be/found")));
    let Err(error) = spawned else { panic!("it was started") };
    assert!(error.to_string().starts_with("it: it could not be started: "), "{error}");
    assert!(bench.processes.is_empty());
    assert_eq!(bench.processes.hub().verdict(), Verdict::Failed);
    // Its name is free again.
    bench.processes.spawn("it", Spawn::shell("true")).unwrap();
    bench.run();
    assert_eq!(bench.ended, [("it".into(), Some(0))]);
}

#[test]
fn one_is_told_to_stop_and_then_all() {
    let mut bench = Bench::new();
    let [one, _other] =
        ["one", "other"].map(|name| bench.processes.spawn(name, Spawn::shell("exec cat")).unwrap());
    bench.processes.stop(one, "it is enough");
    while bench.ended.is_empty() {
        bench.turn();
    }
    assert_eq!(bench.ended, [("one".into(), Some(15))]);
    let reason = "it is enough: killed by signal 15 (SIGTERM)\n";
    assert_eq!(bench.failures(), [("command".into(), reason.into())]);
    bench.processes.stop_all(StopSignal::Kill);
    assert!(bench.processes.is_stopping() && bench.processes.has_given_up());
    bench.run();
    assert_eq!(bench.ended.last(), Some(&("other".into(), Some(9))));
}

#[test]
fn clients_and_the_callers_own_descriptors_are_waited_for_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let mut listener = Listener::at(&path, None, 0).unwrap();
    let mut bench = Bench::new();
    bench.processes.expect_inputs(true);
    let mut client = UnixStream::connect(&path).unwrap();
    let ours = PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN);
    let ready = bench.processes.turn(&[ours], None).unwrap();
    assert_eq!(ready, [PollFlags::IN]);
    let stream = listener.accept(Instant::now()).unwrap().unwrap();
    bench.processes.connect("client", stream).unwrap();
    assert!(listener.accept(Instant::now()).unwrap().is_none());
    bench.processes.expect_inputs(false);
    assert_eq!(bench.processes.clients(), 1);
    client.write_all(b"hello\n").unwrap();
    drop(client);
    bench.run();
    assert_eq!(bench.text("client"), "hello\n");
    drop(listener);
    assert!(!path.exists());
}

#[test]
fn files_are_read_and_take_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.subunit");
    let mut stream = Vec::new();
    Event::status("a", Status::Success).encode(&mut stream).unwrap();
    fs::write(&path, &stream).unwrap();
    let mut bench = Bench::new();
    let file = bench.processes.open("file", &path).unwrap();
    assert_eq!(bench.processes.send(file, &stdin(b"?", false)), Err(Undelivered::Closed));
    let missing = bench.processes.open("missing", &folder.path().join("missing"));
    assert!(matches!(missing, Err(SpawnError::Start { .. })), "{missing:?}");
    bench.run();
    assert_eq!(bench.ended, [("file".into(), None)]);
    assert_eq!(bench.processes.hub().verdict(), Verdict::Failed, "one could not be opened");
}
