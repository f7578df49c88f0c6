//! Ids of many tests in the order in which they were listed, and what is known of each.

use std::{collections::HashMap, hash::BuildHasher, ops::BitOrAssign};

use hashbrown::{DefaultHashBuilder, HashTable};

/// A list of ids, each with what is known of it.
///
/// Tests run mostly in the order in which they were listed, so an id is looked for after the one that was met last. Of those
/// that are not there a keyed hash is kept, and the list looked through for them when all are known, which is faster than to
/// jump about in it. An id that is listed in another order is in the list twice until then. Memory: of each id its bytes and
/// 9 more, 8 for each test that ran out of its order.
#[derive(Debug, Default)]
pub(super) struct Names {
    bytes: Vec<u8>,
    /// Where the bytes of each id end; they begin where those before it end.
    ends: Vec<usize>,
    known: Vec<Known>,
    /// Where the next id is looked for first.
    next: usize,
    /// Hashes of ids that ran and have not been looked for.
    ran: Vec<u64>,
    hasher: DefaultHashBuilder,
    /// How many ids there were when each was last put there once.
    single: usize,
}

/// What is known of a test.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Known(u8);

impl Known {
    pub(super) const EXPECTED: Self = Self(1);
    pub(super) const LISTED: Self = Self(2);
    pub(super) const RAN: Self = Self(4);

    pub(super) fn is(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOrAssign for Known {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// So many hashes wait at most, and so many ids may be in the list twice: memory does not grow with what is listed or run
/// again and again.
const MANY: usize = 1 << 18;

/// So many ids after the one that was met last are looked at.
const AHEAD: usize = 4;

impl Names {
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Notes something of an id, which is put at the end of the list if it is not known to be in it.
    pub(super) fn add(&mut self, id: &str, known: Known) {
        let place = self.guess(id.as_bytes()).unwrap_or_else(|| {
            if self.ends.len() >= 2 * self.single + MANY {
                self.merge_twins();
            }
            self.push(id.as_bytes());
            self.ends.len() - 1
        });
        self.note(place, known);
    }

    /// Notes that the test with this id ran, if it is in the list.
    pub(super) fn ran(&mut self, id: &str) {
        match self.guess(id.as_bytes()) {
            Some(place) => self.note(place, Known::RAN),
            None => {
                self.ran.push(self.hasher.hash_one(id.as_bytes()));
                if self.ran.len() >= MANY {
                    self.look_for_ran();
                }
            }
        }
    }

    /// The ids of which this holds, each once, in the order of the list.
    pub(super) fn which(&mut self, holds: impl Fn(Known) -> bool) -> Vec<&str> {
        self.look_for_ran();
        if !self.known.iter().any(|known| holds(*known)) {
            return Vec::new();
        }
        self.merge_twins();
        let places = (0..self.ends.len())
            .filter(|place| self.known.get(*place).is_some_and(|known| holds(*known)));
        // They were strings when they came.
        places.map(|place| std::str::from_utf8(self.name(place)).unwrap_or_default()).collect()
    }

    fn note(&mut self, place: usize, known: Known) {
        self.next = place + 1;
        if let Some(noted) = self.known.get_mut(place) {
            *noted |= known;
        }
    }

    /// Where the id is, if it comes in its turn, or the list begins anew.
    #[inline]
    fn guess(&self, id: &[u8]) -> Option<usize> {
        let end = (self.next + AHEAD).min(self.ends.len());
        let is_it = |place: &usize| self.name(*place) == id;
        (self.next..end)
            .find(is_it)
            .or_else(|| Some(0).filter(|place| !self.is_empty() && is_it(place)))
    }

    fn push(&mut self, id: &[u8]) {
        self.bytes.extend_from_slice(id);
        self.ends.push(self.bytes.len());
        self.known.push(Known::default());
    }

    /// Looks through the list for what ran out of its order.
    fn look_for_ran(&mut self) {
        if self.ran.is_empty() {
            return;
        }
        let mut ran: HashTable<u64> = HashTable::with_capacity(self.ran.len());
        for hash in self.ran.drain(..) {
            ran.entry(hash, |other| *other == hash, |other| *other).or_insert(hash);
        }
        for place in 0..self.ends.len() {
            let hash = self.hasher.hash_one(self.name(place));
            if let Some(known) = self.known.get_mut(place)
                && ran.find(hash, |other| *other == hash).is_some()
            {
                *known |= Known::RAN;
            }
        }
    }

    /// Leaves each id in the list once, with all that is known of it.
    fn merge_twins(&mut self) {
        let all = std::mem::take(self);
        *self = Self { ran: all.ran, hasher: all.hasher, ..Self::default() };
        let mut places: HashMap<&[u8], usize> = HashMap::with_capacity(all.ends.len());
        for (place, known) in all.known.iter().enumerate() {
            let name = name_of(&all.bytes, &all.ends, place);
            let next = self.ends.len();
            let place = *places.entry(name).or_insert(next);
            if place == next {
                self.push(name);
            }
            self.note(place, *known);
        }
        self.single = self.ends.len();
    }

    #[inline]
    fn name(&self, place: usize) -> &[u8] {
        name_of(&self.bytes, &self.ends, place)
    }
}

/// The bytes of an id; none where the list ends before it.
#[inline]
fn name_of<'b>(bytes: &'b [u8], ends: &[usize], place: usize) -> &'b [u8] {
    let begin = place.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    let end = ends.get(place).copied().unwrap_or(begin);
    bytes.get(begin..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_id_is_there_once_with_all_that_is_known_of_it(
            steps in prop::collection::vec((0u8..3, 0u8..12), 0..60),
        ) {
            let (mut names, mut order, mut ran) = (Names::default(), Vec::new(), Vec::new());
            let mut model: BTreeMap<String, Known> = BTreeMap::new();
            for (kind, id) in steps {
                // One of them is empty.
                let id = "x".repeat(id.into());
                if kind < 2 {
                    let known = [Known::EXPECTED, Known::LISTED][usize::from(kind)];
                    names.add(&id, known);
                    if !model.contains_key(&id) {
                        order.push(id.clone());
                    }
                    *model.entry(id).or_default() |= known;
                } else {
                    names.ran(&id);
                    ran.push(id);
                }
            }
            // Those too that ran first and were listed afterwards.
            model.iter_mut().filter(|(id, _)| ran.contains(id)).for_each(|(_, known)| *known |= Known::RAN);
            for known in [Known::EXPECTED, Known::LISTED, Known::RAN] {
                for is_so in [true, false] {
                    let found = names.which(|found| found.is(known) == is_so);
                    let expected = order.iter().filter(|id| model[*id].is(known) == is_so);
                    prop_assert!(found.iter().eq(expected), "{:?} {:?}", known, found);
                }
            }
        }
    }

    #[test]
    fn what_is_listed_again_and_again_is_kept_once() {
        let mut names = Names::default();
        for nth in 0..3 * MANY {
            names.add(["b", "a", "c", "d", "e", "f", "g", "h"][nth * 5 % 8], Known::LISTED);
        }
        assert!(names.ends.len() <= 2 * MANY);
        for nth in 0..3 * MANY {
            names.ran(["b", "a", "c", "d", "e", "f", "g", "x"][nth * 5 % 8]);
        }
        assert!(names.ran.len() <= MANY);
        assert_eq!(names.which(|known| !known.is(Known::RAN)), ["h"]);
    }
}
