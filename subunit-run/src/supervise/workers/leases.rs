//! The tests that a process has been given and has not ended.

use std::collections::HashMap;

/// Tests that are a process's own, in the order in which they were given. A test may be there twice.
#[derive(Debug, Default)]
pub(in crate::supervise) struct Leases {
    /// The places of each test in the order.
    places: HashMap<String, Vec<u64>>,
    given: u64,
    held: usize,
}

impl Leases {
    pub(in crate::supervise) fn add(&mut self, test_id: String) {
        self.places.entry(test_id).or_default().push(self.given);
        self.given += 1;
        self.held += 1;
    }

    /// Takes one away. Whether it was there.
    pub(in crate::supervise) fn remove(&mut self, test_id: &str) -> bool {
        let Some(places) = self.places.get_mut(test_id) else { return false };
        places.pop();
        if places.is_empty() {
            self.places.remove(test_id);
        }
        self.held -= 1;
        true
    }

    pub(in crate::supervise) fn contains(&self, test_id: &str) -> bool {
        self.places.contains_key(test_id)
    }

    pub(in crate::supervise) fn len(&self) -> usize {
        self.held
    }

    /// All of them, in the order in which they were given.
    pub(in crate::supervise) fn take(&mut self) -> Vec<String> {
        let mut all: Vec<(u64, String)> = Vec::with_capacity(self.held);
        for (test_id, places) in self.places.drain() {
            all.extend(places.into_iter().map(|place| (place, test_id.clone())));
        }
        self.held = 0;
        all.sort_unstable();
        all.into_iter().map(|(_, test_id)| test_id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_keep_their_order_and_may_be_held_twice() {
        let mut leases = Leases::default();
        for test_id in ["b", "a", "b", "c"] {
            leases.add(test_id.to_owned());
        }
        assert!(leases.remove("b") && !leases.remove("x"));
        assert_eq!((leases.len(), leases.contains("b")), (3, true));
        assert_eq!(leases.take(), ["b", "a", "c"]);
        assert_eq!(leases.len(), 0);
    }
}
