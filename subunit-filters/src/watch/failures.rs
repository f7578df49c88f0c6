//! What went wrong, kept for the end.

use std::collections::HashMap;

use super::run::{Ended, Name};

/// The attempts that failed, up to a bound.
#[derive(Clone, Debug)]
pub struct Failures {
    kept: Vec<Ended>,
    /// How many were not kept.
    more: u64,
    /// By the test's key.
    tests: HashMap<Box<str>, Attempts>,
    flaky: Vec<(Name, u64)>,
    room: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Attempts {
    failed: u64,
    passed: bool,
}

impl Default for Failures {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            more: 0,
            tests: HashMap::new(),
            flaky: Vec::new(),
            room: Self::ROOM,
        }
    }
}

impl Failures {
    /// So many failures are kept; of the others only the number.
    pub const KEPT: usize = 1000;
    /// So many bytes of their files and names are kept: 16 MiB. Where the files have no room, the name is
    /// kept alone.
    pub const ROOM: usize = 16 << 20;

    /// The first ones, in the order of their ends.
    pub fn kept(&self) -> &[Ended] {
        &self.kept
    }

    /// How many there were besides.
    pub fn more(&self) -> u64 {
        self.more
    }

    /// Tests that failed and passed later, with the number of their failures; those that were kept.
    pub fn flaky(&self) -> &[(Name, u64)] {
        &self.flaky
    }

    /// How often the test with this key has failed.
    pub fn of(&self, key: &str) -> u64 {
        self.tests.get(key).map_or(0, |attempts| attempts.failed)
    }

    /// Whether the test with this key has failed and passed later.
    pub fn is_flaky(&self, name: &Name) -> bool {
        self.tests.get(name.key().as_str()).is_some_and(|attempts| attempts.passed)
    }

    /// An attempt has failed.
    pub fn failed(&mut self, ended: &Ended) {
        let key = ended.name.key();
        if let Some(attempts) = self.tests.get_mut(key.as_str()) {
            attempts.failed += 1;
        }
        // The name is kept here, among the tests, and if it is flaky once more.
        let named = self.room.checked_sub(3 * key.len());
        let Some(room) = named.filter(|_| self.kept.len() < Self::KEPT) else {
            self.more += 1;
            return;
        };
        let mut kept = ended.clone();
        self.room = room.checked_sub(ended.details.size()).unwrap_or_else(|| {
            kept.details = ended.details.without_content();
            room
        });
        self.kept.push(kept);
        self.tests.entry(key.into()).or_insert(Attempts { failed: 1, passed: false });
    }

    /// There are so many more, of which nothing is known.
    pub fn count(&mut self, more: u64) {
        self.more += more;
    }

    /// An attempt has passed.
    pub fn passed(&mut self, name: &Name, key: &str) {
        let Some(attempts) = self.tests.get_mut(key) else { return };
        if !attempts.passed {
            attempts.passed = true;
            self.flaky.push((name.clone(), attempts.failed));
        }
    }
}
