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
    sql::SqlResult,
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
    ) -> SqlResult<SeriesView> {
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
        let mut names = TestNames::of_all(self.index.connection(), cells.keys().copied())?;
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
    ) -> SqlResult<()> {
        let read = "SELECT f.test, f.fingerprint, p.text FROM failure f JOIN fingerprint p ON p.id = f.fingerprint WHERE f.run = ?";
        let mut read = self.index.connection().prepare(read)?;
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

/// Why a test is in a grid, in the order of the rows.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum RowKind {
    /// Its last result is bad.
    Failing,
    /// It passed after it had failed in one run, or it went from good to bad and back.
    Flaky,
    /// The last runs say nothing of it.
    Stale,
    /// It was bad, and is not any more.
    Fixed,
}

/// How many runs say nothing of a test that is stale.
const STALE: usize = 10;

impl RowKind {
    const ALL: [Self; 4] = [Self::Failing, Self::Flaky, Self::Stale, Self::Fixed];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Flaky => "flaky",
            Self::Stale => "stale",
            Self::Fixed => "fixed",
        }
    }

    /// The kind of this word.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl SiteTest {
    fn telling(&self) -> impl Iterator<Item = OutcomeCode> {
        self.cells.iter().map(|cell| cell.outcome).filter(|outcome| outcome.is_telling())
    }

    /// Why it is in a grid.
    pub(super) fn kind(&self) -> RowKind {
        let is_stale = self.cells.len() > STALE
            && self.cells.iter().take(STALE).all(|cell| !cell.outcome.is_telling());
        if is_stale {
            return RowKind::Stale;
        }
        if self.telling().next().is_some_and(OutcomeCode::is_bad) {
            return RowKind::Failing;
        }
        let changes = self
            .telling()
            .zip(self.telling().skip(1))
            .filter(|(one, next)| one.is_bad() != next.is_bad());
        if self.telling().any(|outcome| outcome == OutcomeCode::FLAKY) || changes.count() > 2 {
            return RowKind::Flaky;
        }
        RowKind::Fixed
    }
}

/// What is said of a test first: its kind, then how short its last streak is.
fn rank(test: &SiteTest) -> (RowKind, usize) {
    let is_bad = test.telling().next().is_some_and(OutcomeCode::is_bad);
    (test.kind(), test.telling().take_while(|outcome| outcome.is_bad() == is_bad).count())
}

fn anchor(series: &str, test: &TestIdentity) -> String {
    let text = format!("{series}\0{}\0{}\0{}", test.scope, test.id, u8::from(test.runnable));
    format!("t{:032x}", XxHash3_128::oneshot(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_test_is_in_a_grid() {
        for (letters, wanted) in [
            ("!..", RowKind::Failing),
            ("-!.", RowKind::Failing),
            (".!.", RowKind::Fixed),
            (".!.!.", RowKind::Flaky),
            ("f..", RowKind::Flaky),
            ("          !.", RowKind::Stale),
            ("         !.", RowKind::Failing),
        ] {
            let outcome = |letter| match letter {
                '.' => OutcomeCode::SUCCESS,
                '!' => OutcomeCode::FAIL,
                '-' => OutcomeCode::SKIP,
                'f' => OutcomeCode::FLAKY,
                _ => OutcomeCode::ABSENT,
            };
            let cell = |letter| TestCell { outcome: outcome(letter), ..TestCell::default() };
            let cells = letters.chars().map(cell).collect();
            let test = SiteTest { test: TestIdentity::default(), anchor: String::new(), cells };
            assert_eq!(test.kind(), wanted, "{letters}");
            assert_eq!(RowKind::of(wanted.word()), Some(wanted));
        }
    }
}
