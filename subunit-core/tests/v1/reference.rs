//! Runs of `subunit-1to2` and `subunit-2to1` of python-subunit 1.4.6, all that did not end in one of its
//! crashes, and what libcheck writes.
//!
//! In the data file a character from U+0000 to U+00FF stands for a byte.

use serde_json::{Value, json};
use subunit_core::{
    Item, Status, items,
    sink::{Sink, Summary},
    v1::Writer,
};

use crate::log::{parse_into, parsed, records};

const CASES: &str = include_str!("../data/v1.json");
const LIBCHECK: &[u8] = include_bytes!("../data/libcheck-v1.bin");

pub(crate) fn bytes_of(text: &Value) -> Vec<u8> {
    text.as_str().unwrap().chars().map(|char| u8::try_from(char).unwrap()).collect()
}

pub(crate) fn push_items(stream: &[u8], sink: &mut dyn Sink) {
    for item in items(stream) {
        // What damage said is told by no traditional tool.
        match &item {
            Item::Damage(damage) => sink.damage(damage),
            item => sink.item(item),
        };
    }
    sink.finish();
}

/// Version 2 as version 1.
pub(crate) fn written(stream: &[u8], mut writer: Writer<Vec<u8>>) -> Vec<u8> {
    push_items(stream, &mut writer);
    writer.into_inner().unwrap()
}

pub(crate) fn cases() -> Vec<Value> {
    serde_json::from_str(CASES).unwrap()
}

#[test]
fn every_run_of_the_references_1to2_gives_the_same_events() {
    let cases = cases();
    let cases: Vec<_> = cases.iter().filter(|case| case["events"].is_array()).collect();
    for case in &cases {
        let input = bytes_of(&case["stdin"]);
        for cuts in [&[usize::MAX][..], &[1], &[2], &[7, 1, 30]] {
            let log = parsed(&input, cuts);
            assert_eq!(json!(log.events), case["events"], "{} in {cuts:?}", case["name"]);
            // The reference drops the chunk that is cut off; here it is reported.
            let torn: &[u8] = if case["name"] == "1to2--lost-in-multipart" { b"hel" } else { b"" };
            assert_eq!(log.damage, torn, "{}", case["name"]);
        }
    }
    assert_eq!(cases.len(), 18);
    println!("1to2: {} of {0}", cases.len());
}

#[test]
fn every_run_of_the_references_2to1_gives_the_same_bytes() {
    let cases = cases();
    let cases: Vec<_> = cases.iter().filter(|case| case["stdout"].is_string()).collect();
    for case in &cases {
        let bytes = written(&bytes_of(&case["stdin"]), Writer::traditional(Vec::new()));
        let (found, expected) = (bytes.escape_ascii(), bytes_of(&case["stdout"]));
        assert_eq!(found.to_string(), expected.escape_ascii().to_string(), "{}", case["name"]);
    }
    assert_eq!(cases.len(), 25);
    println!("2to1: {} of {0}", cases.len());
}

#[test]
fn reads_what_libcheck_writes() {
    let mut summary = Summary::new();
    parse_into(LIBCHECK, &[usize::MAX], &mut summary);
    let counts = summary.counts();
    assert_eq!((counts.success, counts.fail, counts.unfinished), (4, 6, 0));
    let records = records(|sink| parse_into(LIBCHECK, &[usize::MAX], sink));
    let details = &records[5].attachment("traceback").unwrap().bytes;
    assert_eq!(String::from_utf8_lossy(details), "ck.c:10: msg ]]> <&> é \u{1}\n");
    let loops = records.iter().filter(|record| record.test_id == "core:loop");
    let statuses: Vec<_> = loops.filter_map(|record| record.status).collect();
    assert_eq!(
        (records.len(), statuses),
        (10, vec![Status::Success, Status::Fail, Status::Success])
    );
}
