//! A red run that is cut off anywhere is never green.
#![allow(clippy::unwrap_used, reason = "a failure ends the test")]

use std::{fs, path::Path};

use subunit_core::{
    Damage, Event, InputReader, Item, items,
    sink::{Flow, Sink, Summary, Verdict},
};
use subunit_formats::auto::AutoReader;

/// So many bytes of each file are read, over all its cuts: files above a thousand bytes are not cut everywhere.
const BUDGET: usize = 600_000;

#[derive(Default)]
struct Judge(Summary);

impl Sink for Judge {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.0.event(event)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.0.damage(damage)
    }
}

fn is_green(input: &[u8]) -> bool {
    let (mut reader, mut judge) = (AutoReader::new(None), Judge::default());
    reader.space(input.len())[..input.len()].copy_from_slice(input);
    reader.filled(input.len(), &mut judge);
    reader.finish(&mut judge);
    judge.0.finish();
    judge.0.counts().verdict() == Verdict::Passed
}

/// Whether nothing of it tells that something is missing: version 2 has no word for the end of a stream.
fn is_whole_stream(input: &[u8]) -> bool {
    matches!(items(input).last(), Some(Item::Packet(_)))
}

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every file of real output in the tests: how many of them are red, and how many cuts were tried.
#[test]
fn no_red_run_is_green_when_it_is_cut_off() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["data", "../subunit-formats/tests/data"] {
        files(&root.join(folder), &mut found);
    }
    // What runners print for people has a test of its own, which knows where a summary is an end.
    found.retain(|path| !path.iter().any(|part| part == "consoles"));
    let (mut red, mut cuts) = (0, 0);
    for path in found {
        let input = fs::read(&path).unwrap();
        if is_green(&input) {
            continue;
        }
        red += 1;
        let step = (input.len() * input.len() / 2 / BUDGET).max(1);
        for end in (0..input.len()).step_by(step) {
            let head = &input[..end];
            assert!(!is_green(head) || is_whole_stream(head), "{} cut at {end}", path.display());
            cuts += 1;
        }
    }
    assert!(red > 100 && cuts > 40_000, "{red} red files, {cuts} cuts");
}
