//! Files that belong to no test case.

use subunit_core::{Event, FileChunk};

use super::suites::LONGEST_NAME;
use crate::{
    events::{
        clocked::ClockedPush,
        emit::{TEXT, fit},
    },
    junit::values,
};

/// Output goes out in pieces of this size.
const PIECE: usize = 1 << 16;
/// What a suite says of its failure is kept up to this size; what is more is text.
const LONGEST_FAILURE: usize = 1 << 20;

/// A file of a suite that is being read.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// The suite, where the file says why it has failed. Such a file is kept until it is whole.
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// A piece has gone out.
    begun: bool,
}

impl Output {
    /// What a suite, or with `None` the report, has under this name: `db.Tests stdout`.
    pub(crate) fn of_suite(suite: Option<&str>, name: &str) -> Self {
        let name = match suite {
            Some(suite) => format!("{} {name}", values::cut(&fit(suite), LONGEST_NAME)),
            None => name.to_owned(),
        };
        Self { id: None, name, bytes: Vec::new(), begun: false }
    }

    /// Why a suite has failed, or was skipped.
    pub(super) fn of_result(suite: String, name: &str) -> Self {
        Self { id: Some(suite), name: name.to_owned(), bytes: Vec::new(), begun: false }
    }

    pub(crate) fn text(&mut self, mut bytes: &[u8], push: &mut ClockedPush<'_>) {
        if self.id.is_some() {
            let room = LONGEST_FAILURE.saturating_sub(self.bytes.len());
            let (kept, more) = bytes.split_at(room.min(bytes.len()));
            self.bytes.extend_from_slice(kept);
            return push.text(more);
        }
        while self.bytes.len() + bytes.len() >= PIECE {
            let (piece, rest) = bytes.split_at(PIECE - self.bytes.len());
            self.bytes.extend_from_slice(piece);
            self.send(false, push);
            bytes = rest;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Hands over what is held.
    pub(crate) fn send(&mut self, eof: bool, push: &mut ClockedPush<'_>) {
        if self.bytes.is_empty() && !self.begun {
            return;
        }
        push.event(&Event {
            file: Some(FileChunk { name: &self.name, bytes: &self.bytes }),
            mime_type: Some(TEXT),
            eof,
            ..Event::default()
        });
        self.bytes.clear();
        self.begun = true;
    }
}
