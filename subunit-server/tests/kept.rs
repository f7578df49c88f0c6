//! Runs that are kept already, and of which more is sent.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{fs, path::Path, time::SystemTime};

use rustix::process::Signal;
use serde_json::Value;
use subunit_core::Status::Success;
use subunit_history::{History, Store, Thinned, query::RunRow};
use support::{
    Served,
    place::Place,
    sent::{ONE, TESTS, json, offset, path, place, put, refused, runs, stored},
    stream,
};

/// A test that prints so much that thinning its run is worth it.
fn long_test() -> Vec<u8> {
    stream(100, &[("a", Success, &"said\n".repeat(1000))])
}

/// A run with such a test.
fn long() -> Vec<u8> {
    [long_test(), stream(102, &[("b", Success, "")])].concat()
}

/// Ends the server, and keeps the run as one whose client stays away.
fn give_up(served: Served, place: &Place) {
    served.end_by(Signal::TERM);
    let part = place.files().join(format!("runs/{ONE}.part"));
    let part = fs::File::options().append(true).open(part).unwrap();
    part.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    drop(Store::open(place.path()).unwrap());
}

/// The run, as the history has it.
fn kept(place: &Path) -> RunRow {
    History::open(place).unwrap().unwrap().run_named(ONE).unwrap().unwrap()
}

/// Leaves out of the run what passing tests printed.
fn thin(place: &Path) {
    let thinned = Store::open(place).unwrap().thin(&kept(place)).unwrap();
    assert!(matches!(thinned, Thinned::Smaller(..)), "{thinned:?}");
}

#[test]
fn a_run_that_was_kept_as_interrupted_goes_on() {
    // Also if only the word is missing that it has ended.
    for missing in [5, 0] {
        goes_on_without(missing);
    }
}

/// A run whose client stays away with this many bytes to go, and then comes back.
fn goes_on_without(missing: usize) {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let served = Served::start(place.path());
    let (cut, length) = (bytes.len() - missing, bytes.len());
    assert_eq!(put(&served, &bytes[..cut], &format!("bytes 0-{}/*", cut - 1)).status, 200);
    give_up(served, &place);
    let served = Served::start(place.path());
    let head = served.ask("HEAD", &path(ONE), &[]);
    assert_eq!((head.status, offset(&head)), (200, Some(cut as u64)), "{head:?}");
    assert_eq!(head.header("upload-complete"), Some("?0"));
    let range = match missing {
        0 => format!("bytes */{length}"),
        _ => format!("bytes {cut}-{}/{length}", length - 1),
    };
    let answer = put(&served, &bytes[cut..], &range);
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(json(&answer)["run"]["id"], 2);
    let history = History::open(place.path()).unwrap().unwrap();
    assert!(!history.run_named(ONE).unwrap().unwrap().is_interrupted);
    assert!(stored(place.path(), ONE) == bytes);
    assert_eq!(runs(place.path()), 2);
}

#[test]
fn a_run_that_was_thinned_meanwhile_is_known() {
    let (place, bytes) = (place(), long());
    let served = Served::start(place.path());
    assert_eq!(served.send("PUT", &path(ONE), &[], &bytes).status, 201);
    thin(place.path());
    let answer = served.send("PUT", &path(ONE), &[], &bytes);
    assert_eq!(
        (answer.status, &json(&answer)["complete"]),
        (200, &Value::Bool(true)),
        "{answer:?}"
    );
    let answer = put(&served, &bytes[..9], "bytes 0-9/*");
    assert_eq!(refused(&answer), (400, "bad_range".into(), None), "{answer:?}");
    assert_eq!(runs(place.path()), 2);
}

#[test]
fn an_interrupted_run_that_was_thinned_does_not_go_on() {
    let (place, bytes) = (place(), long());
    let served = Served::start(place.path());
    // Between two packets: a stream that is damaged stays as it is.
    let (cut, length) = (long_test().len(), bytes.len());
    assert_eq!(put(&served, &bytes[..cut], &format!("bytes 0-{}/*", cut - 1)).status, 200);
    give_up(served, &place);
    thin(place.path());
    let served = Served::start(place.path());
    let rest = put(&served, &bytes[cut..], &format!("bytes {cut}-{}/{length}", length - 1));
    let all = served.send("PUT", &path(ONE), &[], &bytes);
    for answer in [rest, all] {
        assert_eq!(refused(&answer), (409, "removed".into(), None), "{answer:?}");
    }
    assert!(kept(place.path()).is_interrupted);
}

#[test]
fn a_kept_run_is_not_said_to_be_all_of_a_stream_of_which_more_comes() {
    let (place, bytes) = (place(), long());
    let served = Served::start(place.path());
    assert_eq!(served.send("PUT", &path(ONE), &[], &bytes).status, 201);
    let length = bytes.len() as u64;
    let (open, end) = (format!("bytes 0-{}/*", length - 1), format!("bytes */{length}"));
    for is_thinned in [false, true] {
        if is_thinned {
            thin(place.path());
        }
        let answer = put(&served, &bytes, &open);
        assert_eq!((answer.status, offset(&answer)), (200, Some(length)), "{answer:?}");
        assert_eq!(json(&answer)["complete"], false, "{answer:?}");
        let answer = put(&served, b"", &end);
        assert_eq!(json(&answer)["complete"], true, "{answer:?}");
    }
    assert_eq!(runs(place.path()), 2);
}

#[test]
fn a_run_whose_client_asks_for_it_is_awaited() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let served = Served::start(place.path());
    assert_eq!(put(&served, &bytes[..9], "bytes 0-8/*").status, 200);
    let part = place.files().join(format!("runs/{ONE}.part"));
    let file = fs::File::options().append(true).open(&part).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(offset(&served.ask("HEAD", &path(ONE), &[])), Some(9));
    served.end_by(Signal::TERM);
    drop(Store::open(place.path()).unwrap());
    assert!(part.exists());
    assert_eq!(runs(place.path()), 1);
}
