//! What is known of a test that has ended, and what its point says of it.

use std::fmt::Write as _;

use subunit_core::{
    Status,
    conventions::REASON,
    run::cause,
    sink::{Attachment, TestRecord},
};

use super::{
    comment::{push_comment, push_own_comment},
    yaml::{Block, is_verbatim},
};
use crate::tap::words::{COMMENTS, DIAGNOSTIC};

/// So much of each attachment is written.
const MOST_OF_A_FILE: usize = 256 * 1024;

/// A test that has ended, or never will.
#[derive(Clone, Copy, Debug)]
pub(super) struct Test<'a> {
    pub(super) record: &'a TestRecord,
    /// The attempts before it.
    pub(super) earlier: &'a [TestRecord],
}

impl<'a> Test<'a> {
    /// How it ended; a test that never did has failed.
    pub(super) fn status(&self) -> Status {
        self.record.status.filter(|status| status.is_final()).unwrap_or(Status::Fail)
    }

    /// Why the test is none that passed, where the stream does not say it.
    fn unsaid(&self) -> Option<&'static str> {
        match self.record.status {
            Some(Status::InProgress) => Some("it started and never ended"),
            Some(Status::UnexpectedSuccess) if self.record.attachment(REASON).is_none() => {
                Some(cause::UNEXPECTED_SUCCESS)
            }
            Some(status) if status.is_final() => None,
            _ => Some("it never ended"),
        }
    }

    fn files(&self) -> impl Iterator<Item = &'a Attachment> {
        self.record.attachments.iter()
    }

    /// The attachment of this name, if it is whole.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let file = self.files().find(|file| file.name == name && cut(file) == 0)?;
        Some(String::from_utf8_lossy(&file.bytes).into_owned())
    }

    /// The block that was read from TAP, if it can be written again.
    fn verbatim(&self) -> Option<String> {
        self.text(DIAGNOSTIC).filter(|content| is_verbatim(content))
    }

    /// Fills the block. `reason_told`: whether the point's line says why already.
    pub(super) fn describe(&self, reason_told: bool, block: &mut Block) {
        if let Some(content) = self.verbatim() {
            return block.verbatim(&content);
        }
        if let Some(duration) = self.record.duration() {
            block.plain("duration_ms", duration.as_secs_f64() * 1e3);
        }
        let unsaid = self.unsaid();
        let told = |file: &&Attachment| {
            file.name == REASON && (reason_told || unsaid.is_none() && cut(file) == 0)
        };
        if let Some(reason) = unsaid {
            block.text(0, "message", reason);
        } else if let Some(reason) = self.text(REASON).filter(|_| !reason_told) {
            block.text(0, "message", &reason);
        }
        let tags = || self.record.tags.as_tags().iter();
        for key in ["file", "line"] {
            let value = |tag: &'a str| tag.strip_prefix(key)?.strip_prefix(':');
            if let Some(value) = tags().find_map(value) {
                block.text(0, key, value);
            }
        }
        if tags().next().is_some() {
            block.open("tags");
            tags().for_each(|tag| block.member(tag));
        }
        let files = || self.files().filter(|file| !told(file) && file.name != COMMENTS);
        if files().next().is_some() {
            block.open("attachments");
            files().for_each(|file| block.text(1, &file.name, &content(file)));
        }
        if self.record.omitted > 0 {
            block.plain("bytes_left_out", self.record.omitted);
        }
    }

    /// Comments that were read below the point, what has no place in a block that was read, and the attempts before
    /// the last one.
    pub(super) fn comments(&self, out: &mut String) {
        if let Some(mark) = self.record.mark {
            let _ = writeln!(out, "# {} failure", mark.word());
        }
        for file in self.files() {
            let known = [REASON, DIAGNOSTIC].contains(&&*file.name);
            if file.name == COMMENTS {
                content(file).lines().for_each(|line| push_own_comment(out, line));
            } else if self.verbatim().is_some() && !known {
                push_comment(out, &format!("{}:\n{}", file.name, content(file)));
            }
        }
        for (nth, record) in self.earlier.iter().enumerate() {
            let word = record.status.map_or("unfinished", Status::name);
            let mut head = format!("attempt {}: {word}", nth + 1);
            if let Some(duration) = record.duration() {
                let _ = write!(head, " in {:.3} s", duration.as_secs_f64());
            }
            push_comment(out, &head);
            for file in cause::files(record) {
                push_comment(out, &format!("{}:\n{}", file.name, content(file)));
            }
        }
    }
}

/// How many bytes of the file are not written.
fn cut(file: &Attachment) -> u64 {
    file.omitted + file.bytes.len().saturating_sub(MOST_OF_A_FILE) as u64
}

fn content(file: &Attachment) -> String {
    let cut = cut(file);
    if !cause::is_text(file) {
        let mime_type = file.mime_type.as_deref().unwrap_or("application/octet-stream");
        return format!("{mime_type}, {} bytes", file.bytes.len() as u64 + file.omitted);
    }
    let shown = file.bytes.get(..MOST_OF_A_FILE).unwrap_or(&file.bytes);
    let mut content = String::from_utf8_lossy(shown).into_owned();
    if cut > 0 {
        let _ = write!(content, "\n... {cut} bytes left out\n");
    }
    content
}
