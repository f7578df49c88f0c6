//! How a message is spelled.

use subunit_core::Timestamp;

use crate::{
    ci::teamcity::message::{MARK, escape_into},
    text::time::Zoneless,
};

/// A message that is being written.
pub(super) struct MessageLine(Vec<u8>);

impl MessageLine {
    pub(super) fn new(name: &str) -> Self {
        /// Room for nearly every message.
        const LENGTH: usize = 512;
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend_from_slice(MARK);
        bytes.extend_from_slice(name.as_bytes());
        Self(bytes)
    }

    pub(super) fn with(mut self, key: &str, value: &str) -> Self {
        self.0.push(b' ');
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"='");
        escape_into(value, &mut self.0);
        self.0.push(b'\'');
        self
    }

    pub(super) fn at(mut self, time: Option<Timestamp>) -> Self {
        if let Some(time) = time.filter(|time| !time.is_relative()) {
            self.0.extend_from_slice(b" timestamp='");
            self.0.extend_from_slice(&Zoneless(time).text());
            self.0.extend_from_slice(b"+0000'");
        }
        self
    }

    /// The whole line, in front of it a newline where one is wanted.
    pub(super) fn into_bytes(self, newline: bool) -> Vec<u8> {
        let Self(mut bytes) = self;
        if newline {
            bytes.insert(0, b'\n');
        }
        bytes.extend_from_slice(b"]\n");
        bytes
    }

    /// With the name and flow of a test.
    pub(super) fn of(self, key: &(String, String)) -> Self {
        self.with("name", &key.1).with("flowId", &flow(key))
    }
}

/// The flow of a test, which is its own.
pub(super) fn flow((route, id): &(String, String)) -> String {
    if route.is_empty() { id.clone() } else { format!("{route} {id}") }
}
