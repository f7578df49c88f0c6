//! Do the programs of `docs/wire` write what the Rust decoder reads, and read what it finds?

use std::{fs, process::Command};

use serde_json::{Value, json};
use subunit_core::{Item, items};

use crate::{commands::Folder, pages::root};

/// Compiles what has to be compiled, and runs it.
const EMITTERS: &[(&str, bool)] = &[
    ("cc -Wall -Wextra -Werror -o emit emit.c && ./emit", true),
    ("sh emit.sh", true),
    ("python3 emit.py", cfg!(feature = "python-tests")),
    ("GOFLAGS=-mod=mod go run emit.go", cfg!(feature = "runner-tests")),
    ("node emit.js", cfg!(feature = "runner-tests")),
    ("java Emit.java", cfg!(feature = "runner-tests")),
];

/// What a stream says, as JSON Lines say it.
fn said(stream: &[u8]) -> Vec<Value> {
    let events = items(stream).filter_map(|item| {
        let Item::Packet(packet) = item else { return None };
        let mut line = Vec::new();
        subunit_formats::json::jsonl::push_event(&mut line, packet.event());
        Some(serde_json::from_slice(&line).unwrap())
    });
    events.collect()
}

/// What the emitters say, but for times.
fn expected() -> Vec<Value> {
    let lamp = "a book for 20 and a lamp for 21";
    let event = |id: &str, status: &str, reason: Option<&str>| {
        let mut event = json!({
            "type": "event", "test_id": id, "status": status, "runnable": true, "eof": reason.is_some(),
        });
        if let Some(reason) = reason {
            event["file_name"] = "reason".into();
            event["file_bytes"] = reason.into();
        }
        event
    };
    let sum = format!("total: 41, expected 42: {lamp}{lamp}");
    vec![
        event("shop.cart", "inprogress", None),
        event("shop.cart", "success", None),
        event("shop.checkout", "fail", Some(&sum)),
        event("shop.search", "skip", Some("no search engine here")),
    ]
}

#[test]
fn emitters_write_what_they_mean() {
    for (command, _) in EMITTERS.iter().filter(|(_, is_run)| *is_run) {
        let folder = wire();
        let output = folder.run(&format!("{command} > run.subunit"));
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stdout));
        let stream = fs::read(folder.path().join("run.subunit")).unwrap();
        let mut events = said(&stream);
        for event in &mut events {
            let time = event.as_object_mut().unwrap().remove("timestamp").unwrap();
            assert!(time.as_str().unwrap() > "2026", "{command}: {time}");
        }
        assert_eq!(events, expected(), "{command}");
        assert!(items(&stream).all(|item| matches!(item, Item::Packet(_))), "{command}");
        let counts = folder.run("subunit stats --json run.subunit").stdout;
        let counts: Value = serde_json::from_slice(&counts).unwrap();
        let counts = ["tests", "success", "fail", "skip"].map(|key| counts[key].as_u64());
        assert_eq!(counts, [3, 1, 1, 1].map(Some), "{command}");
    }
}

fn wire() -> Folder {
    let folder = Folder::new();
    let from = root().join("docs/wire/.");
    let status = Command::new("cp").arg("-R").arg(from).arg(folder.path()).status().unwrap();
    assert!(status.success());
    folder
}

#[cfg(any(feature = "python-tests", feature = "runner-tests"))]
mod readers {
    use std::process::Stdio;

    use super::*;

    /// Streams that bits, bytes and pieces were changed in, lost from and put into, one after another; and the
    /// vectors of the protocol, many of which are damaged on purpose.
    fn damaged() -> Vec<u8> {
        let read = |path: &str| fs::read(root().join("tests/data").join(path)).unwrap();
        let intact = [read("mixed.subunit"), read("stestr-last-concurrency2.subunit")].concat();
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed >> 33).unwrap() % below
        };
        let mut all = Vec::new();
        for _ in 0..60 {
            let mut stream = intact.clone();
            for _ in 0..=random(7) {
                let at = random(stream.len() - 40);
                match random(4) {
                    0 => stream[at] ^= 1 << random(8),
                    1 => stream[at] = 0xb3,
                    2 => drop(stream.drain(at..at + random(40))),
                    _ => {
                        let noise: Vec<u8> =
                            (0..random(40)).map(|_| u8::try_from(random(256)).unwrap()).collect();
                        stream.splice(at..at, noise);
                    }
                }
            }
            all.extend(stream);
        }
        let vectors = fs::read(root().join("subunit-core/tests/data/decode.json")).unwrap();
        let vectors: Value = serde_json::from_slice(&vectors).unwrap();
        for vector in vectors.as_array().unwrap() {
            let hex = vector["hex"].as_str().unwrap();
            let bytes = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
            all.extend(bytes.map(|byte| u8::from_str_radix(byte, 16).unwrap()));
            all.push(b'\n');
        }
        all
    }

    #[test]
    fn readers_find_in_damaged_streams_what_the_decoder_finds() {
        let stream = damaged();
        let expected = said(&stream);
        let damage = items(&stream).filter(|item| matches!(item, Item::Damage(_))).count();
        assert!(
            expected.len() > 5000 && damage > 200,
            "{} events, {damage} damaged",
            expected.len()
        );
        for (program, is_run) in [
            (["python3", "read.py"], cfg!(feature = "python-tests")),
            (["node", "read.js"], cfg!(feature = "runner-tests")),
        ] {
            if !is_run {
                continue;
            }
            let folder = wire();
            let path = folder.path().join("damaged.subunit");
            fs::write(&path, &stream).unwrap();
            let mut command = Command::new(program[0]);
            command.arg(folder.path().join(program[1])).stdin(fs::File::open(&path).unwrap());
            let output = command.stderr(Stdio::inherit()).output().unwrap();
            let lines = String::from_utf8(output.stdout).unwrap();
            let events: Vec<Value> =
                lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let differs = expected.iter().zip(&events).find(|(one, other)| one != other);
            assert_eq!(differs, None, "{program:?}");
            assert_eq!(events.len(), expected.len(), "{program:?}");
        }
    }
}
