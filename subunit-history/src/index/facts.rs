//! What a run knows of itself, and the numbers that its tests report.

use hashbrown::HashMap;
use rusqlite::{OptionalExtension, Transaction};

use crate::{contents::RunContents, fingerprint};

/// Adds what a run knows of itself; equal texts are there once.
pub(super) fn insert_snapshots(
    transaction: &Transaction<'_>,
    run: i64,
    contents: &RunContents,
) -> rusqlite::Result<()> {
    let number =
        |text: &Option<String>| text.as_deref().map(|text| snapshot(transaction, text)).transpose();
    let (environment, configuration) =
        (number(&contents.environment)?, number(&contents.configuration)?);
    if environment.is_none() && configuration.is_none() {
        return Ok(());
    }
    let update = "UPDATE run SET environment = ?, configuration = ? WHERE id = ?";
    transaction.prepare_cached(update)?.execute((environment, configuration, run)).map(drop)
}

/// Adds what the tests of a run depend on, and what was installed.
pub(super) fn insert_lists(
    transaction: &Transaction<'_>,
    run: i64,
    contents: &RunContents,
) -> rusqlite::Result<()> {
    for (table, texts) in [("input", &contents.inputs), ("installed", &contents.installed)] {
        let add = format!("INSERT INTO {table}(run, place, snapshot) VALUES(?, ?, ?)");
        for (text, place) in texts.iter().zip(1_i64..) {
            let snapshot = snapshot(transaction, text)?;
            transaction.prepare_cached(&add)?.execute((run, place, snapshot))?;
        }
    }
    Ok(())
}

fn snapshot(transaction: &Transaction<'_>, text: &str) -> rusqlite::Result<i64> {
    let hash = fingerprint::number(text);
    let find = "SELECT id FROM snapshot WHERE hash = ?";
    if let Some(id) = transaction.query_row(find, [hash], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    transaction.execute("INSERT INTO snapshot(hash, text) VALUES(?, ?)", (hash, text))?;
    Ok(transaction.last_insert_rowid())
}

/// Adds the numbers that tests report. Of several of one name the last one counts.
pub(super) fn insert_metrics(
    transaction: &Transaction<'_>,
    run: i64,
    contents: &RunContents,
    numbers: &[u32],
) -> rusqlite::Result<()> {
    let mut names: HashMap<&str, i64> = HashMap::new();
    let add = "INSERT OR REPLACE INTO metric(test, run, name, value) VALUES(?, ?, ?, ?)";
    let mut add = transaction.prepare_cached(add)?;
    for metric in &contents.metrics {
        let name = match names.get(&*metric.name) {
            Some(name) => *name,
            None => *names.entry(&metric.name).or_insert(metric_name(transaction, &metric.name)?),
        };
        add.execute((metric.test.number(numbers), run, name, metric.value))?;
    }
    Ok(())
}

fn metric_name(transaction: &Transaction<'_>, name: &str) -> rusqlite::Result<i64> {
    let find = "SELECT id FROM metric_name WHERE name = ?";
    if let Some(id) = transaction.query_row(find, [name], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    transaction.execute("INSERT INTO metric_name(name) VALUES(?)", [name])?;
    Ok(transaction.last_insert_rowid())
}
