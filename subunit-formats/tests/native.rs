//! What runners write for programs: each sample against what its runner says of itself, whole, cut up and cut off.
//!
//! `data/native/table.txt` has a row for each sample. To add one, put it beside and add its row: a row that is wrong is shown as
//! it would have to be.
#![allow(clippy::unwrap_used, reason = "a failure ends the test")]

mod reading;

use std::fmt::Write as _;

use reading::{Recorded, data, read_pieces};
use subunit_core::{InputReader, sink::Verdict};
use subunit_formats::{Format, auto::AutoReader};

/// A row of the table.
#[derive(Debug)]
struct Sample<'t> {
    name: &'t str,
    /// Whether the runner calls the run red.
    is_red: bool,
    format: Format,
    /// What we take it for without a word.
    told: &'t str,
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
        let (name, red) = (next(), next());
        let format = next();
        let format = format.parse().unwrap_or_else(|_| panic!("{format} in {row}"));
        let (told, verdict, ours, theirs) = (next(), next(), next(), next());
        let is_red = red == "red";
        Self { name, is_red, format, told, verdict, ours, theirs, reason: next() }
    }

    fn bytes(&self) -> Vec<u8> {
        data(&format!("native/{}", self.name))
    }

    fn read(&self, input: &[u8], size: usize) -> Recorded {
        read_pieces(Boxed(self.format.reader().unwrap()), input.chunks(size.max(1)))
    }
}

/// A reader, whatever its type.
struct Boxed(Box<dyn subunit_formats::FormatReader>);

impl subunit_formats::FormatReader for Boxed {
    fn feed(
        &mut self,
        bytes: &[u8],
        sink: &mut dyn subunit_core::sink::Sink,
    ) -> subunit_core::sink::Flow {
        self.0.feed(bytes, sink)
    }

    fn finish(&mut self, sink: &mut dyn subunit_core::sink::Sink) -> subunit_core::sink::Flow {
        self.0.finish(sink)
    }
}

fn table() -> String {
    let table = String::from_utf8(data("native/table.txt")).unwrap();
    let rows = table.lines().filter(|row| !row.is_empty() && !row.starts_with('#'));
    // Columns stand below each other; one blank is between words.
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "green",
        Verdict::Failed => "red",
        Verdict::NoTests => "none",
    }
}

/// What an input is taken for, once its last line is whole.
fn told(input: &[u8]) -> &'static str {
    let input = &[input, b"\n"].concat();
    let (mut reader, mut recorded) = (AutoReader::new(None), Recorded::default());
    reader.space(input.len())[..input.len()].copy_from_slice(input);
    reader.filled(input.len(), &mut recorded);
    reader.finish(&mut recorded);
    reader.told().map_or("-", Format::name)
}

fn counts(recorded: &Recorded) -> String {
    let (success, fail, skip, xfail, uxsuccess) = recorded.finals();
    format!("{success}/{fail}/{skip}/{xfail}/{uxsuccess}")
}

#[test]
fn every_sample_is_as_the_table_says() {
    let (table, mut wrong) = (table(), String::new());
    for row in table.lines() {
        let sample = Sample::of(row);
        let input = sample.bytes();
        let recorded = sample.read(&input, 1 << 16);
        let (ours, verdict) = (counts(&recorded), word(recorded.verdict()));
        let told = told(&input);
        if (&*ours, verdict, told) != (sample.ours, sample.verdict, sample.told) {
            let Sample { name, is_red, format, theirs, reason, .. } = sample;
            let (red, format) = (if is_red { "red" } else { "green" }, format.name());
            writeln!(wrong, "{name} {red} {format} {told} {verdict} {ours} {theirs} {reason}")
                .unwrap();
            for event in &recorded.events {
                let reason = event.file.as_ref().filter(|file| file.name == "reason");
                let reason = reason.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
                if !event.runnable && event.status.is_some_and(|status| status.is_failure()) {
                    writeln!(wrong, "    {:?} {reason:?}", event.test_id).unwrap();
                }
            }
        }
        assert!(!sample.reason.is_empty() || sample.ours == sample.theirs, "a reason: {row}");
        let as_told = if sample.is_red { "red" } else { "green" };
        assert!(!sample.reason.is_empty() || sample.verdict == as_told, "a reason: {row}");
        assert!(!sample.is_red || sample.verdict != "green", "{} is red", sample.name);
    }
    assert!(wrong.is_empty(), "these rows are wrong, and would have to be:\n{wrong}");
}

#[test]
fn however_a_report_is_cut_up_it_says_the_same() {
    for row in table().lines() {
        let sample = Sample::of(row);
        let input = sample.bytes();
        let whole = sample.read(&input, usize::MAX);
        for size in [1, 7, 4093] {
            let pieces = sample.read(&input, size);
            assert!(pieces.events == whole.events, "{row} in pieces of {size}");
            assert!(pieces.text == whole.text, "{row} in pieces of {size}");
        }
    }
}

/// Each report, red or green, is cut off at 200 places, the same in every run. What has no end of its own, one object after the
/// other, is green where those that are there are.
#[test]
fn a_report_that_is_cut_off_is_never_green() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut green = String::new();
    for row in table().lines() {
        let sample = Sample::of(row);
        let input = sample.bytes();
        let end = input.trim_ascii_end().len();
        for _ in 0..200 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let cut = usize::try_from(random % end as u64).unwrap();
            let recorded = sample.read(&input[..cut], 1 << 16);
            let endless = sample.format.name() == "meson-json" && recorded.text.is_empty();
            if recorded.verdict() == Verdict::Passed && !endless {
                writeln!(green, "{} cut off at {cut}", sample.name).unwrap();
            }
            assert_eq!(recorded.counts().unfinished, 0, "{} cut off at {cut}", sample.name);
        }
    }
    assert!(green.is_empty(), "{green}");
}
