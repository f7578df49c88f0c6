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
pub(crate) struct Watched<R> {
    pub(crate) input: R,
    decoder: Decoder,
}

impl<R: Read> Watched<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, decoder: Decoder::new() }
    }

    /// The first event that fits.
    pub(crate) fn find(&mut self, fits: impl Fn(&Event<'_>) -> bool) -> EventBuf {
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
    pub(crate) fn find_result(&mut self) -> (Status, String) {
        let ended = self.find(|event| event.status.is_some_and(Status::is_final));
        let event = ended.as_event();
        let said = event.file.map(|file| String::from_utf8_lossy(file.bytes).into_owned());
        (event.status.unwrap(), said.unwrap_or_default())
    }
}

pub(crate) fn is_prompt(event: &Event<'_>, route: &str) -> bool {
    let is_open = |file: FileChunk<'_>| {
        file.name == "prompt" && String::from_utf8_lossy(file.bytes).contains("\"open\":true")
    };
    event.file.is_some_and(is_open) && event.route_code.is_some_and(|code| code.as_str() == route)
}

pub(crate) fn typed(route: &str, line: &str) -> Vec<u8> {
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
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(project: &Project, arguments: &[&str]) -> Self {
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
pub(crate) fn join(project: &Project) -> UnixStream {
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
        let mut run = Running::start(&project, &["--jobs", "2", "--test-timeout", "2s"]);
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
        while begun.elapsed() < Duration::from_secs(4) {
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

#[test]
fn a_worker_two_levels_deep_is_answered_by_its_whole_route() {
    let project = Project::new("a.ask\nb.pass\n", true);
    let asks = "debug_prompt_regex=^\\(a\\.ask\\)\ntest_command=";
    project.configure(&format!("{asks}WORKER $LISTOPT $IDOPTION"));
    let outer = Project::new("", false);
    let program = env!("CARGO_BIN_EXE_subunit-run");
    let inner = format!(
        "cd {}\ncase \"$*\" in\n*--list*) exec {program} list --subunit ;;\n\
         *) exec {program} run --subunit --jobs 2 ;;\nesac\n",
        project.folder().display()
    );
    outer.write("inner.sh", &inner);
    outer.configure(&format!("{asks}sh ./inner.sh $LISTOPT $IDOPTION"));
    let mut run = Running::start(&outer, &["--jobs", "1", "--test-timeout", "2s"]);
    let mut stream = Watched::new(run.0.stdout.take().unwrap());
    let asking = stream.find(|event| {
        let is_below = |route: RouteCode<'_>| route.as_str().starts_with("0/");
        event.file.is_some_and(|file| file.name == "prompt")
            && event.route_code.is_some_and(is_below)
    });
    let route = asking.as_event().route_code.unwrap().as_str().to_owned();
    let sockets = outer.folder().join("subunit");
    let sockets: Vec<_> = std::fs::read_dir(sockets).unwrap().flatten().collect();
    let [socket] = &sockets[..] else { panic!("the run within the run listens as well") };
    // Longer than a test may take: it is a person's time.
    let asked = Instant::now();
    while asked.elapsed() < Duration::from_millis(2500) {
        std::thread::yield_now();
    }
    // What is asked below is in what a late one gets first, too.
    let mut guest = Watched::new(UnixStream::connect(socket.path()).unwrap());
    let asked = guest.find(|event| {
        let is_prompt = event.file.is_some_and(|file| file.name == "prompt");
        is_prompt || event.file.is_some_and(|file| file.name == "progress")
    });
    assert_eq!(asked.as_event().file.unwrap().name, "prompt");
    assert!(String::from_utf8_lossy(asked.as_event().file.unwrap().bytes).contains("a.ask"));
    let mut guest = Watched::new(UnixStream::connect(socket.path()).unwrap());
    let running = guest.find(|event| {
        // The other test may run as well.
        event.test_id == Some("a.ask") && event.status == Some(Status::InProgress)
    });
    assert_eq!(running.as_event().route_code.unwrap().as_str(), route);
    guest.input.write_all(&typed(&route, "from far above\n")).unwrap();
    let answered = stream
        .find(|event| event.test_id == Some("a.ask") && event.status == Some(Status::Success));
    let said = answered.as_event().file.unwrap().bytes.to_vec();
    assert_eq!(said, b"answered: from far above\n");
    stream.input.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(run.0.wait().unwrap().code(), Some(0));
}
