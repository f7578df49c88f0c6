//! All tags of a stream, each once.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use crate::{Tags, conventions::attempt};

/// All tags that any event had.
///
/// Most events have a set of tags that an earlier one had. So whole sets, as on the wire, are looked up
/// first. Memory grows with the number of distinct tags; for the sets it is at most [`SETS`] times
/// [`LONGEST`].
#[derive(Clone, Debug, Default)]
pub(super) struct TagsSeen {
    tags: BTreeSet<Box<str>>,
    /// Sets that were seen, and the attempt of each.
    sets: HashMap<Box<[u8]>, Option<u32>>,
}

/// How many sets are remembered before all are forgotten.
const SETS: usize = 1024;

/// A longer set, in bytes, is not remembered.
const LONGEST: usize = 256;

impl TagsSeen {
    /// Notes the tags, and returns the number of their [`attempt`].
    #[inline]
    pub(super) fn note(&mut self, tags: Tags<'_>) -> Option<u32> {
        match self.sets.get(tags.wire()) {
            Some(attempt) => *attempt,
            None => self.add(tags),
        }
    }

    /// The tags, sorted.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tags.iter().map(|tag| &**tag)
    }

    #[inline(never)]
    fn add(&mut self, tags: Tags<'_>) -> Option<u32> {
        for tag in tags {
            if !self.tags.contains(tag) {
                self.tags.insert(tag.into());
            }
        }
        let attempt = attempt(tags);
        if tags.wire().len() > LONGEST {
            return attempt;
        }
        if self.sets.len() >= SETS {
            self.sets.clear();
        }
        self.sets.insert(tags.wire().into(), attempt);
        attempt
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TagsBuf;

    #[test]
    fn every_tag_is_seen_once_however_many_sets_there_are() {
        let mut seen = TagsSeen::default();
        let name = |nth: usize| format!("{:05}", nth * 7 % 3000);
        for nth in 0..9000 {
            let set: TagsBuf = [&*name(nth), "all", &*name(nth + 1)].into_iter().collect();
            seen.note(set.as_tags());
            assert!(seen.sets.len() <= SETS);
        }
        let long: TagsBuf = ["x".repeat(2 * LONGEST).as_str()].into_iter().collect();
        seen.note(long.as_tags());
        assert!(!seen.sets.contains_key(long.as_tags().wire()));
        let mut expected: Vec<String> = (0..3000).map(name).collect();
        expected.extend(["all".to_owned(), "x".repeat(2 * LONGEST)]);
        expected.sort();
        assert!(seen.iter().eq(expected.iter().map(String::as_str)));
    }

    #[test]
    fn the_attempt_is_told_of_a_new_set_and_of_a_known_one() {
        let mut seen = TagsSeen::default();
        for (set, attempt) in [(&["a", "attempt-2"][..], Some(2)), (&["a"], None), (&[], None)] {
            let set: TagsBuf = set.iter().copied().collect();
            assert_eq!([(); 2].map(|()| seen.note(set.as_tags())), [attempt; 2], "{set:?}");
        }
    }
}
