//! Runs that are sent: piece by piece, cut, repeated, in the wrong order, and by servers that are killed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    fs,
    io::Write as _,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use rustix::process::Signal;
use serde_json::Value;
use subunit_history::{NewRun, Store};
use support::{
    Answer, Served,
    sent::{ONE, TESTS, json, offset, path, place, put, refused, runs, stored},
    serve, stream,
};

/// Waits until the server has this much, and no more.
fn wait_for(served: &Served, wanted: u64) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let head = served.ask("HEAD", &path(ONE), &[]);
        match offset(&head) {
            Some(found) if found == wanted => return,
            Some(found) => assert!(found < wanted, "{found} instead of {wanted}"),
            None => assert!([404, 503].contains(&head.status), "{head:?}"),
        }
        assert!(Instant::now() < deadline, "{wanted}: {head:?}");
    }
}

#[test]
fn a_run_comes_in_pieces_and_is_live_meanwhile() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let served = Served::start(place.path());
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    let (half, length) = (first.len(), bytes.len());
    assert_eq!(served.ask("HEAD", &path(ONE), &[]).status, 404);
    let facts = format!("{}?series=sent&partial=true&live=true", path(ONE));
    let range = format!("bytes 0-{}/*", half - 1);
    let answer = served.send("PUT", &facts, &[("Content-Range", &range)], first);
    assert_eq!((answer.status, offset(&answer)), (200, Some(half as u64)), "{answer:?}");
    assert_eq!(answer.header("upload-complete"), Some("?0"));
    assert_eq!(json(&answer)["complete"], false);
    assert!(served.get("/").body.contains(&format!("href=\"live/{ONE}\"")));
    assert_eq!(served.get(&format!("/live/{ONE}")).status, 200);
    let head = served.ask("HEAD", &path(ONE), &[]);
    assert_eq!((head.status, offset(&head)), (200, Some(half as u64)), "{head:?}");
    assert_eq!(head.header("upload-complete"), Some("?0"));
    // The piece again, and a part of it with more behind.
    assert_eq!(offset(&put(&served, first, &range)), Some(half as u64));
    let range = format!("bytes 10-{}/{length}", length - 1);
    let answer = put(&served, &bytes[10..], &range);
    assert_eq!((answer.status, offset(&answer)), (201, Some(length as u64)), "{answer:?}");
    let place_of_run = format!("/api/v1/runs/{ONE}");
    assert_eq!(answer.header("location"), Some(&*place_of_run));
    let run = &json(&answer)["run"];
    assert_eq!((&run["series"], &run["verdict"]), (&"sent".into(), &"failed".into()), "{run}");
    assert_eq!((&run["partial"], &run["tests"]), (&true.into(), &3.into()), "{run}");
    assert!(stored(place.path(), ONE) == bytes);
    // All of it again changes nothing.
    let again = served.send("PUT", &path(ONE), &[], &bytes);
    assert_eq!((again.status, json(&again)["complete"].clone()), (200, true.into()), "{again:?}");
    assert_eq!(put(&served, rest, &format!("bytes {half}-{}/*", length - 1)).status, 200);
    let end = format!("bytes */{length}");
    assert_eq!(put(&served, b"", &end).status, 200);
    let head = served.ask("HEAD", &path(ONE), &[]);
    assert_eq!(head.header("upload-complete"), Some("?1"), "{head:?}");
    assert_eq!(offset(&head), Some(length as u64));
    assert_eq!(runs(place.path()), 2);
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let served = Served::start(place.path());
    let length = bytes.len() as u64;
    let range = |first: u64, last: u64, end: &str| format!("bytes {first}-{last}/{end}");
    let word = |answer: Answer| refused(&answer);
    // A gap, before anything is there and after.
    assert_eq!(word(put(&served, b"x", "bytes 5-5/*")), (409, "gap".into(), Some(0)));
    assert_eq!(served.ask("HEAD", &path(ONE), &[]).status, 404);
    assert_eq!(put(&served, &bytes[..20], &range(0, 19, "*")).status, 200);
    let late = put(&served, &bytes[21..30], &range(21, 29, "*"));
    assert_eq!(word(late), (409, "gap".into(), Some(20)));
    // Other bytes than those that came before.
    let other = put(&served, b"\xb3x", &range(0, 1, "*"));
    assert_eq!(word(other), (409, "other_bytes".into(), Some(20)));
    // An end that is before what came.
    assert_eq!(word(put(&served, b"", "bytes */19")), (409, "other_length".into(), Some(20)));
    let short = served.send("PUT", &path(ONE), &[], &bytes[..10]);
    assert_eq!(word(short), (409, "other_length".into(), Some(20)));
    // Lengths that lie.
    let lie = put(&served, &bytes[20..25], &range(20, 29, "*"));
    assert_eq!(word(lie), (400, "bad_range".into(), None));
    for bad in ["bytes 20-10/*", "bytes 20-29", "items 0-1/*", "bytes */*"] {
        assert_eq!(word(put(&served, b"x", bad)), (400, "bad_range".into(), None), "{bad}");
    }
    let named = |uuid: &str| served.send("PUT", &path(uuid), &[], &bytes);
    for bad in ["@last", "1", "..%2f..%2fx", &ONE.to_uppercase()] {
        assert_eq!(word(named(bad)), (400, "bad_uuid".into(), None), "{bad}");
    }
    let wrong = served.send("PUT", &format!("{}?wrong=1", path(ONE)), &[], &bytes);
    assert_eq!(word(wrong), (400, "unknown_parameter".into(), None));
    let packed = served.send("PUT", &path(ONE), &[("Content-Encoding", "gzip")], &bytes);
    assert_eq!(word(packed), (415, "bad_encoding".into(), None));
    let empty = ONE.replace('a', "e");
    assert_eq!(word(served.send("PUT", &path(&empty), &[], b"")), (422, "no_stream".into(), None));
    // All that was refused has changed nothing.
    assert_eq!(put(&served, &bytes[20..], &range(20, length - 1, &length.to_string())).status, 201);
    assert!(stored(place.path(), ONE) == bytes);
    let more = put(&served, b"x", &range(length, length, "*"));
    assert_eq!(word(more), (409, "other_bytes".into(), Some(length)));
    assert_eq!(runs(place.path()), 2);
    let left = fs::read_dir(place.files().join("runs")).unwrap().count();
    assert_eq!(left, 2);
}

#[test]
fn what_came_before_a_cut_is_there() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let served = Served::start(place.path());
    let length = bytes.len();
    // The connection ends within the body, at each byte.
    for cut in 1..length {
        let headers = [("Content-Length", &*length.to_string())];
        served.send_cut("PUT", &path(ONE), &headers, &bytes[..cut]);
        wait_for(&served, cut as u64);
    }
    // So does one that is sent in chunks, of which the last is missing.
    let chunk = [format!("{length:x}\r\n").as_bytes(), &bytes, b"\r\n"].concat();
    let chunked = [("Transfer-Encoding", "chunked")];
    served.send_cut("PUT", &path(ONE), &chunked, &chunk);
    wait_for(&served, length as u64);
    let answer = served.send("PUT", &path(ONE), &chunked, &[&*chunk, b"0\r\n\r\n"].concat());
    assert_eq!((answer.status, offset(&answer)), (201, Some(length as u64)), "{answer:?}");
    assert!(stored(place.path(), ONE) == bytes);
}

#[test]
fn a_run_goes_on_at_the_next_server() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let range = |first: usize, end: usize| format!("bytes {first}-{}/*", end - 1);
    for (at, signal) in [Signal::KILL, Signal::TERM, Signal::KILL].into_iter().enumerate() {
        let served = Served::start(place.path());
        let (first, end) = (at * 10, at * 10 + 10);
        let answer = put(&served, &bytes[first..end], &range(first, end));
        assert_eq!(offset(&answer), Some(end as u64), "{answer:?}");
        served.end_by(signal);
        // Another program opens the history meanwhile.
        assert_eq!(Store::open(place.path()).unwrap().take_notes(), [""; 0]);
    }
    let served = Served::start(place.path());
    assert!(served.get("/").body.contains(&format!("href=\"live/{ONE}\"")));
    assert_eq!(offset(&served.ask("HEAD", &path(ONE), &[])), Some(30));
    assert_eq!(served.send("PUT", &path(ONE), &[], &bytes).status, 201);
    assert!(stored(place.path(), ONE) == bytes);
}

#[test]
fn a_run_that_another_program_writes_is_not_taken() {
    let place = place();
    let served = Served::start(place.path());
    let writer = Store::open(place.path()).unwrap().begin(NewRun::default()).unwrap();
    let path = path(writer.uuid());
    let answer = served.send("PUT", &path, &[], &stream(100, &TESTS));
    assert_eq!((answer.status, refused(&answer).1), (503, "busy".into()), "{answer:?}");
    assert!(answer.header("retry-after").is_some());
    assert_eq!(served.ask("HEAD", &path, &[]).status, 503);
    drop(writer);
}

#[test]
fn the_document_says_what_is_taken() {
    let place = place();
    let served = Served::start(place.path());
    let document = json(&served.get("/api/v1/openapi.json"));
    let paths = &document["paths"];
    for (path, method, allowed) in [
        ("/api/v1/runs", "post", "GET, HEAD, POST"),
        ("/api/v1/runs/{run}/stream", "put", "GET, HEAD, PUT"),
        ("/api/v1/runs/{run}/stream", "head", "GET, HEAD, PUT"),
    ] {
        let operation = &paths[path][method];
        assert!(operation["operationId"].is_string(), "{method} {path}: {operation}");
        let answer = served.ask("DELETE", &path.replace("{run}", ONE), &[]);
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{path}");
    }
    let received = &document["components"]["schemas"]["Received"];
    let described = include_str!("../../docs/schemas/received.json");
    let described: Value = serde_json::from_str(described).unwrap();
    assert_eq!(received["required"], described["required"]);
    let tap = b"ok 1 - parses\n";
    for answer in
        [served.send("POST", "/api/v1/runs", &[], tap), put(&served, b"text\n", "bytes 0-4/*")]
    {
        let said = json(&answer);
        let keys: Vec<&String> = said.as_object().unwrap().keys().collect();
        let known = described["properties"].as_object().unwrap();
        assert!(keys.iter().all(|key| known.contains_key(*key)), "{said}");
        let required = described["required"].as_array().unwrap();
        assert_eq!(keys.len(), required.len(), "{said}");
        assert_eq!(said["run"].is_object(), answer.status == 201);
    }
}

#[test]
fn a_stream_may_not_be_longer_than_the_limit() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let folder = place.path().to_str().unwrap();
    let options = ["--history", folder, "--listen", "127.0.0.1:0", "--max-body", "50"];
    let served = Served::by(&mut serve(&options));
    // Who says it before is not asked for the body, and nothing is begun.
    let length = [("Content-Length", "51"), ("Expect", "100-continue")];
    for (method, path) in [("PUT", path(ONE)), ("POST", "/api/v1/runs".to_owned())] {
        let answer = served.send(method, &path, &length, b"");
        assert_eq!(refused(&answer), (413, "too_large".into(), None));
    }
    let answer = put(&served, b"x", "bytes 50-50/*");
    assert_eq!(refused(&answer), (413, "too_large".into(), None));
    let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n0\r\n\r\n"].concat();
    let chunked = [("Transfer-Encoding", "chunked")];
    let answer = served.send("PUT", &path(ONE), &chunked, &chunk);
    assert_eq!(refused(&answer), (413, "too_large".into(), Some(50)));
    let answer = served.send("POST", "/api/v1/runs", &chunked, &chunk);
    assert_eq!(refused(&answer), (413, "too_large".into(), None));
    assert_eq!(runs(place.path()), 1);
}

/// A database that goes away is in `gone.rs`.
#[cfg(not(feature = "postgres-tests"))]
#[test]
fn a_store_that_cannot_be_written_is_told_and_loses_nothing() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let served = Served::start(place.path());
    let (half, length) = (bytes.len() / 2, bytes.len());
    assert_eq!(put(&served, &bytes[..half], &format!("bytes 0-{}/*", half - 1)).status, 200);
    // The index is no file any more.
    let (index, aside) = (place.path().join("history.db"), place.path().join("aside"));
    fs::rename(&index, &aside).unwrap();
    fs::create_dir(&index).unwrap();
    let range = format!("bytes {half}-{}/{length}", length - 1);
    let answer = put(&served, &bytes[half..], &range);
    assert_eq!(refused(&answer), (503, "not_written".into(), Some(length as u64)), "{answer:?}");
    assert!(answer.header("retry-after").is_some());
    let upload = served.send("POST", "/api/v1/runs", &[], &bytes);
    assert_eq!(upload.status, 503, "{upload:?}");
    fs::remove_dir(&index).unwrap();
    fs::rename(&aside, &index).unwrap();
    assert_eq!(put(&served, &bytes[half..], &range).status, 201);
    assert!(stored(place.path(), ONE) == bytes);
    assert_eq!(runs(place.path()), 2);
}

#[test]
fn a_file_of_any_format_becomes_a_run() {
    let place = place();
    let served = Served::start(place.path());
    let tap: &[u8] = b"1..2\nok 1 - parses\nnot ok 2 - prints\n";
    let answer = served.send("POST", "/api/v1/runs?series=tap", &[], tap);
    assert_eq!(answer.status, 201, "{answer:?}");
    let run = &json(&answer)["run"];
    assert_eq!(
        (&run["series"], &run["fail"], &run["success"]),
        (&"tap".into(), &1.into(), &1.into())
    );
    let location = answer.header("location").unwrap();
    assert_eq!(json(&served.get(location))["run"]["uuid"], run["uuid"]);
    let junit = b"<testsuite name=\"s\"><testcase classname=\"s\" name=\"a\"/></testsuite>";
    let answer = served.send("POST", "/api/v1/runs?format=junit", &[], junit);
    assert_eq!(json(&answer)["run"]["tests"], 1, "{answer:?}");
    // A stream is kept as it is.
    let bytes = stream(100, &TESTS);
    let kind = [("Content-Type", "application/vnd.subunit.v2")];
    let answer = served.send("POST", "/api/v1/runs", &kind, &bytes);
    assert!(stored(place.path(), json(&answer)["uuid"].as_str().unwrap()) == bytes);
    assert_eq!(runs(place.path()), 4);
    for (query, body, wanted) in [
        ("", &b"<html>Sign in</html>"[..], (422, "no_results")),
        ("", b"", (422, "no_results")),
        ("?format=nothing", tap, (400, "bad_parameter")),
        ("?partial=perhaps", tap, (400, "bad_parameter")),
        ("?series=a%0ab", tap, (400, "bad_parameter")),
        ("?live=1&live=1", tap, (400, "repeated_parameter")),
    ] {
        let answer = served.send("POST", &format!("/api/v1/runs{query}"), &[], body);
        let (status, code, _) = refused(&answer);
        assert_eq!((status, &*code), wanted, "{query}: {answer:?}");
    }
    served.send_cut("POST", "/api/v1/runs", &[("Content-Length", "1000")], tap);
    assert_eq!(runs(place.path()), 4);
    let left = fs::read_dir(place.files().join("runs")).unwrap().count();
    assert_eq!(left, 4);
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(content).unwrap();
    packed.finish().unwrap()
}

#[test]
fn a_packed_file_is_what_it_holds() {
    let place = place();
    let options = ["--max-body", "10k"];
    let served = Served::start_with(place.path(), &options);
    let tap: &[u8] = b"1..2\nok 1 - parses\nnot ok 2 - prints\n";
    let zstd = zstd::encode_all(tap, 1).unwrap();
    let send = |encoding: &str, body: &[u8]| {
        served.send("POST", "/api/v1/runs", &[("Content-Encoding", encoding)], body)
    };
    for (nth, (encoding, body)) in
        [("gzip", gzip(tap)), ("zstd", zstd), ("identity", gzip(b"1..1\nok 1 - a\n"))]
            .into_iter()
            .enumerate()
    {
        let answer = send(encoding, &body);
        assert_eq!(answer.status, 201, "{encoding}: {answer:?}");
        assert_eq!(json(&answer)["run"]["tests"], if nth == 2 { 1 } else { 2 }, "{encoding}");
    }
    let packed = gzip(&stream(100, &TESTS));
    let torn = &packed[..packed.len() - 20];
    for (encoding, body, wanted) in [
        ("gzip", torn, (422, "bad_archive")),
        ("br", tap, (415, "bad_encoding")),
        // It is small, and holds more than is taken.
        ("gzip", &gzip(&b"ok 1 - a\n".repeat(10_000)), (413, "too_large")),
    ] {
        let (status, code, _) = refused(&send(encoding, body));
        assert_eq!((status, &*code), wanted, "{encoding}");
    }
    assert_eq!(runs(place.path()), 4);
    assert_eq!(fs::read_dir(place.files().join("runs")).unwrap().count(), 4);
}
