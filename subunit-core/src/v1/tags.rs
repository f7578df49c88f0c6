//! The tags of tests, as `tags:` lines change them.

use super::line::clean_bytes;
use crate::{Tags, TagsBuf};

/// How many tags a test can have, and how many bytes of them: enough, but few enough that repeating them for
/// every test does not make a large stream of a small one.
const MOST_TAGS: usize = 256;
const MOST_TAG_BYTES: usize = 8 * 1024;

/// A set of tags of limited size.
#[derive(Clone, Debug, Default)]
pub(super) struct TagLines {
    set: TagsBuf,
    bytes: usize,
}

impl TagLines {
    /// The tags now.
    pub(super) fn tags(&self) -> Tags<'_> {
        self.set.as_tags()
    }

    /// Replaces them by those of `other`, and keeps the allocation.
    pub(super) fn assign(&mut self, other: &Self) {
        self.set.assign(other.tags());
        self.bytes = other.bytes;
    }

    /// Takes the tags of a line. False if there was no room for one of them.
    pub(super) fn change(&mut self, line: &[u8]) -> bool {
        let mut room_for_all = true;
        for word in line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            match word.strip_prefix(b"-") {
                Some(word) => self.remove(&clean_bytes(word)),
                None => room_for_all &= self.insert(&clean_bytes(word)),
            }
        }
        room_for_all
    }

    fn insert(&mut self, tag: &[u8]) -> bool {
        let full = self.tags().len() >= MOST_TAGS;
        if full || tag.len() > MOST_TAG_BYTES - self.bytes {
            return self.tags().has(tag);
        }
        if self.set.insert_checked(tag) {
            self.bytes += tag.len();
        }
        true
    }

    fn remove(&mut self, tag: &[u8]) {
        if self.set.remove_checked(tag) {
            self.bytes -= tag.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_adds_and_takes_off() {
        let mut tags = TagLines::default();
        assert!(tags.change(b"a b  c"));
        assert!(tags.change(b"-b d - -none"));
        assert_eq!(Vec::from_iter(tags.tags()), ["a", "c", "d"]);
    }

    #[test]
    fn says_so_when_there_is_no_room_and_makes_room_again() {
        let mut tags = TagLines::default();
        for n in 0..MOST_TAGS {
            assert!(tags.change(format!("t{n}").as_bytes()));
        }
        assert!(!tags.change(b"more"));
        assert!(tags.change(b"t0"));
        assert!(tags.change(b"-t0 more"));
        let long = vec![b'x'; MOST_TAG_BYTES];
        let mut tags = TagLines::default();
        assert!(tags.change(b"y"));
        assert!(!tags.change(&long));
        assert!(tags.change(b"-y"));
        assert!(tags.change(&long));
    }
}
