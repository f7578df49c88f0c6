//! One request and its answer, each on a connection of its own.

use std::{
    io::{self, Read, Write},
    sync::Arc,
    time::Duration,
};

use rustls::ClientConfig;

use super::address::ServerAddress;
use crate::outgoing;

/// How long the server has to take a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it has to take or to send the next bytes. A run that is kept may have to wait for others.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an answer may be, in bytes.
const LONGEST: u64 = 1 << 20;

/// A client of one server.
pub(crate) struct ServerClient {
    address: ServerAddress,
    token: Option<String>,
    tls: Option<Arc<ClientConfig>>,
}

/// What a server answers.
#[derive(Debug)]
pub(super) struct ServerAnswer {
    pub(super) status: u16,
    head: String,
    body: String,
}

impl ServerClient {
    /// A client that shows this token, if there is one.
    ///
    /// # Errors
    ///
    /// If the system has no certificates of authorities, which TLS needs.
    pub(crate) fn new(address: ServerAddress, token: Option<String>) -> io::Result<Self> {
        let tls = address.is_tls.then(outgoing::tls).transpose()?;
        Ok(Self { address, token, tls })
    }

    /// The server.
    pub(crate) fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// Asks, and reads the answer.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> io::Result<ServerAnswer> {
        let ServerAddress { base, .. } = &self.address;
        let authority = self.address.authority();
        let mut request = format!(
            "{method} {base}{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
             User-Agent: {}/{}\r\nContent-Length: {}\r\n",
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
            body.len()
        );
        if let Some(token) = &self.token {
            request += &format!("Authorization: Bearer {token}\r\n");
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += "\r\n";
        let ServerAddress { host, port, .. } = &self.address;
        let stream = outgoing::connect(host, *port, CONNECT, PATIENCE)?;
        match &self.tls {
            None => exchange(stream, request.as_bytes(), body),
            Some(config) => {
                let stream = outgoing::encrypt(Arc::clone(config), host, stream)?;
                exchange(stream, request.as_bytes(), body)
            }
        }
    }
}

fn exchange(
    mut stream: impl Read + Write,
    request: &[u8],
    body: &[u8],
) -> io::Result<ServerAnswer> {
    let sent = stream.write_all(request).and_then(|()| stream.write_all(body));
    let sent = sent.and_then(|()| stream.flush());
    let mut answer = Vec::new();
    let read = stream.take(LONGEST).read_to_end(&mut answer);
    // A server that refuses may close before it has read all, and TLS may end without saying so.
    match ServerAnswer::parse(&answer) {
        Some(answer) => Ok(answer),
        None => {
            sent?;
            read?;
            Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answer was cut short"))
        }
    }
}

impl ServerAnswer {
    /// None if it is not whole.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
        let answer = Self { status, head: head.to_owned(), body: body.to_owned() };
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        let is_whole = length.is_none_or(|length: usize| body.len() >= length);
        // What has no length of its own says only more about an error.
        (is_whole || body.is_empty()).then_some(answer)
    }

    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim())
    }

    /// How much of the stream the server has, if it says so.
    pub(super) fn offset(&self) -> Option<u64> {
        self.header("upload-offset")?.parse().ok()
    }

    /// Whether the run has ended there.
    pub(super) fn is_complete(&self) -> bool {
        self.header("upload-complete") == Some("?1")
    }

    /// The word of an error, and what is said of it.
    pub(super) fn error(&self) -> (String, String) {
        let (begin, end) = (self.body.find('{'), self.body.rfind('}'));
        let object = begin.zip(end).and_then(|(begin, end)| self.body.get(begin..=end));
        let said: serde_json::Value =
            object.and_then(|object| serde_json::from_str(object).ok()).unwrap_or_default();
        let text = |key: &str| said["error"][key].as_str().unwrap_or_default().to_owned();
        match text("message") {
            message if message.is_empty() => {
                (String::new(), format!("the server answered {}", self.status))
            }
            message => (text("code"), message),
        }
    }

    /// The name that the run has there, if the answer says it.
    pub(super) fn run(&self) -> Option<String> {
        let said: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        said["uuid"].as_str().map(str::to_owned)
    }
}
