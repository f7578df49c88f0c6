//! What runners print for people: each sample against what is known of it, with the runner's exit status and without.
//!
//! `data/consoles/table.txt` has a row for each sample. To add one, put it beside and add its row: a row that is wrong is
//! shown as it would have to be.
#![allow(clippy::unwrap_used, reason = "a failure ends the test")]

mod reading;

use std::fmt::Write as _;

use reading::{Recorded, data};
use subunit_core::{InputReader, sink::Verdict};
use subunit_formats::auto::AutoReader;

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

fn table() -> String {
    let table = String::from_utf8(data("consoles/table.txt")).unwrap();
    let rows = table.lines().filter(|row| !row.is_empty() && !row.starts_with('#'));
    // Columns stand below each other; one blank is between words.
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
}

fn read(input: &[u8], size: usize) -> (Recorded, Option<&'static str>) {
    let (mut reader, mut recorded) = (AutoReader::new(None), Recorded::default());
    for piece in input.chunks(size.max(1)) {
        reader.space(piece.len())[..piece.len()].copy_from_slice(piece);
        reader.filled(piece.len(), &mut recorded);
    }
    reader.finish(&mut recorded);
    (recorded, reader.told().map(|format| format.name()))
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "green",
        Verdict::Failed => "red",
        Verdict::NoTests => "none",
    }
}

#[test]
fn every_sample_is_as_the_table_says() {
    let (table, mut wrong) = (table(), String::new());
    for row in table.lines() {
        let sample = Sample::of(row);
        let (recorded, format) = read(&sample.bytes(), 1 << 16);
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
    let table = table();
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
    for row in table().lines() {
        let input = Sample::of(row).bytes();
        let (whole, _) = read(&input, 1 << 16);
        for size in [1, 7, 4093] {
            let (pieces, _) = read(&input, size);
            assert!(pieces.events == whole.events, "{row} in pieces of {size}");
            assert!(pieces.text == whole.text, "{row} in pieces of {size}");
        }
    }
}

/// Each console is cut off at 200 places, the same in every run.
#[test]
fn a_red_run_that_is_cut_off_is_not_green() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut green = String::new();
    for row in table().lines() {
        let sample = Sample::of(row);
        let input = sample.bytes();
        for _ in 0..200 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let end = usize::try_from(random % (input.len() as u64 + 1)).unwrap();
            if sample.verdict != "red" || end == input.len() {
                continue;
            }
            let (cut, _) = read(&input[..end], 1 << 16);
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
