//! The worker of pytest, with each version of it: `.ci/pytest` installs them.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use subunit_core::{Event, Status};

use crate::{
    outside::{Running, Watched, is_prompt, join, typed},
    project::{Project, Ran, copy},
};

const VERSIONS: [&str; 4] = ["6", "7", "8", "9"];

/// The programs of a version of pytest.
fn programs(version: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pytest").join(version);
    let folder = folder.join("bin");
    assert!(folder.is_dir(), "{} is missing: run .ci/pytest", folder.display());
    folder.canonicalize().unwrap()
}

/// The suite with all that can come of a test.
fn all_outcomes() -> Project {
    let project = Project::bare();
    copy("adapters/pytest", project.folder());
    project
}

fn command(project: &Project, version: &str) -> Command {
    let path = format!("{}:{}", programs(version).display(), std::env::var("PATH").unwrap());
    let mut command = project.command();
    command.env("PATH", path).env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH");
    command
}

fn run(project: &Project, version: &str, arguments: &[&str]) -> Ran {
    let output = command(project, version).arg("--subunit").args(arguments).output().unwrap();
    Ran::of(&output)
}

const OUTCOMES: &[(&str, Status)] = &[
    ("test_a.py::TestK::test_1", Status::Success),
    ("test_a.py::TestK::test_2", Status::Success),
    ("test_a.py::test_3", Status::Success),
    ("test_a.py::test_word[a b]", Status::Success),
    ("test_a.py::test_word[x/y]", Status::Fail),
    ("test_a.py::test_word[$IDLIST]", Status::Success),
    ("test_b.py::test_before", Status::Success),
    ("test_b.py::test_xfail", Status::ExpectedFailure),
    ("test_b.py::test_xpass", Status::Success),
    ("test_b.py::test_strict", Status::UnexpectedSuccess),
    ("test_b.py::test_skip", Status::Skip),
    ("test_b.py::test_setup", Status::Fail),
    ("test_b.py::test_teardown", Status::Fail),
    ("test_b.py::test_output", Status::Fail),
    ("test_c.py", Status::Fail),
    ("test_d.py", Status::Skip),
    ("test_e.py::test_package", Status::Success),
    ("test_e.py::test_variables", Status::Success),
];

#[test]
fn a_file_that_cannot_be_imported_fails_again_with_what_failed() {
    for version in VERSIONS {
        let files = [("test_broken.py", "def test_a(:\n"), ("test_ok.py", "def test_b(): pass\n")];
        let project = Project::of_files(&files);
        let expected = [("test_broken.py", Status::Fail), ("test_ok.py::test_b", Status::Success)];
        for arguments in [&[][..], &["--failing"]] {
            let run = run(&project, version, arguments);
            run.assert_results(&expected);
            let line = "--failing: test_broken.py is no test, so all tests run";
            assert_eq!(run.stderr.contains(line), !arguments.is_empty(), "{run:?}");
            assert_eq!(run.exit, Some(1), "{run:?}");
        }
        project.write("test_broken.py", "def test_a(): pass\n");
        let run = run(&project, version, &["--failing"]);
        let mended = [("test_broken.py::test_a", Status::Success), expected[1]];
        run.assert_results(&mended);
        assert_eq!(run.exit, Some(0), "{run:?}");
    }
}

#[test]
fn every_test_has_its_result_in_each_version() {
    for version in VERSIONS {
        let run = run(&all_outcomes(), version, &["--jobs", "2"]);
        assert_eq!(run.exit, Some(1), "{run:?}");
        assert!(run.stderr.contains("subunit run: pytest (there is pytest.ini)"), "{run:?}");
        let (shared, own): (Vec<_>, Vec<_>) = run
            .results
            .iter()
            .partition(|end| end.test_id.ends_with(" (teardown of what it shared)"));
        // Of a module that was set up in one worker, or in both.
        assert!(
            !shared.is_empty() && shared.iter().all(|end| end.status == Status::Fail),
            "{run:?}"
        );
        let mut results: Vec<_> =
            own.iter().map(|end| (end.test_id.as_str(), end.status)).collect();
        let mut expected = OUTCOMES.to_vec();
        results.sort_by_key(|(test_id, _)| *test_id);
        expected.sort_by_key(|(test_id, _)| *test_id);
        assert_eq!(results, expected, "pytest {version}");
    }
}

#[test]
fn the_first_worker_lists_so_that_tests_are_collected_once_for_each_worker() {
    let conftest = "open('collected', 'a').write('once\\n')\n";
    for version in VERSIONS {
        for jobs in 1..=2 {
            let project = Project::of_files(&[
                ("conftest.py", conftest),
                ("test_a.py", "def test_1(): pass\n"),
            ]);
            let run = run(&project, version, &["--jobs", &jobs.to_string()]);
            run.assert_results(&[("test_a.py::test_1", Status::Success)]);
            let collected = fs::read_to_string(project.folder().join("collected")).unwrap();
            assert_eq!(collected, "once\n".repeat(jobs), "pytest {version}");
        }
    }
}

#[test]
fn a_worker_that_ends_while_it_lists_is_a_listing_that_failed() {
    for (code, how) in [(3, "exit status 3"), (0, "exit status 0 before its end")] {
        let ends = format!("import os\nif os.environ['SUBUNIT_WORKER'] == '0': os._exit({code})\n");
        let files = [("test_a.py", "def test_1(): pass\n"), ("test_b.py", &*ends)];
        let run = run(&Project::of_files(&files), "9", &["--jobs", "2"]);
        run.assert_results(&[("(listing)", Status::Fail)]);
        let expected = format!("the listing of tests failed: {how}, after 0 tests");
        assert!(run.reason("(listing)").starts_with(&expected), "{run:?}");
    }
}

#[test]
fn a_listing_that_failed_names_the_error() {
    let project = Project::of_files(&[("test_a.py", "def test_1(): pass\n")]);
    let run = run(&project, "9", &["--", "pytest", "--nonsense"]);
    let reason = run.reason("(listing)").lines().next().unwrap();
    assert!(reason.ends_with("pytest: error: unrecognized arguments: --nonsense"), "{reason}");
}

#[test]
fn fixtures_come_and_go_in_the_order_of_pytest() {
    for version in VERSIONS {
        let project = all_outcomes();
        let log = project.folder().join("order.log");
        let pytest = programs(version).join("pytest");
        let mut plain = Command::new(pytest);
        plain.args(["-p", "no:cacheprovider", "--continue-on-collection-errors"]);
        plain.env("PYTHONDONTWRITEBYTECODE", "1").current_dir(project.folder());
        plain.output().unwrap();
        let expected = fs::read_to_string(&log).unwrap();
        assert!(expected.matches("+cls").count() == 1 && expected.matches("+ses").count() == 1);
        fs::remove_file(&log).unwrap();
        run(&project, version, &["--jobs", "1", "--order", "discovery"]);
        assert_eq!(fs::read_to_string(&log).unwrap(), expected, "pytest {version}");
    }
}

#[test]
fn a_failure_is_told_as_pytest_prints_it() {
    let test = "def test_sum():\n    total = sum([20, 21])\n    assert total == 42\n";
    // Plugins ask for the writer of the console, and write to its reporter.
    let plugin = "def pytest_runtest_setup(item):\n    item.config.get_terminal_writer().line('seen')\n    \
                  item.config.pluginmanager.getplugin('terminalreporter').write_line('seen')\n";
    let expected = "  traceback:\n        def test_sum():\n            total = sum([20, 21])\n    >       assert total == 42\n    \
                    E       assert 41 == 42\n\n    test_sum.py:3: AssertionError\n";
    for version in VERSIONS {
        let project = Project::of_files(&[("test_sum.py", test), ("conftest.py", plugin)]);
        let output = command(&project, version).output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains(expected), "pytest {version}: {shown}");
        assert!(!shown.contains("seen"), "pytest {version}: {shown}");
    }
}

#[test]
fn output_is_told_with_its_test() {
    let project = all_outcomes();
    let output = command(&project, "9").args(["--show", "all", "test_output"]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains(&"x".repeat(10000)) && shown.contains("no newline"), "{shown}");
    assert!(shown.contains("  stderr:\n    on stderr\n"), "{shown}");
}

#[test]
fn a_test_that_ends_its_process_is_red_and_the_others_run() {
    let ends = "import os\ndef test_1(): pass\ndef test_2(): os._exit(0)\ndef test_3(): pass\n";
    for version in VERSIONS {
        let run = run(
            &Project::of_files(&[("test_x.py", ends), ("pytest.ini", "")]),
            version,
            &["-j", "1"],
        );
        run.assert_results(&[
            ("test_x.py::test_1", Status::Success),
            ("test_x.py::test_2", Status::Fail),
            ("test_x.py::test_3", Status::Success),
        ]);
        assert!(
            run.reason("test_x.py::test_2").contains("exit status 0 while this test was running")
        );
    }
}

#[test]
fn the_options_of_a_command_stay() {
    let tests = "def test_a(): pass\ndef test_b(): assert 0\ndef test_c(): assert 0\n";
    let project = Project::of_files(&[("test_x.py", tests)]);
    let ids = |words: &[&str]| run(&project, "8", words).sorted_ids();
    assert_eq!(
        ids(&["--", "pytest", "-k", "test_a or test_c"]),
        ["test_x.py::test_a", "test_x.py::test_c"]
    );
    assert_eq!(ids(&["test_c", "--", "pytest"]), ["test_x.py::test_c"]);
    // Its workers are ours.
    let all = ["test_x.py::test_a", "test_x.py::test_b", "test_x.py::test_c"];
    assert_eq!(ids(&["--", "python", "-m", "pytest", "-n", "2"]), all);
}

#[test]
fn a_command_that_stops_after_a_failure_does_so() {
    let tests =
        "import pytest\n@pytest.mark.parametrize('n', range(40))\ndef test(n): assert n < 1\n";
    let project = Project::of_files(&[("test_x.py", tests)]);
    for option in ["-x", "--maxfail=1"] {
        let run = run(&project, "8", &["-j", "1", "--order", "discovery", "--", "pytest", option]);
        // A test that was handed out before the failure was known is run.
        let failed = run.results.iter().filter(|end| end.status == Status::Fail).count();
        assert!((1..3).contains(&failed) && run.results.len() == failed + 1, "{run:?}");
    }
}

#[test]
fn a_report_of_the_whole_run_is_written_by_one_pytest() {
    let project = all_outcomes();
    let run = run(&project, "9", &["--", "pytest", "--junitxml", "report.xml"]);
    assert!(run.stderr.contains("--junitxml is about the whole run"), "{run:?}");
    let report = fs::read_to_string(project.folder().join("report.xml")).unwrap();
    assert_eq!(report.matches("<testcase").count(), OUTCOMES.len() + 1, "{report}");
    let mut ids = run.sorted_ids();
    ids.retain(|id| OUTCOMES.iter().any(|(test_id, _)| id == test_id));
    assert_eq!(ids.len(), OUTCOMES.len(), "{run:?}");
}

#[test]
fn two_debuggers_are_answered_apart_while_other_tests_run() {
    let tests = "def test_a():\n    word = 'a'\n    breakpoint()\n    assert word == 'typed in a'\n\
                 def test_b():\n    word = 'b'\n    breakpoint()\n    assert word == 'typed in a'\n\
                 def test_c(): pass\n";
    for version in VERSIONS {
        let project = Project::of_files(&[("test_x.py", tests), ("pytest.ini", "")]);
        let mut command = command(&project, version);
        command.args(["--subunit", "--debug", "--jobs", "2", "--order", "discovery"]);
        command.env("XDG_RUNTIME_DIR", project.folder());
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut run = Running(command.spawn().unwrap());
        let mut stream = Watched::new(run.0.stdout.take().unwrap());
        let mut asking = std::collections::HashMap::new();
        let begins = |event: &Event<'_>| event.status == Some(Status::InProgress);
        while asking.len() < 2 {
            let begun = stream.find(begins);
            let begun = begun.as_event();
            asking.insert(
                begun.test_id.unwrap().to_owned(),
                begun.route_code.unwrap().as_str().to_owned(),
            );
        }
        for route in ["0", "1"] {
            Watched::new(join(&project)).find(|event| is_prompt(event, route));
        }
        let mut guest = Watched::new(join(&project));
        guest.find(|event| event.file.is_some_and(|file| file.name == "progress"));
        let mut answer = |test: &str, line: &str| {
            std::io::Write::write_all(&mut guest.input, &typed(&asking[test], line)).unwrap();
        };
        answer("test_x.py::test_b", "c\n");
        answer("test_x.py::test_a", "word = 'typed in a'\n");
        answer("test_x.py::test_a", "c\n");
        let mut ends = Vec::new();
        while ends.len() < 3 {
            let ended = stream.find(|event| event.status.is_some_and(Status::is_final));
            let event = ended.as_event();
            ends.push((event.test_id.unwrap().to_owned(), event.status.unwrap()));
        }
        ends.sort_by(|one, other| one.0.cmp(&other.0));
        let expected = [("a", Status::Success), ("b", Status::Fail), ("c", Status::Success)];
        let expected = expected.map(|(name, status)| (format!("test_x.py::test_{name}"), status));
        assert_eq!(ends, expected, "pytest {version}");
        stream.input.read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(run.0.wait().unwrap().code(), Some(1));
    }
}

/// What `coverage json` says of a project: files with their lines that ran, and the totals.
fn covered(project: &Project, report: &str) -> serde_json::Value {
    let text = fs::read_to_string(project.folder().join(report)).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json.as_object_mut().unwrap().remove("meta");
    json
}

#[test]
fn coverage_of_several_workers_is_that_of_one_pytest() {
    let words = ["pytest", "--cov=shop", "--cov-branch", "--cov-report=term"];
    for version in VERSIONS {
        let project = Project::bare();
        copy("adapters/pytest-cov", project.folder());
        let mut serial = Command::new(programs(version).join("pytest"));
        serial.args(&words[1..]).arg("--cov-report=json:one.json").current_dir(project.folder());
        assert_eq!(serial.output().unwrap().status.code(), Some(1));
        let asked = [&["--jobs", "2", "--"], &words[..], &["--cov-report=json:all.json"]].concat();
        let run = run(&project, version, &asked);
        assert_eq!((run.exit, run.results.len()), (Some(1), 24), "{run:?}");
        assert_eq!(covered(&project, "all.json"), covered(&project, "one.json"), "{run:?}");
        let text = run.text("stdout");
        assert!(text.contains("\nTOTAL ") && !text.contains("Warning"), "{text}");
        assert!(!text.contains("passed") && !text.contains("no tests ran"), "{text}");
        // All data is in the file in which pytest-cov would have it.
        let files = fs::read_dir(project.folder()).unwrap().flatten();
        let files: Vec<_> = files.map(|entry| entry.file_name()).collect();
        let files: Vec<_> = files.iter().filter_map(|name| name.to_str()).collect();
        let data: Vec<_> = files.iter().filter(|name| name.starts_with(".coverage")).collect();
        assert_eq!(data, [&".coverage"]);
    }
}

#[test]
fn what_runs_beside_the_tests_is_not_measured_and_too_little_coverage_is_red() {
    for version in VERSIONS {
        let project = Project::bare();
        copy("adapters/pytest-cov", project.folder());
        project.write("pytest.ini", "[pytest]\naddopts = --cov --cov-report=term\n");
        let enough = ["-k", "not fail", "--cov-fail-under=60"];
        let run_with = |options: &[&str]| {
            run(&project, version, &[&["--jobs", "2", "--", "pytest"][..], options].concat())
        };
        let run = run_with(&enough);
        let text = run.text("stdout");
        assert_eq!(run.exit, Some(0), "{run:?}");
        assert!(text.contains("conftest.py") && !text.contains("subunit_"), "{text}");
        let run = run_with(&["-k", "not fail", "--cov-fail-under=99"]);
        assert_eq!(run.exit, Some(1), "{run:?}");
        let reason = run.reason("(coverage)");
        assert!(reason.starts_with("the merge of coverage failed: exit status 1"), "{reason}");
        assert!(run.text("stdout").contains("Required test coverage of 99"), "{run:?}");
    }
}

#[test]
fn a_worker_that_is_stopped_keeps_what_it_has_measured() {
    for version in VERSIONS {
        let project = Project::bare();
        copy("adapters/pytest-cov", project.folder());
        let hangs = "import time\nfrom shop import a\n\ndef test_hang():\n    a.never()\n    time.sleep(60)\n";
        project.write("tests/test_hang.py", hangs);
        let options = ["--jobs", "2", "--test-timeout", "1s", "--", "pytest", "--cov=shop"];
        let run = run(&project, version, &[&options[..], &["--cov-report=json:all.json"]].concat());
        let reason = run.reason("tests/test_hang.py::test_hang");
        assert!(
            reason.contains("has been running for") && reason.contains("pytest_runtestloop"),
            "{reason}"
        );
        let files = &covered(&project, "all.json")["files"];
        assert_eq!(files["shop/a.py"]["missing_lines"], serde_json::json!([]), "{files}");
    }
}
