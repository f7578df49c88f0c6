//! What is written for programs is as `docs/schemas` says, key by key.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../command_support/mod.rs"]
mod command_support;
mod schema;
mod streams;
#[cfg(unix)]
mod written;

use std::{collections::BTreeSet, fs};

use schema::{Schema, folder};
use serde_json::{Value, json};
use streams::{Stream, streams};
use subunit_filters::commands::VERBS;

/// What a verb writes to standard output.
fn written(words: &[&str], stdin: &[u8]) -> Vec<u8> {
    command_support::run(VERBS, words, stdin, usize::MAX).1
}

/// The names of all schemas.
fn schemas() -> BTreeSet<String> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let schemas = files.filter(|file| file.extension().is_some_and(|end| end == "json"));
    schemas.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Each schema and each key of one says in words what it is.
#[test]
fn schemas_say_what_they_are() {
    fn described(part: &Value, of: &str) {
        for (key, part) in part.as_object().into_iter().flatten() {
            if key == "properties" {
                for (name, part) in part.as_object().unwrap() {
                    let is_described =
                        part.get("description").is_some() || part.get("const").is_some();
                    assert!(is_described || part.get("$ref").is_some(), "{of}: {name}");
                }
            }
            described(part, of);
        }
    }
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    for name in schemas() {
        let root = Schema::read(&name).root;
        assert_eq!(root["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert!(root["title"].is_string() && root["description"].is_string(), "{name}");
        assert!(root.get("$id").is_none(), "{name}");
        assert!(readme.contains(&format!("[{name}.json]({name}.json)")), "README.md: {name}");
        described(&root, &name);
    }
}

#[test]
fn stats_are_as_their_schema_says() {
    let mut schema = Schema::read("stats");
    let baseline = streams::file("failed");
    for Stream { name, bytes, .. } in streams() {
        for words in [
            &["stats", "--json"][..],
            &["stats", "--json", "--flaky", "fail"],
            &["stats", "--json", "--baseline", baseline],
        ] {
            assert_eq!(schema.check_lines(&written(words, bytes), name), 1, "{name}");
        }
    }
    assert_eq!(schema.unseen(), [""; 0]);
}

#[test]
fn lists_are_as_their_schema_says() {
    let mut schema = Schema::read("ls");
    let baseline = streams::file("failed");
    for Stream { name, bytes, .. } in streams() {
        for words in [&["ls"][..], &["ls", "--exists"], &["ls", "--baseline", baseline]] {
            let listed = written(words, bytes);
            let words = [words, &["--json"]].concat();
            let lines = schema.check_lines(&written(&words, bytes), name);
            assert_eq!(lines, listed.iter().filter(|byte| **byte == b'\n').count(), "{name}");
        }
    }
    assert_eq!(schema.unseen(), [""; 0]);
}

#[test]
fn differences_are_as_their_schema_says() {
    let mut schema = Schema::read("diff");
    let streams = streams();
    for old in streams {
        for new in streams {
            let words = ["diff", "--json", &old.file, &new.file];
            let of = format!("{} {}", old.name, new.name);
            assert_eq!(schema.check_lines(&written(&words, b""), &of), 1, "{of}");
        }
    }
    assert_eq!(schema.unseen(), [""; 0]);
}

#[test]
fn json_lines_are_as_their_schema_says() {
    let mut schema = Schema::read("jsonl");
    for Stream { name, bytes, .. } in streams() {
        schema.check_lines(&written(&["to-jsonl"], bytes), name);
    }
    let mut vectors = 0;
    for bytes in streams::vectors() {
        vectors += schema.check_lines(&written(&["to-jsonl"], &bytes), "vectors");
    }
    assert!(vectors > 500, "{vectors}");
    assert_eq!(schema.unseen(), [""; 0]);
}

/// The check itself can fail.
#[test]
fn what_a_schema_does_not_say_is_wrong() {
    let schema = json!({
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": { "type": ["integer", "null"], "minimum": 1 },
            "b": { "type": "array", "items": { "$ref": "#/$defs/word" } },
            "c": { "oneOf": [{ "const": true }, { "type": "string" }] }
        },
        "$defs": { "word": { "enum": ["x", "y"] } }
    });
    let check = |value: Value| Schema::of(schema.clone()).check(&value);
    for right in [
        json!({ "a": 1 }),
        json!({ "a": null, "b": ["x", "y"], "c": true }),
        json!({ "a": 2, "c": "" }),
    ] {
        assert_eq!(check(right.clone()), Ok(()), "{right}");
    }
    for wrong in [
        json!([]),
        json!({}),
        json!({ "a": 0 }),
        json!({ "a": 1.5 }),
        json!({ "a": "1" }),
        json!({ "a": 1, "b": "x" }),
        json!({ "a": 1, "b": ["z"] }),
        json!({ "a": 1, "c": false }),
        json!({ "a": 1, "more": 1 }),
    ] {
        assert!(check(wrong.clone()).is_err(), "{wrong}");
    }
    let two = Schema::of(json!({ "oneOf": [{ "type": "number" }, { "type": "integer" }] }))
        .check(&json!(1));
    assert!(two.unwrap_err().contains("2 of 2 hold"));
    let unknown = Schema::of(json!({ "maximum": 3 })).check(&json!(1));
    assert!(unknown.unwrap_err().contains("not known"));
    let text = Schema::of(json!({ "pattern": "^[0-9]+$" })).check(&json!("12a"));
    assert!(text.is_err());
    let mut schema = Schema::of(schema);
    schema.check(&json!({ "a": 1, "c": true })).unwrap();
    assert_eq!(schema.unseen(), ["/properties/b"]);
}
