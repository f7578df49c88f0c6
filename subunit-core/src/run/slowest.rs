//! The slowest tests.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

/// Keeps the N slowest tests.
#[derive(Clone, Debug, Default)]
pub struct Slowest {
    most: usize,
    /// The shortest on top. If two took the same time, the earlier one counts as longer.
    tests: BinaryHeap<Reverse<Test>>,
    seen: u64,
}

type Test = (Duration, Reverse<u64>, String);

impl Slowest {
    /// Keeps at most `most` tests.
    pub fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Takes a test that took `time`. Calls `name` if the test is kept.
    pub fn note(&mut self, time: Duration, name: impl FnOnce() -> String) {
        self.seen += 1;
        if self.tests.len() >= self.most {
            if self.tests.peek().is_none_or(|Reverse((shortest, ..))| time <= *shortest) {
                return;
            }
            self.tests.pop();
        }
        self.tests.push(Reverse((time, Reverse(self.seen), name())));
    }

    /// The tests, the slowest first.
    pub fn in_order(&self) -> Vec<(Duration, &str)> {
        let mut tests: Vec<&Test> = self.tests.iter().map(|Reverse(test)| test).collect();
        tests.sort_unstable_by(|one, other| other.cmp(one));
        tests.into_iter().map(|(time, _, name)| (*time, name.as_str())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slowest(most: usize, seconds: &[u64]) -> Vec<(u64, String)> {
        let mut slowest = Slowest::new(most);
        for (index, seconds) in seconds.iter().enumerate() {
            slowest.note(Duration::from_secs(*seconds), || format!("{index}"));
        }
        slowest.in_order().iter().map(|(time, name)| (time.as_secs(), (*name).into())).collect()
    }

    #[test]
    fn the_longest_are_kept_in_order_and_of_equal_ones_the_first() {
        let expected = [(9, "3".into()), (5, "0".into()), (5, "2".into())];
        assert_eq!(slowest(3, &[5, 1, 5, 9, 5]), expected);
        assert_eq!(slowest(0, &[5, 1]), []);
        assert_eq!(slowest(5, &[1]).len(), 1);
    }
}
