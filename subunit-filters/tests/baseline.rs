//! A run beside an earlier one: every report tells which failures are new, and `--fail-on new` makes only those red.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use std::{fs, path::PathBuf};

use serde_json::Value;
use subunit_filters::{commands::VERBS, exit::Exit};
use tempfile::TempDir;

/// Runs of this test, in files.
struct Runs(TempDir);

impl Runs {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the words, in which `@name` is a file: exit status and standard output.
    fn run(&self, words: &str) -> (Exit, String) {
        let words: Vec<String> = words
            .split_whitespace()
            .map(|word| match word.strip_prefix('@') {
                Some(name) => self.path(name).display().to_string(),
                None => word.to_owned(),
            })
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (exit, stdout, _) = command_support::run(VERBS, &words, b"", usize::MAX);
        (exit, String::from_utf8(stdout).unwrap())
    }

    /// The four numbers and the exit status of `stats`.
    fn stats(&self, words: &str) -> ([u64; 4], Exit) {
        let (exit, json) = self.run(&format!("stats --no-text --json {words}"));
        let json: Value = serde_json::from_str(&json).unwrap();
        (["new", "known", "fixed", "not_run"].map(|key| json[key].as_u64().unwrap()), exit)
    }
}

fn junit(cases: &[(&str, bool)]) -> String {
    let case = |(name, passed): &(&str, bool)| {
        let inner = if *passed { "" } else { "<failure message=\"why\">trace</failure>" };
        format!("<testcase classname=\"m\" name=\"{name}\" time=\"1\">{inner}</testcase>")
    };
    let cases: String = cases.iter().map(case).collect();
    format!("<testsuite name=\"m\" timestamp=\"2024-01-02T03:04:05\">{cases}</testsuite>")
}

/// A failure is known, one is new, one is fixed and one did not run.
fn two_runs() -> Runs {
    let old = junit(&[("known", false), ("fresh", true), ("mended", false), ("absent", false)]);
    let new = junit(&[("known", false), ("fresh", false), ("mended", true)]);
    Runs::new(&[("old.xml", &old), ("new.xml", &new)])
}

#[test]
fn every_report_marks_what_is_new() {
    let runs = two_runs();
    let line = "1 new failure, 1 known, 1 fixed, 1 not run";
    for (verb, new, known) in [
        ("to-junit", "message=\"new: why\"", "name=\"baseline\" value=\"known\""),
        ("to-junit", "name=\"baseline\" value=\"new\"", "message=\"why\""),
        ("to-ctrf", "\"baseline\":\"new\"", "\"baseline\":\"known\""),
        ("to-tap", "\n# new failure\n", "\n# known failure\n"),
        ("to-teamcity", "message='new: why'", "name='baseline' value='known'"),
        ("to-html", "\"new\"]", "\"known\"]"),
        ("to-html", "<i>new</i> <code>m::fresh", "<i>known</i> <code>m::known"),
        ("to-html", "data-word=\"new\">1 new<", "data-word=\"known\">1 known<"),
        ("to-html", line, line),
        ("to-markdown", "failed (new) <code>m::fresh", "failed (known) <code>m::known"),
        ("to-markdown", line, line),
        ("to-github", "title=failed (new)%3A m%3A%3Afresh", "title=failed (known)%3A m%3A%3Aknown"),
        ("to-github", line, line),
        ("to-gitlab", "failed (new)\x1b[0m m::fresh", "failed (known)\x1b[0m m::known"),
        ("to-gitlab", line, line),
        ("to-csv", ",new\r\n", ",known\r\n"),
        ("to-otlp", "{\"stringValue\":\"new\"}", "{\"stringValue\":\"known\"}"),
        ("watch", "m::fresh (new)\n", "m::known (known)\n"),
        ("watch", "m::fresh (new): why\n", "m::known (known): why\n"),
        ("watch", line, line),
        ("watch --brief", "fail (new): m::fresh", "fail (known): m::known"),
        ("stats", line, line),
    ] {
        let (exit, report) = runs.run(&format!("{verb} --baseline @old.xml @new.xml"));
        assert_eq!(exit, Exit::Failed, "{verb}");
        assert_eq!(report.matches(new).count(), 1, "{verb} {new}: {report}");
        assert_eq!(report.matches(known).count(), 1, "{verb} {known}: {report}");
        let (exit, plain) = runs.run(&format!("{verb} @new.xml"));
        assert_eq!(exit, Exit::Failed, "{verb}");
        let is_marked = plain.contains(new)
            || new != known && known != "message=\"why\"" && plain.contains(known);
        assert!(!is_marked, "{verb} without a baseline: {plain}");
    }
}

#[test]
fn known_failures_are_green_where_only_new_ones_fail_and_stay_failures_in_reports() {
    let runs = two_runs();
    for verb in [
        "stats",
        "watch",
        "to-junit",
        "to-ctrf",
        "to-tap",
        "to-teamcity",
        "to-html",
        "to-markdown",
        "to-github",
        "to-gitlab",
        "to-csv",
        "to-otlp",
        "to-jsonl",
        "to-trace",
    ] {
        let exit = |words: &str| runs.run(&format!("{verb} {words}")).0;
        assert_eq!(exit("--baseline @old.xml --fail-on new @new.xml"), Exit::Failed, "{verb}");
        assert_eq!(exit("--baseline @new.xml --fail-on new @new.xml"), Exit::Passed, "{verb}");
        assert_eq!(exit("--baseline @new.xml --fail-on any @new.xml"), Exit::Failed, "{verb}");
        assert_eq!(exit("--baseline @new.xml @new.xml"), Exit::Failed, "{verb}");
    }
    let (_, stats) = runs.run("stats --baseline @new.xml --fail-on new @new.xml");
    assert!(stats.starts_with("PASSED  3 tests in 3.000 s: 2 known failures\n"), "{stats}");
    let (_, junit) = runs.run("to-junit --baseline @new.xml --fail-on new @new.xml");
    assert!(junit.contains(" failures=\"2\""), "{junit}");
    let (_, markdown) = runs.run("to-markdown --baseline @new.xml --fail-on new @new.xml");
    assert!(markdown.contains("PASSED: 3 tests, 1 passed, 2 failed"), "{markdown}");
}

#[test]
fn a_baseline_is_read_in_any_format_and_tests_are_told_apart_by_names_of_routes() {
    let old = junit(&[("a", false), ("b", true)]);
    let both_fail = junit(&[("a", false), ("b", false)]);
    let runs = Runs::new(&[("old.xml", &old), ("new.xml", &both_fail)]);
    for (verb, name) in [("to-jsonl", "old.jsonl"), ("to-ctrf", "old.json"), ("to-tap", "old.tap")]
    {
        let (_, report) = runs.run(&format!("{verb} @old.xml"));
        fs::write(runs.path(name), report).unwrap();
        let found = runs.stats(&format!("--baseline @{name} @new.xml"));
        assert_eq!(found, ([1, 1, 0, 0], Exit::Failed), "{name}");
    }
    // Labels are names of routes: in the baseline, or given to it as to the runs.
    let (_, labelled) = runs.run("to-jsonl --label linux --label mac @old.xml @new.xml");
    fs::write(runs.path("both.jsonl"), labelled).unwrap();
    for (words, numbers) in [
        ("--label mac --baseline @both.jsonl @new.xml", [0, 2, 0, 1]),
        ("--label linux --baseline @both.jsonl @new.xml", [1, 1, 0, 2]),
        ("--label linux --label mac --baseline @both.jsonl @new.xml @old.xml", [1, 2, 1, 0]),
        ("--label linux --baseline @old.xml @new.xml", [1, 1, 0, 0]),
        (
            "--label x --label y --baseline @old.xml --baseline @new.xml @new.xml @new.xml",
            [1, 3, 0, 0],
        ),
        ("--baseline @old.xml --baseline @new.xml @new.xml @new.xml", [1, 3, 0, 0]),
        ("--label x --label y --baseline @old.xml @new.xml @new.xml", [4, 0, 0, 1]),
    ] {
        assert_eq!(runs.stats(words).0, numbers, "{words}");
    }
}

#[test]
fn a_format_that_is_named_is_that_of_a_baseline_whose_format_nobody_finds() {
    let listed = "FAIL: a\nPASS: b\n";
    let runs = Runs::new(&[("old.txt", listed), ("new.txt", "FAIL: a\nFAIL: b\n")]);
    let found = runs.stats("--from automake --baseline @old.txt @new.txt");
    // The totals are missing, which is red in every run.
    assert_eq!(found.0, [2, 1, 0, 0]);
    // What is found out goes first.
    fs::write(runs.path("old.xml"), junit(&[("a", false)])).unwrap();
    let found = runs.stats("--from automake --baseline @old.xml @new.txt");
    assert_eq!(found.0, [3, 0, 0, 1]);
}

#[test]
fn a_test_that_was_flaky_had_passed() {
    let attempt = |number: u32, status: &str| {
        format!(
            "{{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"{status}\",\"tags\":[\"attempt-{number}\"]}}\n"
        )
    };
    let flaky = attempt(1, "fail") + &attempt(2, "success");
    let failed = attempt(1, "fail") + &attempt(2, "fail");
    let runs = Runs::new(&[("flaky", &flaky), ("failed", &failed)]);
    assert_eq!(runs.stats("--baseline @flaky @failed").0, [1, 0, 0, 0]);
    assert_eq!(runs.stats("--baseline @failed @flaky"), ([0, 0, 1, 0], Exit::Passed));
    assert_eq!(runs.stats("--flaky fail --baseline @flaky @flaky").0, [0, 1, 0, 0]);
    let (_, markdown) = runs.run("to-markdown --flaky fail --baseline @failed @flaky");
    assert!(markdown.contains("failed (known)"), "{markdown}");
}

#[test]
fn what_is_wrong_with_the_run_is_red_though_it_was_so_before() {
    let tap = "TAP version 13\n1..2\nnot ok 1 - a\nok 2 - b\n";
    let short = "TAP version 13\n1..3\nnot ok 1 - a\nok 2 - b\n";
    let counts = "<testsuite name=\"s\" tests=\"2\" failures=\"2\"><testcase name=\"a\"><failure/></testcase></testsuite>";
    let open = "{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"inprogress\",\"runnable\":true}\n\
                {\"type\":\"event\",\"test_id\":\"b\",\"status\":\"fail\",\"runnable\":true}\n";
    let cut = "<testsuite name=\"s\"><testcase name=\"a\"><failure/></testcase>";
    let go = "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"A\"}\n\
              {\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"B\"}\n";
    let runs = Runs::new(&[
        ("tap", tap),
        ("short", short),
        ("counts", counts),
        ("open", open),
        ("cut", cut),
        ("go", go),
    ]);
    let same = |name: &str| runs.stats(&format!("--fail-on new --baseline @{name} @{name}"));
    // Points cannot be run by themselves, and are known all the same.
    assert_eq!(same("tap"), ([0, 1, 0, 0], Exit::Passed));
    for name in ["short", "counts", "open", "cut", "go"] {
        let ([_, known, ..], exit) = same(name);
        assert_eq!((known, exit), (1, Exit::Failed), "{name}");
    }
    let empty = Runs::new(&[("tap", tap), ("none", "")]);
    let (numbers, exit) = empty.stats("--fail-on new --baseline @tap @none");
    assert_eq!((numbers, exit), ([0, 0, 0, 1], Exit::NoTests));
}

#[cfg(unix)]
#[test]
fn a_command_that_fails_for_known_failures_passes() {
    let runs = two_runs();
    let script = format!("cat {}; exit 1", runs.path("new.xml").display());
    let run = |baseline: &str, script: &str| {
        let baseline = runs.path(baseline).display().to_string();
        let words =
            ["stats", "--fail-on", "new", "--baseline", &baseline, "--", "sh", "-c", script];
        command_support::run(VERBS, &words, b"", usize::MAX).0
    };
    assert_eq!(run("new.xml", &script), Exit::Passed);
    assert_eq!(run("old.xml", &script), Exit::Failed);
    assert_eq!(run("new.xml", "exit 1"), Exit::Failed);
}
