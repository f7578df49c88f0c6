//! Tests that failed and run again, and how many attempts each has had.

use std::collections::{HashMap, VecDeque};

/// What a test may do after it has failed.
#[derive(Debug, Default)]
pub(in crate::supervise) struct Retries {
    /// The attempts that tests have made, from the second on.
    made: HashMap<String, u32>,
    /// Tests to run again, and the worker where each ran.
    waiting: VecDeque<(String, String)>,
}

impl Retries {
    /// Which attempt the test makes now, from 1.
    pub(in crate::supervise) fn attempt(&self, test_id: &str) -> u32 {
        self.made.get(test_id).copied().unwrap_or(1)
    }

    /// The test has failed on this worker. Whether it runs again, which it does `most` times at most.
    pub(in crate::supervise) fn failed(&mut self, test_id: &str, worker: &str, most: u32) -> bool {
        let attempt = self.attempt(test_id);
        if attempt > most {
            return false;
        }
        self.made.insert(test_id.to_owned(), attempt + 1);
        self.waiting.push_back((test_id.to_owned(), worker.to_owned()));
        true
    }

    /// Whether tests wait to run again.
    pub(in crate::supervise) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A test for this worker: one that failed on another worker or, unless other workers may take it, any.
    pub(in crate::supervise) fn next(&mut self, worker: &str, has_others: bool) -> Option<String> {
        let elsewhere = self.waiting.iter().position(|(_, ran_at)| ran_at != worker);
        let nth = match elsewhere {
            None if has_others => return None,
            nth => nth.unwrap_or(0),
        };
        self.waiting.remove(nth).map(|(test_id, _)| test_id)
    }

    /// A test that was taken and not begun waits again.
    pub(in crate::supervise) fn lost(&mut self, test_id: &str, worker: &str) {
        self.waiting.push_front((test_id.to_owned(), worker.to_owned()));
    }

    /// Takes the tests that wait, when nobody is left to run them.
    pub(in crate::supervise) fn take_rest(&mut self) -> Vec<String> {
        std::mem::take(&mut self.waiting).into_iter().map(|(test_id, _)| test_id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_runs_again_so_many_times_and_elsewhere_if_possible() {
        let mut retries = Retries::default();
        assert!(retries.failed("a", "0", 2) && retries.failed("b", "1", 2));
        assert_eq!(retries.attempt("a"), 2);
        assert_eq!(retries.next("1", true).as_deref(), Some("a"));
        assert_eq!(retries.next("1", true), None);
        assert_eq!(retries.next("1", false).as_deref(), Some("b"));
        assert!(retries.is_empty());
        assert!(retries.failed("a", "0", 2) && !retries.failed("a", "0", 2));
        assert_eq!(retries.attempt("a"), 3);
        assert!(!Retries::default().failed("a", "0", 0));
    }
}
