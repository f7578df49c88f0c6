//! `subunit report` and the verbs that write one report each, as a user runs them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::HashSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use subunit_core::{Event, FileChunk, Status, TagsBuf};

/// A result without a time.
const GOJSON: &[u8] = b"{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}\n";

/// Runs the command in a folder, with this on its standard input, through a pipe.
fn subunit(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_subunit"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("GITHUB_STEP_SUMMARY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // A command that ends early does not read it all.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../subunit-formats/tests/data").join(name)
}

fn mixed() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/mixed.subunit")).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The final statuses that `subunit stats` counts, and its exit status.
fn stats(folder: &Path, file: &str) -> (Vec<u64>, Option<i32>) {
    let output = subunit(folder, &["stats", "--json", "--no-text", file], b"");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = |name: &str| json[name].as_u64().unwrap();
    // No format but ours knows of tests that never ended; they have failed there.
    let bad = count("fail") + count("unfinished");
    let counts = vec![count("success"), bad, count("skip"), count("xfail"), count("uxsuccess")];
    (counts, output.status.code())
}

/// Passed, failed, and not run or expected to fail.
fn three(counts: &[u64]) -> [u64; 3] {
    [counts[0], counts[1] + counts[4], counts[2] + counts[3]]
}

/// In TAP, what was to fail and did not has failed.
fn as_tap(counts: &[u64]) -> Vec<u64> {
    let mut counts = counts.to_vec();
    counts[1] += std::mem::take(&mut counts[4]);
    counts
}

#[test]
fn one_pass_writes_every_report_of_every_format() {
    let samples = [
        "tap/node.tap",
        "tap/perl-zbail.tap",
        "junit/nextest.xml",
        "junit/jest.xml",
        "gojson/json.jsonl",
        "libtest/nextest-json-plus.jsonl",
        "cargo/human.txt",
        "reportlog/weird.jsonl",
        "teamcity/weird.txt",
        "ctrf/weird.json",
        "../../../tests/data/mixed.subunit",
    ];
    for sample in samples {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let sample = data(sample);
        let sample = sample.to_str().unwrap();
        let (expected, status) = stats(folder, sample);
        let arguments = [
            "report",
            "--junit",
            "a.xml",
            "--html",
            "r.html",
            "--tap",
            "t.tap",
            "--ctrf",
            "c.json",
            "--csv",
            "c.csv",
            "--jsonl",
            "j.jsonl",
            "--markdown",
            "m.md",
            "--trace",
            "t.json",
            "--otlp",
            "o.jsonl",
            "--start",
            "2026-01-02T03:04:05Z",
            "--teamcity=tc.txt",
            "--github",
            "--gitlab=gl.txt",
            "--summary=s.md",
            sample,
        ];
        let output = subunit(folder, &arguments, b"");
        assert_eq!(output.status.code(), status, "{sample}: {}", stderr(&output));
        for report in ["a.xml", "c.json", "j.jsonl"] {
            assert_eq!(stats(folder, report), (expected.clone(), status), "{sample} as {report}");
        }
        let tap = (as_tap(&expected), status);
        assert_eq!(stats(folder, "t.tap"), tap, "{sample} as TAP");
        // TeamCity has but passed, failed and ignored.
        let found = three(&stats(folder, "tc.txt").0);
        assert_eq!(found, three(&expected), "{sample} as TeamCity");
        let rows = fs::read(folder.join("c.csv")).unwrap();
        let mut rows = csv::Reader::from_reader(&rows[..]);
        let rows = rows.records().map(Result::unwrap);
        let listed = |row: &csv::StringRecord| &row[1] == "exists";
        assert_eq!(rows.filter(|row| !listed(row)).count() as u64, expected.iter().sum::<u64>());
        let bars = fs::read(folder.join("t.json")).unwrap();
        let bars: Value = serde_json::from_slice(&bars).unwrap();
        let bars = bars["traceEvents"].as_array().unwrap().iter().filter(|bar| bar["ph"] != "M");
        // There each attempt has a bar and a span.
        let events = fs::read_to_string(folder.join("j.jsonl")).unwrap();
        let (mut attempts, mut open) = (0, HashSet::new());
        for line in events.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let test = (event["route_code"].to_string(), event["test_id"].to_string());
            match event["status"].as_str() {
                _ if event["test_id"].is_null() => {}
                Some("exists") => {}
                None | Some("inprogress") => drop(open.insert(test)),
                Some(_) => {
                    open.remove(&test);
                    attempts += 1;
                }
            }
        }
        attempts += open.len() as u64;
        assert_eq!(bars.count() as u64, attempts);
        let spans = fs::read_to_string(folder.join("o.jsonl")).unwrap().lines().count();
        assert_eq!(spans as u64, attempts + 1);
        let page = fs::read_to_string(folder.join("r.html")).unwrap();
        assert!(page.ends_with("</html>\n"));
        assert!(String::from_utf8_lossy(&output.stdout).contains("::notice title="));
        let markdown = fs::read(folder.join("m.md")).unwrap();
        assert_eq!(markdown, fs::read(folder.join("s.md")).unwrap());
    }
}

#[test]
fn a_verb_writes_what_the_report_of_its_name_writes() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["junit", "csv", "tap", "ctrf", "teamcity", "gitlab", "markdown", "trace"] {
        let verb = subunit(folder.path(), &[&format!("to-{name}")], &mixed());
        let flag = format!("--{name}={name}.out");
        let report = subunit(folder.path(), &["report", &flag], &mixed());
        assert_eq!(
            verb.stdout,
            fs::read(folder.path().join(format!("{name}.out"))).unwrap(),
            "{name}"
        );
        assert_eq!((verb.status.code(), report.status.code()), (Some(1), Some(1)));
    }
}

#[test]
fn older_readers_of_tap_get_a_version_that_they_take() {
    let folder = tempfile::tempdir().unwrap();
    let latest = subunit(folder.path(), &["to-tap"], &mixed()).stdout;
    let latest = String::from_utf8(latest).unwrap();
    let old = subunit(folder.path(), &["to-tap", "--tap-version", "13"], &mixed()).stdout;
    let arguments = ["report", "--tap", "t.tap", "--tap-version", "13"];
    subunit(folder.path(), &arguments, &mixed());
    let old = String::from_utf8(old).unwrap();
    assert_eq!(old, fs::read_to_string(folder.path().join("t.tap")).unwrap());
    assert_eq!(old, latest.replacen("TAP version 14\n", "TAP version 13\n", 1));
    assert_ne!(old, latest);
    let refused = subunit(folder.path(), &["to-tap", "--tap-version", "12"], &mixed());
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn text_is_in_the_report_on_standard_output_or_on_standard_error_and_never_lost() {
    let folder = tempfile::tempdir().unwrap();
    let input = b"hello from a test\nok 1 - a\n1..1\nbye\n";
    for (verb, inside) in [
        ("to-tap", true),
        ("to-teamcity", true),
        ("to-github", true),
        ("to-ctrf", false),
        ("to-html", false),
        ("to-markdown", false),
        ("to-gitlab", false),
        ("to-trace", false),
        ("to-otlp", false),
    ] {
        let output = subunit(folder.path(), &[verb], input);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(stdout.contains("hello from a test"), inside, "{verb}");
        assert_eq!(stderr(&output) == "hello from a test\nbye\n", !inside, "{verb}");
        let quiet = subunit(folder.path(), &[verb, "--no-text"], input);
        assert!(
            !String::from_utf8_lossy(&quiet.stdout).contains("hello") && quiet.stderr.is_empty()
        );
    }
    let output = subunit(folder.path(), &["report", "--tap", "t.tap", "--ctrf", "-"], input);
    let said = "hello from a test\nbye\nsubunit report: PASSED  1 test, 1 success\n";
    assert_eq!(stderr(&output), said);
    assert!(fs::read_to_string(folder.path().join("t.tap")).unwrap().contains("#| hello"));
}

#[test]
fn a_report_that_cannot_be_written_is_told_and_the_others_are_finished() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "report",
        "--tap",
        "no/such/t.tap",
        "--junit",
        "a.xml",
        "--html",
        "/dev/full",
        "--otlp",
        "/dev/full",
    ];
    let output = subunit(folder.path(), &arguments[..5], &mixed());
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    let said: Vec<&str> = said.lines().filter(|line| line.starts_with("subunit report")).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("subunit report: cannot write no/such/t.tap: "), "{said:?}");
    assert!(said[1].starts_with("subunit report: 2 tests were listed and "), "{said:?}");
    assert!(said[2].starts_with("subunit report: FAILED  22 tests in "), "{said:?}");
    let report = fs::read_to_string(folder.path().join("a.xml")).unwrap();
    assert!(roxmltree::Document::parse(&report).is_ok());
    if Path::new("/dev/full").exists() {
        let arguments = ["report", "--html", "/dev/full", "--junit", "b.xml", "--csv", "c.csv"];
        let output = subunit(folder.path(), &arguments, &mixed());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("subunit report: cannot write /dev/full: "));
        assert_eq!(report, fs::read_to_string(folder.path().join("b.xml")).unwrap());
    }
}

#[test]
fn what_would_mix_reports_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.tap"), "ok 1\n1..1\n").unwrap();
    for arguments in [
        &["report"][..],
        &["report", "--tap", "-", "--ctrf", "-"],
        &["report", "--github", "--teamcity"],
        &["report", "--tap", "a", "--junit", "a"],
        &["report", "--tap", "a", "--tap", "b"],
        &["report", "--summary"],
        &["report", "--html", "run.tap", "run.tap"],
    ] {
        let output = subunit(folder.path(), arguments, b"ok 1\n1..1\n");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
    let output = subunit(folder.path(), &["report", "--summary"], b"");
    assert!(stderr(&output).contains("GITHUB_STEP_SUMMARY is not set"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(fs::read(folder.path().join("run.tap")).unwrap(), b"ok 1\n1..1\n");
}

#[test]
fn an_input_that_breaks_off_leaves_reports_that_are_whole_and_red() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.tap"), "ok 1\n1..1\n").unwrap();
    let arguments = ["report", "--junit", "a.xml", "--tap", "t.tap", "run.tap", "no-such-file"];
    let output = subunit(folder.path(), &arguments, b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no-such-file"), "{}", stderr(&output));
    for report in ["a.xml", "t.tap"] {
        assert_eq!(stats(folder.path(), report), (vec![1, 1, 0, 0, 0], Some(1)));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_files_are_finished() {
    let folder = tempfile::tempdir().unwrap();
    let input: String = (1..20_000).map(|nth| format!("ok {nth} - {}\n", "x".repeat(50))).collect();
    let input = format!("{input}1..19999\n");
    fs::write(folder.path().join("run.tap"), &input).unwrap();
    let script =
        "subunit report --tap - --csv c.csv run.tap | head -c 1 > /dev/null; exit ${PIPESTATUS[0]}";
    let program = Path::new(env!("CARGO_BIN_EXE_subunit")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(folder.path())
        .env("PATH", path)
        .output()
        .unwrap();
    let said = "subunit report: PASSED  19999 tests, 19999 success\n";
    assert_eq!((stderr(&output).as_str(), output.status.code()), (said, Some(0)));
    let rows = fs::read_to_string(folder.path().join("c.csv")).unwrap().lines().count();
    assert_eq!(rows, 20_000);
}

#[test]
fn a_summary_is_appended_to_what_other_commands_of_the_step_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.md");
    fs::write(&path, "# Build\n").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_subunit"))
        .args(["report", "--no-text", "--summary"])
        .env("GITHUB_STEP_SUMMARY", &path)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&mixed()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let summary = fs::read_to_string(&path).unwrap();
    assert!(summary.starts_with("# Build\n\n## \u{274c} FAILED: 22 tests"), "{summary:.80}");
    fs::write(&path, "x".repeat((1 << 20) - 700)).unwrap();
    let arguments = ["report", &format!("--summary={}", path.display())];
    assert_eq!(subunit(folder.path(), &arguments, &mixed()).status.code(), Some(1));
    let summary = fs::read_to_string(&path).unwrap();
    assert!(summary.len() <= 1 << 20 && summary.contains("FAILED: 22 tests"));
}

#[test]
fn every_format_has_a_verb_that_reads_it_and_a_pipe_gets_times_of_arrival() {
    let folder = tempfile::tempdir().unwrap();
    let timed = |verb: &str, arguments: &[&str], input: &[u8]| {
        let arguments: Vec<&str> = std::iter::once(verb).chain(arguments.iter().copied()).collect();
        let stream = subunit(folder.path(), &arguments, input);
        assert_eq!(stream.status.code(), Some(0), "{verb}");
        let lines = subunit(folder.path(), &["to-jsonl"], &stream.stdout);
        let lines = String::from_utf8(lines.stdout).unwrap();
        let lines: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let events = lines.into_iter().filter(|line| line["type"] == "event");
        events.map(|event| !event["timestamp"].is_null()).collect::<Vec<bool>>()
    };
    let ktap = b"KTAP version 1\n1..1\nok 1 boot\n";
    let live = timed("from-ktap", &[], ktap);
    assert!(!live.is_empty() && live.iter().all(|timed| *timed));
    fs::write(folder.path().join("a.tap"), ktap).unwrap();
    assert!(timed("from-ktap", &["a.tap"], b"").iter().all(|timed| !timed));
    let tap = b"TAP version 14\nok 1 - a\n  ---\n  duration_ms: 5\n  ...\n1..1\n";
    fs::write(folder.path().join("a.tap"), tap).unwrap();
    for (verb, input) in [("from-tap", &tap[..]), ("from-gojson", GOJSON)] {
        let live = timed(verb, &[], input);
        assert!(!live.is_empty() && live.iter().all(|timed| *timed), "{verb}");
    }
    let trx = b"<TestRun><Results><UnitTestResult testName=\"a\" outcome=\"Passed\"/></Results></TestRun>";
    fs::write(folder.path().join("a.trx"), trx).unwrap();
    assert_eq!(timed("from-trx", &[], trx), timed("from-trx", &["a.trx"], b""));
}

/// A stream of a test that failed with a picture, and then passed with another one and so much output.
fn with_files(picture: &[u8], output: usize) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut writer = subunit_core::Writer::new(&mut stream);
    let file = |name, bytes, mime_type| Event {
        test_id: Some("ui::login [x/../y]"),
        file: Some(FileChunk { name, bytes }),
        mime_type: Some(mime_type),
        eof: true,
        ..Event::default()
    };
    let printed = vec![b'.'; output];
    let [first, second] = ["attempt-1", "attempt-2"].map(|tag| TagsBuf::from_iter([tag]));
    let end = |status, attempt| Event {
        tags: Some(TagsBuf::as_tags(attempt)),
        ..Event::status("ui::login [x/../y]", status)
    };
    for event in [
        file("traceback", b"boom", "text/plain"),
        file("../../screen", picture, "image/png"),
        end(Status::Fail, &first),
        file("stdout", &printed, "text/plain"),
        file("server.log", b"GET /\n", "text/plain"),
        file("../../screen", b"another", "image/png"),
        end(Status::Success, &second),
    ] {
        writer.event(&event).unwrap();
    }
    stream
}

#[test]
fn files_of_tests_go_into_a_folder_and_the_report_names_them() {
    let picture: Vec<u8> = (0..9 << 20).map(|nth: u32| (nth / 7) as u8).collect();
    let stream = with_files(&picture, 3 << 20);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("in");
    fs::create_dir(&folder).unwrap();
    let arguments = ["report", "--junit", "a.xml", "--attachments", "files"];
    let report = subunit(&folder, &arguments, &stream);
    assert_eq!(stderr(&report), "subunit report: PASSED  1 test, 1 success, 1 flaky\n");
    let verb = subunit(&folder, &["to-junit", "--attachments", "again/"], &stream);
    for (report, root) in
        [(fs::read(folder.join("a.xml")).unwrap(), "files"), (verb.stdout, "again")]
    {
        let report = String::from_utf8(report).unwrap();
        let document = roxmltree::Document::parse(&report).unwrap();
        let case = document.descendants().find(|node| node.has_tag_name("testcase")).unwrap();
        let output = case.children().find(|node| node.has_tag_name("system-out")).unwrap();
        let markers: Vec<&str> = output.text().unwrap().lines().rev().take(3).collect();
        // The output is cut and the markers behind it are not; the failed attempt's file is among them.
        let expected = [
            ("_._.._screen.png", &picture[..]),
            ("_._.._screen-1.png", b"another"),
            ("server.log", b"GET /\n"),
        ];
        let mut found = 0;
        for (name, content) in expected {
            let path = format!("{root}/ui__login _x_.._y_/{name}");
            assert!(markers.contains(&&*format!("[[ATTACHMENT|{path}]]")), "{path}: {markers:?}");
            assert!(fs::read(folder.join(&path)).unwrap() == content, "{path}");
            found += 1;
        }
        assert_eq!(found, markers.len());
        assert!(output.text().unwrap().contains("bytes left out"));
    }
    subunit(&folder, &arguments, &with_files(&picture, 10));
    let lines = subunit(&folder, &["from-junit", "a.xml"], b"");
    let lines = subunit(&folder, &["to-jsonl"], &lines.stdout);
    let lines = String::from_utf8(lines.stdout).unwrap();
    assert!(lines.contains("\"file_name\":\"artifact-path\""), "our reader finds them too");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1, "nothing was written outside");
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("taken"), "").unwrap();
    let stream = with_files(b"picture", 10);
    for arguments in [
        &["to-junit", "--attachments", "taken"][..],
        &["to-junit", "--attachments", "a]]b"],
        &["report", "--junit", "a.xml", "--attachments", "taken"],
        &["report", "--csv", "c.csv", "--attachments", "files"],
    ] {
        let output = subunit(folder.path(), arguments, &stream);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn passed_tests_and_their_output_are_left_out_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run.subunit");
    let mut stream = Vec::new();
    for (id, status, output) in [("behaved", Status::Success, "loud"), ("bad", Status::Fail, "why")]
    {
        let file = Some(FileChunk { name: "stdout", bytes: output.as_bytes() });
        let mime_type = Some("text/plain");
        let output = Event { test_id: Some(id), file, mime_type, eof: true, ..Event::default() };
        output.encode(&mut stream).unwrap();
        Event::status(id, status).encode(&mut stream).unwrap();
    }
    fs::write(&run, stream).unwrap();
    for (verb, arguments, good, loud) in [
        ("to-html", &[][..], true, true),
        ("to-html", &["--no-passed-output"], true, false),
        ("to-html", &["--failures-only"], false, false),
        ("to-markdown", &[], true, false),
        ("to-markdown", &["--failures-only"], false, false),
        ("to-junit", &[], true, true),
        ("to-junit", &["--no-passed-output"], true, false),
        ("to-junit", &["--failures-only"], false, false),
        ("report", &["--junit", "-", "--failures-only"], false, false),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_subunit"));
        let output = command.arg(verb).args(arguments).arg(&run).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let report = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            (report.contains("behaved"), report.contains("loud")),
            (good, loud),
            "{verb} {arguments:?}"
        );
        assert!(report.contains("why"), "{report}");
        let is_counted = verb == "to-html" || verb == "to-markdown";
        assert!(!is_counted || report.contains("1 passed, 1 failed"), "{report}");
    }
}
