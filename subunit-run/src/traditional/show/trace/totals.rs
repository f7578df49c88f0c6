//! The end of a trace: how many tests ended how, and how busy the workers were.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use subunit_core::{Status, sink::TestRecord};

use crate::traditional::show::facts::{micros, micros_between, worker_of};

/// The totals of a run in which at least one test has a time.
pub(super) fn write_totals(ended: &[TestRecord], out: &mut impl Write) -> io::Result<()> {
    let count = |status| ended.iter().filter(|test| test.status == Some(status)).count();
    writeln!(out, "\n======\nTotals\n======")?;
    writeln!(out, "Ran: {} tests in {:.4} sec.", ended.len(), seconds(elapsed(ended)))?;
    for (name, status) in [
        ("Passed", Status::Success),
        ("Skipped", Status::Skip),
        ("Expected Fail", Status::ExpectedFailure),
        ("Unexpected Success", Status::UnexpectedSuccess),
        ("Failed", Status::Fail),
    ] {
        writeln!(out, " - {name}: {}", count(status))?;
    }
    let sum = ended.iter().filter_map(micros).sum();
    writeln!(out, "Sum of execute time for each test: {:.4} sec.", seconds(sum))?;
    write_balance(ended, out)
}

/// Microseconds from the first start to the last end, of tests that have both.
fn elapsed(ended: &[TestRecord]) -> i128 {
    let times = || ended.iter().filter_map(|test| test.start.zip(test.stop));
    let start = times().map(|(start, _)| start).min();
    let stop = times().map(|(_, stop)| stop).max();
    start.zip(stop).map_or(0, |(start, stop)| micros_between(start, stop))
}

#[allow(clippy::cast_precision_loss, reason = "of a run's length, four digits are shown")]
fn seconds(micros: i128) -> f64 {
    micros as f64 / 1e6
}

/// From the start of a worker's first test to the end of its last.
fn write_balance(ended: &[TestRecord], out: &mut impl Write) -> io::Result<()> {
    let mut workers = BTreeMap::<u64, Vec<&TestRecord>>::new();
    for test in ended {
        workers.entry(worker_of(test)).or_default().push(test);
    }
    writeln!(out, "\n==============\nWorker Balance\n==============")?;
    let mut next = 0;
    for (worker, tests) in &workers {
        for missing in next..*worker {
            writeln!(out, " - WARNING: missing Worker {missing}!")?;
        }
        next = worker + 1;
        let start = tests.first().and_then(|test| test.start);
        let stop = tests.last().and_then(|test| test.stop);
        let lasted = start.zip(stop).map(|(start, stop)| micros_between(start, stop));
        let lasted = lasted.map_or_else(|| "N/A".into(), hours);
        writeln!(out, " - Worker {worker} ({} tests) => {lasted}", tests.len())?;
    }
    Ok(())
}

/// As Python shows a difference of times: `0:00:01.500000`, `-1 day, 23:59:59`.
pub(super) fn hours(micros: i128) -> String {
    let (day, second) = (86_400_000_000, 1_000_000);
    let (days, rest) = (micros.div_euclid(day), micros.rem_euclid(day));
    let (seconds, micros) = (rest / second, rest % second);
    let days = match days {
        0 => String::new(),
        1 | -1 => format!("{days} day, "),
        days => format!("{days} days, "),
    };
    let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{days}{hours}:{minutes:02}:{seconds:02}{fraction}")
}
