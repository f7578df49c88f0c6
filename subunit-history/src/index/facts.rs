//! What a run knows of itself, and the numbers that its tests report.

use hashbrown::HashMap;

use crate::{
    contents::RunContents,
    fingerprint,
    sql::{OptionalRow, SqlResult, Transaction},
};

/// Adds what a run knows of itself; equal texts are there once.
pub(super) fn insert_snapshots(
    transaction: &Transaction<'_>,
    run: i64,
    contents: &RunContents,
) -> SqlResult<()> {
    let number =
        |text: &Option<String>| text.as_deref().map(|text| snapshot(transaction, text)).transpose();
    let (environment, configuration) =
        (number(&contents.environment)?, number(&contents.configuration)?);
    if environment.is_none() && configuration.is_none() {
        return Ok(());
    }
    let update = "UPDATE run SET environment = ?, configuration = ? WHERE id = ?";
    transaction.prepare(update)?.execute((environment, configuration, run)).map(drop)
}

/// Adds what the tests of a run depend on, and what was installed.
pub(super) fn insert_lists(
    transaction: &Transaction<'_>,
    run: i64,
    contents: &RunContents,
) -> SqlResult<()> {
    for (table, texts) in [("input", &contents.inputs), ("installed", &contents.installed)] {
        let add = format!("INSERT INTO {table}(run, place, snapshot) VALUES(?, ?, ?)");
        for (text, place) in texts.iter().zip(1_i64..) {
            let snapshot = snapshot(transaction, text)?;
            transaction.prepare(&add)?.execute((run, place, snapshot))?;
        }
    }
    Ok(())
}

fn snapshot(transaction: &Transaction<'_>, text: &str) -> SqlResult<i64> {
    let hash = fingerprint::number(text);
    let find = "SELECT id FROM snapshot WHERE hash = ?";
    if let Some(id) = transaction.query_row(find, [hash], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let add = "INSERT INTO snapshot(hash, text) VALUES(?, ?) RETURNING id";
    transaction.query_row(add, (hash, text), |row| row.get(0))
}

/// Adds the numbers that tests report. Of several of one name the last one counts.
pub(super) fn insert_metrics(
    transaction: &Transaction<'_>,
    run: i64,
    contents: &RunContents,
    numbers: &[u32],
) -> SqlResult<()> {
    let mut names: HashMap<&str, i64> = HashMap::new();
    let add = "INSERT INTO metric(test, run, name, value) VALUES(?, ?, ?, ?) \
               ON CONFLICT(test, run, name) DO UPDATE SET value = excluded.value";
    let mut add = transaction.prepare(add)?;
    for metric in &contents.metrics {
        let name = match names.get(&*metric.name) {
            Some(name) => *name,
            None => *names.entry(&metric.name).or_insert(metric_name(transaction, &metric.name)?),
        };
        add.execute((metric.test.number(numbers), run, name, metric.value))?;
    }
    Ok(())
}

fn metric_name(transaction: &Transaction<'_>, name: &str) -> SqlResult<i64> {
    let find = "SELECT id FROM metric_name WHERE name = ?";
    if let Some(id) = transaction.query_row(find, [name], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let add = "INSERT INTO metric_name(name) VALUES(?) RETURNING id";
    transaction.query_row(add, [name], |row| row.get(0))
}
