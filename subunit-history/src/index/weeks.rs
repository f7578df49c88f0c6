//! What fails in a week: in which packages, and with which messages. It follows from the failures and the changes of
//! the runs of that week.

use crate::sql::{Connection, OptionalRow, SqlResult, Transaction};

use std::collections::BTreeMap;

/// A week in microseconds.
const WEEK: i64 = 7 * 24 * 3600 * 1_000_000;
/// From the first Monday to 1970.
const TO_1970: i64 = 3 * 24 * 3600 * 1_000_000;

/// The week of a time in microseconds since 1970; weeks begin on Monday.
pub(crate) fn week_of(started: i64) -> i64 {
    started.saturating_add(TO_1970).div_euclid(WEEK)
}

/// When a week begins, in microseconds since 1970.
pub(crate) fn start_of(week: i64) -> i64 {
    week.saturating_mul(WEEK).saturating_sub(TO_1970)
}

/// Adds a run to its week. It is the latest run of its series.
pub(super) fn add(transaction: &Transaction<'_>, series: i64, run: i64) -> SqlResult<()> {
    let mut sums = WeekSums::default();
    sums.take(transaction, run)?;
    sums.write(transaction, series)
}

/// Makes what is known of the weeks of a series anew, except of those that are settled.
pub(super) fn rebuild(transaction: &Transaction<'_>, series: i64) -> SqlResult<()> {
    for table in ["package_week", "fingerprint_week"] {
        let delete = format!(
            "DELETE FROM {table} WHERE series = ?1 AND week NOT IN (SELECT week FROM settled_week WHERE series = ?1)"
        );
        transaction.execute(&delete, [series])?;
    }
    of_runs(transaction, series)?.write(transaction, series)
}

/// Whether what is stored is what follows from the runs.
pub(super) fn is_right(connection: &Connection, series: i64) -> SqlResult<bool> {
    Ok(of_runs(connection, series)? == stored(connection, series)?)
}

/// From now on what is known of the week of a run stays as it is.
pub(crate) fn settle(transaction: &Transaction<'_>, series: i64, started: i64) -> SqlResult<()> {
    let settle = "INSERT INTO settled_week(series, week) VALUES(?, ?) ON CONFLICT DO NOTHING";
    transaction.prepare(settle)?.execute((series, week_of(started))).map(drop)
}

/// What failed in some weeks.
#[derive(Debug, Default, Eq, PartialEq)]
struct WeekSums {
    /// By week and package.
    packages: BTreeMap<(i64, i64), PackageSum>,
    /// By week and fingerprint.
    messages: BTreeMap<(i64, i64), MessageSum>,
}

#[derive(Debug, Default, Eq, PartialEq)]
struct PackageSum {
    failed: i64,
    broke: i64,
}

#[derive(Debug, Eq, PartialEq)]
struct MessageSum {
    failures: i64,
    tests: i64,
    first_run: i64,
    last_run: i64,
}

impl WeekSums {
    /// Takes a run, which is later than those before it.
    fn take(&mut self, connection: &Connection, run: i64) -> SqlResult<()> {
        let about = "SELECT started, infrastructure FROM run WHERE id = ?";
        let about = connection
            .prepare(about)?
            .query_row([run], |row| Ok((week_of(row.get(0)?), row.get::<bool>(1)?)));
        let Some((week, is_infrastructure)) = about.optional()? else { return Ok(()) };
        if !is_infrastructure {
            let failed = "SELECT t.package, count(*) FROM failure f JOIN test t ON t.num = f.test \
                          WHERE f.run = ? GROUP BY t.package";
            each(connection, failed, run, |package, count| {
                self.packages.entry((week, package)).or_default().failed += count;
            })?;
            let broke = "SELECT t.package, count(*) FROM change c JOIN test t ON t.num = c.test \
                         WHERE c.run = ? AND c.now IN (2, 4, 6) GROUP BY t.package";
            each(connection, broke, run, |package, count| {
                self.packages.entry((week, package)).or_default().broke += count;
            })?;
        }
        let messages =
            "SELECT fingerprint, count(*) FROM failure WHERE run = ? GROUP BY fingerprint";
        each(connection, messages, run, |fingerprint, count| {
            let sum = self.messages.entry((week, fingerprint)).or_insert(MessageSum {
                failures: 0,
                tests: 0,
                first_run: run,
                last_run: run,
            });
            sum.failures += count;
            sum.tests = sum.tests.max(count);
            sum.last_run = run;
        })
    }

    /// Adds it to what is stored.
    fn write(&self, transaction: &Transaction<'_>, series: i64) -> SqlResult<()> {
        let add = "INSERT INTO package_week(series, week, package, failed, broke) VALUES(?, ?, ?, ?, ?) \
                   ON CONFLICT(series, week, package) DO UPDATE SET failed = package_week.failed + excluded.failed, \
                   broke = package_week.broke + excluded.broke";
        let mut add = transaction.prepare(add)?;
        for ((week, package), sum) in &self.packages {
            add.execute((series, week, package, sum.failed, sum.broke))?;
        }
        let add = "INSERT INTO fingerprint_week(series, week, fingerprint, failures, tests, first_run, last_run) \
                   VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(series, week, fingerprint) DO UPDATE SET \
                   failures = fingerprint_week.failures + excluded.failures, \
                   tests = CASE WHEN excluded.tests > fingerprint_week.tests THEN excluded.tests ELSE fingerprint_week.tests END, \
                   last_run = excluded.last_run";
        let mut add = transaction.prepare(add)?;
        for ((week, fingerprint), sum) in &self.messages {
            let MessageSum { failures, tests, first_run, last_run } = sum;
            add.execute((series, week, fingerprint, failures, tests, first_run, last_run))?;
        }
        Ok(())
    }
}

/// Calls `each` with the two numbers of each row.
fn each(
    connection: &Connection,
    read: &str,
    run: i64,
    mut each: impl FnMut(i64, i64),
) -> SqlResult<()> {
    let mut read = connection.prepare(read)?;
    let mut rows = read.query([run])?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, row.get(1)?);
    }
    Ok(())
}

/// What the runs of a series say of the weeks that are not settled.
fn of_runs(connection: &Connection, series: i64) -> SqlResult<WeekSums> {
    let settled = settled(connection, series)?;
    let runs =
        "SELECT id, started FROM run WHERE series = ? AND kept > 0 ORDER BY seq, loaded, uuid";
    let mut runs = connection.prepare(runs)?;
    let mut rows = runs.query([series])?;
    let mut sums = WeekSums::default();
    while let Some(row) = rows.next()? {
        if !settled.contains(&week_of(row.get(1)?)) {
            sums.take(connection, row.get(0)?)?;
        }
    }
    Ok(sums)
}

fn settled(connection: &Connection, series: i64) -> SqlResult<Vec<i64>> {
    let read = "SELECT week FROM settled_week WHERE series = ?";
    connection.prepare(read)?.query_map([series], |row| row.get(0))?.collect()
}

/// What is stored of the weeks of a series that are not settled.
fn stored(connection: &Connection, series: i64) -> SqlResult<WeekSums> {
    let mut sums = WeekSums::default();
    let read = "SELECT week, package, failed, broke FROM package_week WHERE series = ?1 AND week NOT IN \
                (SELECT week FROM settled_week WHERE series = ?1)";
    let mut read = connection.prepare(read)?;
    let mut rows = read.query([series])?;
    while let Some(row) = rows.next()? {
        let sum = PackageSum { failed: row.get(2)?, broke: row.get(3)? };
        sums.packages.insert((row.get(0)?, row.get(1)?), sum);
    }
    let read = "SELECT week, fingerprint, failures, tests, first_run, last_run FROM fingerprint_week \
                WHERE series = ?1 AND week NOT IN (SELECT week FROM settled_week WHERE series = ?1)";
    let mut read = connection.prepare(read)?;
    let mut rows = read.query([series])?;
    while let Some(row) = rows.next()? {
        let sum = MessageSum {
            failures: row.get(2)?,
            tests: row.get(3)?,
            first_run: row.get(4)?,
            last_run: row.get(5)?,
        };
        sums.messages.insert((row.get(0)?, row.get(1)?), sum);
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        // Thursday, 1 January 1970, is in the week of Monday before it.
        assert_eq!(week_of(0), 0);
        assert_eq!(week_of(-TO_1970), 0);
        assert_eq!(week_of(-TO_1970 - 1), -1);
        // Monday, 5 January 1970.
        assert_eq!(week_of(4 * 24 * 3600 * 1_000_000), 1);
        assert_eq!(start_of(1), 4 * 24 * 3600 * 1_000_000);
        assert_eq!(week_of(start_of(2800)), 2800);
        assert_eq!(week_of(start_of(2800) - 1), 2799);
    }
}
