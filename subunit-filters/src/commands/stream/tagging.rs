//! Tags added to events, and taken off.

use subunit_core::{Event, TagsBuf};

/// Adds tags to events, then takes others off.
#[derive(Debug, Default)]
pub(in crate::commands) struct Tagging {
    add: Vec<String>,
    discard: Vec<String>,
    /// Reused: the tags that the last event has afterwards.
    changed: TagsBuf,
}

impl Tagging {
    /// A tag that is in both is taken off.
    pub(in crate::commands) fn new(mut add: TagsBuf, discard: TagsBuf) -> Self {
        for tag in discard.as_tags() {
            add.remove(tag);
        }
        let list = |tags: &TagsBuf| tags.as_tags().iter().map(str::to_owned).collect();
        Self { add: list(&add), discard: list(&discard), changed: TagsBuf::new() }
    }

    /// The tags that the event has afterwards; `None` where they do not change. Packets have
    /// no place for the empty set: an event that has lost all tags is written without a set.
    pub(in crate::commands) fn change(&mut self, event: &Event<'_>) -> Option<&TagsBuf> {
        match event.tags {
            Some(tags) => self.changed.assign(tags),
            None => self.changed.clear(),
        }
        let mut changes = false;
        for tag in &self.add {
            changes |= self.changed.insert(tag);
        }
        for tag in &self.discard {
            changes |= self.changed.remove(tag);
        }
        changes.then_some(&self.changed)
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
            tagging.change(&Event { tags, ..Event::default() }).cloned()
        };
        assert_eq!(change(None), Some(set(&["a"])));
        assert_eq!(change(Some(&["x", "c"])), Some(set(&["x", "a"])));
        assert_eq!(change(Some(&["x", "a"])), None);
        let mut only_off = Tagging::new(set(&[]), set(&["c"]));
        let tags = set(&["c"]);
        let event = Event { tags: Some(tags.as_tags()), ..Event::default() };
        assert_eq!(only_off.change(&event), Some(&set(&[])));
    }
}
