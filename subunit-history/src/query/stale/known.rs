//! The tests of a series about which something is declared, and the runs of their last results.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::{
    super::{History, TestIdentity},
    DeclaredTests, TestInputs,
};
use crate::{
    OutcomeCode,
    index::BlockState,
    sql::{OptionalRow, SqlResult},
    tile::TILE,
};

/// A test of which something is declared, or which others need.
#[derive(Clone, Debug)]
pub(super) struct KnownTest {
    pub(super) number: u32,
    pub(super) test: TestIdentity,
    /// What it came to last.
    pub(super) outcome: OutcomeCode,
    /// The run of that result, and where it stands in the series.
    pub(super) run: i64,
    pub(super) seq: i64,
    /// The places of what is declared of it.
    pub(super) tables: Vec<usize>,
    /// The places of what is declared of tests that need it.
    pub(super) needed_by: Vec<usize>,
}

impl History {
    /// The tests of a series that have a result and are not gone, as far as something is declared of them, others need them,
    /// or `is_wanted` says so; in the order of their numbers.
    pub(super) fn known_tests(
        &self,
        series: i64,
        declared: &[DeclaredTests<'_>],
        is_wanted: impl Fn(&TestIdentity) -> bool,
    ) -> SqlResult<Vec<KnownTest>> {
        let states: HashMap<u32, BlockState> = self.states(series)?.into_iter().collect();
        let read = "SELECT num, scope, id, runnable FROM test ORDER BY num";
        let mut read = self.index.connection().prepare(read)?;
        let mut rows = read.query([])?;
        let mut found = Vec::new();
        // Of these the state does not say the run of the last result.
        let mut others = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let number: u32 = row.get(0)?;
            let state = states.get(&(number / TILE)).map(|block| block.test(number % TILE));
            let Some(state) = state.filter(|state| state.last != OutcomeCode::ABSENT) else {
                continue;
            };
            let id = row.get_ref(2)?.as_str()?;
            let places = |does: &dyn Fn(&DeclaredTests<'_>) -> bool| -> Vec<usize> {
                declared.iter().enumerate().filter(|(_, one)| does(one)).map(|(at, _)| at).collect()
            };
            let tables = places(&|one| (one.is_of)(id));
            let needed_by = places(&|one| one.needs.iter().any(|needs| needs(id)));
            let test =
                TestIdentity { scope: row.get(1)?, id: id.to_owned(), runnable: row.get(3)? };
            if tables.is_empty() && needed_by.is_empty() && !is_wanted(&test) {
                continue;
            }
            if state.last != state.telling {
                others.insert(number);
            }
            let (outcome, run) = (state.last, i64::from(state.seen));
            found.push(KnownTest { number, test, outcome, run, seq: 0, tables, needed_by });
        }
        self.place_in_series(series, found, &others)
    }

    /// With the runs of their last results. Tests whose run nobody knows, or that are gone, are left out.
    fn place_in_series(
        &self,
        series: i64,
        mut found: Vec<KnownTest>,
        others: &BTreeSet<u32>,
    ) -> SqlResult<Vec<KnownTest>> {
        let gone = self.gone_before(series)?;
        let window = if others.is_empty() { Default::default() } else { self.window(series)? };
        let sequences = self.sequences(&window, others)?;
        let mut seq = self.index.connection().prepare("SELECT seq FROM run WHERE id = ?")?;
        let mut seqs: HashMap<i64, Option<i64>> = HashMap::new();
        for test in &mut found {
            let ran = |(_, outcome): &&(usize, OutcomeCode)| *outcome != OutcomeCode::EXISTS;
            let last = sequences.get(&test.number).and_then(|all| all.iter().rev().find(ran));
            if let Some(run) = last.and_then(|(place, _)| window.runs.get(*place)) {
                test.run = run.id.into();
            }
            let known = match seqs.get(&test.run) {
                Some(known) => *known,
                None => {
                    let known = seq.query_row([test.run], |row| row.get(0)).optional()?;
                    *seqs.entry(test.run).or_insert(known)
                }
            };
            test.seq = known.unwrap_or(i64::MIN);
        }
        found.retain(|test| test.seq > i64::MIN && test.seq >= gone);
        Ok(found)
    }

    /// What the tests of a run depended on as it began.
    pub(super) fn inputs_of(&self, run: i64) -> SqlResult<Vec<TestInputs>> {
        let read = "SELECT s.text FROM input i JOIN snapshot s ON s.id = i.snapshot WHERE i.run = ? ORDER BY i.place";
        let mut read = self.index.connection().prepare(read)?;
        let mut rows = read.query([run])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            // What cannot be read says nothing.
            found.extend(serde_json::from_str::<TestInputs>(row.get_ref(0)?.as_str()?));
        }
        Ok(found)
    }

    /// Where in a series a test went from good to bad or back.
    pub(super) fn change_seqs(&self, series: i64, test: u32) -> SqlResult<Vec<i64>> {
        let read = "SELECT r.seq FROM change c JOIN run r ON r.id = c.run \
                    WHERE c.series = ? AND c.test = ? AND c.was != 0";
        let mut read = self.index.connection().prepare(read)?;
        read.query_map((series, test), |row| row.get(0))?.collect()
    }
}
