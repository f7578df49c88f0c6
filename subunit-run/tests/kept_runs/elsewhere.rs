//! Runs in other formats, smaller, in other histories, in one file, and run again.

use std::{fs, process::Stdio};

use serde_json::Value;

use crate::support::{Place, SECOND, stream, two_runs};

#[test]
fn a_run_is_written_in_other_formats() {
    let place = two_runs();
    for (line, wanted) in [
        ("history export @2 --as junit", "<testcase "),
        ("history export @2 --as jsonl", "\"test_id\":\"b\""),
        ("history export @2 --as csv", "b,"),
        ("history export @2 --as tap", "not ok "),
    ] {
        let (exit, text, said) = place.say(line);
        assert_eq!((exit, &*said), (Some(0), ""), "{line}");
        assert!(text.contains(wanted), "{line}: {text}");
    }
    let third = stream(SECOND);
    place.say_to("load", &third);
    let output = place.command("history export 3").stdin(Stdio::null()).output().unwrap();
    assert!(output.stdout == third);
    assert_eq!(place.say("history export @1 --as junit -o one.xml").0, Some(0));
    assert!(fs::read_to_string(place.path("one.xml")).unwrap().contains("<testcase "));
    let (exit, _, said) = place.say("history export @1 -o one.xml");
    assert_eq!(exit, Some(2));
    assert!(said.contains("one.xml: File exists"), "{said}");
    let (exit, _, said) = place.say("history export @1 --as nope");
    assert_eq!((exit, said.lines().count()), (Some(2), 1));
    assert!(said.contains("use subunit, junit, html, "), "{said}");
}

#[test]
fn runs_become_smaller_move_and_are_packed() {
    let place = two_runs();
    let (exit, text, _) = place.say("history thin @1");
    assert_eq!((exit, &*text), (Some(0), "@1 stays as it is: it would not be smaller\n"));
    assert_eq!(place.say("history thin").0, Some(2));
    let (exit, text, _) = place.say("history pack kept.pack --keep 5");
    assert_eq!(exit, Some(0));
    assert!(text.starts_with("2 runs, "), "{text}");
    let other = Place::new();
    let packed = place.path("kept.pack");
    let line = format!("history unpack {}", packed.display());
    assert_eq!(other.say(&line).1, "2 runs, 2 of them new\n");
    assert_eq!(other.say(&line).1, "2 runs, 0 of them new\n");
    assert_eq!(other.say("failing --list").1, "b\n");
    let (exit, text, _) = place.say("history move @1 archive");
    assert_eq!((exit, &*text), (Some(0), "@1 moved\n"));
    let runs = place.json("history list --history archive --json");
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1);
    assert_eq!(place.json("broken --json")["tests"][0]["since"], 2);
    assert_eq!(place.say("history check").0, Some(0));
    for (line, wanted) in [
        ("history move @2 .subunit", ".subunit is the history that the runs are in"),
        ("history unpack missing", "missing: No such file or directory"),
        ("history pack missing/x", "missing/x: No such file or directory"),
        ("history thin @7", "there is no run @7"),
    ] {
        let (exit, text, said) = place.say(line);
        assert_eq!((exit, &*text, said.lines().count()), (Some(2), "", 1), "{line}: {said}");
        assert!(said.contains(wanted), "{line}: {said}");
    }
}

#[test]
fn what_failed_runs_again() {
    let place = Place::new();
    fs::write(
        place.path("subunit.toml"),
        "test_command = 'sh tests.sh $LISTOPT $IDOPTION'\ntest_list_option = '--list'\n\
         test_id_option = '$IDFILE'\nconcurrency = 1\n",
    )
    .unwrap();
    let script = "case $1 in --list) set -- a b c; word=exists;; '') set -- a b c;; *) set -- $(cat $1);; esac\n\
                  for id in \"$@\"; do\n\
                  if [ \"$word\" ]; then status=exists; elif [ $id = b ] && [ -e broken ]; then status=fail; else status=success; fi\n\
                  printf '{\"type\":\"event\",\"test_id\":\"%s\",\"status\":\"%s\",\"runnable\":true,\"eof\":false}\\n' $id $status\n\
                  done\n";
    fs::write(place.path("tests.sh"), script).unwrap();
    fs::write(place.path("broken"), "").unwrap();
    assert_eq!(place.say("run --plain").0, Some(1), "{:?}", place.say("run"));
    fs::remove_file(place.path("broken")).unwrap();
    let results = |place: &Place| -> Vec<Value> {
        let runs = place.json("history list --json")["runs"].as_array().unwrap().clone();
        runs.iter().map(|run| run["tests"].clone()).collect()
    };
    let before = results(&place).len();
    assert_eq!(place.say("rerun @1").0, Some(0));
    assert_eq!((results(&place).len(), &results(&place)[0]), (before + 1, &Value::from(1)));
    assert_eq!(place.say("failing").0, Some(0));
    assert_eq!(place.say("rerun --all @1").0, Some(0));
    assert_eq!(results(&place)[0], Value::from(3));
    let (exit, _, said) = place.say("rerun");
    assert_eq!(exit, Some(4));
    assert!(said.contains("is to run again"), "{said}");
}

#[test]
fn old_runs_go_as_the_configuration_says() {
    let place = Place::new();
    let configure = |history: &str| {
        let text = format!("test_command = 'true'\n[history]\n{history}\n");
        fs::write(place.path("subunit.toml"), text).unwrap();
    };
    let runs = |line: &str| place.json(line)["runs"].as_array().unwrap().len();
    configure("keep = 2");
    for _ in 0..4 {
        assert_eq!(place.say_to("load", &stream("a. b.")).2, "");
    }
    assert_eq!(runs("history list --json"), 2);
    configure("keep = 1\nmove_to = 'archive'");
    assert_eq!(place.say("run --plain -- true").0, Some(4));
    // The last run, and the last one that passed.
    assert_eq!(runs("history list --json"), 2);
    assert_eq!(runs("history list --history archive --json"), 1);
    assert_eq!(place.say("history check").0, Some(0));
    // Where they are is no other history: nothing is lost.
    configure("keep = 1\nmove_to = '.subunit'");
    for _ in 0..2 {
        let said = place.say_to("load", &stream("a. b.")).2;
        assert!(
            said.contains("old runs stay: ") && said.contains("the history that the runs are in"),
            "{said}"
        );
    }
    assert_eq!(runs("history list --json"), 4);
    assert_eq!(place.say("history check").0, Some(0));
    configure("keep = 0");
    let (exit, _, said) = place.say_to("load", &stream("a. b."));
    assert_eq!((exit, said.lines().count()), (Some(0), 1));
    assert!(
        said.contains("old runs stay: subunit.toml:3: history.keep: must be a whole"),
        "{said}"
    );
    configure("max_size = '1X'");
    let (_, _, said) = place.say_to("load", &stream("a. b."));
    assert!(said.contains("history.max_size: use a number of bytes"), "{said}");
}

/// A folder of scripts is named by a person. No file of a runner says that it is one.
#[cfg(unix)]
#[test]
fn the_command_of_an_earlier_run_is_named_and_not_run() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    fs::create_dir(place.path("it's $d")).unwrap();
    for (name, exit) in [("good", 0), ("bad", 1)] {
        let script = place.path("it's $d").join(name);
        fs::write(&script, format!("#!/bin/sh\nexit {exit}\n")).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut run = place.command("run --plain --jobs 1 --");
    assert_eq!(run.arg("it's $d").output().unwrap().status.code(), Some(1));
    // A stream that was loaded may say any command.
    let (exit, text, said) = place.say("rerun");
    assert_eq!((exit, text.as_str()), (Some(2), ""), "{said}");
    assert!(
        said.contains("as in `subunit run --failing -- COMMAND`; the command of that run was: "),
        "{said}"
    );
    let mut failing = place.command("run --plain --jobs 1 --failing --");
    let again = failing.arg("it's $d").output().unwrap();
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    let (_, text, _) = place.say("last");
    assert!(text.ends_with("\n1 test, 1 failed\n"), "{text}");
}
