//! Results that would not be the same again: `[[test]]` of a configuration, in the verbs.

use std::fs;

use serde_json::Value;
use subunit_core::{Item, conventions::INPUTS, items};

use crate::{
    schema_support::{check, schema},
    support::{Place, undated},
};

/// A project whose tests pass while there is no file of their name and `.bad`.
fn project(tables: &str) -> Place {
    let place = Place::new();
    let script = "for t in $1; do if [ -e $t.bad ]; then s=fail; else s=success; fi\n\
                  printf '{\"type\":\"event\",\"test_id\":\"%s\",\"status\":\"%s\",\"runnable\":true,\"eof\":false}\\n' $t $s\n\
                  done\n";
    fs::write(place.path("tests.sh"), script).unwrap();
    configure(&place, tables);
    fs::create_dir(place.path("src")).unwrap();
    fs::write(place.path("src/a.c"), "one").unwrap();
    place
}

fn configure(place: &Place, tables: &str) {
    let text = format!(
        "test_command = \"sh tests.sh '$IDLIST'\"\ntest_id_list_default = 'one two three'\n\
         test_id_option = '-'\nconcurrency = 1\n{tables}"
    );
    fs::write(place.path("subunit.toml"), text).unwrap();
}

const TABLES: &str = "[[test]]\nmatch = '^one'\ninputs = ['src/*.c', 'tests.sh']\n\
                      [[test]]\nmatch = '^two'\nneeds = ['^one$']\n";

#[test]
fn results_become_stale_and_run_again() {
    let place = project(TABLES);
    let (exit, _, said) = place.say("run --plain");
    assert_eq!(exit, Some(0), "{said}");
    let run = place.command("history show @1 --subunit").output().unwrap();
    let told = told_inputs(&run.stdout);
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[0]["files"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["src/a.c", "tests.sh"]
    );
    let (exit, text, said) = place.say("history stale");
    assert_eq!((exit, &*text), (Some(0), ""), "{said}");
    assert!(said.contains("no result is stale"), "{said}");
    assert_eq!(place.say("rerun --stale").0, Some(4));
    fs::write(place.path("src/a.c"), "two").unwrap();
    let (exit, text, _) = place.say("history stale");
    let lines =
        "success  @1  one  src/a.c has changed\nsuccess  @1  two  one, which it needs, is stale\n";
    assert_eq!((exit, &*text), (Some(1), lines));
    assert_eq!(place.say("history stale --list").1, "one\ntwo\n");
    let json = place.json("history stale --json");
    assert_eq!(json["tests"][0]["stale"], "src/a.c has changed");
    // What is stale of itself runs, and all that need it where that is asked for.
    let (exit, text, said) = place.say("rerun --stale");
    assert_eq!(exit, Some(0), "{text}{said}");
    assert_eq!(place.say("history stale").0, Some(0));
    let tests = |place: &Place| place.json("last --json")["run"]["tests"].clone();
    assert_eq!(tests(&place), 1);
    fs::write(place.path("src/b.c"), "").unwrap();
    assert!(place.say("history stale").1.contains("@2  one  src/b.c is new\n"));
    assert_eq!(place.say("rerun --stale --downstream").0, Some(0));
    assert_eq!(tests(&place), 2);
    assert_eq!(place.say("history stale").0, Some(0));
    assert_eq!(place.say("rerun @1 --all --downstream").0, Some(0));
    assert_eq!(place.say("history check").0, Some(0));
    configure(&place, &format!("[environment]\nA = 'x'\n{TABLES}"));
    let (_, text, _) = place.say("history stale");
    assert!(text.contains("one  the configuration has changed\n"), "{text}");
}

/// What a stream says of the inputs of tests, as the schema describes it.
fn told_inputs(stream: &[u8]) -> Vec<Value> {
    let mut told = Vec::new();
    let events = items(stream).filter_map(|item| match item {
        Item::Packet(packet) => packet.event().file.filter(|file| file.name == INPUTS),
        _ => None,
    });
    for file in events {
        let value = serde_json::from_slice(file.bytes).unwrap();
        check(&schema("inputs.json"), &value, INPUTS);
        told.push(value);
    }
    told
}

#[test]
fn a_failure_that_is_stale_is_shown_as_one() {
    let place = project(TABLES);
    fs::write(place.path("one.bad"), "").unwrap();
    assert_eq!(place.say("run --plain").0, Some(1));
    assert!(!place.say("last").1.contains("stale") && !place.say("failing").1.contains("stale"));
    fs::write(place.path("src/a.c"), "two").unwrap();
    let (_, text, _) = place.say("last");
    assert!(text.contains("      stale: src/a.c has changed\n"), "{text}");
    let (_, text, _) = place.say("failing");
    assert!(
        undated(&text).starts_with("fail  @1 (new)  stale: src/a.c has changed  one"),
        "{text}"
    );
    for line in ["failing --json", "last --json", "history show @1 --json"] {
        let json = place.json(line);
        let tests = if json["tests"].is_null() { &json["failures"] } else { &json["tests"] };
        assert_eq!(tests[0]["stale"], "src/a.c has changed", "{line}");
    }
    // A run before the last one is not asked.
    assert_eq!(place.say("run --plain").0, Some(1));
    assert!(!place.say("history show @1").1.contains("stale"));
    // Without the configuration nobody knows, and the failures are shown.
    configure(&place, "[[test]]\nmatch = '('\n");
    let (exit, text, said) = place.say("last");
    assert_eq!(exit, Some(1));
    assert!(text.contains("fail  one\n"), "{text}");
    assert!(
        said.contains("which results are stale is not known: subunit.toml:6: test.match"),
        "{said}"
    );
}

#[test]
fn what_is_wrong_with_inputs_is_told_in_one_line() {
    let place = project("[[test]]\nmatch = 'one'\ninputs = 'none/*.c'\n");
    let (exit, _, said) = place.say("run --plain");
    assert_eq!(exit, Some(0));
    assert!(
        said.contains("subunit.toml:5: test.inputs: there is no file of the name none/*.c"),
        "{said}"
    );
    for (tables, wanted) in [
        ("", "there is no [[test]] in the subunit.toml of this folder"),
        ("[[test]]\ninputs = 'x'\n", "subunit.toml:5: test: there is no `match`"),
        ("[[test]]\nmatch = 'x'\nneeds = ['(']\n", "subunit.toml:7: test.needs: `(`"),
        ("[[test]]\nmatch = 'x'\nneed = 'y'\n", "did you mean `needs`?"),
    ] {
        configure(&place, tables);
        for verb in ["history stale", "rerun --stale"] {
            let (exit, text, said) = place.say(verb);
            assert_eq!((exit, &*text, said.lines().count()), (Some(2), "", 1), "{verb}: {said}");
            assert!(said.contains(wanted), "{verb}: {said}");
        }
    }
    fs::remove_file(place.path("subunit.toml")).unwrap();
    let (exit, _, said) = place.say("history stale");
    assert_eq!(exit, Some(2));
    assert!(said.contains("there is no subunit.toml in this folder"), "{said}");
}
