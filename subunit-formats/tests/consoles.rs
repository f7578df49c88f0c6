//! What runners print for people: each sample against what is known of it, with the runner's exit status and without.
//!
//! `data/consoles/table.txt` has a row for each sample. To add one, put it beside and add its row: a row that is wrong is
//! shown as it would have to be.
#![allow(clippy::unwrap_used, reason = "a failure ends the test")]

mod reading;

use std::fmt::Write as _;

use reading::{Numbers, data, detected, table, word};
use subunit_core::sink::Verdict;

/// A row of the table.
#[derive(Debug)]
struct Sample<'t> {
    name: &'t str,
    /// The runner's exit status, and whether its NOTE calls the run red.
    status: u32,
    is_red: bool,
    format: &'t str,
    /// What we say without the status.
    verdict: &'t str,
    /// `passed/failed/skipped/failed as expected/passed unexpectedly`, as we count and as the runner does.
    ours: &'t str,
    theirs: &'t str,
    /// Why they differ, or why the verdict does.
    reason: &'t str,
}

impl<'t> Sample<'t> {
    fn of(row: &'t str) -> Self {
        let mut words = row.splitn(8, ' ').map(str::trim);
        let mut next = || words.next().unwrap_or_default();
        let (name, status, red) = (next(), next().parse().unwrap(), next());
        let (format, verdict, ours, theirs) = (next(), next(), next(), next());
        Self { name, status, is_red: red == "red", format, verdict, ours, theirs, reason: next() }
    }

    fn bytes(&self) -> Vec<u8> {
        data(&format!("consoles/{}.txt", self.name))
    }
}

#[test]
fn every_sample_is_as_the_table_says() {
    let (table, mut wrong) = (table("consoles"), String::new());
    for row in table.lines() {
        let sample = Sample::of(row);
        let (recorded, format) = detected(&sample.bytes(), 1 << 16);
        let (success, fail, skip, xfail, uxsuccess) = recorded.finals();
        let ours = format!("{success}/{fail}/{skip}/{xfail}/{uxsuccess}");
        let (verdict, format) = (word(recorded.verdict()), format.unwrap_or("-"));
        if (ours.as_str(), verdict, format) != (sample.ours, sample.verdict, sample.format) {
            let Sample { name, status, is_red, theirs, reason, .. } = sample;
            let red = if is_red { "red" } else { "green" };
            writeln!(wrong, "{name} {status} {red} {format} {verdict} {ours} {theirs} {reason}")
                .unwrap();
            for event in &recorded.events {
                let reason = event.file.as_ref().filter(|file| file.name == "reason");
                let reason = reason.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
                if event.status.is_some_and(|status| status.is_failure()) {
                    writeln!(wrong, "    {:?} {reason:?}", event.test_id).unwrap();
                }
            }
        }
        assert!(!sample.reason.is_empty() || sample.ours == sample.theirs, "a reason: {row}");
    }
    assert!(wrong.is_empty(), "these rows are wrong, and would have to be:\n{wrong}");
}

#[test]
fn no_red_run_is_green() {
    let table = table("consoles");
    let samples: Vec<_> = table.lines().map(Sample::of).collect();
    for sample in &samples {
        // With the status a command is green only where it is 0 as well.
        let with_status = sample.verdict == "green" && sample.status == 0;
        assert!(!(sample.is_red && with_status), "{} is red", sample.name);
        // Without it, what the text does not show is not known.
        let hidden = sample.reason.starts_with("hidden:");
        assert!(!(sample.is_red && sample.verdict == "green") || hidden, "{} is red", sample.name);
        let is_listed = !sample.reason.is_empty();
        assert!(sample.is_red || sample.verdict != "red" || is_listed, "{} is green", sample.name);
    }
    assert!(samples.iter().filter(|sample| sample.is_red).count() > 30);
}

#[test]
fn however_a_console_is_cut_up_it_says_the_same() {
    for row in table("consoles").lines() {
        let input = Sample::of(row).bytes();
        let (whole, _) = detected(&input, 1 << 16);
        for size in [1, 7, 4093] {
            let (pieces, _) = detected(&input, size);
            assert!(pieces.events == whole.events, "{row} in pieces of {size}");
            assert!(pieces.text == whole.text, "{row} in pieces of {size}");
        }
    }
}

/// Each console is cut off at 200 places, the same in every run.
#[test]
fn a_red_run_that_is_cut_off_is_not_green() {
    let mut random = Numbers(0x2545_f491_4f6c_dd1d);
    let mut green = String::new();
    for row in table("consoles").lines() {
        let sample = Sample::of(row);
        let input = sample.bytes();
        for _ in 0..200 {
            let end = usize::try_from(random.next().unwrap() % (input.len() as u64 + 1)).unwrap();
            if sample.verdict != "red" || end == input.len() {
                continue;
            }
            let (cut, _) = detected(&input[..end], 1 << 16);
            if cut.verdict() == Verdict::Passed && !summary_stands_last(&input[..end]) {
                writeln!(green, "{} cut off at {end}", sample.name).unwrap();
            }
        }
    }
    assert!(green.is_empty(), "{green}");
}

/// Whether a whole summary stands last, or what a test has printed of one: then nothing tells that more was to come.
fn summary_stands_last(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    // Reporters of mocha that show no results before it tell how many failed after how many passed.
    let lines = text.lines().rev().filter(|line| !line.trim().is_empty()).take(3);
    let is_mocha =
        lines.into_iter().any(|line| line.starts_with("  ") && line.contains(" passing ("));
    let is_jasmine = last.starts_with("Finished in ") && text.contains(" specs, 0 failures");
    let ends = ["*** No errors detected", "  99 tests passed"];
    last.starts_with("ok  \t")
        || ends.contains(&last)
        || is_jasmine
        || is_mocha && !text.contains("    1) ")
}
