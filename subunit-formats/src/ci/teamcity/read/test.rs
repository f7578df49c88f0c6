//! A test that runs, and what of it has gone out.

use subunit_core::{
    Event, FileChunk, Status, TagsBuf, Timestamp,
    conventions::{attempt, attempt_tag},
};

use crate::events::{clock::SyntheticClock, emit::TEXT, push::Push};

/// A test that runs.
#[derive(Clone, Debug, Default)]
pub(super) struct StartedTest {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: Option<Status>,
    pub(super) reason: Option<Vec<u8>>,
    pub(super) tags: TagsBuf,
    /// The files that have begun.
    pub(super) files: Vec<&'static str>,
    /// Which attempt this is, where there may be several.
    pub(super) attempt: Option<u32>,
    /// The reader's clock when it started.
    pub(super) start: SyntheticClock,
}

impl StartedTest {
    pub(super) fn file(
        &mut self,
        name: &'static str,
        bytes: &[u8],
        at: Option<Timestamp>,
        push: &mut Push<'_>,
    ) {
        if !self.files.contains(&name) {
            self.files.push(name);
        }
        push.event(&Event {
            test_id: Some(&self.id),
            timestamp: at,
            file: Some(FileChunk { name, bytes }),
            mime_type: Some(TEXT),
            ..Event::default()
        });
    }

    pub(super) fn end_files(&self, push: &mut Push<'_>) {
        for name in &self.files {
            push.file(Some(&self.id), name, b"", true);
        }
    }

    /// Its tags, which attempt it is among them.
    pub(super) fn tags(&self) -> TagsBuf {
        let mut tags = self.tags.clone();
        // Our writer names it, among the tags.
        if let Some(attempt) = self.attempt.filter(|_| attempt(tags.as_tags()).is_none()) {
            tags.insert(&attempt_tag(attempt));
        }
        tags
    }

    pub(super) fn incomplete(&self, why: &str, push: &mut Push<'_>) {
        self.end_files(push);
        push.incomplete(&self.id, &format!("no result: {why}"), self.tags(), None);
    }
}
