//! Damage in an input of a multiplexer is damage to whoever reads what the multiplexer says.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use command_support::run;
use subunit_core::{Event, Status, conventions::ToldDamage};
use subunit_filters::{commands::VERBS, exit::Exit};
use subunit_mux::{Ending, Hub, Moment, Outbox, Stream};

/// The same input under a multiplexer more.
fn under(name: &str, input: &[u8]) -> Vec<u8> {
    let (mut hub, mut out, now) = (Hub::default(), Outbox::new(), Moment::default());
    let id = hub.attach(name).unwrap();
    hub.feed(id, Stream::Stdout, input, now, &mut out);
    hub.detach(id, Ending::Read, now, &mut out);
    out.as_bytes().to_vec()
}

/// A success, and a failure whose packet is damaged.
fn damaged() -> Vec<u8> {
    let mut stream = Vec::new();
    Event::status("good", Status::Success).encode(&mut stream).unwrap();
    let fails = stream.len();
    Event::status("bad", Status::Fail).encode(&mut stream).unwrap();
    stream[fails + 6] ^= 1;
    stream
}

fn verb(words: &[&str], stdin: &[u8]) -> (Exit, String, String) {
    let (exit, stdout, stderr) = run(VERBS, words, stdin, 1000);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (exit, text(stdout), text(stderr))
}

const TOLD: &str = "damaged packet at byte 13 of input 1/0: checksum";

#[test]
fn every_verb_that_judges_is_red_and_says_which_input() {
    let stream = under("1", &under("0", &damaged()));
    for words in [
        &["stats"][..],
        &["stats", "--no-text"],
        &["watch"],
        &["watch", "--brief"],
        &["to-csv"],
        &["to-ctrf"],
        &["to-github"],
        &["to-gitlab"],
        &["to-html"],
        &["to-jsonl"],
        &["to-junit"],
        &["to-markdown"],
        &["to-otlp"],
        &["to-pyunit"],
        &["to-tap"],
        &["to-teamcity"],
        &["to-trace"],
    ] {
        let (exit, stdout, stderr) = verb(words, &stream);
        assert_eq!(exit, Exit::Failed, "{words:?}\n{stdout}");
        assert!(stderr.contains(TOLD), "{words:?}\n{stderr}");
        assert_eq!(stderr.matches("damaged packet").count(), 1, "{words:?}\n{stderr}");
        let shown = [stdout.as_str(), &stderr].concat();
        let is_stream = words[0] == "to-jsonl";
        assert!(is_stream || !shown.contains("{\"offset\""), "{words:?}\n{shown}");
    }
}

#[test]
fn the_figures_are_those_of_the_input() {
    let json = |stream: &[u8]| -> serde_json::Value {
        let (_, stdout, _) = verb(&["stats", "--json"], stream);
        serde_json::from_str(&stdout).unwrap()
    };
    let (input, one) = (json(&damaged()), json(&under("0", &damaged())));
    let two = json(&under("1", &under("0", &damaged())));
    for figure in ["tests", "success", "fail", "unfinished", "damage"] {
        assert_eq!((&one[figure], &two[figure]), (&input[figure], &input[figure]), "{figure}");
    }
    assert_eq!(two["damage"], 1);
}

#[test]
fn verbs_that_write_streams_pass_it_on() {
    let stream = under("1", &under("0", &damaged()));
    for words in [
        &["cat"][..],
        &["cat", "--no-text"],
        &["filter", "--tests-only"],
        &["filter", "--status", "success"],
        &["filter", "--id", "good"],
        &["tags", "--add", "x"],
        &["rename", "good", "better"],
        &["route", "--prefix", "7"],
        &["merge", "-"],
        &["split", "--shard", "1/2"],
        &["split", "--shard", "2/2"],
        &["to-jsonl"],
        &["2to1"],
    ] {
        let (_, out, err) = run(VERBS, words, &stream, 1000);
        let (exit, stdout, _) = verb(&["stats"], &out);
        assert_eq!(exit, Exit::Failed, "{words:?}\n{stdout}");
        let err = String::from_utf8_lossy(&err);
        assert!(err.contains(TOLD), "{words:?}\n{err}");
    }
    let (_, lines, _) = run(VERBS, &["to-jsonl"], &stream, 1000);
    assert!(run(VERBS, &["from-jsonl"], &lines, 1000).1 == stream, "there and back");
    let (_, good, _) = run(VERBS, &["filter", "--route", "1"], &under("2", &stream), 1000);
    assert_eq!(good, b"", "of another route");
}

#[test]
fn a_stream_that_is_taken_apart_is_red_where_its_input_was() {
    let both = [under("0", &damaged()), under("1", &damaged()[..13])].concat();
    for (words, folder) in [(["demux", "--dir"], "demux"), (["split", "--by=route"], "split")] {
        let folder = tempfile::Builder::new().prefix(folder).tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let words = match words[0] {
            "demux" => vec![words[0], words[1], path],
            _ => vec![words[0], words[1], "-d", path],
        };
        run(VERBS, &words, &both, 1000);
        let exit = |name: &str| {
            let stream = std::fs::read(folder.path().join(name)).unwrap();
            verb(&["stats"], &stream).0
        };
        assert_eq!((exit("0.subunit"), exit("1.subunit")), (Exit::Failed, Exit::Passed));
    }
}

#[test]
fn a_sink_that_knows_nothing_of_it_is_told_of_damage() {
    #[derive(Default)]
    struct Newcomer(u64);
    impl subunit_core::sink::Sink for Newcomer {
        fn event(&mut self, event: &Event<'_>) -> subunit_core::sink::Flow {
            assert!(ToldDamage::of(event).is_none());
            subunit_core::sink::Flow::Continue
        }
        fn damage(&mut self, _: &subunit_core::Damage<'_>) -> subunit_core::sink::Flow {
            self.0 += 1;
            subunit_core::sink::Flow::Continue
        }
    }
    let mut sink = Newcomer::default();
    for item in subunit_core::items(&under("0", &damaged())) {
        subunit_core::sink::Sink::item(&mut sink, &item);
    }
    assert_eq!(sink.0, 1);
}
