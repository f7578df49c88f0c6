//! Which test numbers have been used.

use std::fmt::Write as _;

/// More gaps than this are not remembered one by one; input with so many is no honest TAP.
const MOST_RANGES: usize = 4096;

/// A set of test numbers, as ranges without gaps: a run in order is one range.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// First and last of each range, in order, never touching.
    ranges: Vec<(u64, u64)>,
    /// Numbers that there was no room for.
    untracked: u64,
    max: u64,
}

impl Numbers {
    /// Adds a number; false where it was there already.
    pub(super) fn insert(&mut self, number: u64) -> bool {
        self.max = self.max.max(number);
        // How many ranges begin at or before the number.
        let at = self.ranges.partition_point(|&(first, _)| first <= number);
        let before = at.checked_sub(1).and_then(|before| self.ranges.get(before)).copied();
        let after = self.ranges.get(at).copied();
        if before.is_some_and(|(_, last)| number <= last) {
            return false;
        }
        let joins_before = before.is_some_and(|(_, last)| last.checked_add(1) == Some(number));
        let joins_after = after.is_some_and(|(first, _)| number.checked_add(1) == Some(first));
        match (joins_before, joins_after) {
            (true, true) => {
                let (_, last) = self.ranges.remove(at);
                self.extend_last(at - 1, last);
            }
            (true, false) => self.extend_last(at - 1, number),
            (false, true) => {
                if let Some(range) = self.ranges.get_mut(at) {
                    range.0 = number;
                }
            }
            (false, false) if self.ranges.len() < MOST_RANGES => {
                self.ranges.insert(at, (number, number));
            }
            (false, false) => self.untracked += 1,
        }
        true
    }

    fn extend_last(&mut self, at: usize, last: u64) {
        if let Some(range) = self.ranges.get_mut(at) {
            range.1 = last;
        }
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        let at = self.ranges.partition_point(|&(first, _)| first <= number);
        at.checked_sub(1)
            .and_then(|at| self.ranges.get(at))
            .is_some_and(|&(_, last)| number <= last)
    }

    /// The number of a test that names none.
    pub(super) fn next(&self) -> u64 {
        self.max.saturating_add(1)
    }

    /// Whether exactly the numbers from `first` to `last` were used.
    pub(super) fn is(&self, first: u64, last: u64) -> bool {
        if self.untracked > 0 {
            return false;
        }
        match *self.ranges.as_slice() {
            [] => last < first,
            [range] => range == (first, last),
            _ => false,
        }
    }

    /// What of `first` to `last` was not used and what outside it was, in words: `2, 5-7`.
    pub(super) fn difference(&self, first: u64, last: u64) -> (String, String) {
        let (mut missing, mut outside) = (List::default(), List::default());
        let mut next = first;
        for &(from, to) in &self.ranges {
            if from < first {
                outside.push(from, to.min(first - 1));
            }
            if from > next {
                missing.push(next, (from - 1).min(last));
            }
            next = next.max(to.saturating_add(1));
            if to > last {
                outside.push(from.max(last.saturating_add(1)), to);
            }
        }
        missing.push(next, last);
        (missing.text, outside.text)
    }
}

/// Ranges in words, the first few of them.
#[derive(Default)]
struct List {
    text: String,
    count: usize,
}

impl List {
    fn push(&mut self, first: u64, last: u64) {
        if last < first {
            return;
        }
        self.count += 1;
        if self.count > 10 {
            if self.count == 11 {
                self.text.push_str(", ...");
            }
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str(", ");
        }
        // Writing to a string never fails.
        let _ = if first == last {
            write!(self.text, "{first}")
        } else {
            write!(self.text, "{first}-{last}")
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(numbers: &[u64]) -> Numbers {
        let mut set = Numbers::default();
        for number in numbers {
            set.insert(*number);
        }
        set
    }

    #[test]
    fn says_what_is_missing_and_what_is_too_much() {
        let set = of(&[0, 1, 3, 4, 9, 12, 13]);
        assert_eq!(set.difference(1, 10), ("2, 5-8, 10".to_owned(), "0, 12-13".to_owned()));
        assert_eq!(of(&[]).difference(1, 3).0, "1-3");
        assert_eq!(of(&[20]).difference(1, 3), ("1-3".to_owned(), "20".to_owned()));
    }

    #[test]
    fn the_whole_plan_in_any_order() {
        assert!(of(&[3, 1, 2]).is(1, 3));
        assert!(!of(&[3, 1]).is(1, 3));
        assert!(of(&[]).is(1, 0));
    }

    #[test]
    fn numbers_at_the_end_of_their_room_are_no_trouble() {
        let mut set = of(&[u64::MAX, u64::MAX - 1, 0]);
        assert!(!set.insert(u64::MAX));
        assert_eq!(set.next(), u64::MAX);
        assert_eq!(set.difference(1, u64::MAX).1, "0");
    }

    proptest! {
        #[test]
        fn is_a_set(numbers in prop::collection::vec(0_u64..40, 0..60)) {
            let (mut set, mut known) = (Numbers::default(), std::collections::BTreeSet::new());
            for number in numbers {
                prop_assert_eq!(set.contains(number), known.contains(&number));
                prop_assert_eq!(set.insert(number), known.insert(number));
            }
            for number in 0..41 {
                prop_assert_eq!(set.contains(number), known.contains(&number));
            }
        }
    }
}
