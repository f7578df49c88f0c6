//! Which results are stale: would a test come to the same again?
//!
//! A result is stale if what the test depends on is not what it was when the run of that result began, or if a test that it
//! needs is stale, or has come to something else since. A result of a run that did not say what its tests depend on is stale
//! as well: nobody knows.

mod inputs;
mod known;

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

pub use self::inputs::{ChangedInput, DeclaredTests, IdMatcher, InputChange, TestInputs};
use self::known::KnownTest;
use super::{History, TestIdentity};
use crate::{Error, OutcomeCode, sql::SqlResult};

/// A test whose last result is stale.
#[derive(Clone, Debug)]
pub struct StaleTest {
    /// The test.
    pub test: TestIdentity,
    /// What it came to.
    pub outcome: OutcomeCode,
    /// The run of that result.
    pub run: i64,
    /// Why it is stale.
    pub reason: StaleReason,
}

/// Why a result is stale.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StaleReason {
    /// Its run did not say what the test depends on.
    Unknown,
    /// What the test depends on is not what it was.
    Changed(InputChange),
    /// A test that it needs has come to something else since.
    NeedsChanged(TestIdentity),
    /// A test that it needs is stale. It is fresh again if that one comes to the same.
    NeedsStale(TestIdentity),
}

impl StaleReason {
    /// Whether the test is to run again, whatever other tests come to.
    pub fn is_its_own(&self) -> bool {
        !matches!(self, Self::NeedsStale(_))
    }
}

impl History {
    /// Whether a run has said what its tests depend on.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn knows_inputs(&self) -> Result<bool, Error> {
        if self.index.needs(4).is_err() {
            return Ok(false);
        }
        let any = "SELECT EXISTS(SELECT 1 FROM input)";
        self.index.connection().query_row(any, [], |row| row.get(0)).map_err(self.index.error())
    }

    /// The tests of a series, or of that of the run that came last, whose last results are stale, in the order in which they
    /// were first seen; by what is `declared` of tests as it is now. Of other tests nothing is known, and tests that are gone
    /// are left out.
    ///
    /// # Errors
    ///
    /// If the index cannot be read, or an older program wrote it.
    pub fn stale(
        &self,
        series: Option<&str>,
        declared: &[DeclaredTests<'_>],
    ) -> Result<Vec<StaleTest>, Error> {
        self.index.needs(4)?;
        self.read_stale(series, declared).map_err(self.index.error())
    }

    /// These tests, and those that need one of them, or one that needs it, and so on; in the order in which they were first
    /// seen.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn downstream(
        &self,
        series: Option<&str>,
        declared: &[DeclaredTests<'_>],
        ids: &BTreeSet<String>,
    ) -> Result<Vec<TestIdentity>, Error> {
        let read = || {
            let Some(series) = self.series(series)? else { return Ok(Vec::new()) };
            let all = self.known_tests(series, declared, |test| ids.contains(&test.id))?;
            let mut found: BTreeMap<usize, usize> = BTreeMap::new();
            let named = |test: &KnownTest| ids.contains(&test.test.id);
            let places = all.iter().enumerate().filter(|(_, test)| named(test));
            found.extend(places.map(|(place, _)| (place, place)));
            spread(&all, declared, &mut found, |_, needed| needed);
            let test = |place: &usize| all.get(*place).map(|known| known.test.clone());
            Ok(found.keys().filter_map(test).collect())
        };
        read().map_err(self.index.error())
    }

    fn read_stale(
        &self,
        series: Option<&str>,
        declared: &[DeclaredTests<'_>],
    ) -> SqlResult<Vec<StaleTest>> {
        let Some(series) = self.series(series)? else { return Ok(Vec::new()) };
        let all = self.known_tests(series, declared, |_| false)?;
        let mut stale = self.changed_inputs(&all, declared)?;
        self.changed_needs(series, &all, declared, &mut stale)?;
        let needed = |needed: usize| all.get(needed).map(|known| known.test.clone());
        spread(&all, declared, &mut stale, |_, place| {
            StaleReason::NeedsStale(needed(place).unwrap_or_default())
        });
        let test = |(place, reason): (usize, StaleReason)| {
            let KnownTest { test, outcome, run, .. } = all.get(place)?;
            Some(StaleTest { test: test.clone(), outcome: *outcome, run: *run, reason })
        };
        Ok(stale.into_iter().filter_map(test).collect())
    }

    /// The tests whose own inputs are not what they were, by their places among all.
    fn changed_inputs(
        &self,
        all: &[KnownTest],
        declared: &[DeclaredTests<'_>],
    ) -> SqlResult<BTreeMap<usize, StaleReason>> {
        let mut stale = BTreeMap::new();
        let mut known: HashMap<(i64, usize), Option<StaleReason>> = HashMap::new();
        for (place, test) in all.iter().enumerate() {
            for table in &test.tables {
                let key = (test.run, *table);
                if !known.contains_key(&key) {
                    let Some(now) = declared.get(*table) else { continue };
                    known.insert(key, changed(&self.inputs_of(test.run)?, &now.inputs));
                }
                if let Some(Some(reason)) = known.get(&key) {
                    stale.entry(place).or_insert_with(|| reason.clone());
                }
            }
        }
        Ok(stale)
    }

    /// Adds the tests that need one that has come to something else since.
    fn changed_needs(
        &self,
        series: i64,
        all: &[KnownTest],
        declared: &[DeclaredTests<'_>],
        stale: &mut BTreeMap<usize, StaleReason>,
    ) -> SqlResult<()> {
        for (number, _) in declared.iter().enumerate().filter(|(_, one)| !one.needs.is_empty()) {
            let needed =
                all.iter().enumerate().filter(|(_, test)| test.needed_by.contains(&number));
            let mut changes: Vec<(usize, Vec<i64>)> = Vec::new();
            for (place, test) in needed {
                let seqs = self.change_seqs(series, test.number)?;
                changes.extend((!seqs.is_empty()).then_some((place, seqs)));
            }
            for (place, test) in all.iter().enumerate() {
                if !test.tables.contains(&number) {
                    continue;
                }
                // After two changes it is what it was.
                let is_other =
                    |seqs: &[i64]| seqs.iter().filter(|seq| **seq > test.seq).count() % 2 == 1;
                let changed =
                    changes.iter().find(|(needed, seqs)| *needed != place && is_other(seqs));
                let needed = changed.and_then(|(needed, _)| all.get(*needed));
                if let Some(needed) = needed {
                    let reason = StaleReason::NeedsChanged(needed.test.clone());
                    stale.entry(place).or_insert(reason);
                }
            }
        }
        Ok(())
    }
}

/// What has changed of the inputs of tests.
fn changed(then: &[TestInputs], now: &TestInputs) -> Option<StaleReason> {
    match then.iter().find(|then| then.tests == now.tests) {
        None => Some(StaleReason::Unknown),
        Some(then) => then.change(now).map(StaleReason::Changed),
    }
}

/// Adds the tests that need one that is found, until there are no more. `of` makes what is said of a test, by its place and
/// that of the one that it needs.
fn spread<F>(
    all: &[KnownTest],
    declared: &[DeclaredTests<'_>],
    found: &mut BTreeMap<usize, F>,
    of: impl Fn(usize, usize) -> F,
) {
    loop {
        let mut more: Vec<(usize, usize)> = Vec::new();
        for (number, _) in declared.iter().enumerate().filter(|(_, one)| !one.needs.is_empty()) {
            let is_needed = |place: &&usize| {
                all.get(**place).is_some_and(|test| test.needed_by.contains(&number))
            };
            // One of the first two is another test.
            let needed: Vec<usize> = found.keys().filter(is_needed).take(2).copied().collect();
            for (place, test) in all.iter().enumerate() {
                if test.tables.contains(&number) && !found.contains_key(&place) {
                    let other = needed.iter().find(|needed| **needed != place);
                    more.extend(other.map(|needed| (place, *needed)));
                }
            }
        }
        if more.is_empty() {
            return;
        }
        for (place, needed) in more {
            found.entry(place).or_insert_with(|| of(place, needed));
        }
    }
}
