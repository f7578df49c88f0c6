//! Every traditional name, on input that holds nothing and on input that is damaged.

use std::{fs, path::Path};

use subunit_filters::commands::ELSEWHERE;

use super::{cases::Case, compare::panicked, fresh, run};

/// A packet of a test that passed, one of which the checksum is wrong, and one that was cut off.
const DAMAGED: &[u8] =
    b"\xb3\x29\x03\x0c\x03foo\x45\x9d\xfe\x10\n\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1c\
\n\xb3\x29\x01\x0c\x03fo";

fn start(links: &Path, words: &[&str], stdin: &[u8]) -> super::Run {
    let case = Case {
        name: format!("names-{}", words[0]),
        argv: words.iter().map(|word| (*word).to_owned()).collect(),
        stdin: stdin.to_vec(),
        ..Case::default()
    };
    run(&case, links)
}

#[test]
fn no_name_panics_or_is_green_on_damage() {
    let links = fresh("names-links");
    let made = start(
        Path::new(env!("CARGO_BIN_EXE_subunit")).parent().unwrap(),
        &["subunit", "links", links.to_str().unwrap()],
        b"",
    );
    assert_eq!(made.status, Some(0));
    // The verbs, beside the traditional names.
    fs::hard_link(env!("CARGO_BIN_EXE_subunit"), links.join("subunit")).unwrap();
    let mut names: Vec<String> = fs::read_dir(&links)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "subunit")
        // Those of other programs have tests of their own.
        .filter(|name| !ELSEWHERE.iter().any(|other| other.tools.contains(&name.as_str())))
        .collect();
    names.sort();
    assert!(names.len() >= 9, "{names:?}");
    for name in &names {
        let empty = start(&links, &[name], b"");
        assert!(!panicked(&empty), "{name} on nothing");
        let damaged = start(&links, &[name], DAMAGED);
        assert!(!panicked(&damaged), "{name} on damage");
        let green = match name.as_str() {
            // These read no stream of packets.
            "subunit-output" | "tap2subunit" | "gojson2subunit" | "junitxml2subunit"
            | "subunit-combine" => false,
            // What they write tells it.
            "subunit-filter" | "subunit-tags" | "subunit-1to2" | "subunit-2to1" => {
                let next = start(&links, &["subunit", "stats"], &damaged.stdout);
                next.status != Some(1)
            }
            "subunit2disk" => {
                let json = damaged.place.join("subunit.parser/test.json");
                !fs::read_to_string(json).unwrap().contains(r#""status": "fail""#)
            }
            _ => damaged.status != Some(1),
        };
        assert!(!green, "{name} is green: {:?}", damaged.status);
    }
}

#[test]
fn nothing_is_no_test_to_the_verb_and_green_to_the_traditional_name() {
    let links = super::links(["subunit", "subunit-stats"], "nothing-links");
    assert_eq!(start(&links, &["subunit-stats"], b"").status, Some(0));
    assert_eq!(start(&links, &["subunit", "stats"], b"").status, Some(4));
}

#[test]
fn what_cannot_be_done_is_said_on_one_line() {
    let links = super::links(["subunit-filter", "subunit", "subunit-ls"], "bad-links");
    for words in [
        &["subunit-filter", "--with", "("][..],
        &["subunit-filter", "--without", "a(?!b)"],
        &["subunit-filter", "--rename", "a", "\\9"],
        &["subunit-filter", "--fixup-expected-failures", "missing"],
        &["subunit-ls", "missing"],
        &["subunit", "filter", "--id", "["],
        &["subunit", "filter", "--load-list", "missing"],
        &["subunit", "filter", "missing"],
        &["subunit", "links", "/dev/null/here"],
    ] {
        let run = start(&links, words, b"");
        let stderr = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status, Some(2), "{words:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{words:?}: {stderr}");
    }
}
