//! A history, its server, and a small client.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod place;
pub(crate) mod sent;
pub(crate) mod tls;
pub(crate) mod told;

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Lines, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use subunit_core::{Event, FileChunk, Status, Timestamp, Writer};
use subunit_history::{NewRun, Store};

/// How long an answer may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A test of a run: its id, how it ended, and what it printed.
pub(crate) type Told<'t> = (&'t str, Status, &'t str);

/// Adds a run to the history in a folder. Returns its UUID.
pub(crate) fn add_run(folder: &Path, series: &str, second: u32, tests: &[Told<'_>]) -> String {
    let mut store = Store::open(folder).unwrap();
    let new = NewRun { series: Some(series.into()), ..NewRun::default() };
    store.take(new, &stream(second, tests)[..]).unwrap().uuid
}

/// A stream of tests that begin at this second.
pub(crate) fn stream(second: u32, tests: &[Told<'_>]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for (id, status, printed) in tests {
        let at = |more| Some(Timestamp::new(1_700_000_000 + second + more, 0));
        let event = |status, timestamp| Event { timestamp, ..Event::status(id, status) };
        writer.event(&event(Status::InProgress, at(0))).unwrap();
        if !printed.is_empty() {
            let file = Some(FileChunk { name: "traceback", bytes: printed.as_bytes() });
            let said = Event { status: None, file, eof: true, ..event(*status, at(1)) };
            let mime_type = Some("text/plain;charset=utf8");
            writer.event(&Event { mime_type, ..said }).unwrap();
        }
        writer.event(&event(*status, at(1))).unwrap();
    }
    writer.close().unwrap()
}

/// `subunit-server serve` with these arguments.
pub(crate) fn serve(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subunit-server"));
    command.arg("serve").args(arguments).stdin(Stdio::null()).env_remove("SUBUNIT_HISTORY");
    command
}

/// A server that goes on until it is dropped.
pub(crate) struct Served {
    child: Child,
    /// It is kept open.
    _stdout: BufReader<ChildStdout>,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Served {
    /// A server of the history in a folder, on any free port.
    pub(crate) fn start(folder: &Path) -> Self {
        let folder = folder.to_str().unwrap();
        Self::by(&mut serve(&["--history", folder, "--listen", "127.0.0.1:0"]))
    }

    /// The same, with more options.
    pub(crate) fn start_with(folder: &Path, options: &[&str]) -> Self {
        let folder = folder.to_str().unwrap();
        let all = [&["--history", folder, "--listen", "127.0.0.1:0"], options].concat();
        Self::by(&mut serve(&all))
    }

    pub(crate) fn by(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("https://").trim_start_matches("http://");
        let address = address.strip_suffix('/');
        let address = address.unwrap_or_else(|| panic!("no address: {line:?}")).to_owned();
        Self { child, _stdout: stdout, address }
    }

    /// What the server says, if its command was given a pipe for it.
    pub(crate) fn said(&mut self) -> BufReader<ChildStderr> {
        BufReader::new(self.child.stderr.take().unwrap())
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Asks for a page.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// Sends a request with more headers; `Host` is this server unless it is among them.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        Answer::of(&self.exchange(method, path, headers))
    }

    /// The body of an answer that is not sent in pieces.
    pub(crate) fn bytes(&self, method: &str, path: &str) -> Vec<u8> {
        let answer = self.exchange(method, path, &[]);
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        answer[end + 4..].to_vec()
    }

    /// Sends a request with a body. Its length is told unless a header does.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut stream = self.begin(method, path, headers, body);
        let mut answer = Vec::new();
        // The server may close before it has read all of it.
        let _ = stream.read_to_end(&mut answer);
        Answer::of(&answer)
    }

    /// Sends the beginning of a request, and goes away.
    pub(crate) fn send_cut(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut stream = self.begin(method, path, headers, body);
        stream.shutdown(Shutdown::Write).unwrap();
        // The server has seen it.
        let _ = stream.read_to_end(&mut Vec::new());
    }

    fn begin(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> TcpStream {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        request += "Connection: close\r\n";
        let is_told = |name: &&str| ["Content-Length", "Transfer-Encoding"].contains(name);
        if !headers.iter().any(|(name, _)| is_told(name)) {
            request += &format!("Content-Length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all((request + "\r\n").as_bytes()).unwrap();
        // The server may answer, and close, before it has all of it.
        let _ = stream.write_all(body);
        stream
    }

    fn exchange(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request += &format!("Host: {}\r\n", self.address);
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        stream.write_all((request + "\r\n").as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    /// All pages that links lead to, by their addresses.
    pub(crate) fn crawl(&self) -> BTreeMap<String, Answer> {
        let (mut open, mut pages) = (vec!["/".to_owned()], BTreeMap::new());
        while let Some(path) = open.pop() {
            let page = self.get(&path);
            assert_eq!(page.status, 200, "{path}: {page:?}");
            for name in ["href=\"", "src=\""] {
                let links =
                    page.body.split(name).skip(1).map(|rest| rest.split('"').next().unwrap());
                let is_page =
                    page.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
                let links = links.filter(|link| is_page && !link.starts_with("data:"));
                open.extend(links.map(|link| resolved(&path, link)));
            }
            pages.insert(path, page);
            open.retain(|path| !pages.contains_key(path));
        }
        pages
    }

    /// Follows a stream of events.
    pub(crate) fn follow(&self, path: &str, headers: &[(&str, &str)]) -> Events {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut request = format!("GET {path} HTTP/1.0\r\nHost: {}\r\n", self.address);
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        stream.write_all((request + "\r\n").as_bytes()).unwrap();
        let mut lines = BufReader::new(stream).lines();
        let status = lines.next().unwrap().unwrap();
        assert!(status.contains(" 200 "), "{status}");
        assert!(lines.by_ref().any(|line| line.unwrap().is_empty()), "no end of the headers");
        Events { lines }
    }

    /// Sends a signal and waits for the end.
    pub(crate) fn end_by(mut self, signal: Signal) -> ExitStatus {
        self.signal(signal);
        self.child.wait().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Events as they come: the name, the id, and what is said.
pub(crate) struct Events {
    lines: Lines<BufReader<TcpStream>>,
}

impl Iterator for Events {
    type Item = (String, String, serde_json::Value);

    fn next(&mut self) -> Option<Self::Item> {
        let (mut name, mut id, mut data) = Default::default();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            match line.split_once(": ") {
                Some(("event", value)) => name = value.to_owned(),
                Some(("id", value)) => id = value.to_owned(),
                Some(("data", value)) => data = value.to_owned(),
                _ if line.is_empty() && !data.is_empty() => {
                    return Some((name, id, serde_json::from_str(&data).unwrap()));
                }
                _ => {}
            }
        }
        None
    }
}

/// Where a link on a page leads.
fn resolved(page: &str, link: &str) -> String {
    let link = link.replace("&amp;", "&").replace("&#39;", "'");
    let link = link.split('#').next().unwrap();
    if link.is_empty() {
        return page.to_owned();
    }
    let page = page.split('?').next().unwrap();
    if link.starts_with('?') {
        return format!("{page}{link}");
    }
    let (mut base, mut rest) = (page.rsplit_once('/').unwrap().0, link.trim_start_matches("./"));
    while let Some(above) = rest.strip_prefix("../") {
        (base, rest) = (base.rsplit_once('/').unwrap().0, above);
    }
    format!("{base}/{rest}")
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let is_in_pieces = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        let body = if is_in_pieces { joined(body) } else { body.to_owned() };
        Self { status, head: head.to_owned(), body }
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).first().copied()
    }

    /// All values of a header.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).collect()
    }
}

/// The pieces of a body as one.
fn joined(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        whole.push_str(&rest[..length]);
        body = rest[length..].trim_start_matches("\r\n");
    }
    whole
}
