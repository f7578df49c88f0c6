//! Adds tags to every event, and removes tags from it.

use super::{Flow, Sink};
use crate::{Damage, Event, Tags, TagsBuf, wire::number};

/// Adds tags to every event, then removes others, and passes it on.
///
/// The event's own tags come first, in their order; the added ones follow. An event that loses its last tag
/// has no set of tags any more. An event that does not change is passed on as it is.
#[derive(Clone, Debug)]
pub struct Tagger<S> {
    sink: S,
    add: TagsBuf,
    discard: TagsBuf,
    /// Where the tags of an event are put together, as on the wire.
    wire: Vec<u8>,
}

impl<S: Sink> Tagger<S> {
    /// Adds the tags of `add`, and removes those of `discard`. A tag in both is removed.
    pub fn new(sink: S, add: TagsBuf, discard: TagsBuf) -> Self {
        Self { sink, add, discard, wire: Vec::new() }
    }

    /// Returns the sink.
    pub fn into_inner(self) -> S {
        self.sink
    }

    fn changes(&self, tags: Option<Tags<'_>>) -> bool {
        let (add, discard) = (self.add.as_tags(), self.discard.as_tags());
        let has = |tag: &str| tags.is_some_and(|tags| tags.contains(tag));
        add.iter().any(|tag| !discard.contains(tag) && !has(tag)) || discard.iter().any(has)
    }

    /// Puts the tags of an event together.
    fn put_together(&mut self, tags: Option<Tags<'_>>) {
        let (wire, discard) = (&mut self.wire, self.discard.as_tags());
        wire.clear();
        let mut push = |tag: &[u8]| {
            if !discard.has(tag) {
                // No tag is longer than a packet, so its length fits.
                number::push(wire, tag.len() as u32);
                wire.extend_from_slice(tag);
            }
        };
        if let Some(tags) = tags {
            tags.each_once(&mut push);
        }
        let has = |tag: &&str| tags.is_some_and(|tags| tags.contains(tag));
        self.add.as_tags().iter().filter(|tag| !has(tag)).for_each(|tag| push(tag.as_bytes()));
    }
}

impl<S: Sink> Sink for Tagger<S> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if !self.changes(event.tags) {
            return self.sink.event(event);
        }
        self.put_together(event.tags);
        let tags = (!self.wire.is_empty()).then(|| Tags::from_checked(&self.wire));
        self.sink.event(&Event { tags, ..*event })
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.sink.text(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.sink.damage(damage)
    }

    fn finish(&mut self) {
        self.sink.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::testing::Log;

    fn tagged(add: &[&str], discard: &[&str], tags: Option<&[&str]>) -> Option<Vec<String>> {
        /// Keeps the tags of the last event.
        struct Last(Option<Vec<String>>);
        impl Sink for Last {
            fn event(&mut self, event: &Event<'_>) -> Flow {
                self.0 = event.tags.map(|tags| tags.iter().map(str::to_owned).collect());
                Flow::Continue
            }
        }
        let set = |tags: &[&str]| tags.iter().copied().collect::<TagsBuf>();
        let tags = tags.map(set);
        let mut tagger = Tagger::new(Last(None), set(add), set(discard));
        let event = Event { tags: tags.as_ref().map(TagsBuf::as_tags), ..Event::default() };
        tagger.event(&event);
        tagger.into_inner().0
    }

    #[test]
    fn adds_behind_and_keeps_the_order() {
        assert_eq!(tagged(&["x", "b"], &[], Some(&["c", "b", "a"])).unwrap(), ["c", "b", "a", "x"]);
        assert_eq!(tagged(&["x"], &[], None).unwrap(), ["x"]);
        assert_eq!(tagged(&["x"], &["c"], Some(&["c", "b"])).unwrap(), ["b", "x"]);
    }

    #[test]
    fn what_is_added_and_discarded_is_gone() {
        assert_eq!(tagged(&["x"], &["x"], None), None);
        assert_eq!(tagged(&["x"], &["x", "a"], Some(&["a"])), None);
    }

    #[test]
    fn an_empty_set_that_nothing_was_taken_from_stays_one() {
        assert_eq!(tagged(&[], &["x"], Some(&[])), Some(vec![]));
    }

    #[test]
    fn text_and_the_end_go_through() {
        let mut tagger = Tagger::new(Log::default(), TagsBuf::new(), TagsBuf::new());
        tagger.text(b"t");
        tagger.finish();
        assert_eq!(tagger.into_inner().lines, ["text t", "finish"]);
    }
}
