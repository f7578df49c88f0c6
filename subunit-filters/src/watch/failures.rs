//! What went wrong, kept for the end.

use subunit_core::run::Identities;

use super::ended::{Ended, Name};

/// The tests that failed, up to a bound, and the flaky ones.
#[derive(Clone, Debug)]
pub struct Failures {
    kept: Vec<Ended>,
    /// How many were not kept.
    more: u64,
    flaky: Vec<(Name, u64)>,
    room: usize,
}

impl Default for Failures {
    fn default() -> Self {
        Self { kept: Vec::new(), more: 0, flaky: Vec::new(), room: Self::ROOM }
    }
}

impl Failures {
    /// So many failures are kept; of the others only the number.
    pub const KEPT: usize = 1000;
    /// This many bytes of their files and names are kept: 16 MiB. Where the files have no room, the name is
    /// kept alone.
    pub const ROOM: usize = 16 << 20;

    /// The first ones, in the order in which they became certain.
    pub fn kept(&self) -> &[Ended] {
        &self.kept
    }

    /// How many there were besides.
    pub fn more(&self) -> u64 {
        self.more
    }

    /// Tests that failed and passed in the end, with the number of their failures; as many as there is room for.
    pub fn flaky(&self) -> &[(Name, u64)] {
        &self.flaky
    }

    /// A test has failed: `ended` is its last attempt.
    pub fn failed(&mut self, ended: &Ended) {
        let named = self.room.checked_sub(ended.named());
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
    }

    /// How many more there are, of which nothing is known.
    pub fn count(&mut self, more: u64) {
        self.more += more;
    }

    /// A failure of this test is none any more.
    pub fn take_back(&mut self, name: &Name) {
        let (mut one, mut other) = (Identities::default(), Identities::default());
        let is_it = |kept: &Ended| {
            kept.name.test_id == name.test_id
                && one.of(kept.name.as_route()) == other.of(name.as_route())
        };
        match self.kept.iter().rposition(is_it) {
            Some(at) => drop(self.kept.remove(at)),
            None => self.more = self.more.saturating_sub(1),
        }
    }

    /// A test has passed after it had failed.
    pub fn passed(&mut self, name: &Name, failed: u64) {
        if let Some(room) = self.room.checked_sub(name.size()) {
            self.room = room;
            self.flaky.push((name.clone(), failed));
        }
    }
}
