//! What the pages of one series are made from, read once.

use std::{collections::BTreeMap, rc::Rc};

use hashbrown::HashMap;
use twox_hash::XxHash3_128;

use super::frame::{Text, name};
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
    /// The latest first.
    pub(super) runs: Vec<RunRow>,
    /// In the order of their names: so what is said of one run stays the same.
    pub(super) tests: Vec<SiteTest>,
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

impl SiteTest {
    /// Where its page is.
    pub(super) fn path(&self) -> String {
        format!("test/{}.html", self.anchor)
    }
}

impl SeriesView {
    pub(super) fn read(history: &History, name: &str, most: usize) -> Result<Self, Error> {
        history.read_view(name, most).map_err(history.index.error())
    }

    /// The page of a test, if it has one.
    pub(super) fn page_of(&self, test: &TestIdentity) -> Option<&SiteTest> {
        let at = self.tests.binary_search_by(|one| one.test.cmp(test)).ok()?;
        self.tests.get(at)
    }

    /// A test, with a link if it has a page, from a page in a folder beside that of tests.
    pub(super) fn link(&self, test: &TestIdentity) -> String {
        let name = name(test);
        match self.page_of(test) {
            Some(page) => format!("<a href=\"../{}\">{}</a>", page.path(), Text(&name)),
            None => Text(&name).to_string(),
        }
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
    /// The name of the store.
    pub(super) fn store_uuid(&self) -> Result<String, Error> {
        let read =
            || self.index.connection().query_row("SELECT uuid FROM store", [], |row| row.get(0));
        read().map_err(self.index.error())
    }

    fn read_view(&self, name: &str, most: usize) -> rusqlite::Result<SeriesView> {
        let series = self.series(Some(name))?;
        let runs = series.map(|series| self.last_runs(series, most, true)).transpose()?;
        let runs = runs.unwrap_or_default();
        let outcomes: BTreeMap<u32, Vec<OutcomeCode>> = self.outcomes(&runs)?.into_iter().collect();
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
        Ok(SeriesView { name: name.to_owned(), slug: slug(name), runs, tests })
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

/// A name for files and addresses: what is not plain is left out, and told apart by a number.
fn slug(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).take(60).collect();
    if plain == name && !plain.is_empty() {
        return plain;
    }
    format!("{plain}-{:08x}", XxHash3_128::oneshot(name.as_bytes()) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_series_become_names_of_files() {
        assert_eq!(slug("main"), "main");
        let (one, other) = (slug("a/b"), slug("a b"));
        assert!(one.starts_with("a-b-") && other.starts_with("a-b-") && one != other);
        assert!(slug("../..").starts_with("-----"), "{}", slug("../.."));
        assert!(!slug("").is_empty() && slug(&"x".repeat(1000)).len() < 100);
    }
}
