//! `subunit watch` on real outputs of test runners, whole and cut off, against `subunit stats`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    cell::RefCell,
    io::{self, Read, Write},
    path::Path,
    rc::Rc,
};

use subunit_filters::{
    commands::VERBS,
    console::{Console, Source},
    exit::Exit,
    interrupts::Interrupts,
    style::Look,
};

const SAMPLES: [&str; 8] = [
    "tap/node.tap",
    "tap/perl-weird.tap",
    "junit/nextest.xml",
    "gojson/json.jsonl",
    "libtest/nextest-json-plus.jsonl",
    "cargo/human-nocapture.txt",
    "reportlog/weird.jsonl",
    "teamcity/weird.txt",
];

/// A real output of a runner.
fn data(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../subunit-formats/tests/data");
    std::fs::read(folder.join(name)).unwrap()
}

/// Hands its bytes over in pieces of one size.
struct Pieces<'b> {
    bytes: &'b [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (piece, rest) = self.bytes.split_at(self.size.min(self.bytes.len()));
        buffer[..piece.len()].copy_from_slice(piece);
        self.bytes = rest;
        Ok(piece.len())
    }
}

impl Source for Pieces<'_> {}

#[derive(Clone, Default)]
struct Output(Rc<RefCell<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs a verb on input in pieces of `size` bytes; its exit status and its report.
fn run(arguments: &[&str], bytes: &[u8], size: usize) -> (Exit, Vec<u8>) {
    let entry = VERBS.iter().find(|entry| entry.name == arguments[0]).unwrap();
    let matches = entry.definition().try_get_matches_from(arguments).unwrap();
    let report = Output::default();
    let mut console = Console {
        name: entry.name.into(),
        stdin: Some(Box::new(Pieces { bytes, size })),
        stdout: Box::new(report.clone()),
        stderr: Box::new(io::sink()),
        stdout_look: Look::default(),
        stderr_look: Look::default(),
        interrupts: Interrupts::default(),
        definitions: subunit_filters::commands::PROGRAM.definitions,
    };
    let exit = entry.run(&matches, &mut console).unwrap();
    (exit, report.0.take())
}

/// The verdict and the counts, as `subunit stats` shows them in text.
fn counts(report: &[u8]) -> String {
    let report = String::from_utf8_lossy(report).into_owned();
    let lines: Vec<&str> = report.lines().collect();
    let verdict =
        |line: &&str| ["PASSED", "FAILED", "NO TESTS"].iter().any(|v| line.starts_with(v));
    let at = lines.iter().rposition(verdict).unwrap();
    let of_counts = lines[at..].iter().filter(|line| !line.starts_with("unfinished: "));
    of_counts.copied().collect::<Vec<_>>().join("\n")
}

#[test]
fn the_end_is_what_stats_says_wherever_the_input_is_cut_off() {
    for name in SAMPLES {
        let whole = data(name);
        for step in 0..=40 {
            let bytes = &whole[..whole.len() * step / 40];
            let (expected, stats) = run(&["stats"], bytes, bytes.len().max(1));
            let (exit, report) = run(&["watch"], bytes, bytes.len().max(1));
            assert_eq!(exit, expected, "{name}, {} bytes", bytes.len());
            assert_eq!(counts(&report), counts(&stats), "{name}, {} bytes", bytes.len());
            assert_eq!(run(&["watch", "--brief"], bytes, 100_000).0, expected);
        }
    }
}

#[test]
fn what_is_shown_does_not_depend_on_how_the_input_is_cut() {
    for name in SAMPLES {
        let bytes = data(name);
        let whole = run(&["watch"], &bytes, bytes.len());
        for size in [1, 7, 1000] {
            assert_eq!(run(&["watch"], &bytes, size), whole, "{name}, pieces of {size}");
        }
    }
}

#[test]
fn every_result_is_a_line_and_a_brief_end_keeps_its_budget() {
    for name in SAMPLES {
        let bytes = data(name);
        let (_, report) = run(&["watch"], &bytes, bytes.len());
        let report = String::from_utf8_lossy(&report).into_owned();
        let (results, _) = report.split_once("\nfailures:\n").unwrap();
        let words = ["success", "fail", "skip", "xfail", "uxsuccess"];
        let lines = results.lines().filter(|line| {
            let word = line.get(..10).unwrap_or_default();
            words.contains(&word.trim_start()) && !word.ends_with(' ')
        });
        // A failed attempt that may have a successor is a line, and no result so far.
        let (attempts, results): (Vec<&str>, Vec<&str>) =
            lines.partition(|line| line.contains(": attempt "));
        let (_, stats) = run(&["stats", "--json"], &bytes, bytes.len());
        let stats: serde_json::Value = serde_json::from_slice(&stats).unwrap();
        let counted: u64 = words.iter().filter_map(|word| stats[word].as_u64()).sum();
        let (results, attempts) = (results.len() as u64, attempts.len() as u64);
        assert!((results..=results + attempts).contains(&counted), "{name}: {counted}");
        for budget in [400, 1000, 3000] {
            let arguments = ["watch", "--brief", "--budget", &budget.to_string()];
            let (_, brief) = run(&arguments, &bytes, bytes.len());
            assert!(brief.len() <= budget, "{name}: {} bytes of {budget}", brief.len());
            assert!(brief.len() > budget / 2 || !brief.ends_with(b"more failures\n"), "{name}");
        }
    }
}

#[test]
fn an_id_cannot_be_taken_for_another_result() {
    let input = b"{\"type\":\"event\",\"test_id\":\"a\\n   success           - b\\u001b[2J\",\"status\":\"fail\"}\n";
    let (_, report) = run(&["watch", "--from", "jsonl"], input, 1000);
    let report = String::from_utf8(report).unwrap();
    assert!(
        report.starts_with("      fail           - a\\n   success           - b\\u{1b}[2J\n"),
        "{report}"
    );
}
