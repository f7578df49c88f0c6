//! The numbers of tests: what a test is called is kept once.

use hashbrown::HashTable;
use subunit_core::RouteCode;
use twox_hash::XxHash3_128;

/// What a test is told apart by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TestName<'a> {
    /// The named hops of its route, with `/` between them; empty if there are none.
    pub(crate) scope: &'a str,
    pub(crate) id: &'a str,
    /// Whether it can be run by itself. What cannot is no test of the same name.
    pub(crate) runnable: bool,
}

impl<'a> TestName<'a> {
    pub(crate) fn new(names: Option<RouteCode<'a>>, id: &'a str, runnable: bool) -> Self {
        Self { scope: names.map_or("", RouteCode::as_str), id, runnable }
    }
}

/// 96 bits of a hash with a secret of the store: two tests never have the same one.
pub(crate) type Hash = [u8; 12];

/// The number of a test, or the place among the new ones of one that has none yet.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct TestRef(u32);

/// From this number on, a [`TestRef`] is a place among the new tests.
const NEW: u32 = 1 << 31;

impl TestRef {
    /// The number of the test, given those of the new ones.
    pub(crate) fn number(self, new: &[u32]) -> u32 {
        match self.0.checked_sub(NEW) {
            None => self.0,
            Some(place) => new.get(place as usize).copied().unwrap_or_default(),
        }
    }
}

/// Finds the numbers of tests.
///
/// Memory: 16 bytes for each test that the index knows; for each new one its name and about 30 bytes.
#[derive(Debug, Default)]
pub(crate) struct Intern {
    secret: u64,
    /// The tests that the index knows, in the order of their hashes.
    known: Vec<(Hash, u32)>,
    /// The names of the new ones, one after the other: scope, id, and whether it can be run.
    names: String,
    new: Vec<New>,
    places: HashTable<u32>,
    scratch: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct New {
    /// Where in `names` it ends: it begins where the one before ends.
    end: u64,
    /// Twice the length of its scope, which is before its id; one more if it can be run by itself.
    scope: u32,
    hash: Hash,
}

impl New {
    fn is_runnable(&self) -> bool {
        self.scope & 1 == 1
    }

    fn scope_length(&self) -> usize {
        (self.scope >> 1) as usize
    }
}

impl Intern {
    /// With the tests that an index knows, in the order of their hashes.
    pub(crate) fn new(secret: u64, known: Vec<(Hash, u32)>) -> Self {
        Self { secret, known, ..Self::default() }
    }

    /// The test of this name.
    pub(crate) fn find(&mut self, name: TestName<'_>) -> TestRef {
        let hash = self.hash(name);
        if let Some(number) = self.find_known(&hash) {
            return TestRef(number);
        }
        let place_of = |hash: &Hash| start(hash);
        let is_it = |place: &u32| self.new.get(*place as usize).is_some_and(|new| new.hash == hash);
        if let Some(place) = self.places.find(place_of(&hash), is_it) {
            return TestRef(NEW + place);
        }
        let place = self.new.len() as u32;
        self.names.push_str(name.scope);
        self.names.push_str(name.id);
        // A scope is part of a packet, which is shorter by far.
        let scope = (name.scope.len() as u32) << 1 | u32::from(name.runnable);
        self.new.push(New { end: self.names.len() as u64, scope, hash });
        let new = &self.new;
        let hasher = |place: &u32| new.get(*place as usize).map_or(0, |new| place_of(&new.hash));
        self.places.insert_unique(place_of(&hash), place, hasher);
        TestRef(NEW + place)
    }

    /// Searches where the hash should be, as hashes are spread evenly.
    fn find_known(&self, hash: &Hash) -> Option<u32> {
        let (mut low, mut high) = (0, self.known.len());
        // The first guess is nearly right; from there the range is doubled.
        let aim = ((u128::from(start(hash)) * high as u128) >> 64) as usize;
        let mut at = aim.min(high.checked_sub(1)?);
        let mut step = 16;
        match self.known.get(at)?.0.cmp(hash) {
            std::cmp::Ordering::Equal => return self.known.get(at).map(|(_, number)| *number),
            std::cmp::Ordering::Less => loop {
                low = at + 1;
                at += step;
                step *= 2;
                match self.known.get(at) {
                    Some((other, _)) if other < hash => {}
                    Some(_) => break high = at + 1,
                    None => break,
                }
            },
            std::cmp::Ordering::Greater => loop {
                high = at;
                let Some(next) = at.checked_sub(step) else { break };
                at = next;
                step *= 2;
                if self.known.get(at).is_some_and(|(other, _)| other <= hash) {
                    break low = at;
                }
            },
        }
        let range = self.known.get(low..high)?;
        let place = range.binary_search_by(|(other, _)| other.cmp(hash)).ok()?;
        range.get(place).map(|(_, number)| *number)
    }

    fn hash(&mut self, name: TestName<'_>) -> Hash {
        let seed = self.secret ^ u64::from(name.runnable);
        let hash = if name.scope.is_empty() {
            XxHash3_128::oneshot_with_seed(seed, name.id.as_bytes())
        } else {
            self.scratch.clear();
            self.scratch.extend_from_slice(name.scope.as_bytes());
            // No id begins so: a route code and an id of one name differ from another pair that joins to it.
            self.scratch.push(0);
            self.scratch.extend_from_slice(name.id.as_bytes());
            XxHash3_128::oneshot_with_seed(seed ^ 2, &self.scratch)
        };
        let mut short = [0; 12];
        short.copy_from_slice(&hash.to_be_bytes()[..12]);
        short
    }

    /// The new tests, in the order in which they came: names and hashes.
    pub(crate) fn new_tests(&self) -> impl ExactSizeIterator<Item = (TestName<'_>, &Hash)> {
        let mut begin = 0;
        self.new.iter().map(move |new| {
            let (id, end) = (begin + new.scope_length(), new.end as usize);
            let text = |from, to| self.names.get(from..to).unwrap_or_default();
            let (scope, name) = (text(begin, id), text(id, end));
            begin = end;
            (TestName { scope, id: name, runnable: new.is_runnable() }, &new.hash)
        })
    }

    /// The hash of the new test at a place.
    pub(crate) fn new_hash(&self, place: u32) -> Option<&Hash> {
        self.new.get(place as usize).map(|new| &new.hash)
    }

    /// A stream was read to its end: what finds new tests again is not needed any more, until they have numbers.
    pub(crate) fn end(&mut self) {
        self.places = HashTable::new();
    }

    /// The new tests have these numbers now: they are known from here on.
    pub(crate) fn settle(&mut self, numbers: &[u32]) {
        if self.new.is_empty() {
            return;
        }
        // What they take goes back first: there may be a million of them.
        self.names = String::new();
        self.places = HashTable::new();
        let new = std::mem::take(&mut self.new);
        let mut new: Vec<(Hash, u32)> =
            new.into_iter().map(|new| new.hash).zip(numbers.iter().copied()).collect();
        new.sort_unstable();
        self.known.append(&mut new);
        // Two sorted parts are merged.
        self.known.sort();
    }

    /// The greatest number that is known.
    pub(crate) fn greatest(&self) -> u32 {
        self.known.iter().map(|(_, number)| *number).max().unwrap_or_default()
    }
}

/// The first bits of a hash.
fn start(hash: &Hash) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: &str) -> TestName<'_> {
        TestName { scope: "", id, runnable: true }
    }

    #[test]
    fn a_name_has_one_number_and_every_part_of_it_counts() {
        let mut intern = Intern::new(7, Vec::new());
        let names = [
            name("a"),
            name("b"),
            TestName { scope: "a", ..name("") },
            TestName { scope: "b", ..name("a") },
            TestName { runnable: false, ..name("a") },
            name(""),
        ];
        let refs: Vec<_> = names.iter().map(|name| intern.find(*name)).collect();
        let again: Vec<_> = names.iter().map(|name| intern.find(*name)).collect();
        assert_eq!(refs, again);
        assert_eq!(refs.iter().collect::<std::collections::HashSet<_>>().len(), names.len());
        assert_eq!(intern.new_tests().map(|(name, _)| name).collect::<Vec<_>>(), names);
        let numbers: Vec<u32> = (10..16).collect();
        assert_eq!(refs[2].number(&numbers), 12);
    }

    #[test]
    fn all_that_are_known_are_found_and_no_other() {
        let ids: Vec<String> = (0..5000).map(|at| format!("test {at}")).collect();
        for count in [0, 1, 2, 3, 100, 5000] {
            let mut first = Intern::new(3, Vec::new());
            for id in &ids[..count] {
                first.find(name(id));
            }
            let mut known: Vec<(Hash, u32)> =
                first.new_tests().zip(1..).map(|((_, hash), number)| (*hash, number)).collect();
            known.sort_unstable();
            let mut second = Intern::new(3, known);
            for (id, number) in ids.iter().zip(1..).take(count) {
                assert_eq!(second.find(name(id)), TestRef(number));
            }
            assert_eq!(second.find(name("none")).number(&[99]), 99);
            assert_eq!(second.greatest(), count as u32);
            // What was new is known when it has a number.
            second.find(name("one more"));
            second.settle(&[9000, 9001]);
            assert_eq!(second.new_tests().len(), 0);
            assert_eq!(second.find(name("none")), TestRef(9000));
            assert_eq!(second.find(name("one more")), TestRef(9001));
            for (id, number) in ids.iter().zip(1..).take(count) {
                assert_eq!(second.find(name(id)), TestRef(number));
            }
        }
    }
}
