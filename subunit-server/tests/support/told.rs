//! A server that tells others of changes, and who is told.

use std::{
    fs,
    io::{BufRead as _, BufReader, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use subunit_core::{
    Event, FileChunk, Status,
    Status::{Fail, Success},
    Timestamp, Writer, conventions,
};
use subunit_history::{NewRun, Store};

use super::{Served, place::Place, serve};

/// What a test prints that fails.
const LOG: &str = "Traceback (most recent call last):\n  File \"app.py\", line 3, in f\n\n    g()\n  \u{1b}[31mFile \"app.py\", line 9, in g\n    h()\n\
                   Error: no table <users>\n";

/// Adds a run of now to the history in a place. Returns its UUID.
pub(crate) fn add(place: &Path, revision: &str, tests: &[(&str, Status)]) -> String {
    let mut writer = Writer::new(Vec::new());
    let said = json!({ "revision": revision }).to_string();
    let file = Some(FileChunk { name: conventions::RUN, bytes: said.as_bytes() });
    let mime_type = Some(conventions::MIME_TYPE);
    let about = Event { file, mime_type, eof: true, runnable: false, ..Event::default() };
    writer.event(&about).unwrap();
    let mut stream = writer.close().unwrap();
    stream.extend(self::tests(tests));
    let mut store = Store::open(place).unwrap();
    let new = NewRun { series: Some("main".into()), ..NewRun::default() };
    store.take(new, &*stream).unwrap().uuid
}

/// A stream of tests that took place now.
pub(crate) fn tests(tests: &[(&str, Status)]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for (id, status) in tests {
        let event = Event { timestamp: Timestamp::now(), ..Event::status(id, *status) };
        writer.event(&Event { status: Some(Status::InProgress), ..event }).unwrap();
        if *status == Fail {
            let file = Some(FileChunk { name: "traceback", bytes: LOG.as_bytes() });
            let mime_type = Some("text/plain;charset=utf8");
            let said = Event { status: None, file, mime_type, eof: true, ..event };
            writer.event(&said).unwrap();
        }
        writer.event(&event).unwrap();
    }
    writer.close().unwrap()
}

/// A history whose first run has passed, and a server that tells as these settings say.
pub(crate) fn served(settings: &str) -> (Place, Served) {
    served_with(settings, &[])
}

/// The same, with more variables.
pub(crate) fn served_with(settings: &str, variables: &[(&str, &Path)]) -> (Place, Served) {
    let place = Place::new();
    fs::write(
        place.files().join("subunit.toml"),
        "test_command = \"true\"\n[[policy]]\nfail = \"2 of 2\"\n",
    )
    .unwrap();
    fs::write(place.files().join("notify.toml"), settings).unwrap();
    add(place.path(), "r1", &[("a", Success), ("b", Success)]);
    let mut command = serve(&["--listen", "127.0.0.1:0", "--notify", "notify.toml", "--history"]);
    command.arg(place.path()).current_dir(place.files());
    command.env("HOOK_KEY", "a key").env("MAIL_PASSWORD", "pass");
    command.envs(variables.iter().copied());
    let served = Served::by(&mut command);
    (place, served)
}

/// Who listens at any free port, and the port.
pub(crate) fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// The next connection, if it comes within a minute.
pub(crate) fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).unwrap();
                return stream;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
        assert!(Instant::now() < deadline, "nobody has come");
        thread::sleep(Duration::from_millis(2));
    }
}

/// What was posted: the lines of its head, and its body.
pub(crate) fn posted(stream: impl Read) -> (Vec<String>, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let lines = reader.by_ref().lines().map(|line| line.unwrap());
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let mut body = vec![0; header(&head, "Content-Length").parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    (head, body)
}

/// A line of a head by its name.
pub(crate) fn header<'h>(head: &'h [String], name: &str) -> &'h str {
    let named = |line: &'h String| line.strip_prefix(name).and_then(|rest| rest.strip_prefix(": "));
    head.iter().find_map(named).unwrap_or_else(|| panic!("no {name}: {head:?}"))
}

/// A mail server that takes one message, and says so if `is_heard`. It begins with a word unless it is in the middle of a talk.
pub(crate) fn take_mail(stream: impl Read + Write, begins: bool, is_heard: bool) -> Vec<String> {
    let mut talk = MailTalk(BufReader::new(stream));
    if begins {
        talk.answer("220 here");
    }
    let mut heard = Vec::new();
    while let Some(line) = talk.line() {
        match line.split([' ', ':']).next().unwrap() {
            "EHLO" => talk.answer("250-here\r\n250 AUTH LOGIN PLAIN"),
            "AUTH" => talk.answer("235 welcome"),
            "DATA" => {
                talk.answer("354 go on");
                heard.push(line);
                heard.extend(std::iter::from_fn(|| talk.line()).take_while(|line| line != "."));
                if !is_heard {
                    return heard;
                }
                talk.answer("250 taken");
                continue;
            }
            "QUIT" => {
                talk.answer("221 bye");
                return heard;
            }
            _ => talk.answer("250 yes"),
        }
        heard.push(line);
    }
    heard
}

struct MailTalk<S>(BufReader<S>);

impl<S: Read + Write> MailTalk<S> {
    fn answer(&mut self, line: &str) {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.0.get_mut().flush().unwrap();
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.ends_with('\n').then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }
}
