//! What `rename`, `known-failures`, `merge`, `split` and `diff` make of streams, however these are cut.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use subunit_core::{Event, FileChunk, Item, RouteCode, Status, TagsBuf, Timestamp, items};
use subunit_filters::{commands::VERBS, exit::Exit};

/// What a verb made of its input.
#[derive(Debug, Eq, PartialEq)]
struct Run {
    exit: Exit,
    stdout: Vec<u8>,
    stderr: String,
}

fn run_cut(words: &[&str], stdin: &[u8], most: usize) -> Run {
    let (exit, stdout, stderr) = command_support::run(VERBS, words, stdin, most);
    Run { exit, stdout, stderr: String::from_utf8_lossy(&stderr).into_owned() }
}

/// Runs a verb on its input as a whole and in pieces, which must not matter.
fn run(words: &[&str], stdin: &[u8]) -> Run {
    let whole = run_cut(words, stdin, usize::MAX);
    for most in [1, 7] {
        assert_eq!(run_cut(words, stdin, most), whole);
    }
    whole
}

fn stream(events: &[Event<'_>]) -> Vec<u8> {
    let mut stream = Vec::new();
    events.iter().for_each(|event| event.encode(&mut stream).unwrap());
    stream
}

/// Every status and none, with all that an event can say, and text in between.
fn everything() -> Vec<u8> {
    let tags: TagsBuf = ["x", "y"].into_iter().collect();
    let mut stream = b"text\n".to_vec();
    for status in [None].into_iter().chain(Status::ALL.map(Some)) {
        let event = Event {
            status,
            test_id: Some("pkg.test"),
            timestamp: Some(Timestamp::new(1_700_000_000, 123_456_789)),
            tags: Some(tags.as_tags()),
            runnable: false,
            file: Some(FileChunk { name: "log", bytes: b"\xff" }),
            mime_type: Some("text/plain"),
            eof: true,
            route_code: Some(RouteCode::new("0/1")),
        };
        event.encode(&mut stream).unwrap();
        stream.extend_from_slice(b"more text, \xc3\xb3\n");
    }
    stream
}

fn text(stream: &[u8]) -> Vec<u8> {
    let text = items(stream).filter_map(|item| match item {
        Item::Text(bytes) => Some(bytes),
        _ => None,
    });
    text.collect::<Vec<_>>().concat()
}

#[test]
fn a_rename_changes_the_id_and_nothing_else() {
    let before = everything();
    let after = run(&["rename", r"^pkg\.(\w+)$", r"lib/\1"], &before).stdout;
    assert_eq!(text(&after), text(&before));
    let packets = |stream: &[u8], id: &str| -> Vec<_> {
        let events = items(stream).filter_map(|item| match item {
            Item::Packet(packet) => {
                let event = packet.event();
                assert_eq!(event.test_id, Some(id));
                Some(Event { test_id: None, ..*event }.to_buf())
            }
            _ => None,
        });
        events.collect()
    };
    assert_eq!(packets(&after, "lib/test"), packets(&before, "pkg.test"));
    assert_eq!(packets(&after, "lib/test").len(), 8);
    assert_eq!(run(&["rename", "other", "x"], &before).stdout, before);
}

#[test]
fn known_failures_leave_the_rest_of_the_stream_as_it_is() {
    let list = tempfile::NamedTempFile::new().unwrap();
    let path = list.path().to_str().unwrap();
    let before = [everything(), b"\xb3\x29\x01\x0c\x03foo".to_vec()].concat();
    let same = run(&["known-failures", path], &before);
    assert_eq!((same.exit, same.stdout), (Exit::Passed, before.clone()));
    std::fs::write(path, "pkg.test # of old\n").unwrap();
    let after = run(&["known-failures", path], &before);
    let statuses = items(&after.stdout).filter_map(|item| match item {
        Item::Packet(packet) => packet.event().status.map(Status::name),
        _ => None,
    });
    let statuses: Vec<_> = statuses.collect();
    assert_eq!(statuses, ["exists", "inprogress", "success", "success", "skip", "xfail", "xfail"]);
    assert!(!after.stderr.contains("pkg.test"), "it has failed, too");
    let passed = stream(&[Event::status("pkg.test", Status::Success)]);
    let passed = run(&["known-failures", path], &passed);
    assert_eq!(
        passed.stderr,
        "known-failures: pkg.test: passed, but is listed as a known failure\n"
    );
}

#[test]
fn a_known_failure_whose_last_day_is_over_is_red_by_name() {
    let list = tempfile::NamedTempFile::new().unwrap();
    let path = list.path().to_str().unwrap();
    std::fs::write(path, "pkg.test # of old until=2020-01-31 owner=ann\n").unwrap();
    let failed = stream(&[Event::status("pkg.test", Status::Fail)]);
    let told =
        format!("{path}:1: pkg.test: was a known failure until 2020-01-31, owner ann: of old\n");
    let after = run(&["known-failures", path], &failed);
    assert_eq!(after.stderr, format!("known-failures: {told}"));
    let ends = |stream: &[u8]| -> Vec<(String, Option<Status>)> {
        let events = items(stream).filter_map(|item| match item {
            Item::Packet(packet) => Some(packet.event().to_buf()),
            _ => None,
        });
        let end = |event: subunit_core::EventBuf| {
            let event = event.as_event();
            (event.test_id.unwrap_or_default().to_owned(), event.status)
        };
        events.map(end).collect()
    };
    let [first, second] = &ends(&after.stdout)[..] else { panic!("{after:?}") };
    assert_eq!((&*first.0, first.1), ("pkg.test", Some(Status::Fail)));
    assert_eq!((&*second.0, second.1), ("pkg.test (known failure)", Some(Status::Fail)));
    // The filter knows it as well; it adds nothing.
    let after = run(&["filter", "--known-failures", path], &failed);
    assert_eq!((after.stdout, after.stderr), (failed, format!("filter: {told}")));
}

/// Ids and times of all packets.
fn ids_and_times(stream: &[u8]) -> Vec<(String, Option<Timestamp>)> {
    let packets = items(stream).filter_map(|item| match item {
        Item::Packet(packet) => {
            let event = packet.event();
            Some((event.test_id.unwrap_or_default().to_owned(), event.timestamp))
        }
        _ => None,
    });
    packets.collect()
}

/// Writes the streams into files and merges them; the last one comes from standard input.
fn merged(streams: &[Vec<u8>]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let (last, files) = streams.split_last().unwrap();
    let mut words = vec!["merge".to_owned()];
    for (place, stream) in files.iter().enumerate() {
        let path = folder.path().join(place.to_string());
        std::fs::write(&path, stream).unwrap();
        words.push(path.to_str().unwrap().to_owned());
    }
    words.push("-".to_owned());
    run(&words.iter().map(String::as_str).collect::<Vec<_>>(), last)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn a_merge_keeps_every_streams_order_and_is_in_the_order_of_times(
        times in proptest::collection::vec(
            proptest::collection::vec(proptest::option::of(0..6u32), 0..8), 1..5)
    ) {
        let mut streams = Vec::new();
        let mut sorted: Vec<(u32, usize, usize)> = Vec::new();
        for (nth, times) in times.iter().enumerate() {
            // In every stream times only grow; what has no time stays behind what has.
            let (mut bytes, mut now) = (Vec::new(), None);
            for (place, step) in times.iter().enumerate() {
                now = step.map(|step| now.unwrap_or(1) + step).or(now);
                let timestamp = step.and(now).map(|now| Timestamp::new(now, 0));
                let id = format!("{nth}.{place}");
                let event = Event { timestamp, ..Event::status(&id, Status::Success) };
                event.encode(&mut bytes).unwrap();
                sorted.push((now.unwrap_or(0), nth, place));
            }
            streams.push(bytes);
        }
        sorted.sort_unstable();
        let expected: Vec<String> =
            sorted.iter().map(|(_, nth, place)| format!("{nth}.{place}")).collect();
        let ids: Vec<String> =
            ids_and_times(&merged(&streams).stdout).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, expected);
    }
}

#[test]
fn a_stream_that_stops_within_a_character_does_not_hide_the_next_ones_packet() {
    let at = |second, id| Event {
        timestamp: Some(Timestamp::new(second, 0)),
        ..Event::status(id, Status::Success)
    };
    let first = [stream(&[at(1, "a")]), b"caf\xc3".to_vec()].concat();
    let out = merged(&[first, stream(&[at(2, "b")])]).stdout;
    assert_eq!(ids_and_times(&out).len(), 2, "{out:?}");
    assert_eq!(text(&out), b"caf\xc3\n");
}

#[test]
fn a_merge_of_one_stream_is_that_stream() {
    let damaged = [everything(), b"\xb3\x29\x01\x0c\x03foo".to_vec(), everything()].concat();
    let one = merged(std::slice::from_ref(&damaged));
    assert_eq!(one.stdout, damaged);
    assert!(one.stderr.contains("damaged packet"));
    assert_eq!(text(&merged(&[damaged.clone(), damaged.clone()]).stdout).len(), {
        2 * text(&damaged).len()
    });
}

#[test]
fn the_shards_of_a_stream_are_the_stream() {
    let mut before = everything();
    for nth in 0..7 {
        let id = format!("test.{nth}");
        for status in [Status::InProgress, Status::Success] {
            Event::status(&id, status).encode(&mut before).unwrap();
        }
    }
    let mut ids = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let out = run(&["split", "--shard", shard], &before);
        let lines = if shard == "1/3" { text(&before) } else { Vec::new() };
        assert_eq!((out.exit, text(&out.stdout)), (Exit::Passed, lines), "{shard}");
        let of_shard = ids_and_times(&out.stdout);
        assert!((4..=12).contains(&of_shard.len()), "{shard} has {}", of_shard.len());
        ids.extend(of_shard);
    }
    let mut all = ids_and_times(&before);
    all.sort();
    ids.sort();
    assert_eq!(ids, all);
}

#[test]
fn no_shard_of_a_damaged_stream_is_whole() {
    let before = [everything(), b"\xb3\x29\x01\x0c\x03foo".to_vec()].concat();
    for shard in ["1/2", "2/2"] {
        let out = run(&["split", "--no-text", "--shard", shard], &before).stdout;
        assert!(items(&out).any(|item| matches!(item, Item::Damage(_))), "{shard}");
    }
}

#[test]
fn a_stream_split_by_route_is_all_there() {
    let before = [everything(), stream(&[Event::status("b", Status::Fail)])].concat();
    for (by, parts) in [("route", &["0_1", "none"][..]), ("tag", &["x", "y", "none"])] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        run_cut(&["split", "--by", by, "-d", path], &before, 7);
        let part = |name: &&str| std::fs::read(folder.path().join(format!("{name}.subunit")));
        let read: Vec<Vec<u8>> = parts.iter().map(|name| part(name).unwrap()).collect();
        let packets: Vec<usize> = read.iter().map(|part| ids_and_times(part).len()).collect();
        let (none, named) = packets.split_last().unwrap();
        assert!(named.iter().all(|packets| *packets == 8) && *none == 1, "{by}: {packets:?}");
        assert_eq!(text(read.last().unwrap()), text(&before));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), parts.len());
    }
}

/// A test that passed, and a file of the whole run after it, with bytes that are no text.
fn with_file_of_the_run() -> (Vec<u8>, Vec<u8>) {
    let bytes = [b"total 80 %\n".as_slice(), &[0xff; 5000]].concat();
    let file = Some(FileChunk { name: "coverage.xml", bytes: &bytes });
    let mime_type = Some("application/xml");
    let whole = Event { file, mime_type, eof: true, ..Event::default() };
    (stream(&[Event::status("pkg.test", Status::Success), whole]), bytes)
}

#[test]
fn a_file_of_no_test_passes_through_every_verb_that_writes_a_stream() {
    let (before, bytes) = with_file_of_the_run();
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known");
    std::fs::write(&known, "other\n").unwrap();
    let known = known.to_str().unwrap();
    for words in [
        &["cat"][..],
        &["filter"],
        &["filter", "--known-failures", known],
        &["merge", "-"],
        &["tags"],
        &["route"],
        &["rename", "test", "x"],
        &["known-failures", known],
        &["split", "--shard", "1/3"],
        &["from-jsonl"],
    ] {
        let jsonl;
        let stdin = match words {
            ["from-jsonl"] => {
                jsonl = run(&["to-jsonl"], &before).stdout;
                &jsonl
            }
            _ => &before,
        };
        let after = run(words, stdin);
        let mut found = Vec::new();
        for item in items(&after.stdout) {
            let Item::Packet(packet) = item else { panic!("{words:?}: {item:?}") };
            let event = packet.event();
            if event.test_id.is_none() {
                assert_eq!(event.mime_type, Some("application/xml"), "{words:?}");
                let file = event.file.unwrap_or_else(|| panic!("{words:?}: {event:?}"));
                assert_eq!(file.name, "coverage.xml", "{words:?}");
                found.extend_from_slice(file.bytes);
            }
        }
        assert!(found == bytes, "{words:?}: {} bytes, {}", found.len(), after.stderr);
    }
}
