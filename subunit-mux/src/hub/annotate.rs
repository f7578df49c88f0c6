//! What a hub may add to the events of its inputs.

use subunit_core::{Event, TagsBuf, Timestamp};

/// The tag of a test that was requested and never run. It is a failure unless a hub above gives it to
/// another input.
pub const NEVER_RUN: &str = "never-run";

/// What is added to events that pass through.
#[derive(Clone, Debug, Default)]
pub struct Annotations {
    /// Add the time of arrival to events without a time.
    pub timestamps: bool,
    /// Tags that are added to all tests.
    pub tags: TagsBuf,
}

impl Annotations {
    /// The time and the tags that `event` lacks; `None` if it can be forwarded unchanged.
    ///
    /// The tags of an event replace earlier ones of its test, and an event without tags keeps them. So tags
    /// are added to events that have some, and to the `first` event of a test.
    pub(super) fn of(
        &self,
        event: &Event<'_>,
        first: bool,
        now: Option<Timestamp>,
    ) -> Option<Added> {
        if !self.timestamps && self.tags.as_tags().is_empty() {
            return None;
        }
        let time = now.filter(|_| self.timestamps && event.timestamp.is_none());
        let says_tags = event.tags.is_some() || event.test_id.is_some() && first;
        let missing = |tag: &&str| !event.tags.is_some_and(|tags| tags.contains(tag));
        let add_tags = says_tags && self.tags.as_tags().iter().any(|tag| missing(&tag));
        if time.is_none() && !add_tags {
            return None;
        }
        let tags = add_tags.then(|| {
            let said = event.tags.into_iter().flatten();
            said.chain(self.tags.as_tags()).collect()
        });
        Some(Added { time, tags })
    }

    /// The tags of a test that was never run.
    pub(super) fn never_run(&self) -> TagsBuf {
        self.tags.as_tags().iter().chain([NEVER_RUN]).collect()
    }
}

/// What is added to one event.
pub(super) struct Added {
    time: Option<Timestamp>,
    tags: Option<TagsBuf>,
}

impl Added {
    /// The event with these added.
    pub(super) fn to<'a>(&'a self, event: &Event<'a>) -> Event<'a> {
        Event {
            timestamp: event.timestamp.or(self.time),
            tags: self.tags.as_ref().map(TagsBuf::as_tags).or(event.tags),
            ..*event
        }
    }
}
