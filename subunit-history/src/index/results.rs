//! What all tests of a run came to.

use crate::{
    outcome::OutcomeCode,
    sql::{Connection, SqlResult},
    tile::{TILE, TestOutcome, present, times},
};

/// All results of a run, in the order of the tests.
pub(crate) fn results(connection: &Connection, run: i64) -> SqlResult<Vec<TestOutcome>> {
    let mut results = Vec::new();
    each_tile(connection, run, |block, statuses, durations| {
        let tests = present(statuses).zip(times(durations));
        let result = |((place, outcome), time): ((u32, OutcomeCode), _)| TestOutcome {
            test: block * TILE + place,
            outcome,
            time,
        };
        results.extend(tests.map(result));
    })?;
    Ok(results)
}

/// How many blocks of tests there are.
pub(crate) fn blocks(connection: &Connection) -> SqlResult<u32> {
    let top = "SELECT coalesce(max(num), 0) FROM test";
    connection.query_row(top, [], |row| row.get(0)).map(|top: u32| top / TILE + 1)
}

/// Calls `each` with the tiles of a run: the block, the statuses and the durations.
pub(crate) fn each_tile(
    connection: &Connection,
    run: i64,
    mut each: impl FnMut(u32, &[u8], &[u8]),
) -> SqlResult<()> {
    let dialect = connection.dialect();
    // By one question, and by the key of the tiles: that of no engine begins with the run.
    let read = format!(
        "SELECT s.block, s.status, d.dur FROM status_tile s JOIN duration_tile d ON {} \
         WHERE s.block {} AND s.run = ? ORDER BY s.block",
        dialect.durations_of_statuses(),
        dialect.is_one_of()
    );
    let blocks: Vec<u32> = (0..blocks(connection)?).collect();
    let mut read = connection.prepare(&read)?;
    let mut rows = read.query((dialect.numbers(&blocks), run))?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob()?);
    }
    Ok(())
}
