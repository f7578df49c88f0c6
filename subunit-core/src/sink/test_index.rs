//! Finds the place of a test in a list by its name.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};

use crate::RouteCode;

/// The place of each test in a list. The owner of the list passes the names in it.
///
/// The hash is keyed by where the system has put the process in memory, so a program that chooses the names
/// cannot know which of them collide. No result depends on it.
#[derive(Clone, Debug, Default)]
pub(super) struct TestIndex {
    table: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl TestIndex {
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// The place of the test `name`. `names` gives the names in the list.
    #[inline(always)]
    pub(super) fn find<'n>(
        &self,
        name: Name<'_>,
        names: impl Fn(usize) -> &'n [u8],
    ) -> Option<usize> {
        self.table.find(name.hash(&self.hasher), |place| name.is(names(*place))).copied()
    }

    /// The place of the test `name`. If it is not in the index, it is added at `next`.
    #[inline(always)]
    pub(super) fn find_or_insert<'n>(
        &mut self,
        name: Name<'_>,
        next: usize,
        names: impl Fn(usize) -> &'n [u8],
    ) -> usize {
        let hash = name.hash(&self.hasher);
        let again = |place: &usize| Name::read(names(*place)).hash(&self.hasher);
        match self.table.entry(hash, |place| name.is(names(*place)), again) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(room) => *room.insert(next).get(),
        }
    }

    /// Removes the test `name`, and returns its place.
    #[inline(always)]
    pub(super) fn remove<'n>(
        &mut self,
        name: Name<'_>,
        names: impl Fn(usize) -> &'n [u8],
    ) -> Option<usize> {
        let hash = name.hash(&self.hasher);
        let found = self.table.find_entry(hash, |place| name.is(names(*place)));
        let (place, _) = found.ok()?.remove();
        Some(place)
    }

    /// Notes that the test `name` has moved from `from` to `to`.
    pub(super) fn move_to(&mut self, name: Name<'_>, from: usize, to: usize) {
        let hash = name.hash(&self.hasher);
        if let Some(place) = self.table.find_mut(hash, |place| *place == from) {
            *place = to;
        }
    }
}

/// Route code and id. In a list of names a NUL is between them, which route codes cannot hold. If there is no
/// route code, another NUL is in its place.
#[derive(Clone, Copy)]
pub(super) struct Name<'a> {
    route: Option<&'a [u8]>,
    test_id: &'a [u8],
}

/// What comes before the id if there is no route code.
const NO_ROUTE: &[u8; 2] = b"\0\0";

impl<'a> Name<'a> {
    #[inline(always)]
    pub(super) fn new(route_code: Option<RouteCode<'a>>, test_id: &'a str) -> Self {
        let route = route_code.map(|route| route.as_str().as_bytes());
        Self { route, test_id: test_id.as_bytes() }
    }

    pub(super) fn read(bytes: &'a [u8]) -> Self {
        if let Some(test_id) = bytes.strip_prefix(NO_ROUTE) {
            return Self { route: None, test_id };
        }
        let (route, rest) = bytes.split_at(memchr::memchr(0, bytes).unwrap_or(bytes.len()));
        Self { route: Some(route), test_id: rest.get(1..).unwrap_or_default() }
    }

    #[inline(always)]
    pub(super) fn push(self, names: &mut Vec<u8>) {
        names.reserve(self.length());
        match self.route {
            None => names.extend_from_slice(NO_ROUTE),
            Some(route) => {
                names.extend_from_slice(route);
                names.push(0);
            }
        }
        names.extend_from_slice(self.test_id);
    }

    /// How many bytes it takes in a list.
    #[inline(always)]
    pub(super) fn length(self) -> usize {
        self.route.map_or(NO_ROUTE.len(), |route| route.len() + 1) + self.test_id.len()
    }

    /// What it was made of; it was UTF-8 then.
    pub(super) fn parts(self) -> (Option<RouteCode<'a>>, &'a str) {
        let string = |bytes: &'a [u8]| std::str::from_utf8(bytes).unwrap_or_default();
        (self.route.map(|route| RouteCode::new(string(route))), string(self.test_id))
    }

    #[inline(always)]
    fn is(self, bytes: &[u8]) -> bool {
        if bytes.len() != self.length() {
            return false;
        }
        let (before, test_id) = bytes.split_at(bytes.len() - self.test_id.len());
        test_id == self.test_id
            && match self.route {
                None => before == NO_ROUTE,
                Some(route) => before.strip_suffix(b"\0") == Some(route),
            }
    }

    fn hash(self, hasher: &DefaultHashBuilder) -> u64 {
        let mut hasher = hasher.build_hasher();
        if let Some(route) = self.route {
            hasher.write(route);
        }
        hasher.write(self.test_id);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = 128;

    /// A list of names under one another's routes, short and long.
    fn names() -> Vec<Vec<u8>> {
        let mut names = Vec::new();
        for nth in 0..MANY {
            let route =
                (nth % 3 > 0).then(|| RouteCode::new(if nth % 3 == 1 { "" } else { "0/1" }));
            let test_id = format!("begins.alike.{:03}.is.alike.and.ends.alike", nth / 3);
            let mut name = Vec::new();
            Name::new(route, if nth < 3 { "" } else { &test_id }).push(&mut name);
            names.push(name);
        }
        names
    }

    #[test]
    fn every_test_is_found() {
        let names = names();
        let at = |place: usize| &names[place][..];
        let mut index = TestIndex::default();
        for _ in 0..2 {
            for (place, name) in names.iter().enumerate() {
                assert_eq!(index.find(Name::read(name), at), None);
                assert_eq!(index.find_or_insert(Name::read(name), place, at), place);
                assert_eq!(index.find_or_insert(Name::read(name), place + 1, at), place);
                assert_eq!(index.len(), place + 1);
                assert!(
                    (0..=place).all(|place| index.find(Name::read(at(place)), at) == Some(place))
                );
            }
            for (place, name) in names.iter().enumerate() {
                assert_eq!(index.remove(Name::read(name), at), Some(place));
                assert_eq!(index.remove(Name::read(name), at), None);
                let left = place + 1..names.len();
                assert_eq!(index.len(), left.len());
                assert!(
                    left.clone().all(|place| index.find(Name::read(at(place)), at) == Some(place))
                );
            }
        }
    }

    #[test]
    fn a_place_may_change() {
        let names = names();
        for count in [1, MANY] {
            let mut index = TestIndex::default();
            // The second half of the list is the first one, moved.
            let at = |place: usize| &names[place % count][..];
            for place in 0..count {
                index.find_or_insert(Name::read(at(place)), place, at);
            }
            for place in 0..count {
                index.move_to(Name::read(at(place)), place, place + count);
                assert_eq!(index.find(Name::read(at(place)), at), Some(place + count));
            }
        }
    }
}
