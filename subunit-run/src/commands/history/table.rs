//! Plain columns, and how times, tests and runs are written in them.

use std::io::{self, Write};

use subunit_core::run::counted;
use subunit_filters::style::{Look, escaped};
use subunit_history::query::{RunRow, TestIdentity};

pub(super) use crate::json::time;

/// Writes rows in columns, with two blanks between them. The last column is as wide as it is.
pub(super) fn write(rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| {
        rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or_default()).collect();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - cell.chars().count()));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Microseconds as seconds.
pub(super) fn seconds(micros: u64) -> String {
    format!("{:.3}s", micros as f64 / 1e6)
}

/// A test by its id, with the names in its route before it.
pub(super) fn test(look: Look, test: &TestIdentity) -> String {
    let id = escaped(look, &test.id).to_string();
    if test.scope.is_empty() { id } else { format!("[{}] {id}", escaped(look, &test.scope)) }
}

/// A run by its number, with its day and the beginning of its revision.
pub(super) fn named(run: &RunRow) -> String {
    const SHORT: usize = 9;
    let time = time(run.started);
    let day = time.split('T').next().unwrap_or_default();
    let revision = run.revision.as_deref().unwrap_or_default();
    let revision: String = revision.chars().filter(char::is_ascii_graphic).take(SHORT).collect();
    format!("@{} {day} {revision}", run.id).trim_end().to_owned()
}

/// What a run came to, in a line.
pub(super) fn summary(run: &RunRow) -> String {
    let counts = &run.counts;
    let mut said = format!("{}, {} failed", counted(counts.tests(), "test"), run.bad());
    for (count, word) in [
        (counts.skip, "skipped"),
        (counts.flaky, "flaky"),
        (counts.damage, "damaged"),
        (run.broke, "newly broken"),
        (run.fixed, "fixed"),
    ] {
        if count > 0 {
            said.push_str(&format!(", {count} {word}"));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = [["@1", "größe", "x y"], ["@100", "a", ""]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let mut out = Vec::new();
        write(&rows, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "@1    größe  x y\n@100  a\n");
        assert_eq!(time(1_700_000_000_999_999), "2023-11-14T22:13:20Z");
    }
}
