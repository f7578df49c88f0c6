//! What some tests came to in some runs, and how long they took.

use hashbrown::HashMap;

use super::{
    History,
    window::{BLOCKS, blocks_of, in_block},
};
use crate::{
    OutcomeCode,
    outcome::Micros,
    sql::SqlResult,
    tile::{TILE, pick, times},
};

impl History {
    /// Calls `each` for each of these tests, by its number, and each of these runs that has it: with the place of the run, the
    /// outcome and the time. The tests are in the order of their numbers; the calls are in no order of runs.
    pub(crate) fn each_timed(
        &self,
        runs: &[i64],
        tests: &[u32],
        mut each: impl FnMut(u32, usize, OutcomeCode, Micros),
    ) -> SqlResult<()> {
        let places: HashMap<i64, usize> =
            runs.iter().zip(0..).map(|(run, place)| (*run, place)).collect();
        let first = runs.iter().min().copied().unwrap_or_default();
        let connection = self.index.connection();
        let dialect = connection.dialect();
        let read = format!(
            "SELECT s.block, s.run, s.status, d.dur FROM status_tile s JOIN duration_tile d \
             ON {} WHERE s.block {} AND s.run >= ? ORDER BY s.block",
            dialect.durations_of_statuses(),
            dialect.is_one_of()
        );
        let mut read = connection.prepare(&read)?;
        for some in blocks_of(tests).chunks(BLOCKS) {
            let mut rows = read.query((dialect.numbers(some), first))?;
            while let Some(row) = rows.next()? {
                let Some(&place) = places.get(&row.get::<i64>(1)?) else { continue };
                let tests = in_block(tests, row.get(0)?);
                let (statuses, durations) =
                    (row.get_ref(2)?.as_blob()?, row.get_ref(3)?.as_blob()?);
                let durations: Vec<Micros> = times(durations).collect();
                let places_in_tile: Vec<u32> = tests.iter().map(|test| test % TILE).collect();
                pick(statuses, &places_in_tile, |nth, outcome, before| {
                    let time = durations.get(before).copied().unwrap_or_default();
                    let test = tests.get(nth).copied().unwrap_or_default();
                    each(test, place, outcome, time);
                });
            }
        }
        Ok(())
    }
}
