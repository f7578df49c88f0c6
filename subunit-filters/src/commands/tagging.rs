//! Tags added to events, and taken off.

use subunit_core::{Event, TagsBuf};

/// Adds tags to events, then takes others off.
#[derive(Debug, Default)]
pub(super) struct Tagging {
    add: Vec<String>,
    discard: Vec<String>,
    /// Reused: the tags of the last event that was changed.
    changed: TagsBuf,
}

impl Tagging {
    /// A tag that is in both is taken off.
    pub(super) fn new(mut add: TagsBuf, discard: TagsBuf) -> Self {
        for tag in discard.as_tags() {
            add.remove(tag);
        }
        let list = |tags: &TagsBuf| tags.as_tags().iter().map(str::to_owned).collect();
        Self { add: list(&add), discard: list(&discard), changed: TagsBuf::new() }
    }

    /// The tags that the event has afterwards; `None` where they do not change. Packets have
    /// no place for the empty set: an event that has lost all tags is written without a set.
    pub(super) fn change(&mut self, event: &Event<'_>) -> Option<&TagsBuf> {
        let has = |tag: &String| event.tags.is_some_and(|tags| tags.contains(tag));
        if self.add.iter().all(has) && !self.discard.iter().any(has) {
            return None;
        }
        match event.tags {
            Some(tags) => self.changed.assign(tags),
            None => self.changed.clear(),
        }
        match &self.add[..] {
            [tag] => {
                self.changed.insert(tag);
            }
            tags => self.changed.extend(tags.iter().map(String::as_str)),
        }
        for tag in &self.discard {
            self.changed.remove(tag);
        }
        Some(&self.changed)
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
