//! Tags added to events, and taken off.

use subunit_core::{Event, Tags, TagsBuf};

/// Adds tags to events, then takes others off.
#[derive(Debug, Default)]
pub(super) struct Tagging {
    add: TagsBuf,
    discard: TagsBuf,
    /// Reused: the tags of the last event that was changed.
    changed: TagsBuf,
}

impl Tagging {
    /// A tag that is in both is taken off.
    pub(super) fn new(mut add: TagsBuf, discard: TagsBuf) -> Self {
        for tag in discard.as_tags() {
            add.remove(tag);
        }
        Self { add, discard, changed: TagsBuf::new() }
    }

    /// The tags that the event has afterwards; `None` where they do not change. Packets have
    /// no place for the empty set: an event that has lost all tags is written without a set.
    pub(super) fn change(&mut self, event: &Event<'_>) -> Option<Tags<'_>> {
        let (add, discard) = (self.add.as_tags(), self.discard.as_tags());
        let has = |tag: &str| event.tags.is_some_and(|tags| tags.contains(tag));
        if add.iter().all(has) && !discard.iter().any(has) {
            return None;
        }
        self.changed.clear();
        self.changed.extend(event.tags.into_iter().flatten());
        self.changed.extend(add);
        for tag in discard {
            self.changed.remove(tag);
        }
        Some(self.changed.as_tags())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_added_and_then_taken_off() {
        let set = |tags: &[&str]| -> TagsBuf { tags.iter().copied().collect() };
        let mut tagging = Tagging::new(set(&["a", "b"]), set(&["b", "c"]));
        let mut change = |tags: Option<&[&str]>| {
            let tags = tags.map(set);
            let tags = tags.as_ref().map(TagsBuf::as_tags);
            tagging.change(&Event { tags, ..Event::default() }).map(Tags::to_buf)
        };
        assert_eq!(change(None), Some(set(&["a"])));
        assert_eq!(change(Some(&["x", "c"])), Some(set(&["x", "a"])));
        assert_eq!(change(Some(&["x", "a"])), None);
        let mut only_off = Tagging::new(set(&[]), set(&["c"]));
        let tags = set(&["c"]);
        let event = Event { tags: Some(tags.as_tags()), ..Event::default() };
        assert_eq!(only_off.change(&event), Some(set(&[]).as_tags()));
    }
}
