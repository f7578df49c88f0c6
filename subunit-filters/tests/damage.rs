//! Damage is not text: no verb that writes a stream makes a green one of a damaged one.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use std::{collections::BTreeSet, fs, path::Path};

use proptest::prelude::*;
use subunit_core::{Event, FileChunk, Item, RouteCode, Status, TagsBuf, Timestamp, items};
use subunit_filters::{commands::VERBS, exit::Exit};
use subunit_formats::{Format, REPORTS};

fn run(words: &[&str], stdin: &[u8]) -> (Exit, Vec<u8>) {
    let (exit, stdout, _) = command_support::run(VERBS, words, stdin, usize::MAX);
    (exit, stdout)
}

fn verdict(stream: &[u8]) -> Exit {
    run(&["stats", "--no-text"], stream).0
}

fn packet(id: &str, route: Option<&str>) -> Vec<u8> {
    let mut packet = Vec::new();
    let route_code = route.map(RouteCode::new);
    let event = Event { route_code, ..Event::status(id, Status::Success) };
    event.encode(&mut packet).unwrap();
    packet
}

/// Streams of subunit whose only fault is damage, each of another kind.
fn damaged() -> Vec<(&'static str, Vec<u8>)> {
    let (good, other) = (packet("good", None), packet("other", Some("0/1")));
    let mut flipped = packet("flipped", None);
    flipped[9] ^= 1;
    let torn = packet("pkg.mod.TestClass.test_torn", None);
    let (head, tail) = torn.split_at(20);
    vec![
        ("a flipped bit", [&good, &flipped[..], &other].concat()),
        ("a flipped bit after text", [&good[..], b"text\n", &flipped, b"more\n", &other].concat()),
        ("cut at the end", [&good, &other, head].concat()),
        ("torn by text", [&good, &other, head, b"\nprinted\n", tail].concat()),
        ("torn by a packet", [&good, head, &other, tail].concat()),
    ]
}

/// How a verb that writes a stream to standard output is called, and whether it takes `--no-text`.
const STREAMS: &[&[&str]] = &[
    &["cat"],
    &["merge"],
    &["split", "--shard", "1/1"],
    &["split", "--shard", "1/2"],
    &["split", "--shard", "2/2"],
    &["filter"],
    &["filter", "--tests-only"],
    &["filter", "--not-id", "other"],
    &["filter", "--status", "success"],
    &["filter", "--status", "skip", "--invert"],
    &["filter", "--not-route", "0"],
    &["tags", "--add", "x"],
    &["tags", "--remove", "x"],
    &["rename", "q", "r"],
    &["rename", "good", "better"],
    &["known-failures", "/dev/null"],
    &["route"],
    &["route", "--prefix", "a"],
    &["route", "--unrouted"],
    &["1to2"],
    &["from-subunit-v1"],
    &["2to1"],
    &["to-jsonl"],
    &["report", "--jsonl", "-"],
];

/// How a verb that writes streams into a folder is called.
const FOLDERS: &[&[&str]] = &[
    &["split", "--by", "route", "-d"],
    &["split", "--by", "tag", "-d"],
    &["demux", "--dir"],
    &["demux", "--whole", "--dir"],
    &["demux", "--keep-packets", "--dir"],
];

/// Verbs whose output is no stream, or is made of commands and sockets, or which read no subunit; the verbs that
/// are made of the rows of formats and reports are more of them.
const OTHERS: &[&str] = &[
    "watch",
    "stats",
    "ls",
    "diff",
    "mux",
    "worker",
    "attach",
    "combine",
    "output",
    "from-jsonl",
    "from-log",
    "to-junit",
    "to-tap",
    "to-markdown",
    "to-html",
    "to-otlp",
    "to-csv",
    "to-pyunit",
    "to-disk",
    "notify",
    "links",
    "completions",
    "man",
];

#[test]
fn every_verb_is_in_a_table_of_these() {
    let tried = STREAMS.iter().chain(FOLDERS).map(|words| words[0]);
    let formats = Format::ALL.into_iter().filter(|format| format.has_verb()).map(Format::verb);
    let reports = REPORTS.iter().filter(|row| row.has_verb()).map(|row| row.verb);
    let known: BTreeSet<&str> =
        tried.chain(OTHERS.iter().copied()).chain(formats).chain(reports).collect();
    let verbs: BTreeSet<&str> = VERBS.iter().map(|verb| verb.name).collect();
    assert_eq!(known, verbs);
}

#[test]
fn no_verb_makes_a_green_stream_of_a_damaged_one() {
    for (kind, stream) in damaged() {
        assert_eq!(verdict(&stream), Exit::Failed, "{kind}");
        for words in STREAMS {
            for flags in [&[][..], &["--no-text"]] {
                // Version 1 has no packets, so its readers are told of none.
                let stream = match words[0] {
                    "1to2" | "from-subunit-v1" => b"test: a\nsuccess: a\ntest: b".to_vec(),
                    _ => stream.clone(),
                };
                let words = [words, flags].concat();
                let (_, output) = run(&words, &stream);
                assert_eq!(verdict(&output), Exit::Failed, "{kind}: {words:?}: {output:?}");
            }
        }
    }
}

/// All streams in a folder, one after the other; a cut end of one must not be mended by the next.
fn streams_in(folder: &Path) -> Vec<Vec<u8>> {
    fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn one_of_the_streams_in_a_folder_is_red_if_the_input_was_damaged() {
    for (kind, stream) in damaged() {
        for words in FOLDERS {
            for flags in [&[][..], &["--no-text"]] {
                let folder = tempfile::tempdir().unwrap();
                let words = [words, &[folder.path().to_str().unwrap()][..], flags].concat();
                run(&words, &stream);
                let red = streams_in(folder.path());
                let red = red.iter().filter(|stream| verdict(stream) == Exit::Failed).count();
                assert_eq!(red, 1, "{kind}: {words:?}");
            }
        }
    }
}

#[test]
fn damage_that_bytes_do_not_show_is_a_failure() {
    let good = "{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"success\"}\n";
    for bytes in ["\"bytes\":\"printed\"", "\"bytes\":\"\"", "\"base64\":\"sw==\""] {
        let line =
            format!("{{\"type\":\"damage\",\"offset\":7,\"reason\":\"checksum\",{bytes}}}\n");
        let input = [good, &line, good].concat();
        for words in
            [&["cat"][..], &["tags", "--add", "x"], &["merge"], &["split", "--shard", "2/2"]]
        {
            for flags in [&[][..], &["--no-text"]] {
                let words = [words, flags].concat();
                let (_, output) = run(&words, input.as_bytes());
                assert_eq!(verdict(&output), Exit::Failed, "{bytes} {words:?}: {output:?}");
            }
        }
    }
}

fn event_bytes() -> impl Strategy<Value = Vec<u8>> {
    let mut statuses = vec![None];
    statuses.extend(Status::ALL.map(Some));
    let id = prop::sample::select(vec![None, Some("a"), Some("pkg.mod.test_b"), Some("c d")]);
    let route = prop::sample::select(vec![None, Some("0"), Some("0/1")]);
    let file = prop::option::of(prop::collection::vec(any::<u8>(), 0..9));
    (prop::sample::select(statuses), id, route, file, 0..4u32, any::<bool>()).prop_map(
        |(status, test_id, route, content, second, eof)| {
            let tags: TagsBuf = ["x", "y"].into_iter().take(second as usize).collect();
            let file = content.as_ref().map(|bytes| FileChunk { name: "log", bytes });
            let event = Event {
                status,
                test_id,
                timestamp: (second > 0).then(|| Timestamp::new(second, 5)),
                tags: (second > 1).then(|| tags.as_tags()),
                runnable: second != 2,
                mime_type: file.map(|_| "text/plain"),
                file,
                eof,
                route_code: route.map(RouteCode::new),
            };
            let mut bytes = Vec::new();
            event.encode(&mut bytes).unwrap();
            bytes
        },
    )
}

/// Pieces of streams: whole packets, packets cut, torn and flipped, text and noise.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let at = any::<prop::sample::Index>();
    let cut = (event_bytes(), at).prop_map(|(mut packet, at)| {
        packet.truncate(at.index(packet.len()));
        packet
    });
    let flipped =
        (event_bytes(), any::<prop::sample::Index>(), 0..8).prop_map(|(mut packet, at, bit)| {
            let at = at.index(packet.len());
            packet[at] ^= 1u8 << bit;
            packet
        });
    let within = (event_bytes(), any::<prop::sample::Index>(), event_bytes());
    let within = within.prop_map(|(outer, at, inner)| {
        let (head, tail) = outer.split_at(at.index(outer.len()));
        [head, &inner, tail].concat()
    });
    let lines = vec![&b"printed\n"[..], b".", b"\n", b"50% ", "größe ".as_bytes(), b"5\xb3 ("];
    prop_oneof![
        4 => event_bytes(),
        1 => cut,
        1 => flipped,
        1 => within,
        2 => prop::sample::select(lines).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..9),
    ]
}

/// Calls that have nothing to change.
const KEEPERS: &[&[&str]] = &[
    &["cat"],
    &["merge"],
    &["filter"],
    &["filter", "--id", ""],
    &["filter", "--rename", "zzz", "y"],
    &["tags"],
    &["tags", "--remove", "zzz"],
    &["rename", "zzz", "y"],
    &["known-failures", "/dev/null"],
    &["route"],
    &["route", "--strip", "7", "--replace", "8=9"],
];

/// Calls that leave something out, or move it.
const DROPPERS: &[&[&str]] = &[
    &["cat", "--no-text"],
    &["merge", "--no-text"],
    &["split", "--shard", "2/2"],
    &["split", "--shard", "1/2", "--no-text"],
    &["filter", "--tests-only"],
    &["filter", "--not-id", "a"],
    &["filter", "--status", "success"],
    &["filter", "--tag", "x", "--no-text"],
    &["tags", "--add", "z", "--no-text"],
    &["rename", "a", "b", "--no-text"],
    &["known-failures", "/dev/null", "--no-text"],
    &["route", "--select", "0"],
    &["route", "--prefix", "p", "--no-text"],
];

/// Whether a reader of the stream is told of damage.
fn is_told(stream: &[u8]) -> bool {
    items(stream).any(|item| match item {
        Item::Packet(packet) => packet.event().test_id == Some("(damage)"),
        Item::Text(_) => false,
        Item::Damage(_) => true,
    })
}

/// The halves of a packet stand around one that is left out; what is told of damage after them hangs on the text
/// before.
#[test]
fn what_was_apart_is_not_put_together() {
    let halves =
        b"\xc2\xb3\xb3\x29\x00\x0a\x01a\xcfthT#`\x1d\x00\x00\x00\x01\x05\x0atext/plain\x03log\x00\
        \xf9\xcd\x9a\x18\xb3!\x00\x08\x19\xd7\x9a\x8d\xb3#\xb3!\x00\x08\x19\xd7\x9a\x8d\x00\x0d\x00\
        \x00\x00\x01\x055\xf6[S";
    assert!(is_told(halves));
    let (_, output) = run(&["filter", "--not-id", "a", "--from", "subunit"], halves);
    assert!(is_told(&output), "{output:02x?}");
}

/// It would be counted twice. Behind what may be half a character it may be read as the other half, so there it is told.
#[test]
fn damage_that_bytes_show_is_no_failure_as_well() {
    let damaged = b"\xb3\x29\x01\x0c\x03foo\0\0\0\0\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1b";
    for words in [&["filter", "--not-id", "foo"][..], &["split", "--shard", "1/1"]] {
        for (text, fails) in [(&b""[..], false), (b"text", false), (b"text\xc3\xa9", true)] {
            let words = [words, &["--from", "subunit"]].concat();
            let (_, output) = run(&words, &[text, damaged].concat());
            let told = items(&output).any(|item| {
                matches!(item, Item::Packet(packet) if packet.event().test_id == Some("(damage)"))
            });
            assert_eq!(told, fails, "{words:?} {text:?}");
            assert!(is_told(&output), "{words:?} {text:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn what_has_nothing_to_change_changes_no_byte(pieces in prop::collection::vec(piece(), 0..12)) {
        let stream = pieces.concat();
        for words in KEEPERS {
            // Else some of the bytes may be another format.
            let words = [words, &["--from", "subunit"][..]].concat();
            prop_assert_eq!(run(&words, &stream).1, stream.clone(), "{:?}", words);
        }
    }

    #[test]
    fn what_leaves_something_out_keeps_damage(pieces in prop::collection::vec(piece(), 0..12)) {
        let stream = pieces.concat();
        if is_told(&stream) {
            for words in DROPPERS {
                let words = [words, &["--from", "subunit"][..]].concat();
                let (_, output) = run(&words, &stream);
                prop_assert!(is_told(&output), "{:?} {:?}", words, output);
            }
        }
    }
}
