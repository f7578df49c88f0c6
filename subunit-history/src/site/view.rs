//! What the pages of one series are made from, read once.

use std::{collections::BTreeMap, rc::Rc};

use hashbrown::HashMap;
use twox_hash::XxHash3_128;

use super::{
    frame::{Text, name},
    links::{SiteLinks, slug},
};
use crate::{
    Error, OutcomeCode,
    outcome::Micros,
    query::{History, RunRow, TestIdentity, TestNames},
};

/// A series, its last runs, and its tests that were bad or flaky in one of them.
///
/// Memory: a cell of 32 bytes for each of these tests in each run.
pub(super) struct SeriesView {
    pub(super) name: String,
    /// Its name in addresses.
    pub(super) slug: String,
    /// How its pages lead to each other.
    pub(super) links: SiteLinks,
    /// The latest first.
    pub(super) runs: Vec<RunRow>,
    /// In the order of their names: so what is said of one run stays the same.
    pub(super) tests: Vec<SiteTest>,
}

/// Which tests of the runs are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which<'t> {
    /// Those that were bad or flaky in one of them.
    BadOrFlaky,
    /// This one, if one of them has it.
    Only(&'t TestIdentity),
}

/// A test of a series.
pub(super) struct SiteTest {
    pub(super) test: TestIdentity,
    /// The name of its page, and of its row on the page of a run.
    pub(super) anchor: String,
    /// What it came to in each run of the series.
    pub(super) cells: Vec<TestCell>,
}

/// A test in a run.
#[derive(Clone, Default)]
pub(super) struct TestCell {
    pub(super) outcome: OutcomeCode,
    pub(super) time: Micros,
    /// Why it was bad.
    pub(super) message: Option<Rc<str>>,
}

/// What the index says of a series.
pub(super) struct SeriesSummary {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) runs: Vec<RunRow>,
}

impl SeriesView {
    /// Of these runs, the latest of which is the first one.
    pub(super) fn read(
        history: &History,
        name: &str,
        links: SiteLinks,
        runs: Vec<RunRow>,
        which: Which<'_>,
    ) -> Result<Self, Error> {
        history.read_view(name, links, runs, which).map_err(history.index.error())
    }

    /// The page of a test, if it has one.
    pub(super) fn page_of(&self, test: &TestIdentity) -> Option<&SiteTest> {
        let at = self.tests.binary_search_by(|one| one.test.cmp(test)).ok()?;
        self.tests.get(at)
    }

    /// Where the page of a test is, from the first page.
    pub(super) fn address(&self, test: &SiteTest) -> String {
        self.links.test(&self.name, &test.test, &test.anchor)
    }

    /// A test, with a link if it has a page, from a page in a folder beside that of tests.
    pub(super) fn link(&self, test: &TestIdentity) -> String {
        let name = name(test);
        let address = match (self.links, self.page_of(test)) {
            (_, Some(page)) => self.address(page),
            (SiteLinks::Served, None) => self.links.test(&self.name, test, ""),
            (SiteLinks::Files, None) => return Text(&name).to_string(),
        };
        format!("<a href=\"../{}\">{}</a>", Text(&address), Text(&name))
    }

    /// The tests: those that are bad first, those that broke last before the others; then flaky ones, then those that
    /// are fixed.
    pub(super) fn ranked(&self) -> Vec<&SiteTest> {
        let mut tests: Vec<&SiteTest> = self.tests.iter().collect();
        tests.sort_by_cached_key(|test| rank(test));
        tests
    }

    pub(super) fn into_summary(self) -> SeriesSummary {
        SeriesSummary { name: self.name, slug: self.slug, runs: self.runs }
    }
}

impl History {
    fn read_view(
        &self,
        name: &str,
        links: SiteLinks,
        runs: Vec<RunRow>,
        which: Which<'_>,
    ) -> rusqlite::Result<SeriesView> {
        let outcomes: BTreeMap<u32, Vec<OutcomeCode>> = match which {
            Which::BadOrFlaky => self.outcomes(&runs)?.into_iter().collect(),
            Which::Only(test) => self.outcomes_of_test(&runs, test)?.into_iter().collect(),
        };
        let mut cells: BTreeMap<u32, Vec<TestCell>> = BTreeMap::new();
        for (test, outcomes) in &outcomes {
            let cell =
                |outcome: &OutcomeCode| TestCell { outcome: *outcome, ..TestCell::default() };
            cells.insert(*test, outcomes.iter().map(cell).collect());
        }
        let numbers: Vec<i64> = runs.iter().map(|run| run.id).collect();
        let tests: Vec<u32> = cells.keys().copied().collect();
        self.each_timed(&numbers, &tests, |test, place, _, time| {
            if let Some(cell) = cells.get_mut(&test).and_then(|cells| cells.get_mut(place)) {
                cell.time = time;
            }
        })?;
        self.read_messages(&runs, &mut cells)?;
        let mut names = TestNames::new(self.index.connection())?;
        let mut tests = Vec::new();
        for (number, cells) in cells {
            let test = names.of(number)?;
            let anchor = anchor(name, &test);
            tests.push(SiteTest { test, anchor, cells });
        }
        tests.sort_unstable_by(|one, other| one.test.cmp(&other.test));
        Ok(SeriesView { name: name.to_owned(), slug: slug(name), links, runs, tests })
    }

    fn read_messages(
        &self,
        runs: &[RunRow],
        cells: &mut BTreeMap<u32, Vec<TestCell>>,
    ) -> rusqlite::Result<()> {
        let read = "SELECT f.test, f.fingerprint, p.text FROM failure f JOIN fingerprint p ON p.id = f.fingerprint WHERE f.run = ?";
        let mut read = self.index.connection().prepare_cached(read)?;
        let mut known: HashMap<i64, Rc<str>> = HashMap::new();
        for (place, run) in runs.iter().enumerate() {
            let mut rows = read.query([run.id])?;
            while let Some(row) = rows.next()? {
                let cell = cells.get_mut(&row.get(0)?).and_then(|cells| cells.get_mut(place));
                let Some(cell) = cell else { continue };
                let fingerprint = row.get(1)?;
                let message = match known.get(&fingerprint) {
                    Some(message) => Rc::clone(message),
                    None => {
                        let text: String = row.get(2)?;
                        Rc::clone(known.entry(fingerprint).insert(text.into()).get())
                    }
                };
                cell.message = Some(message);
            }
        }
        Ok(())
    }
}

fn rank(test: &SiteTest) -> (u8, usize) {
    let telling = || test.cells.iter().map(|cell| cell.outcome).filter(|one| one.is_telling());
    let streak = telling().take_while(|outcome| outcome.is_bad()).count();
    match streak {
        0 if telling().any(|outcome| outcome == OutcomeCode::FLAKY) => (1, 0),
        0 => (2, telling().take_while(|outcome| outcome.is_good()).count()),
        streak => (0, streak),
    }
}

fn anchor(series: &str, test: &TestIdentity) -> String {
    let text = format!("{series}\0{}\0{}\0{}", test.scope, test.id, u8::from(test.runnable));
    format!("t{:032x}", XxHash3_128::oneshot(text.as_bytes()))
}
