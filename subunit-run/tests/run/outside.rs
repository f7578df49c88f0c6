//! Who joins a run from outside: what they are told, and what they type.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use subunit_core::{Decoder, Event, EventBuf, FileChunk, Item, RouteCode, Status};

use crate::project::Project;

/// A stream that is read until something is found in it.
struct Watched<R> {
    input: R,
    decoder: Decoder,
}

impl<R: Read> Watched<R> {
    fn new(input: R) -> Self {
        Self { input, decoder: Decoder::new() }
    }

    /// The first event that fits.
    fn find(&mut self, fits: impl Fn(&Event<'_>) -> bool) -> EventBuf {
        loop {
            while let Some(item) = self.decoder.next_item() {
                if let Item::Packet(packet) = item
                    && fits(packet.event())
                {
                    return packet.event().to_buf();
                }
            }
            let mut bytes = [0; 4096];
            let length = self.input.read(&mut bytes).unwrap();
            assert!(length > 0, "the stream ended");
            self.decoder.feed(&bytes[..length]);
        }
    }

    /// The next result of a test.
    fn find_result(&mut self) -> (Status, String) {
        let ended = self.find(|event| event.status.is_some_and(Status::is_final));
        let event = ended.as_event();
        let said = event.file.map(|file| String::from_utf8_lossy(file.bytes).into_owned());
        (event.status.unwrap(), said.unwrap_or_default())
    }
}

fn is_prompt(event: &Event<'_>, route: &str) -> bool {
    let is_open = |file: FileChunk<'_>| {
        file.name == "prompt" && String::from_utf8_lossy(file.bytes).contains("\"open\":true")
    };
    event.file.is_some_and(is_open) && event.route_code.is_some_and(|code| code.as_str() == route)
}

fn typed(route: &str, line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let event = Event {
        route_code: Some(RouteCode::new(route)),
        file: Some(FileChunk { name: "stdin", bytes: line.as_bytes() }),
        ..Event::default()
    };
    event.encode(&mut bytes).unwrap();
    bytes
}

/// A run that goes on, and is killed if its test fails.
struct Running(Child);

impl Running {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let mut command = project.command();
        command.args(["--subunit", "--debug"]).args(arguments);
        command.env("XDG_RUNTIME_DIR", project.folder());
        Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The socket of the only run of a project.
fn join(project: &Project) -> UnixStream {
    let folder = project.folder().join("subunit");
    let socket = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    UnixStream::connect(socket).unwrap()
}

#[test]
fn two_workers_that_ask_are_answered_and_their_time_stands_still() {
    for incremental in [true, false] {
        let project = Project::new("a.ask\nb.ask\nc.pass\n", incremental);
        project.configure(
            "debug_prompt_regex=^\\([ab]\\.ask\\)\ntest_command=WORKER $LISTOPT $IDOPTION",
        );
        let begun = Instant::now();
        let mut run = Running::start(&project, &["--jobs", "2", "--test-timeout", "0.3s"]);
        let mut stream = Watched::new(run.0.stdout.take().unwrap());
        stream.find(|event| event.file.is_some_and(|file| file.name == "run"));
        for route in ["0", "1"] {
            let mut again = Watched::new(join(&project));
            // Who comes later is told as well.
            again.find(|event| is_prompt(event, route));
        }
        let mut guest = Watched::new(join(&project));
        guest.find(|event| event.file.is_some_and(|file| file.name == "progress"));
        // Longer than a test may take: it is a person's time.
        while begun.elapsed() < Duration::from_millis(600) {
            std::thread::yield_now();
        }
        guest.input.write_all(&typed("1", "second\n")).unwrap();
        guest.input.write_all(&typed("0", "first\n")).unwrap();
        let mut ends = [guest.find_result(), guest.find_result(), guest.find_result()];
        ends.sort_by(|(_, one), (_, other)| one.cmp(other));
        let said = ["", "answered: first\n", "answered: second\n"];
        assert_eq!(ends, said.map(|said| (Status::Success, said.to_owned())));
        stream.input.read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(run.0.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn without_a_person_nothing_is_waited_for() {
    let project = Project::new("a.ask\n", true);
    let run = project.run(&[]);
    assert_eq!(run.reason("a.ask"), "answered: ");
}
