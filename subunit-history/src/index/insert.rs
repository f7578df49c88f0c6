//! How a run comes into the index: everything in one transaction.

use hashbrown::HashSet;
use subunit_core::run::Counts;

use super::{
    Index,
    facts::{insert_lists, insert_metrics, insert_snapshots},
    packages::Packages,
    rollup,
    settle::{AttemptRow, Settled},
};
use crate::{
    Error,
    contents::{FailedResult, RunContents},
    fingerprint,
    intern::Intern,
    machine::micros,
    outcome::OutcomeCode,
    run_file::{RunHeader, StreamEnd},
    sql::{OptionalRow as _, Params as _, SqlDialect, SqlResult, Transaction, params},
    tile::{TestOutcome, duration_key, tiles},
};

/// What is known of a run besides its stream.
#[derive(Clone, Debug)]
pub(crate) struct RunFacts {
    pub(crate) header: RunHeader,
    pub(crate) end: StreamEnd,
    /// The length of the run file.
    pub(crate) stored: u64,
    /// The number that it had before the index was made anew.
    pub(crate) id: Option<i64>,
}

/// Whether a run was new.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Inserted {
    /// It has this number now.
    New(i64),
    /// It has had this number before.
    Known(i64),
}

impl Inserted {
    pub(crate) fn id(self) -> i64 {
        match self {
            Self::New(id) | Self::Known(id) => id,
        }
    }
}

/// Below this number of results nothing is said of the infrastructure.
const FEW: u64 = 10;

impl Index {
    /// Puts a run into the index, unless it is there. Its new tests are known to `intern` then.
    pub(crate) fn insert(
        &mut self,
        facts: &RunFacts,
        contents: RunContents,
        intern: &mut Intern,
    ) -> Result<Inserted, Error> {
        let error = self.error();
        let transaction = self.begin()?;
        let find = "SELECT id FROM run WHERE uuid = ?";
        let known = transaction.query_row(find, [&facts.header.uuid], |row| row.get(0)).optional();
        if let Some(id) = known.map_err(&error)? {
            return Ok(Inserted::Known(id));
        }
        let (id, numbers) = insert(&transaction, facts, contents, intern).map_err(&error)?;
        transaction.commit().map_err(&error)?;
        intern.settle(&numbers);
        Ok(Inserted::New(id))
    }
}

fn insert(
    transaction: &Transaction<'_>,
    facts: &RunFacts,
    mut contents: RunContents,
    intern: &Intern,
) -> SqlResult<(i64, Vec<u32>)> {
    let numbers = number_new(transaction, intern)?;
    let settled = Settled::of(&mut contents, &numbers);
    let series = series(transaction, &facts.header.series)?;
    let infrastructure = !facts.header.partial && is_infrastructure(&contents.counts);
    let id = insert_run(transaction, facts, &contents, series, infrastructure)?;
    insert_tiles(transaction, id, &settled.results)?;
    insert_attempts(transaction, id, &settled.attempts)?;
    insert_failures(transaction, id, &contents, &settled.results, &numbers)?;
    insert_metrics(transaction, id, &contents, &numbers)?;
    insert_snapshots(transaction, id, &contents)?;
    insert_lists(transaction, id, &contents)?;
    rollup::add(transaction, series, id, &settled.results)?;
    Ok((id, numbers))
}

/// More than four of five failed, or nothing came to any result.
fn is_infrastructure(counts: &Counts) -> bool {
    let bad = counts.fail + counts.uxsuccess + counts.unfinished;
    let all = counts.results() + counts.unfinished;
    all == 0 || all >= FEW && bad * 5 > all * 4
}

/// The numbers of the tests that were new when the stream was read, in their order. Others may have named some of
/// them since.
fn number_new(transaction: &Transaction<'_>, intern: &Intern) -> SqlResult<Vec<u32>> {
    let top = "SELECT coalesce(max(num), 0) FROM test";
    let top: u32 = transaction.query_row(top, [], |row| row.get(0))?;
    let may_be_known = top > intern.greatest();
    let mut find = transaction.prepare("SELECT num FROM test_hash WHERE hash = ?")?;
    let mut add = transaction.append("test", &["num", "scope", "id", "runnable", "package"])?;
    let mut packages = Packages::default();
    let mut numbers = Vec::with_capacity(intern.new_tests().len());
    // The places of those that are added.
    let mut added: Vec<u32> = Vec::with_capacity(intern.new_tests().len());
    let mut next = top;
    for ((name, hash), place) in intern.new_tests().zip(0..) {
        let known =
            if may_be_known { find.query_row([hash], |row| row.get(0)).optional()? } else { None };
        let number = match known {
            Some(number) => number,
            None => {
                next += 1;
                let package = packages.number(transaction, name.id)?;
                let row = (next, name.scope, name.id, name.runnable, package);
                row.with(|row| add.add(row))?;
                added.push(place);
                next
            }
        };
        numbers.push(number);
    }
    add.finish()?;
    // In their order they come to few pages at a time.
    added.sort_unstable_by_key(|place| intern.new_hash(*place));
    let mut add = transaction.append("test_hash", &["hash", "num"])?;
    for place in added {
        (intern.new_hash(place), numbers.get(place as usize)).with(|row| add.add(row))?;
    }
    add.finish()?;
    Ok(numbers)
}

fn series(transaction: &Transaction<'_>, name: &str) -> SqlResult<i64> {
    let find = "SELECT id FROM series WHERE name = ?";
    if let Some(id) = transaction.query_row(find, [name], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let add = "INSERT INTO series(name) VALUES(?) RETURNING id";
    transaction.query_row(add, [name], |row| row.get(0))
}

fn insert_run(
    transaction: &Transaction<'_>,
    facts: &RunFacts,
    contents: &RunContents,
    series: i64,
    infrastructure: bool,
) -> SqlResult<i64> {
    let RunFacts { header, end, stored, id } = facts;
    let counts = &contents.counts;
    let text = |key: &str| contents.run.get(key).and_then(|value| value.as_str());
    let dirty = contents.run.get("dirty").and_then(|value| value.as_bool());
    let started = contents.start.map_or(header.loaded, micros);
    let elapsed = contents.elapsed.and_then(|time| i64::try_from(time.as_micros()).ok());
    let meta = serde_json::to_string(&contents.run).unwrap_or_default();
    let number = transaction.dialect().run_number();
    let add = format!(
        "INSERT INTO run(id, uuid, series, seq, started, loaded, elapsed_us, kept, interrupted, partial, \
         infrastructure, revision, dirty, meta, success, fail, skip, xfail, uxsuccess, unfinished, flaky, \
         not_runnable, listed, damage, text_bytes, events, broke, fixed, fresh, raw_bytes, stored_bytes, crc32) \
         VALUES({number}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?) \
         RETURNING id"
    );
    let run = transaction.query_row(
        &add,
        params![
            id,
            header.uuid,
            series,
            header.seq,
            started,
            header.loaded,
            elapsed,
            if header.thinned { 1_i64 } else { 2 },
            header.interrupted,
            header.partial,
            infrastructure,
            text("revision"),
            dirty,
            meta,
            count(counts.success),
            count(counts.fail),
            count(counts.skip),
            count(counts.xfail),
            count(counts.uxsuccess),
            count(counts.unfinished),
            count(counts.flaky),
            count(counts.not_runnable),
            count(counts.exists),
            count(counts.damage),
            count(counts.text_bytes),
            count(counts.events),
            count(end.length),
            count(*stored),
            end.crc32,
        ],
        |row| row.get(0),
    )?;
    transaction.engine().make_room(run)?;
    Ok(run)
}

pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn insert_tiles(transaction: &Transaction<'_>, run: i64, results: &[TestOutcome]) -> SqlResult<()> {
    let dialect = transaction.dialect();
    let columns: &[&str] = match dialect {
        SqlDialect::Sqlite => &["k", "dur"],
        SqlDialect::Postgres => &["run", "block", "dur"],
    };
    let mut statuses = transaction.append("status_tile", &["block", "run", "status"])?;
    let mut durations = transaction.append("duration_tile", columns)?;
    tiles(results, |block, _, status, dur| {
        (block, run, status).with(|row| statuses.add(row))?;
        match dialect {
            SqlDialect::Sqlite => (duration_key(block, run), dur).with(|row| durations.add(row)),
            SqlDialect::Postgres => (run, block, dur).with(|row| durations.add(row)),
        }
    })?;
    statuses.finish()?;
    durations.finish()
}

fn insert_attempts(
    transaction: &Transaction<'_>,
    run: i64,
    attempts: &[AttemptRow],
) -> SqlResult<()> {
    let columns = ["run", "test", "n", "kind", "status", "dur", "route"];
    let mut add = transaction.append("attempt", &columns)?;
    for row in attempts {
        let (status, time) = (row.outcome.code(), count(row.time.get()));
        let row = (run, row.test, row.n, row.kind.code(), status, time, &row.route);
        row.with(|row| add.add(row))?;
    }
    add.finish()
}

pub(super) fn insert_failures(
    transaction: &Transaction<'_>,
    run: i64,
    contents: &RunContents,
    results: &[TestOutcome],
    numbers: &[u32],
) -> SqlResult<()> {
    let mut fingerprints: Vec<Option<i64>> = vec![None; contents.fingerprints.len()];
    let mut add = transaction.append("failure", &["run", "test", "status", "fingerprint", "at"])?;
    let mut told: HashSet<u32> = HashSet::new();
    for failed in &contents.failures {
        let test = failed.test.number(numbers);
        // Of several results of a test that failed alike the first one says why.
        if outcome_of(results, test) != failed.outcome || told.contains(&test) {
            continue;
        }
        let Some(known) = fingerprints.get_mut(failed.fingerprint as usize) else { continue };
        let id = match known {
            Some(id) => *id,
            None => *known.insert(fingerprint_id(transaction, contents, failed)?),
        };
        (run, test, failed.outcome.code(), id, count(failed.at)).with(|row| add.add(row))?;
        told.insert(test);
    }
    add.finish()
}

fn outcome_of(results: &[TestOutcome], test: u32) -> OutcomeCode {
    let found = results.binary_search_by_key(&test, |result| result.test).ok();
    found.and_then(|at| results.get(at)).map_or(OutcomeCode::ABSENT, |result| result.outcome)
}

fn fingerprint_id(
    transaction: &Transaction<'_>,
    contents: &RunContents,
    failed: &FailedResult,
) -> SqlResult<i64> {
    let text = contents.fingerprints.get(failed.fingerprint as usize);
    let text = text.map(String::as_str).unwrap_or_default();
    let number = fingerprint::number(text);
    let mut find = transaction.prepare("SELECT id FROM fingerprint WHERE hash = ?")?;
    if let Some(id) = find.query_row([number], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let add = "INSERT INTO fingerprint(hash, text) VALUES(?, ?) RETURNING id";
    transaction.query_row(add, (number, text), |row| row.get(0))
}
