//! Comments and other lines between the points: whose they are.

use subunit_core::sink::{Flow, Sink};

use super::{At, CONTINUE, Reader, pending_point::PendingPoint};
use crate::tap::point::unescape;

/// So much of comments above a point is kept for it.
const MOST_COMMENTS: usize = 64 * 1024;

impl Reader {
    pub(super) fn comment(&mut self, at: At<'_>, comment: &[u8], sink: &mut dyn Sink) -> Flow {
        let comment = comment.strip_prefix(b" ").unwrap_or(comment);
        if let [document] = self.groups.as_mut_slice()
            && at.columns == 0
        {
            let announced = comment.starts_with(b"selftests: ");
            document.ktap |= announced || comment.starts_with(b"timeout set to ");
            if announced {
                document.pending = Some(unescape(comment));
                self.prefix.armed = true;
                return sink.text(at.raw);
            }
        }
        if self.groups.last().is_some_and(|group| group.ktap) {
            let totals = memchr::memmem::find(comment, b" pass:").is_some()
                || comment.starts_with(b"Totals:");
            return if totals { sink.text(at.raw) } else { self.keep_comment(at, comment, sink) };
        }
        // Above the points of a group, tape writes its name.
        let is_about = |pending: &&mut PendingPoint| {
            pending.takes_comments() && pending.blocks == 0 && !is_total(comment)
        };
        match self.pending.as_mut().filter(is_about) {
            Some(pending) => pending.comment_line(comment, sink),
            None => sink.text(at.raw),
        }
    }

    /// Keeps a comment for the point below it.
    fn keep_comment(&mut self, at: At<'_>, comment: &[u8], sink: &mut dyn Sink) -> Flow {
        if self.comments.len() + comment.len() >= MOST_COMMENTS {
            return sink.text(at.raw);
        }
        self.comments.extend_from_slice(comment);
        self.comments.push(b'\n');
        CONTINUE
    }

    pub(super) fn flush_comments(&mut self, sink: &mut dyn Sink) {
        if !self.comments.is_empty() {
            let comments = std::mem::take(&mut self.comments);
            sink.text(&comments);
        }
    }

    /// Takes a line that is not TAP: a comment where it stands indented below a point that takes
    /// comments, and else text.
    pub(super) fn loose(&mut self, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        self.foreign(at);
        let ktap = self.groups.last().is_some_and(|group| group.ktap);
        match self.pending.as_mut().filter(|pending| pending.takes_comments() && !ktap) {
            Some(pending) if at.columns > pending.indent && at.raw.ends_with(b"\n") => {
                pending.loose = true;
                pending.comment_line(at.raw.trim_ascii_end(), sink)
            }
            _ => sink.text(at.raw),
        }
    }

    /// Takes note of a line that is no TAP, for the group that may be strict.
    pub(super) fn foreign(&mut self, at: At<'_>) {
        if let Some(group) = self.groups.iter_mut().rfind(|group| group.indent <= at.columns) {
            group.foreign(at.line);
        }
    }
}

/// `pass 12`, as many runners say at the end.
fn is_total(comment: &[u8]) -> bool {
    const WORDS: [&[u8]; 9] = [
        b"tests",
        b"suites",
        b"pass",
        b"fail",
        b"cancelled",
        b"skip",
        b"skipped",
        b"todo",
        b"duration_ms",
    ];
    let mut words = comment.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let (word, number) = (words.next(), words.next());
    let is_number =
        |number: &[u8]| number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    word.is_some_and(|word| WORDS.contains(&word))
        && number.is_some_and(is_number)
        && words.next().is_none()
}
