//! Ids of different tests that a report gives one name, kept apart.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashMap};

use super::emit::fit;

/// How many places tell a test from others of its name.
const PLACES: usize = 2;

/// The ids of a report, each with the places of the test that had it first. Two tests of one id in one place
/// cannot be told apart, and keep it.
///
/// Memory: 16 bytes a test, and what a hash table needs around them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    met: HashMap<u64, [u32; PLACES]>,
    hasher: DefaultHashBuilder,
}

impl Ids {
    /// The id of a test: `id`, or where a test in other places has that, `id` with the first place in front
    /// in which they differ. A place ends with what stands between it and an id; empty, it is unknown, and differs
    /// from none.
    pub(crate) fn of(&mut self, mut id: String, mut places: [&str; PLACES]) -> String {
        let unknown = self.hash("") as u32;
        loop {
            let here = places.map(|place| self.hash(place) as u32);
            let first = *self.met.entry(self.hash(&id)).or_insert(here);
            let differs = |at: &usize| {
                !places[*at].is_empty() && first[*at] != unknown && here[*at] != first[*at]
            };
            let Some(at) = (0..PLACES).find(differs) else { return id };
            id.insert_str(0, &fit(std::mem::take(&mut places[at])));
        }
    }

    fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_of_one_name_are_told_apart_by_their_places() {
        let mut ids = Ids::default();
        for (id, places, expected) in [
            ("a", ["x.", "f::"], "a"),
            ("a", ["x.", "f::"], "a"),
            ("a", ["y.", "f::"], "y.a"),
            ("a", ["y.", "f::"], "y.a"),
            ("a", ["y.", "g::"], "g::y.a"),
            ("a", ["x.", "g::"], "g::a"),
            ("a", ["", ""], "a"),
            ("b", ["", ""], "b"),
            ("b", ["y.", ""], "b"),
            ("a", ["\0z.", ""], "\u{2400}z.a"),
        ] {
            assert_eq!(ids.of(id.to_owned(), places), expected);
        }
    }
}
