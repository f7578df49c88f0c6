//! What is known of a test that has not ended, and what its point says of it.

use std::{fmt::Write as _, time::Duration};

use subunit_core::{Event, Timestamp};

use super::{
    comment::{push_comment, push_own_comment},
    yaml::{Block, is_verbatim},
};
use crate::formats::{
    emit::REASON,
    tap::{COMMENTS, DIAGNOSTIC},
};

/// So much of each attachment is kept until its test ends.
const MOST_OF_A_FILE: usize = 256 * 1024;

/// So much of all attachments of a test is kept.
const MOST_OF_A_TEST: usize = 1 << 20;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Test {
    pub(super) started: bool,
    pub(super) start: Option<Timestamp>,
    files: Vec<File>,
    tags: Vec<String>,
}

#[derive(Clone, Debug)]
struct File {
    name: String,
    mime_type: String,
    bytes: Vec<u8>,
    /// How many bytes were left out.
    cut: usize,
}

impl Test {
    /// Takes what an event says besides its status.
    pub(super) fn note(&mut self, event: &Event<'_>) {
        if let Some(tags) = event.tags {
            self.tags = tags.iter().map(str::to_owned).collect();
        }
        let Some(chunk) = event.file else { return };
        let held: usize = self.files.iter().map(|file| file.bytes.len()).sum();
        let file = self.file(chunk.name, event.mime_type.unwrap_or("application/octet-stream"));
        let room = MOST_OF_A_FILE
            .saturating_sub(file.bytes.len())
            .min(MOST_OF_A_TEST.saturating_sub(held));
        let (kept, cut) = chunk.bytes.split_at(chunk.bytes.len().min(room));
        file.bytes.extend_from_slice(kept);
        file.cut += cut.len();
    }

    /// How long it took, if it ended then.
    pub(super) fn duration(&self, stop: Option<Timestamp>) -> Option<Duration> {
        stop?.since(self.start?)
    }

    /// The same test, and why it is none that passed: the input has ended.
    pub(super) fn unfinished(&self) -> Self {
        let mut test = self.clone();
        let reason = if self.started { "it started and never ended" } else { "it never ended" };
        test.file(REASON, "text/plain").bytes = reason.as_bytes().to_vec();
        test
    }

    fn file(&mut self, name: &str, mime_type: &str) -> &mut File {
        let at = self.files.iter().position(|file| file.name == name).unwrap_or_else(|| {
            let (name, mime_type) = (name.to_owned(), mime_type.to_owned());
            self.files.push(File { name, mime_type, bytes: Vec::new(), cut: 0 });
            self.files.len() - 1
        });
        &mut self.files[at]
    }

    /// The attachment of this name, if it is whole.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let file = self.files.iter().find(|file| file.name == name && file.cut == 0)?;
        Some(String::from_utf8_lossy(&file.bytes).into_owned())
    }

    /// The block that was read from TAP, if it can be written again.
    fn verbatim(&self) -> Option<String> {
        self.text(DIAGNOSTIC).filter(|content| is_verbatim(content))
    }

    /// Fills the block. `reason_told`: whether the point's line says why already.
    pub(super) fn describe(
        &self,
        duration: Option<Duration>,
        reason_told: bool,
        block: &mut Block,
    ) {
        if let Some(content) = self.verbatim() {
            return block.verbatim(&content);
        }
        if let Some(duration) = duration {
            block.plain("duration_ms", duration.as_secs_f64() * 1e3);
        }
        let told = |file: &&File| file.name == REASON && (reason_told || file.cut == 0);
        if let Some(reason) = self.text(REASON).filter(|_| !reason_told) {
            block.text(0, "message", &reason);
        }
        for key in ["file", "line"] {
            let value = |tag: &String| Some(tag.strip_prefix(key)?.strip_prefix(':')?.to_owned());
            if let Some(value) = self.tags.iter().find_map(value) {
                block.text(0, key, &value);
            }
        }
        if !self.tags.is_empty() {
            block.open("tags");
            self.tags.iter().for_each(|tag| block.member(tag));
        }
        let files = || self.files.iter().filter(|file| !told(file) && file.name != COMMENTS);
        if files().next().is_some() {
            block.open("attachments");
            files().for_each(|file| block.text(1, &file.name, &file.content()));
        }
    }

    /// Comments that were read below the point, and what has no place in a block that was read.
    pub(super) fn comments(&self, out: &mut String) {
        for file in &self.files {
            let known = [REASON, DIAGNOSTIC].contains(&&*file.name);
            if file.name == COMMENTS {
                file.content().lines().for_each(|line| push_own_comment(out, line));
            } else if self.verbatim().is_some() && !known {
                push_comment(out, &format!("{}:\n{}", file.name, file.content()));
            }
        }
    }
}

impl File {
    fn content(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        let known = ["text/", "application/yaml", "application/json", "application/xml"];
        let is_text = known.iter().any(|known| self.mime_type.starts_with(known))
            || !text.contains(['\u{fffd}', '\0']);
        let mut content = match is_text {
            true => text.into_owned(),
            false => return format!("{}, {} bytes", self.mime_type, self.bytes.len() + self.cut),
        };
        if self.cut > 0 {
            let _ = write!(content, "\n... {} bytes left out\n", self.cut);
        }
        content
    }
}
