//! A message that goes on in the next lines, as of writers that do not escape line ends.

use crate::ci::teamcity::message::{Found, TRIES, at_mark, mark};

/// So much of a message is waited for.
const MOST: usize = 256 << 10;

/// The beginning of a message whose end has not come.
///
/// Memory: 256 KiB and a line.
#[derive(Clone, Debug)]
pub(super) struct Held {
    bytes: Vec<u8>,
    /// How often it may still be looked whether the message is whole.
    tries: usize,
}

impl Held {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), tries: TRIES }
    }

    /// Takes the next line, up to its first mark. True if nothing more is to be waited for.
    pub(super) fn take(&mut self, line: &[u8]) -> bool {
        let end = mark(line);
        let line = &line[..end.unwrap_or(line.len())];
        self.bytes.extend_from_slice(line);
        if end.is_some() || self.bytes.len() > MOST {
            return true;
        }
        if !line.contains(&b'\'') || !line.contains(&b']') {
            return false;
        }
        self.tries -= 1;
        self.tries == 0 || matches!(at_mark(&self.bytes, &mut { TRIES }), Found::Whole(..))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
