//! A test point that has been read and not been pushed, because more about it may follow.

use std::time::Duration;

use subunit_core::{
    Event, FileChunk, Status, TagsBuf, Timestamp,
    conventions::XPASS,
    sink::{Flow, Sink},
};

use super::diagnostics::Diagnostics;
use crate::{
    events::{
        clock::SyntheticClock,
        emit::{self, Outcome},
    },
    tap::words::{COMMENTS, DIAGNOSTIC},
};

/// An attachment is pushed in pieces of about this size.
const PIECE: usize = 64 * 1024;

/// The MIME type of the blocks after test points.
const YAML: &str = "application/yaml";

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct PendingPoint {
    pub(super) id: String,
    /// The name with a `{` at its end that may have been meant so; see [`PendingPoint::block`].
    pub(super) braced_id: Option<String>,
    pub(super) status: Status,
    /// Whether it passed though it is still to do.
    pub(super) xpass: bool,
    pub(super) reason: String,
    pub(super) duration: Option<Duration>,
    pub(super) duplicate: bool,
    pub(super) group: Option<Parts>,
    /// The columns its line was indented by.
    pub(super) indent: usize,
    /// Whether a `{` stood at the end of its line, and children may follow.
    pub(super) block: bool,
    /// Whether lines that are not TAP have been taken for comments, as mocha's messages are.
    pub(super) loose: bool,
    /// Whether nothing but comments and whole blocks has been read since its line.
    pub(super) fresh: bool,
    /// How many YAML blocks have ended.
    pub(super) blocks: usize,
    pub(super) diagnostics: Diagnostics,
    yaml: Pieces,
    comments: Pieces,
}

/// What is known of the tests that the point is the sum of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    /// Whether one of them failed.
    pub(super) red: bool,
    /// When the first of them started.
    pub(super) start: Timestamp,
}

impl PendingPoint {
    pub(super) fn new(id: String, status: Status, indent: usize) -> Self {
        Self {
            id,
            braced_id: None,
            status,
            xpass: false,
            reason: String::new(),
            duration: None,
            duplicate: false,
            group: None,
            indent,
            block: false,
            loose: false,
            fresh: true,
            blocks: 0,
            diagnostics: Diagnostics::default(),
            yaml: Pieces::new(DIAGNOSTIC, YAML),
            comments: Pieces::new(COMMENTS, emit::TEXT),
        }
    }

    /// A line of the block, without the block's indent.
    pub(super) fn yaml_line(&mut self, line: &[u8], sink: &mut dyn Sink) -> Flow {
        self.diagnostics.line(line.strip_suffix(b"\n").unwrap_or(line));
        if self.yaml.begun {
            self.diagnostics.forget_files();
        }
        if self.diagnostics.id.is_some() && line.starts_with(b"subunit_id: ") {
            return Flow::Continue;
        }
        self.yaml.push(line, &self.id, sink)
    }

    /// A comment below the point, without its `#`.
    pub(super) fn comment_line(&mut self, comment: &[u8], sink: &mut dyn Sink) -> Flow {
        self.comments
            .push(comment, &self.id, sink)
            .and_then(|| self.comments.push(b"\n", &self.id, sink))
    }

    /// Comments that stood above the point.
    pub(super) fn comments(&mut self, comments: &[u8], sink: &mut dyn Sink) -> Flow {
        self.comments.push(comments, &self.id, sink)
    }

    /// Whether a comment below the point is likely to be about it.
    pub(super) fn takes_comments(&self) -> bool {
        self.xpass || !matches!(self.status, Status::Success | Status::Skip)
    }

    /// Whether the point says more than its parts have said.
    fn stands(&self) -> bool {
        let Some(parts) = self.group else { return true };
        let own = !matches!(&*self.diagnostics.failure_type, b"" | b"subtestsFailed");
        let begun = self.yaml.begun || self.comments.begun;
        begun || self.xpass || self.status.is_failure() && (!parts.red || own)
    }

    /// Pushes all there is. Gives back whether the run is red by it.
    pub(super) fn push(mut self, clock: Option<&mut SyntheticClock>, sink: &mut dyn Sink) -> Flow {
        let times = self.times(clock);
        if let Some(id) =
            self.diagnostics.id.take().filter(|_| !self.yaml.begun && !self.comments.begun)
        {
            self.id = id;
        }
        if !self.stands() {
            return self.push_beside(sink);
        }
        if let Some((start, _)) = times
            && self.group.is_none()
        {
            let begins = Event::status(&self.id, Status::InProgress);
            if sink.event(&Event { timestamp: Some(start), runnable: false, ..begins }).is_break() {
                return Flow::Break;
            }
        }
        if self.diagnostics.is_own() && !self.yaml.begun {
            if self.push_files(sink).is_break() {
                return Flow::Break;
            }
        } else {
            if self.yaml.end(&self.id, sink).is_break() {
                return Flow::Break;
            }
        }
        if self.comments.end(&self.id, sink).is_break() {
            return Flow::Break;
        }
        let tags = self.tags();
        let reason = match &*self.reason {
            "" => self.diagnostics.message_text(),
            reason => reason.as_bytes(),
        };
        Outcome {
            reason: Some(reason).filter(|reason| !reason.is_empty()),
            timestamp: times.map(|(_, stop)| stop),
            tags: tags.as_ref().map(TagsBuf::as_tags),
            // Its script or program can be run, and no part of that.
            runnable: false,
            ..Outcome::new(&self.id, self.status)
        }
        .push(sink)
    }

    /// Pushes the attachments that our own writer has put into the block.
    fn push_files(&self, sink: &mut dyn Sink) -> Flow {
        for (name, bytes) in &self.diagnostics.files {
            let flow = sink.event(&Event {
                test_id: Some(&self.id),
                runnable: false,
                file: Some(FileChunk { name, bytes }),
                mime_type: Some(if name == self.yaml.name { YAML } else { emit::TEXT }),
                eof: true,
                ..Event::default()
            });
            if flow.is_break() {
                return Flow::Break;
            }
        }
        Flow::Continue
    }

    /// Pushes what is attached to a group that has no status of its own, beside it.
    fn push_beside(&mut self, sink: &mut dyn Sink) -> Flow {
        for pieces in [&self.yaml, &self.comments] {
            if !pieces.bytes.is_empty() {
                let name = format!("{}: {}", self.id, pieces.name);
                let file = FileChunk { name: &name, bytes: &pieces.bytes };
                if sink.event(&emit::attachment(None, file, pieces.mime_type, true)).is_break() {
                    return Flow::Break;
                }
            }
        }
        Flow::Continue
    }

    fn times(&self, clock: Option<&mut SyntheticClock>) -> Option<(Timestamp, Timestamp)> {
        let (clock, duration) = (clock?, self.duration.or(self.diagnostics.duration)?);
        let Some(parts) = self.group else {
            return Some((clock.now(), clock.advance(duration)));
        };
        let mut whole = SyntheticClock::new(parts.start);
        let stop = whole.advance(duration);
        Some((parts.start, clock.advance_to(stop)))
    }

    fn tags(&self) -> Option<TagsBuf> {
        let mut tags = TagsBuf::new();
        if self.duplicate {
            tags.insert("duplicate");
        }
        if self.xpass {
            tags.insert(XPASS);
        }
        if let Some(file) = &self.diagnostics.file {
            tags.insert(&format!("file:{file}"));
            if let Some(line) = self.diagnostics.line {
                tags.insert(&format!("line:{line}"));
            }
        }
        tags.extend(self.diagnostics.tags.iter().map(String::as_str));
        (!tags.as_tags().is_empty()).then_some(tags)
    }
}

/// An attachment that comes line by line.
#[derive(Clone, Debug)]
struct Pieces {
    name: &'static str,
    mime_type: &'static str,
    bytes: Vec<u8>,
    /// Whether a piece has been pushed.
    begun: bool,
}

impl Pieces {
    fn new(name: &'static str, mime_type: &'static str) -> Self {
        Self { name, mime_type, bytes: Vec::new(), begun: false }
    }

    fn push(&mut self, bytes: &[u8], id: &str, sink: &mut dyn Sink) -> Flow {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() < PIECE {
            return Flow::Continue;
        }
        self.begun = true;
        let bytes = std::mem::take(&mut self.bytes);
        self.piece(&bytes, id, false, sink)
    }

    fn end(&mut self, id: &str, sink: &mut dyn Sink) -> Flow {
        if self.bytes.is_empty() && !self.begun {
            return Flow::Continue;
        }
        self.piece(&self.bytes, id, true, sink)
    }

    fn piece(&self, bytes: &[u8], id: &str, eof: bool, sink: &mut dyn Sink) -> Flow {
        sink.event(&Event {
            test_id: Some(id),
            runnable: false,
            file: Some(FileChunk { name: self.name, bytes }),
            mime_type: Some(self.mime_type),
            eof,
            ..Event::default()
        })
    }
}
