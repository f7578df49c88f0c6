//! Sends a stream to a server while it comes, and again from where the server has it.

use std::time::Duration;

use subunit_core::{Decoder, Item, conventions};

use super::{
    exchange::{ServerAnswer, ServerClient},
    spool::{SILENCE, SpooledPiece, SpooledStream},
};

/// How long is waited after the first failure; then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What is said of a run that is sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct SentRun {
    /// Its series; unless told otherwise, what the stream says.
    pub(crate) series: Option<String>,
    /// Whether only a selection of the tests was asked for.
    pub(crate) is_partial: bool,
    /// Whether it takes place now.
    pub(crate) is_live: bool,
    /// Its name, if the stream says none.
    pub(crate) name: String,
}

/// Sends one run.
pub(crate) struct RunSender<'s> {
    client: &'s ServerClient,
    stream: &'s SpooledStream,
    run: SentRun,
    /// How long it is tried after the stream has ended.
    patience: Duration,
    /// How long nothing may come before the server is told that the run goes on.
    silence: Duration,
    /// How much the server has.
    offset: u64,
    pause: Duration,
}

/// What became of a request.
enum Sent {
    /// The server has more now.
    Taken,
    /// It has all, under this name.
    Complete(String),
    /// It may take it later; what was said, and when.
    Later(String, Option<Duration>),
}

impl<'s> RunSender<'s> {
    pub(crate) fn new(
        client: &'s ServerClient,
        stream: &'s SpooledStream,
        run: SentRun,
        patience: Duration,
    ) -> Self {
        let (silence, offset, pause) = (SILENCE, 0, FIRST_PAUSE);
        Self { client, stream, run, patience, silence, offset, pause }
    }

    /// Sends it to its end. Returns the name of the run there, or why the server has not all of it.
    pub(crate) fn send(mut self) -> Result<String, String> {
        let mut is_named = false;
        let mut has_failed = false;
        loop {
            let piece = self.stream.after(self.offset, self.silence);
            let piece = piece.map_err(|error| error.to_string())?;
            if piece.is_silence && !is_named {
                continue;
            }
            if !is_named {
                self.run.name = name(&piece.bytes).unwrap_or(self.run.name);
                is_named = true;
            }
            if piece.is_cut {
                return Err("the run was killed before its end: the server has what came".into());
            }
            let asks = has_failed || piece.is_silence;
            let asked = if asks { self.ask_offset() } else { self.put(&piece) };
            match asked.map_err(|refused| format!("{}: {refused}", self.client.address()))? {
                Sent::Complete(run) => return Ok(run),
                Sent::Taken => {
                    // An answer to the question how much there is says nothing about pieces.
                    if !has_failed {
                        self.pause = FIRST_PAUSE;
                    }
                    has_failed = false;
                }
                Sent::Later(why, after) => {
                    has_failed = true;
                    self.wait(after).ok_or_else(|| format!("{}: {why}", self.client.address()))?;
                }
            }
        }
    }

    /// Sends a piece. An error is what the server will not take at any time.
    fn put(&mut self, piece: &SpooledPiece) -> Result<Sent, String> {
        let SpooledPiece { bytes, is_last, .. } = piece;
        let end = self.offset + bytes.len() as u64;
        let range = match (bytes.len(), is_last) {
            (0, _) => format!("bytes */{end}"),
            (_, true) => format!("bytes {}-{}/{end}", self.offset, end - 1),
            (_, false) => format!("bytes {}-{}/*", self.offset, end - 1),
        };
        let mut path =
            format!("{}?live={}&partial={}", self.path(), self.run.is_live, self.run.is_partial);
        if let Some(series) = &self.run.series {
            path += &format!("&series={}", escaped(series));
        }
        let headers = [("Content-Range", range)];
        match self.client.ask("PUT", &path, &headers, bytes) {
            Err(error) => Ok(Sent::Later(error.to_string(), None)),
            Ok(answer) => self.judged(&answer, end),
        }
    }

    /// Asks how much the server has.
    fn ask_offset(&mut self) -> Result<Sent, String> {
        match self.client.ask("HEAD", &self.path(), &[], b"") {
            Err(error) => Ok(Sent::Later(error.to_string(), None)),
            // It has nothing, or has forgotten it.
            Ok(answer) if answer.status == 404 => {
                self.offset = 0;
                Ok(Sent::Taken)
            }
            Ok(answer) if answer.status == 200 => {
                // That of a run that has ended is compared by sending its end.
                self.offset = answer.offset().unwrap_or(0);
                Ok(Sent::Taken)
            }
            Ok(answer) => self.judged(&answer, self.offset),
        }
    }

    fn judged(&mut self, answer: &ServerAnswer, end: u64) -> Result<Sent, String> {
        match (answer.status, answer.offset()) {
            (200 | 201, _) if answer.is_complete() => {
                Ok(Sent::Complete(answer.run().unwrap_or_else(|| self.run.name.clone())))
            }
            (200, Some(offset)) if self.offset < offset && offset <= end => {
                self.offset = offset;
                Ok(Sent::Taken)
            }
            // A proxy may say so.
            (200, _) => Ok(Sent::Later("it answered 200, and took nothing".into(), None)),
            (409, Some(offset)) if answer.error().0 == "gap" && offset < self.offset => {
                self.offset = offset;
                Ok(Sent::Taken)
            }
            // What was cut on its way, or comes too often, or while the server is not well.
            (408 | 425 | 429 | 500..=599, _) => {
                let after = answer.header("retry-after").and_then(|after| after.parse().ok());
                Ok(Sent::Later(answer.error().1, after.map(Duration::from_secs)))
            }
            (400, _) if answer.error().0 == "cut_short" => Ok(Sent::Later(answer.error().1, None)),
            _ => Err(answer.error().1),
        }
    }

    /// Waits before the next try; none if it was tried for long enough.
    fn wait(&mut self, after: Option<Duration>) -> Option<()> {
        let pause = after.unwrap_or(self.pause).min(LONGEST_PAUSE).max(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        let left = match self.stream.ended() {
            None => pause,
            Some(ended) => {
                let left = self.patience.checked_sub(ended.elapsed())?;
                pause.min(left)
            }
        };
        self.stream.pause(left);
        Some(())
    }

    fn path(&self) -> String {
        format!("/api/v1/runs/{}/stream", self.run.name)
    }
}

/// The name that a stream says in the file `run`, which is one of its first packets.
fn name(bytes: &[u8]) -> Option<String> {
    let mut decoder = Decoder::new();
    decoder.feed(bytes);
    while let Some(item) = decoder.next_item() {
        let Item::Packet(packet) = item else { continue };
        let event = packet.event();
        let Some(file) = event.file.filter(|file| file.name == conventions::RUN) else { continue };
        if event.test_id.is_some() || event.route_code.is_some() {
            continue;
        }
        let said: serde_json::Value = serde_json::from_slice(file.bytes).ok()?;
        let name = said["uuid"].as_str()?;
        return subunit_history::receive::RunReceiver::is_name(name).then(|| name.to_owned());
    }
    None
}

/// A value as it stands after the `?`.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped += &format!("%{byte:02X}"),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, BufRead as _, BufReader, Read as _, Write as _},
        net::{TcpListener, TcpStream},
        thread,
    };

    use super::*;
    use crate::report::address::ServerAddress;

    /// The next request: its connection, its method and its body.
    fn asked(listener: &TcpListener) -> (TcpStream, String, String) {
        let (connection, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(&connection);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            lines.read_line(&mut head).unwrap();
        }
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let mut body = String::new();
        lines.take(length.unwrap().parse().unwrap()).read_to_string(&mut body).unwrap();
        let method = head.split(' ').next().unwrap().to_owned();
        (connection, method, body)
    }

    /// Answers that this much is there.
    fn answer(mut connection: TcpStream, offset: usize, is_complete: bool) {
        let complete = u8::from(is_complete);
        let answer = format!(
            "HTTP/1.1 200 OK\r\nUpload-Offset: {offset}\r\nUpload-Complete: ?{complete}\r\n\r\n"
        );
        connection.write_all(answer.as_bytes()).unwrap();
    }

    #[test]
    fn a_server_is_told_that_a_run_goes_on_which_says_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let client = ServerClient::new(ServerAddress::parse(&address).unwrap(), None).unwrap();
        let stream = SpooledStream::new(tempfile::tempfile().unwrap());
        let (reader, mut writer) = io::pipe().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| stream.fill(reader, || false));
            let run = SentRun { name: "one".into(), ..SentRun::default() };
            let mut sender = RunSender::new(&client, &stream, run, Duration::ZERO);
            sender.silence = Duration::from_millis(1);
            let sending = scope.spawn(|| sender.send());
            writer.write_all(b"one").unwrap();
            let (connection, method, body) = asked(&listener);
            assert_eq!((&*method, &*body), ("PUT", "one"));
            answer(connection, 3, false);
            for _ in 0..3 {
                let (connection, method, _) = asked(&listener);
                assert_eq!(method, "HEAD");
                answer(connection, 3, false);
            }
            writer.write_all(b"two").unwrap();
            drop(writer);
            let body = loop {
                let (connection, method, body) = asked(&listener);
                let is_last = method == "PUT";
                answer(connection, if is_last { 6 } else { 3 }, is_last);
                if is_last {
                    break body;
                }
            };
            assert_eq!(body, "two");
            assert_eq!(sending.join().unwrap(), Ok("one".into()));
        });
    }
}
