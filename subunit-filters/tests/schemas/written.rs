//! The files of no test that the program writes.

use std::{
    collections::BTreeMap,
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;
use subunit_core::{
    Event, FileChunk, Item, RouteCode, Status, Timestamp,
    conventions::{MIME_TYPE, is_aside},
    items,
};

use crate::schema::Schema;

const SUBUNIT: &str = env!("CARGO_BIN_EXE_subunit");

/// What comes out of `subunit`, a stream, with this on its standard input.
fn run(words: &[&str], stdin: &[u8]) -> Vec<u8> {
    let mut child = Command::new(SUBUNIT)
        .args(words)
        .env("SUBUNIT", SUBUNIT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    child.wait_with_output().unwrap().stdout
}

fn encoded(event: &Event<'_>) -> Vec<u8> {
    let mut packet = Vec::new();
    event.encode(&mut packet).unwrap();
    packet
}

/// The contents of these files, by their names.
fn files(stream: &[u8], files: &mut BTreeMap<String, Vec<Value>>) {
    for item in items(stream) {
        let Item::Packet(packet) = item else { continue };
        let event = packet.event();
        let Some(file) = event.file.filter(|_| is_aside(event)) else { continue };
        if event.mime_type == Some(MIME_TYPE) {
            let content = serde_json::from_slice(file.bytes).unwrap();
            files.entry(file.name.to_owned()).or_default().push(content);
        }
    }
}

#[test]
fn files_of_no_test_are_as_their_schemas_say() {
    let test = "$SUBUNIT output --success a";
    let lines = ["report", "--jsonl", "-", "--", "sh", "-c"];
    let run_of = |script: &str| run(&["from-jsonl"], &run(&[&lines[..], &[script]].concat(), b""));
    let mut damaged = encoded(&Event::status("damaged", Status::Success));
    damaged[6] ^= 1;
    let durations =
        Event { timestamp: Some(Timestamp::new(3, 0)), ..Event::status("a", Status::Success) };
    let asked = Event::status("asked", Status::Exists);
    let file = Some(FileChunk { name: "stdin", bytes: b"typed" });
    let typed = Event { file, route_code: Some(RouteCode::new("nowhere")), ..Event::default() };
    let streams = [
        run_of(test),
        run_of(&format!("{test}; exit 3")),
        run_of(
            "printf 'Ran 9 tests in 1s\\n\\nFAILED (failures=1, skipped=1, expected failures=1, unexpected successes=1)\\n'",
        ),
        run_of(&format!("{test}; kill -9 $$")),
        run(&["mux", "--run", "cat", "--run", "kill -9 $$", "--run", "exit 3"], b""),
        run(&["mux", "--run", "cat"], &encoded(&typed)),
        run(&["mux", "--run", &printed(&damaged), "--run", &printed(&encoded(&durations))], b""),
        run(&["worker", "--", "sh", "-c", test], &encoded(&asked)),
    ];
    let mut all = BTreeMap::new();
    streams.iter().for_each(|stream| files(stream, &mut all));
    for (name, contents) in &all {
        let mut schema = Schema::read(name);
        for content in contents {
            schema.check(content).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        }
        // What only other programs write, or a repository.
        let others = ["instance", "dirty", "revision", "branch", "series", "variant"];
        let mut unseen = schema.unseen();
        unseen.retain(|key| !others.iter().any(|other| key.ends_with(&format!("/{other}"))));
        assert_eq!(unseen, [""; 0], "{name}");
    }
    let mut schemas = crate::schemas();
    let of_others = [
        "stats",
        "ls",
        "diff",
        "jsonl",
        "configuration",
        "running",
        "history",
        "environment",
        "in-force",
        "inputs",
        "installed",
        "received",
        "notice",
    ];
    schemas.retain(|name| !of_others.contains(&&name[..]));
    assert_eq!(all.into_keys().collect::<Vec<_>>(), schemas.into_iter().collect::<Vec<_>>());
}

/// A command of a shell that prints these bytes.
fn printed(bytes: &[u8]) -> String {
    let octal: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("printf '{octal}'")
}
