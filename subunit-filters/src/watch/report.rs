//! The report at the end: failures once more, slow tests, flaky tests.

use std::{
    io::{self, Write},
    time::Duration,
};

use subunit_core::run::counted;

use super::{
    ended::Ended,
    fit::cut,
    line::{Seconds, one_line, write_result},
    run::Run,
};
use crate::style::{Look, Tone, toned};

/// So many flaky tests are named.
const FLAKY: usize = 100;

/// Writes the failures, whose details were shown when they came, the tests that took longest, and the flaky
/// ones. `unfinished` are the tests that never ended; of the slowest, those that took `at_least` so
/// long are named. On a terminal, lines are made to fit in its `columns`.
///
/// # Errors
///
/// Those of the output.
pub fn write_end(
    run: &Run,
    unfinished: &[Ended],
    at_least: Duration,
    columns: Option<usize>,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_failures(run, unfinished, columns, look, out)?;
    let slowest = run.slowest().in_order();
    let slowest: Vec<_> = slowest.iter().take_while(|(time, _)| *time >= at_least).collect();
    if !slowest.is_empty() {
        write_caption("slowest:", look, out)?;
    }
    for (time, name) in slowest {
        let line = format!("{} {}", Seconds(Some(*time)), one_line(name));
        writeln!(out, "{}", cut(&line, columns.unwrap_or(usize::MAX)))?;
    }
    write_flaky(run, look, out)
}

/// Writes the tests that failed and then passed, a line each; nothing if there is none.
///
/// # Errors
///
/// Those of the output.
pub fn write_flaky(run: &Run, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let flaky = run.failures().flaky();
    if !flaky.is_empty() {
        write_caption("flaky:", look, out)?;
    }
    for (name, failed) in flaky.iter().take(FLAKY) {
        let times = if *failed == 1 { "once".into() } else { format!("{failed} times") };
        let name = name.to_string();
        writeln!(out, "  {}: failed {times}, then passed", one_line(&name))?;
    }
    if flaky.len() > FLAKY {
        writeln!(out, "  and {} more", flaky.len() - FLAKY)?;
    }
    Ok(())
}

/// Writes the failures, a line each; nothing if there is none.
///
/// # Errors
///
/// Those of the output.
pub fn write_failures(
    run: &Run,
    unfinished: &[Ended],
    columns: Option<usize>,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let failures = run.failures();
    if failures.kept().is_empty() && unfinished.is_empty() {
        return Ok(());
    }
    write_caption("failures:", look, out)?;
    for ended in failures.kept() {
        let mut note = ended.details.message(ended.status);
        if ended.failed_before > 0 {
            let times = format!("failed {} times", ended.failed_before + 1);
            note = if note.is_empty() { times } else { format!("{times}; {note}") };
        }
        write_result(ended, &note, columns, look, out)?;
    }
    for ended in unfinished {
        let note = match ended.failed_before {
            0 => String::new(),
            before => format!("failed {} times", before + 1),
        };
        write_result(ended, &note, columns, look, out)?;
    }
    match failures.more() {
        0 => Ok(()),
        more => writeln!(out, "  and {}", counted(more, "more failure")),
    }
}

/// Writes what stands above some lines.
///
/// # Errors
///
/// Those of the output.
pub fn write_caption(caption: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", toned(look, Tone::Strong, caption))
}
