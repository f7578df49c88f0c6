//! What is shown of runs, and written for programs.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;
use subunit_core::run::Summary;

use crate::support::{FIRST, Place, SECOND, stream, two_runs, undated};

#[test]
fn what_was_loaded_is_shown() {
    let place = two_runs();
    let (exit, text, _) = place.say("last");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(exit, Some(1));
    assert!(lines[0].starts_with("@2 default: failed, 20"), "{text}");
    assert_eq!(
        lines[1..],
        ["fail  b", "      why 17", "3 tests, 1 failed, 1 skipped, 1 newly broken"]
    );
    let (exit, text, said) = place.say("failing");
    assert_eq!((exit, &*undated(&text), &*said), (Some(1), "fail  @2  b  why 17\n", ""));
    assert_eq!(place.say("failing --list").1, "b\n");
    assert_eq!(undated(&place.say("broken").1), "since @2  good @1  -  b\n");
    let (exit, text, said) = place.say("flaky");
    assert_eq!((exit, &*text, &*said), (Some(0), "", "subunit flaky: no test is flaky\n"));
    let (_, text, _) = place.say("history list -n 1");
    assert!(
        text.starts_with("@2  ") && text.ends_with("  1 newly broken\n") || text.contains("@2"),
        "{text}"
    );
    let (exit, text, _) = place.say("history diff @1");
    assert_eq!(exit, Some(1));
    let end = "@1 to @2: 1 newly failing, 0 fixed, 0 still failing, 1 new, 1 gone\n";
    assert!(text.starts_with("newly failing  fail     b\n") && text.ends_with(end), "{text}");
    assert_eq!(place.say("history diff").1, text, "the last run and the one before");
    let (exit, _, said) = place.say("history diff --series nothing");
    assert!(exit == Some(2) && said.contains("there is no run @last"), "{said}");
    let (exit, text, _) = place.say("history trends");
    assert_eq!(exit, Some(0));
    assert!(text.contains("2 runs  1 failed  16.67% of results bad  1 newly broken\n"), "{text}");
    assert!(text.contains("1 newly broken  1 failure  (none)\n"), "{text}");
    let (exit, text, _) = place.say("history clusters");
    assert_eq!((exit, &*text), (Some(0), "1 test  1 failure  @2  why N\n      b\n"));
    let (exit, text, said) = place.say("history clusters @1");
    assert_eq!((exit, &*text, &*said), (Some(0), "", "subunit history: no test failed\n"));
    let (exit, text, _) = place.say("history grid");
    assert_eq!((exit, &*text), (Some(0), "21\nF.  b\n"));
    assert_eq!(place.say("history grid -n 1 d").1, "2\ns  d\n");
    let (_, text, _) = place.say("history test b");
    assert!(text.ends_with("b: 2 runs, 1 failed, p50 0.000s, p95 0.000s\n"), "{text}");
    let (exit, text, _) = place.say("history show @1");
    assert_eq!(exit, Some(0), "{text}");
    let (exit, text, _) = place.say("history check");
    assert_eq!((exit, &*text), (Some(0), "2 runs, 6 results: all as their streams say\n"));
}

#[test]
fn streams_come_back() {
    let place = two_runs();
    for (line, results) in
        [("last --subunit", 3), ("history show 1 --subunit", 3), ("failing --subunit", 1)]
    {
        let output = place.command(line).stdin(Stdio::null()).output().unwrap();
        let mut summary = Summary::new();
        subunit_core::read(&output.stdout[..], &mut summary).unwrap();
        assert_eq!(summary.counts().results(), results, "{line}");
    }
}

#[test]
fn what_is_written_for_programs_is_as_its_schema_says() {
    let place = two_runs();
    assert_eq!(place.json("last --json")["failures"][0]["message"], "why N");
    assert_eq!(place.json("failing --json")["tests"][0]["since"], 2);
    let broken = place.json("broken --json");
    assert_eq!(broken["tests"][0]["last_good"], 1);
    assert_eq!(place.json("flaky --json")["tests"], Value::Array(vec![]));
    assert_eq!(place.json("slowest --json")["version"], 1);
    assert_eq!(place.json("history list --json")["runs"][1]["verdict"], "passed");
    assert_eq!(place.json("history show 2 --json")["run"]["newly_broken"], 1);
    assert_eq!(place.json("history test b --json")["tests"][0]["runs"][1]["status"], "fail");
    assert_eq!(place.json("history trends --json")["weeks"][0]["failures"], 1);
    assert_eq!(place.json("history clusters --json")["clusters"][0]["message"], "why N");
    let grid = place.json("history grid --json");
    assert_eq!(grid["tests"][0]["statuses"], serde_json::json!(["fail", "success"]));
    assert_eq!(grid["runs"][0]["id"], 2);
    assert_eq!(place.json("history diff 1 2 --json")["newly_failing"][0]["test"], "b");
    assert_eq!(place.json("history check --json")["checked_results"], 6);
    assert_eq!(place.json("history prune --keep 1 --json")["runs"], Value::Array(vec![]));
    fs::write(place.path("x.tap"), "TAP version 13\nnot ok 1 - a\nok 2 - b\n1..2\n").unwrap();
    assert_eq!(place.json("load --json x.tap")["runs"][0]["fail"], 1);
}

#[test]
fn runs_are_removed_pinned_and_pruned() {
    let place = two_runs();
    for _ in 0..3 {
        place.say_to("load", &stream(FIRST));
    }
    assert_eq!(place.say("history pin 2").1, "@2 stays\n");
    let (exit, text, _) = place.say("history prune --keep 1 --dry-run");
    assert_eq!((exit, text.lines().count()), (Some(0), 3));
    let (_, text, _) = place.say("history prune --keep 1");
    assert!(text.lines().all(|line| line.ends_with(" removed")), "{text}");
    assert_eq!(place.json("history list --json")["runs"].as_array().unwrap().len(), 2);
    assert_eq!(place.say("history pin --off 2").1, "@2 may be pruned\n");
    assert_eq!(place.say("history remove @2").1, "@2 removed\n");
    assert_eq!(place.say("history reindex").1, "1 run\n");
    assert_eq!(place.say("history check").0, Some(0));
}

#[test]
fn several_files_are_several_runs_and_one_that_cannot_be_read_is_told() {
    let place = Place::new();
    fs::write(place.path("a.subunit"), stream(FIRST)).unwrap();
    fs::write(place.path("b.subunit"), stream(SECOND)).unwrap();
    let (exit, text, said) = place.say("load a.subunit missing b.subunit --series main");
    assert_eq!(exit, Some(2));
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("@2 main: "), "{text}");
    assert!(said.contains("missing: No such file or directory"), "{said}");
    assert_eq!(place.say("failing --series main").0, Some(1));
    assert_eq!(place.say("last --series other").0, Some(2));
}

#[test]
fn of_a_file_that_there_is_no_room_for_nothing_is_kept_and_of_a_pipe_what_came() {
    let place = two_runs();
    let mut big = stream(FIRST);
    big.resize(1 << 20, b'x');
    fs::write(place.path("big"), big).unwrap();
    let load = |from: &str| {
        let script = format!("trap '' XFSZ; ulimit -f 256; exec \"$0\" load {from}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_subunit-run")]);
        let output = shell.current_dir(place.path("")).env_remove("SUBUNIT_HISTORY").output();
        let said = String::from_utf8(output.unwrap().stderr).unwrap();
        assert!(said.contains(".part: File too large"), "{said}");
    };
    load("big");
    let files = fs::read_dir(place.path(".subunit/runs")).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert!(files.iter().all(|file| file.extension().unwrap() == "zst"), "{files:?}");
    load("< big");
    let (_, text, said) = place.say_to("load", &stream(FIRST));
    assert!(said.contains("a run that was cut short is kept as @3: 3 tests"), "{said}");
    assert!(text.starts_with("@4 "), "{text}");
    assert_eq!(place.say("history check").0, Some(0));
}

#[test]
fn a_history_whose_making_failed_is_none_yet() {
    let place = Place::new();
    fs::create_dir(place.path(".subunit")).unwrap();
    fs::write(place.path(".subunit/history.db"), "").unwrap();
    let said = place.say("history list").2;
    assert!(said.contains("no history"), "{said}");
    assert_eq!(place.say_to("load", &stream(FIRST)).0, Some(0));
    assert_eq!(place.say("history check").0, Some(0));
}

#[test]
fn a_run_file_moves_from_one_history_to_another() {
    let (from, to) = (two_runs(), Place::new());
    let run = from.json("history show 2 --json")["run"]["uuid"].as_str().unwrap().to_owned();
    let file = from.path(&format!(".subunit/runs/{run}.sub.zst"));
    let line = format!("load {}", file.display());
    let (exit, text, _) = to.say(&line);
    assert_eq!(
        (exit, &*text),
        (Some(1), "@1 default: 3 tests, 1 failed, 1 skipped, 1 newly broken\n")
    );
    assert_eq!(to.json("last --json")["run"]["uuid"], *run);
    assert!(to.say(&line).1.ends_with(", known before\n"));
    assert_eq!(to.say("history check").0, Some(0));
}

#[test]
fn the_folder_is_named_by_an_option_a_variable_or_custom() {
    let place = Place::new();
    for (line, variable, folder) in [
        ("load", None, ".subunit"),
        ("load", Some("named"), "named"),
        ("load --history mine", Some("named"), "mine"),
    ] {
        let mut command = place.command(line);
        command.envs(variable.map(|name| ("SUBUNIT_HISTORY", name)));
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&stream(FIRST)).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0));
        assert_eq!(fs::read_dir(place.path(folder).join("runs")).unwrap().count(), 1, "{folder}");
    }
}

#[test]
fn what_is_wrong_is_told_in_one_line() {
    let empty = Place::new();
    let place = two_runs();
    let index = place.path("newer/history.db");
    fs::create_dir(place.path("newer")).unwrap();
    fs::copy(place.path(".subunit/history.db"), &index).unwrap();
    let bytes = fs::read(&index).map(|mut bytes| {
        // Where SQLite keeps the version of a user.
        bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
        bytes
    });
    fs::write(&index, bytes.unwrap()).unwrap();
    for (place, line, wanted) in [
        (
            &empty,
            "last",
            ".subunit: there is no history: `subunit run` and `subunit load` make one",
        ),
        (&empty, "history check", "there is no history"),
        (&place, "history show 7", "there is no run 7: use a number such as @12"),
        (&place, "history remove 7", "there is no run 7"),
        (&place, "history test x", "no run has the test x"),
        (&place, "history prune", "is missing"),
        (&place, "history prune --max-size 1X", "use a number of bytes, or one with K, M, G or T"),
        (&place, "history nope", "nope"),
        (&place, "last --history newer", "of version 99, and this program knows version 5"),
        (&place, "load --history newer", "of version 99, and this program knows version 5"),
        (&place, "slowest x", "there is no run x"),
        (&place, "failing --list --json", "cannot be used with"),
    ] {
        let (exit, text, said) = place.say(line);
        assert_eq!((exit, &*text), (Some(2), ""), "{line}");
        assert_eq!(said.lines().count(), 1, "{line}: {said}");
        assert!(said.contains(wanted), "{line}: {said}");
    }
    assert!(!empty.path(".subunit").exists());
}
