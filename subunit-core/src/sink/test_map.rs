//! A map from tests, by route code and id.

use super::test_index::{Name, TestIndex};
use crate::RouteCode;

/// A map from tests, by route code and id, to what is known about them.
///
/// Made for tests that come and go. Their names are one after the other in one buffer, so adding and removing
/// a test costs no allocation if the map has been as full before. A removed test leaves a gap; gaps are
/// closed when they are more than what is left. Memory: at most twice that of the most tests at one time,
/// each with its name, its value and about 24 bytes.
#[derive(Clone, Debug)]
pub struct TestMap<V> {
    /// Where in `tests` each test is.
    index: TestIndex,
    /// In the order in which they came.
    tests: Vec<Test<V>>,
    /// The names of `tests`: see [`Name`].
    names: Vec<u8>,
    /// How many bytes of `tests` and `names` are gaps.
    gaps: usize,
}

#[derive(Clone, Debug)]
struct Test<V> {
    /// Where its name begins. It ends where the next one begins.
    name: usize,
    /// `None` after it was removed.
    value: Option<V>,
}

/// How many bytes of gaps are not worth closing.
const SLACK: usize = 16 * 1024;

impl<V> Default for TestMap<V> {
    fn default() -> Self {
        Self { index: TestIndex::default(), tests: Vec::new(), names: Vec::new(), gaps: 0 }
    }
}

impl<V> TestMap<V> {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many tests are in it.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a test, if it is in the map.
    pub fn find(&mut self, route_code: Option<RouteCode<'_>>, test_id: &str) -> Option<&mut V> {
        let name = Name::new(route_code, test_id);
        let place = self.index.find(name, |place| self.name(place))?;
        self.tests.get_mut(place)?.value.as_mut()
    }

    /// The value of a test. If it is not in the map, it is added with what `new` makes.
    pub fn find_or_insert_with(
        &mut self,
        route_code: Option<RouteCode<'_>>,
        test_id: &str,
        new: impl FnOnce() -> V,
    ) -> &mut V {
        let name = Name::new(route_code, test_id);
        let next = self.tests.len();
        let names = |place: usize| name_of(&self.tests, &self.names, place);
        let place = self.index.find_or_insert(name, next, names);
        if place == next {
            self.tests.push(Test { name: self.names.len(), value: None });
            name.push(&mut self.names);
        }
        self.tests[place].value.get_or_insert_with(new)
    }

    /// Removes a test and returns its value.
    pub fn remove(&mut self, route_code: Option<RouteCode<'_>>, test_id: &str) -> Option<V> {
        let name = Name::new(route_code, test_id);
        let names = |place: usize| name_of(&self.tests, &self.names, place);
        let place = self.index.remove(name, names)?;
        let value = self.tests.get_mut(place)?.value.take();
        self.gaps += size_of::<Test<V>>() + name.length();
        let all = self.tests.len() * size_of::<Test<V>>() + self.names.len();
        if self.gaps > SLACK && self.gaps > all / 2 {
            self.close_gaps();
        }
        value
    }

    /// The tests, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (Option<RouteCode<'_>>, &str, &V)> {
        self.tests.iter().enumerate().filter_map(|(place, test)| {
            let value = test.value.as_ref()?;
            let (route_code, test_id) = Name::read(self.name(place)).parts();
            Some((route_code, test_id, value))
        })
    }

    /// Removes all tests and returns their values, in the order in which they came.
    pub fn take_all(&mut self) -> impl DoubleEndedIterator<Item = V> + use<V> {
        std::mem::take(self).tests.into_iter().filter_map(|test| test.value)
    }

    fn name(&self, place: usize) -> &[u8] {
        name_of(&self.tests, &self.names, place)
    }

    /// Moves the tests that are left, and their names, to the front.
    fn close_gaps(&mut self) {
        let (mut kept, mut end) = (0, 0);
        for place in 0..self.tests.len() {
            let length = self.name(place).len();
            if self.tests[place].value.is_none() {
                continue;
            }
            if kept < place {
                let name = Name::read(name_of(&self.tests, &self.names, place));
                self.index.move_to(name, place, kept);
                let begin = self.tests[place].name;
                self.names.copy_within(begin..begin + length, end);
                self.tests.swap(kept, place);
                self.tests[kept].name = end;
            }
            kept += 1;
            end += length;
        }
        self.tests.truncate(kept);
        self.names.truncate(end);
        self.gaps = 0;
    }
}

fn name_of<'n, V>(tests: &[Test<V>], names: &'n [u8], place: usize) -> &'n [u8] {
    let begin = tests.get(place).map_or(names.len(), |test| test.name);
    let end = tests.get(place + 1).map_or(names.len(), |next| next.name);
    names.get(begin..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn names<V>(map: &TestMap<V>) -> Vec<(Option<&str>, &str)> {
        map.iter().map(|(route, test_id, _)| (route.map(RouteCode::as_str), test_id)).collect()
    }

    #[test]
    fn one_id_under_three_routes_is_three_tests() {
        let mut map = TestMap::new();
        for (nth, route) in [None, Some(""), Some("0")].into_iter().enumerate() {
            *map.find_or_insert_with(route.map(RouteCode::new), "a", || 7) += nth;
        }
        assert_eq!(names(&map), [(None, "a"), (Some(""), "a"), (Some("0"), "a")]);
        assert_eq!(map.remove(Some(RouteCode::new("")), "a"), Some(8));
        assert_eq!(map.remove(Some(RouteCode::new("")), "a"), None);
        assert_eq!(map.find(None, "a"), Some(&mut 7));
        assert_eq!(map.take_all().collect::<Vec<_>>(), [7, 9]);
        assert!(map.is_empty());
    }

    #[test]
    fn tests_that_come_and_go_leave_nothing_behind() {
        let mut map = TestMap::new();
        let name = |nth: usize| format!("a.test.with.a.name.{nth}");
        for nth in 0..100_000 {
            map.find_or_insert_with(None, &name(nth), || nth);
            if nth >= 10 {
                assert_eq!(map.remove(None, &name(nth - 10)), Some(nth - 10));
            }
        }
        assert_eq!(map.len(), 10);
        let took = map.names.capacity() + map.tests.capacity() * size_of::<Test<usize>>();
        assert!(took <= 4 * SLACK, "{took}");
        let left: Vec<String> = (99_990..100_000).map(name).collect();
        assert!(map.iter().map(|(_, test_id, _)| test_id).eq(left.iter().map(String::as_str)));
    }

    proptest! {
        /// Long names, so that gaps are closed often.
        #[test]
        fn it_is_a_map_in_the_order_of_coming(
            steps in prop::collection::vec((0usize..3, 0usize..60), 0..600),
        ) {
            let mut map = TestMap::new();
            let (mut model, mut order) = (BTreeMap::new(), Vec::new());
            for (nth, (step, test)) in steps.into_iter().enumerate() {
                let route = (test % 3 > 0).then(|| RouteCode::new(if test % 3 == 1 { "" } else { "0/1" }));
                let test_id = format!("{test}").repeat(test * 20);
                let key = (route, test_id.clone());
                match step {
                    0 => prop_assert_eq!(map.find(route, &test_id), model.get_mut(&key)),
                    1 => {
                        if !model.contains_key(&key) {
                            order.push(key.clone());
                        }
                        let expected = model.entry(key).or_insert(nth);
                        prop_assert_eq!(map.find_or_insert_with(route, &test_id, || nth), expected);
                    }
                    _ => {
                        order.retain(|other| *other != key);
                        prop_assert_eq!(map.remove(route, &test_id), model.remove(&key));
                    }
                }
                prop_assert_eq!(map.len(), model.len());
            }
            let left = map.iter().map(|(route, id, value)| (route, id.to_owned(), *value));
            let expected = order.into_iter().map(|key| (key.0, key.1.clone(), model[&key]));
            prop_assert!(left.eq(expected));
        }
    }
}
