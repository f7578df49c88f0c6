//! What is known of a series over all its runs: the state of its tests, and where they changed. It follows from the
//! tiles and from what is known of runs that are gone.

use hashbrown::HashMap;

use super::{
    BlockState,
    results::blocks,
    state::{AppliedRun, Effect},
    weeks,
};
use crate::{
    outcome::OutcomeCode,
    sql::{
        Append, Connection, OptionalRow, Params as _, SqlResult, SqlRow, Statement, Transaction,
        params,
    },
    tile::{TILE, TestOutcome, present, times},
};

/// In the order of a series: by `seq`, and where that is equal as they were loaded.
const IN_ORDER: &str = "SELECT id, infrastructure FROM run WHERE series = ? AND kept > 0 AND seq > \
                        (SELECT cut FROM series WHERE id = ?1) ORDER BY seq, loaded, uuid";

/// The run of a series that is the latest.
pub(crate) const LATEST: &str = "SELECT id FROM run WHERE series = ? AND kept > 0 ORDER BY seq DESC, loaded DESC, uuid DESC LIMIT 1";

/// Adds a run to what is known of its series. `results` are those of the run.
pub(super) fn add(
    transaction: &Transaction<'_>,
    series: i64,
    run: i64,
    results: &[TestOutcome],
) -> SqlResult<()> {
    let latest: Option<i64> =
        transaction.query_row(LATEST, [series], |row| row.get(0)).optional()?;
    let is_cut = "SELECT r.seq <= s.cut FROM run r JOIN series s ON s.id = r.series WHERE r.id = ?";
    if transaction.query_row(is_cut, [run], |row| row.get(0))? {
        // What is known of that time is settled.
        return weeks::rebuild(transaction, series);
    }
    if latest != Some(run) {
        return rebuild(transaction, series);
    }
    let infrastructure = "SELECT infrastructure FROM run WHERE id = ?";
    let infrastructure = transaction.query_row(infrastructure, [run], |row| row.get(0))?;
    let applied = AppliedRun { id: run as u32, infrastructure };
    let mut sums = Sums::default();
    let mut writer = Writer::new(transaction, series)?;
    for tile in results.chunk_by(|one, next| one.test / TILE == next.test / TILE) {
        let block = tile.first().map_or(0, |first| first.test / TILE);
        let mut state = read_state(transaction, "state", series, block)?;
        for result in tile {
            let effect = state.apply(result.test % TILE, result.outcome, result.time, applied);
            sums.take(&effect);
            writer.change(&Change::of(result.test, applied.id, &effect))?;
        }
        writer.state(block, &state)?;
    }
    writer.finish()?;
    write_sums(transaction, run, &sums)?;
    weeks::add(transaction, series, run)
}

/// What is known of a series, made anew from the tiles.
pub(crate) fn rebuild(transaction: &Transaction<'_>, series: i64) -> SqlResult<()> {
    let after_cut = "DELETE FROM change WHERE series = ?1 AND run NOT IN (SELECT id FROM run WHERE series = ?1 AND \
                     seq <= (SELECT cut FROM series WHERE id = ?1))";
    transaction.execute(after_cut, [series])?;
    transaction.execute("DELETE FROM state WHERE series = ?", [series])?;
    let runs = runs_in_order(transaction, series)?;
    let mut sums: Vec<Sums> = vec![Sums::default(); runs.len()];
    let mut writer = Writer::new(transaction, series)?;
    for block in 0..blocks(transaction)? {
        let replayed = replay(transaction, series, block, &runs)?;
        writer.state(block, &replayed.state)?;
        for change in replayed.changes {
            writer.change(&Some(change))?;
        }
        for (sum, more) in sums.iter_mut().zip(&replayed.sums) {
            sum.add(more);
        }
    }
    writer.finish()?;
    for (run, sums) in runs.iter().zip(&sums) {
        write_sums(transaction, i64::from(run.id), sums)?;
    }
    weeks::rebuild(transaction, series)
}

/// Where what is stored of a series is not what follows from the tiles.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Disagreement(pub(crate) String);

/// Compares what is stored of a series with what follows from the tiles.
pub(crate) fn compare(connection: &Connection, series: i64) -> SqlResult<Option<Disagreement>> {
    let runs = runs_in_order(connection, series)?;
    let mut sums: Vec<Sums> = vec![Sums::default(); runs.len()];
    let known = "SELECT test, run, was, now, prior FROM change WHERE series = ? AND test BETWEEN ? AND ? \
                 AND run NOT IN (SELECT id FROM run WHERE series = ?1 AND seq <= (SELECT cut FROM series WHERE id = ?1)) \
                 ORDER BY test, run";
    let mut known = connection.prepare(known)?;
    for block in 0..blocks(connection)? {
        let mut replayed = replay(connection, series, block, &runs)?;
        if read_state(connection, "state", series, block)? != replayed.state {
            return Ok(Some(Disagreement(format!("the state of the tests of block {block}"))));
        }
        let range = (series, block * TILE, block * TILE + (TILE - 1));
        let stored: Vec<Change> =
            known.query_map(range, Change::from_row)?.collect::<Result<_, _>>()?;
        replayed.changes.sort_unstable_by_key(|change| (change.test, change.run));
        if stored != replayed.changes {
            return Ok(Some(Disagreement(format!("the changes of the tests of block {block}"))));
        }
        for (sum, more) in sums.iter_mut().zip(&replayed.sums) {
            sum.add(more);
        }
    }
    for (run, sums) in runs.iter().zip(&sums) {
        let stored = "SELECT broke, fixed, fresh FROM run WHERE id = ?";
        let stored = connection.query_row(stored, [run.id], |row| {
            Ok(Sums { broke: row.get(0)?, fixed: row.get(1)?, fresh: row.get(2)? })
        })?;
        if stored != *sums {
            return Ok(Some(Disagreement(format!("what run @{} broke and fixed", run.id))));
        }
    }
    if !weeks::is_right(connection, series)? {
        return Ok(Some(Disagreement("what failed in each week".to_owned())));
    }
    Ok(None)
}

/// Takes the runs of a series up to this `seq` into what is known without them.
pub(crate) fn cut(transaction: &Transaction<'_>, series: i64, seq: i64) -> SqlResult<()> {
    let taken = "SELECT id, infrastructure FROM run WHERE series = ?1 AND kept > 0 AND seq > \
                 (SELECT cut FROM series WHERE id = ?1) AND seq <= ?2 ORDER BY seq, loaded, uuid";
    let taken: Vec<AppliedRun> =
        transaction.prepare(taken)?.query_map((series, seq), applied)?.collect::<Result<_, _>>()?;
    let write = upsert("base");
    let mut write = transaction.prepare(&write)?;
    for block in 0..blocks(transaction)? {
        let state = replay(transaction, series, block, &taken)?.state;
        let [last, seen, fast, slow] = state.columns();
        if !last.is_empty() {
            write.execute(params![series, block, last, seen, fast, slow])?;
        }
    }
    transaction.execute("UPDATE series SET cut = ?2 WHERE id = ?1 AND cut < ?2", (series, seq))?;
    Ok(())
}

/// What a run broke and fixed, and how many tests it saw first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Sums {
    broke: i64,
    fixed: i64,
    fresh: i64,
}

impl Sums {
    fn take(&mut self, effect: &Effect) {
        self.broke += i64::from(effect.is_break());
        self.fixed += i64::from(effect.is_fix());
        self.fresh += i64::from(effect.is_fresh);
    }

    fn add(&mut self, other: &Self) {
        self.broke += other.broke;
        self.fixed += other.fixed;
        self.fresh += other.fresh;
    }
}

/// A row of `change`.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Change {
    test: u32,
    run: u32,
    was: OutcomeCode,
    now: OutcomeCode,
    prior: Option<u32>,
}

impl Change {
    fn of(test: u32, run: u32, effect: &Effect) -> Option<Self> {
        let (was, now, prior) = effect.change?;
        Some(Self { test, run, was, now, prior })
    }

    fn from_row(row: SqlRow<'_>) -> SqlResult<Self> {
        Ok(Self {
            test: row.get(0)?,
            run: row.get(1)?,
            was: OutcomeCode::from_code(row.get(2)?),
            now: OutcomeCode::from_code(row.get(3)?),
            prior: row.get(4)?,
        })
    }
}

/// A block of tests after some runs.
struct Replayed {
    state: BlockState,
    changes: Vec<Change>,
    /// One for each of the runs.
    sums: Vec<Sums>,
}

fn replay(
    connection: &Connection,
    series: i64,
    block: u32,
    runs: &[AppliedRun],
) -> SqlResult<Replayed> {
    let places: HashMap<u32, usize> = runs.iter().zip(0..).map(|(run, at)| (run.id, at)).collect();
    let durations = connection.dialect().durations_of_statuses();
    let read = format!(
        "SELECT s.run, s.status, d.dur FROM status_tile s JOIN duration_tile d ON {durations} WHERE s.block = ?"
    );
    let mut read = connection.prepare(&read)?;
    let mut rows = read.query([block])?;
    let mut tiles: Vec<Option<(Vec<u8>, Vec<u8>)>> = vec![None; runs.len()];
    while let Some(row) = rows.next()? {
        if let Some(tile) = places.get(&row.get::<u32>(0)?).and_then(|at| tiles.get_mut(*at)) {
            *tile = Some((row.get(1)?, row.get(2)?));
        }
    }
    let mut replayed = Replayed {
        state: read_state(connection, "base", series, block)?,
        changes: Vec::new(),
        sums: vec![Sums::default(); runs.len()],
    };
    for ((run, tile), sums) in runs.iter().zip(tiles).zip(&mut replayed.sums) {
        let Some((statuses, durations)) = tile else { continue };
        for ((place, outcome), time) in present(&statuses).zip(times(&durations)) {
            let effect = replayed.state.apply(place, outcome, time, *run);
            sums.take(&effect);
            replayed.changes.extend(Change::of(block * TILE + place, run.id, &effect));
        }
    }
    Ok(replayed)
}

fn runs_in_order(connection: &Connection, series: i64) -> SqlResult<Vec<AppliedRun>> {
    connection.prepare(IN_ORDER)?.query_map([series], applied)?.collect()
}

fn applied(row: SqlRow<'_>) -> SqlResult<AppliedRun> {
    Ok(AppliedRun { id: row.get(0)?, infrastructure: row.get(1)? })
}

/// What is known of a block; `table` is `state` or `base`.
fn read_state(
    connection: &Connection,
    table: &str,
    series: i64,
    block: u32,
) -> SqlResult<BlockState> {
    let read = format!("SELECT last, seen, fast, slow FROM {table} WHERE series = ? AND block = ?");
    let mut read = connection.prepare(&read)?;
    let state = read.query_row((series, block), |row| BlockState::from_row(row, 0)).optional()?;
    Ok(state.unwrap_or_default())
}

fn write_sums(transaction: &Transaction<'_>, run: i64, sums: &Sums) -> SqlResult<()> {
    let write = "UPDATE run SET broke = ?, fixed = ?, fresh = ? WHERE id = ?";
    let mut write = transaction.prepare(write)?;
    write.execute((sums.broke, sums.fixed, sums.fresh, run)).map(drop)
}

/// Writes what is known of a block; `table` is `state` or `base`.
fn upsert(table: &str) -> String {
    format!(
        "INSERT INTO {table}(series, block, last, seen, fast, slow) VALUES(?, ?, ?, ?, ?, ?) \
         ON CONFLICT(series, block) DO UPDATE SET last = excluded.last, seen = excluded.seen, \
         fast = excluded.fast, slow = excluded.slow"
    )
}

/// Writes what is known of a series.
struct Writer<'t> {
    series: i64,
    state: Statement<'t>,
    changes: Box<dyn Append + 't>,
}

impl<'t> Writer<'t> {
    fn new(transaction: &'t Transaction<'_>, series: i64) -> SqlResult<Self> {
        let columns = ["series", "test", "run", "was", "now", "prior"];
        Ok(Self {
            series,
            state: transaction.prepare(&upsert("state"))?,
            changes: transaction.append("change", &columns)?,
        })
    }

    fn state(&mut self, block: u32, state: &BlockState) -> SqlResult<()> {
        let [last, seen, fast, slow] = state.columns();
        if last.is_empty() {
            return Ok(());
        }
        self.state.execute(params![self.series, block, last, seen, fast, slow]).map(drop)
    }

    fn change(&mut self, change: &Option<Change>) -> SqlResult<()> {
        let Some(Change { test, run, was, now, prior }) = change else { return Ok(()) };
        let (was, now) = (was.code(), now.code());
        (self.series, test, run, was, now, prior).with(|row| self.changes.add(row))
    }

    fn finish(self) -> SqlResult<()> {
        self.changes.finish()
    }
}
