//! The adapters of programs that hold their tests: of frameworks of C++, beside GoogleTest.

use std::process::Command;

use subunit_core::Status::{
    ExpectedFailure as XFail, Fail, Skip, Success as Pass, UnexpectedSuccess as UxSuccess,
};

use super::runners::{command, made_by, project, run};
use crate::project::Project;

fn compiled(framework: &str) -> Project {
    let project = project(framework);
    made_by("g++", &["tests.cc", "-o", "tests"], &project);
    project
}

/// All of it in batches, with the second of two processes asked for by name.
const IN_BATCHES: &[&str] = &["--jobs", "2", "--", "./tests"];

#[test]
fn programs_of_catch2_run_batches_of_names() {
    let project = compiled("catch2");
    let all = run(&project, IN_BATCHES);
    all.assert_results(&[
        ("passes", Pass),
        ("fails, with \"a\" comma [x] and a \\", Fail),
        ("may fail", XFail),
        ("should fail", UxSuccess),
        ("* starred", Fail),
        ("crashes", Fail),
        ("ends its process", Fail),
        ("after", Pass),
        ("typed - int", Pass),
        ("typed - char", Pass),
    ]);
    assert!(all.reason("ends its process").contains("while this test was running"), "{all:?}");
    let quick = run(&project, &["--", "./tests", "-a", "[quick]"]);
    assert_eq!(quick.sorted_ids(), ["fails, with \"a\" comma [x] and a \\", "passes"]);
    // An option that may be its own says nothing of the word after it.
    let own = run(&project, &["--", "./tests", "--mine", "passes"]);
    assert!(own.stderr.contains("`--mine` is none of Catch2's options"), "{own:?}");
}

#[test]
fn programs_of_doctest_run_batches_of_names() {
    let project = compiled("doctest");
    let all = run(&project, IN_BATCHES);
    all.assert_results(&[
        ("passes", Pass),
        ("fails, with a comma", Fail),
        ("a suite: passes", Pass),
        ("a suite: may fail", Pass),
        ("a suite: should fail", Fail),
        ("crashes", Fail),
        ("ends its process", Fail),
        ("after", Pass),
        ("typed<int>", Pass),
        ("typed<char>", Pass),
    ]);
    assert!(all.reason("ends its process").starts_with("exit status 0 while"), "{all:?}");
    let suite = run(&project, &["--", "./tests", "-ts=a suite", "-tc=passes"]);
    suite.assert_results(&[("a suite: passes", Pass)]);
}

#[test]
fn programs_of_boost_test_run_batches_of_paths_and_keep_their_console() {
    let project = compiled("boost");
    let all = run(&project, IN_BATCHES);
    all.assert_results(&[
        ("passes", Pass),
        ("fails", Fail),
        ("known", XFail),
        ("skipped", Skip),
        ("inner/data/_0", Pass),
        ("inner/data/_1", Pass),
        ("inner/data/_2", Fail),
        ("inner/typed<int>", Pass),
        ("inner/typed<std__pair<int_ char>>", Pass),
        ("crashes", Fail),
        ("ends_its_process", Fail),
        ("after", Pass),
    ]);
    let shown = command(&project)
        .args(["--no-capture", "--no-history", "^fails", "--", "./tests"])
        .output();
    let shown = String::from_utf8(shown.unwrap().stderr).unwrap();
    assert!(shown.contains("in \"fails\": check 1 == 2 has failed"), "{shown}");
    let chosen = run(&project, &["--", "./tests", "--run_test=inner/data"]);
    assert!(chosen.stderr.contains("so one process runs all tests"), "{chosen:?}");
    let third = chosen.results.iter().find(|end| end.test_id == "inner/data/_2");
    assert!(third.is_some_and(|end| end.status == Fail), "{chosen:?}");
}

#[test]
fn programs_of_qttest_run_batches_of_functions_and_rows() {
    let project = project("qttest");
    qt_made(&project);
    let all = run(&project, IN_BATCHES);
    all.assert_results(&[
        ("Shop::passes()", Pass),
        ("Shop::fails()", Fail),
        ("Shop::skipped()", Skip),
        ("Shop::known()", Pass),
        ("Shop::data(a b)", Pass),
        ("Shop::data(x:y)", Pass),
        ("Shop::data(big)", Fail),
        ("Shop::crashes()", Fail),
        ("Shop::endsItsProcess()", Fail),
        ("Shop::after()", Pass),
    ]);
    assert!(all.reason("Shop::endsItsProcess()").starts_with("exit status 0 while"), "{all:?}");
    // What runs around the tests of each process is red where it fails.
    let source = std::fs::read_to_string(project.folder().join("tests.cpp")).unwrap();
    let source =
        source.replace("void initTestCase() {}", "void cleanupTestCase() { QVERIFY(false); }");
    project.write("tests.cpp", &source);
    qt_made(&project);
    let around = run(&project, &["passes", "--", "./tests"]);
    assert_eq!(around.exit, Some(1));
    around.assert_results(&[("Shop::passes()", Pass), ("Shop::cleanupTestCase()", Fail)]);
}

/// A program of Qt, whose classes have generated code.
fn qt_made(project: &Project) {
    let asked = |words: &[&str]| {
        let output = Command::new("pkg-config").args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let tools = asked(&["--variable=host_bins", "Qt5Core"]);
    made_by(&format!("{tools}/moc"), &["tests.cpp", "-o", "tests.moc"], project);
    let flags = asked(&["--cflags", "--libs", "Qt5Test"]);
    let words = ["-fPIC", "-I.", "tests.cpp", "-o", "tests"].into_iter();
    made_by("g++", &words.chain(flags.split(' ')).collect::<Vec<_>>(), project);
}
