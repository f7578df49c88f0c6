//! The adapters of other runners, with the runners themselves: `.ci/runners` installs them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use subunit_core::Status;
use subunit_core::Status::{
    ExpectedFailure as XFail, Fail, Skip, Success as Pass, UnexpectedSuccess as UxSuccess,
};

use crate::project::{Project, Ran, copy};

/// Where `.ci/runners` has put those that are not of the system.
fn runners() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/runners");
    assert!(folder.is_dir(), "{} is missing: run .ci/runners", folder.display());
    folder.canonicalize().unwrap()
}

/// A project with the tests of a runner, and no configuration.
pub(super) fn project(runner: &str) -> Project {
    let project = Project::bare();
    copy(&format!("adapters/{runner}"), project.folder());
    if project.folder().join("package.json").is_file() {
        let modules = runners().join("node_modules");
        std::os::unix::fs::symlink(modules, project.folder().join("node_modules")).unwrap();
    }
    project
}

pub(super) fn command(project: &Project) -> Command {
    let path =
        format!("{}:{}", runners().join("python/bin").display(), std::env::var("PATH").unwrap());
    let mut command = project.command();
    command.env("PATH", path).env("HOME", std::env::var_os("HOME").unwrap_or_default());
    command.env_remove("RUSTFLAGS").env_remove("NODE_OPTIONS");
    command
}

pub(super) fn run(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = command(project);
    Ran::of(&command.args(["--subunit", "--no-history"]).args(arguments).output().unwrap())
}

pub(super) fn made_by(program: &str, words: &[&str], project: &Project) {
    let output = Command::new(program).args(words).current_dir(project.folder()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn go_packages_are_compiled_once_and_run_in_batches() {
    let project = project("go");
    let all = run(&project, &["--jobs", "2"]);
    all.assert_results(&[
        ("example.com/shop/a.TestPass", Pass),
        ("example.com/shop/a.TestFail", Fail),
        ("example.com/shop/a.TestSkip", Skip),
        ("example.com/shop/a.TestSubs", Fail),
        ("example.com/shop/a.TestSubs/one", Pass),
        ("example.com/shop/a.TestSubs/two", Fail),
        ("example.com/shop/b.TestOther", Pass),
        ("example.com/shop/c [build]", Fail),
    ]);
    assert!(all.reason("example.com/shop/c [build]").contains("undefined"), "{all:?}");
    let some = run(&project, &["--", "go", "test", "-count=1", "-run", "Subs/one", "./a", "./b"]);
    some.assert_results(&[
        ("example.com/shop/a.TestSubs", Pass),
        ("example.com/shop/a.TestSubs/one", Pass),
    ]);
}

#[test]
fn coverage_of_several_processes_of_go_is_that_of_one_go() {
    let project = project("go-cover");
    let lines = |file: &str| {
        let text = fs::read_to_string(project.folder().join(file)).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(lines.first().map(String::as_str), Some("mode: set"));
        lines.sort();
        lines
    };
    let words = ["go", "test", "-count=1", "-coverpkg=./...", "-coverprofile"];
    let mut serial = Command::new("go");
    serial.args(&words[1..]).args(["one.out", "./..."]).current_dir(project.folder());
    let serial = serial.output().unwrap();
    let options = ["--jobs", "2", "--isolated", "--"];
    for options in [&options[..], &["--jobs", "2", "--"]] {
        let run = run(&project, &[options, &words, &["all.out", "./..."]].concat());
        assert_eq!((run.exit, run.results.len()), (Some(1), 5), "{run:?}");
        assert_eq!(lines("all.out"), lines("one.out"));
        // What go prints of a package, in the midst of its other words.
        let said = String::from_utf8(serial.stdout.clone()).unwrap();
        for percent in ["44.4%", "66.7%"] {
            let text = format!("coverage: {percent} of statements in ./...");
            assert!(said.contains(&text), "{said}");
            let line = |line: &str| line.starts_with("example.com/shop/") && line.ends_with(&text);
            assert!(run.text("stdout").lines().any(line), "{run:?}");
        }
    }
}

/// A test that hangs among others, of which one fails before it and one after it.
fn assert_one_hangs(project: &Project, names: [&str; 4]) {
    let [passes, fails, hangs, last] = names;
    let run = run(project, &["--jobs", "1", "--test-timeout", "1.5s"]);
    run.assert_results(&[(passes, Pass), (fails, Fail), (hangs, Fail), (last, Fail)]);
    let reason = run.reason(hangs);
    let expected = format!("timeout: `{hangs}` has been running for 1.");
    assert!(reason.starts_with(&expected), "{run:?}");
    for other in [fails, last] {
        assert!(!run.reason(other).contains("timeout"), "{run:?}");
    }
}

#[test]
fn a_test_that_hangs_in_a_batch_is_stopped_by_its_name() {
    let bats = Project::bare();
    bats.write(
        "a.bats",
        "@test \"a\" { true; }\n@test \"b\" { echo so; false; }\n@test \"c\" { sleep 60; }\n@test \"d\" { false; }\n",
    );
    assert_one_hangs(&bats, ["./a.bats: a", "./a.bats: b", "./a.bats: c", "./a.bats: d"]);
    let ctest = Project::bare();
    let test = |(name, command): (&str, &str)| format!("add_test(NAME {name} COMMAND {command})\n");
    let tests = [("a", "true"), ("b", "ls nothere"), ("c", "sleep 60"), ("d", "false")].map(test);
    let head = "cmake_minimum_required(VERSION 3.10)\nproject(x NONE)\nenable_testing()\n";
    ctest.write("CMakeLists.txt", &format!("{head}{}", tests.concat()));
    made_by("cmake", &["-B", "build", "-S", "."], &ctest);
    assert_one_hangs(&ctest, ["a", "b", "c", "d"]);
    let cargo = Project::bare();
    cargo.write(
        "Cargo.toml",
        "[package]\nname = 'shop'\nedition = '2021'\n[lib]\npath = 'lib.rs'\n[workspace]\n",
    );
    cargo.write(
        "lib.rs",
        "#[test] fn a() {}\n#[test] fn b() { panic!(\"no\") }\n#[test] fn d() { panic!(\"no\") }\n\
         #[test] fn c() { loop { std::thread::park() } }\n",
    );
    assert_one_hangs(&cargo, ["shop::a", "shop::b", "shop::c", "shop::d"]);
}

#[test]
fn a_test_of_go_that_ends_its_process_is_red() {
    let project = project("go");
    fs::remove_dir_all(project.folder().join("c")).unwrap();
    let tests = "package b\n\nimport (\n\"os\"\n\"testing\"\n)\n\n\
                 func TestEnds(t *testing.T) { os.Exit(0) }\nfunc TestOther(t *testing.T) {}\n";
    project.write("b/b_test.go", tests);
    let run = run(&project, &["--jobs", "1", "--", "go", "test", "./b"]);
    run.assert_results(&[
        ("example.com/shop/b.TestEnds", Fail),
        ("example.com/shop/b.TestOther", Pass),
    ]);
}

const MOCHA: &[(&str, Status)] = &[
    ("test/a.js > group > passes", Pass),
    ("test/a.js > group > fails", Fail),
    ("test/a.js > group > skipped", Skip),
    ("test/a.js > group > slow", Pass),
    ("test/a.js > hook > first", Fail),
    ("test/a.js > hook > second", Fail),
    ("test/b.js > is alone (a+b)", Pass),
    ("test/b.js > prints", Pass),
];

#[test]
fn mocha_runs_what_is_handed_out_by_file_and_titles() {
    let project = project("mocha");
    let all = run(&project, &["--jobs", "2"]);
    all.assert_results(MOCHA);
    assert!(all.reason("test/a.js > hook > first").is_empty(), "its traceback says it");
    let wrapped = run(&project, &["--jobs", "1", "--", "npm", "test", "--", "--grep", "alone"]);
    wrapped.assert_results(&MOCHA[6..7]);
    project
        .write("test/b.js", "it('ends', () => process.exit(0));\nit('comes after', () => {});\n");
    let ended = run(&project, &["--jobs", "1", "--", "mocha", "test/b.js"]);
    ended.assert_results(&[("test/b.js > ends", Fail), ("test/b.js > comes after", Pass)]);
}

#[test]
fn jest_keeps_its_workers_and_says_its_results_to_a_reporter_beside_its_own() {
    let project = project("jest");
    let all = run(&project, &[]);
    all.assert_results(&[
        ("a.test.js > group > passes", Pass),
        ("a.test.js > group > fails", Fail),
        ("a.test.js > group > skipped", Skip),
        ("a.test.js > group > later", Skip),
        ("b.test.js > other", Pass),
        ("c.test.js", Fail),
    ]);
    // Its console stays.
    let shown = command(&project).args(["--no-capture", "--no-history"]).output().unwrap();
    let shown = String::from_utf8(shown.stderr).unwrap();
    assert!(shown.contains("Test Suites: 2 failed, 1 passed, 3 total"), "{shown}");
    // One test of what failed.
    project.write("list", "a.test.js > group > passes\n");
    let one = run(&project, &["--load-list", "list"]);
    one.assert_results(&[("a.test.js > group > passes", Pass)]);
    project.write("a.test.js", "test('ends', () => process.exit(0));\n");
    let ended = run(&project, &["--", "jest", "-i", "a.test.js"]);
    assert_eq!((ended.exit, ended.sorted_ids().contains(&"a.test.js".to_owned())), (Some(1), true));
}

#[test]
fn vitest_keeps_its_workers() {
    let project = project("vitest");
    let all = run(&project, &[]);
    all.assert_results(&[
        ("a.test.js > group > passes", Pass),
        ("a.test.js > group > fails", Fail),
        ("a.test.js > group > skipped", Skip),
        ("a.test.js > group > later", Skip),
        ("b.test.js > other", Pass),
        ("c.test.js", Fail),
    ]);
    project.write("list", "b.test.js > other\n");
    run(&project, &["--load-list", "list"]).assert_results(&[("b.test.js > other", Pass)]);
    // A broken file breaks the listing that a FILTER needs.
    let broken = run(&project, &["other"]);
    assert!(broken.reason("(listing)").contains("cannot be loaded"), "{broken:?}");
    fs::remove_file(project.folder().join("c.test.js")).unwrap();
    run(&project, &["b.test.js > other"]).assert_results(&[("b.test.js > other", Pass)]);
    run(&project, &["group > passes"]).assert_results(&[("a.test.js > group > passes", Pass)]);
}

#[test]
fn node_keeps_its_processes() {
    let project = project("node");
    let all = run(&project, &[]);
    all.assert_results(&[
        ("a.test.js > group > passes", Pass),
        ("a.test.js > group > fails", Fail),
        ("a.test.js > group > skipped", Skip),
        ("a.test.js > todo", Skip),
        ("a.test.js > parent", Pass),
        ("a.test.js > parent > child", Pass),
        ("b.test.js", Pass),
    ]);
    project.write("list", "a.test.js > group > passes\n");
    run(&project, &["--load-list", "list"]).assert_results(&[("a.test.js > group > passes", Pass)]);
}

#[test]
fn programs_of_googletest_run_batches_and_a_crash_is_its_tests() {
    let project = project("gtest");
    made_by("g++", &["tests.cc", "-o", "tests", "-lgtest", "-lgtest_main", "-lpthread"], &project);
    let all = run(&project, &["--jobs", "2", "--", "./tests"]);
    all.assert_results(&[
        ("Sum.Passes", Pass),
        ("Sum.Fails", Fail),
        ("Sum.Skips", Skip),
        ("Bad.Crashes", Fail),
        ("Bad.EndsItsProcess", Fail),
        ("After.Passes", Pass),
        ("All/Par.IsSmall/0", Pass),
        ("All/Par.IsSmall/1", Pass),
        ("All/Par.IsSmall/2", Fail),
    ]);
    assert!(all.reason("Bad.Crashes").contains("SIGABRT"), "{all:?}");
    assert!(all.reason("Bad.EndsItsProcess").starts_with("exit status 0 while"), "{all:?}");
}

#[test]
fn ctest_runs_batches_by_names_and_by_itself_where_tests_share_something() {
    let project = project("ctest");
    made_by("cmake", &["-S", ".", "-B", "build"], &project);
    let expected = [
        ("passes", Pass),
        ("fails.1 (x+y)", Fail),
        ("skipped", Skip),
        ("crashes", Fail),
        ("missing", Fail),
    ];
    run(&project, &["--jobs", "2"]).assert_results(&expected);
    let some = run(&project, &["fails"]);
    some.assert_results(&expected[1..2]);
    let file = fs::read_to_string(project.folder().join("CMakeLists.txt")).unwrap();
    let shared = "set_tests_properties(passes PROPERTIES RESOURCE_LOCK port)\n";
    project.write("CMakeLists.txt", &format!("{file}{shared}"));
    made_by("cmake", &["-S", ".", "-B", "build"], &project);
    let whole = run(&project, &[]);
    whole.assert_results(&expected);
    assert!(whole.stderr.contains("RESOURCE_LOCK is about the whole run"), "{whole:?}");
}

#[test]
fn meson_keeps_its_workers() {
    let project = project("meson");
    let meson = runners().join("python/bin/meson");
    made_by(meson.to_str().unwrap(), &["setup", "b"], &project);
    let expected = [
        ("shop:passes", Pass),
        ("shop:fails", Fail),
        ("shop:skipped", Skip),
        ("shop:known", XFail),
    ];
    run(&project, &[]).assert_results(&expected);
    run(&project, &["shop:fails"]).assert_results(&expected[1..2]);
}

#[test]
fn bats_runs_batches_and_a_file_whose_names_are_made_as_a_whole() {
    let run = run(&project("bats"), &["--jobs", "2"]);
    run.assert_results(&[
        ("test/a.bats: passes", Pass),
        ("test/a.bats: fails: 100% (x+y)", Fail),
        ("test/a.bats: skipped", Skip),
        ("test/b.bats", Pass),
        ("test/b.bats: of made", Pass),
        ("test/b.bats: other", Pass),
    ]);
}

#[test]
fn rspec_runs_batches_and_a_test_that_ends_its_process_is_red() {
    let run = run(&project("rspec"), &["--jobs", "2"]);
    run.assert_results(&[
        ("./spec/a_spec.rb[1:1]", Pass),
        ("./spec/a_spec.rb[1:2]", Fail),
        ("./spec/a_spec.rb[1:3]", XFail),
        ("./spec/a_spec.rb[1:4]", UxSuccess),
        ("./spec/a_spec.rb[1:5]", Skip),
        ("./spec/a_spec.rb[1:6:1]", Fail),
        ("./spec/a_spec.rb[1:6:2]", Fail),
        ("./spec/b_spec.rb[1:1]", Pass),
        ("./spec/b_spec.rb[1:2]", Fail),
        ("./spec/b_spec.rb[1:3]", Pass),
    ]);
}

#[test]
fn phpunit_runs_batches_and_a_test_that_ends_its_process_is_red() {
    let run = run(&project("phpunit"), &["--jobs", "2"]);
    run.assert_results(&[
        ("Shop\\ATest::testPasses", Pass),
        ("Shop\\ATest::testFails", Fail),
        ("Shop\\ATest::testSkips", Skip),
        ("Shop\\ATest::testWord with data set \"a set\"", Pass),
        ("Shop\\ATest::testWord with data set \"x/y | \"z\"\"", Fail),
        ("Shop\\ATest::testWord with data set #0", Pass),
        ("BTest::testBefore", Pass),
        ("BTest::testEndsItsProcess", Fail),
        ("BTest::testAfter", Pass),
    ]);
}

/// What a runner's processes find in these variables, where two run side by side.
fn assert_told_apart(project: &Project, expected: [&str; 2]) {
    let run = run(project, &["--jobs", "2"]);
    assert_eq!(run.exit, Some(0), "{run:?}");
    let said = fs::read_to_string(project.folder().join("said")).unwrap();
    for line in said.lines() {
        let (worker, found) = line.split_once(' ').unwrap();
        assert_eq!(found, expected[worker.parse::<usize>().unwrap()], "{said}");
    }
}

#[test]
fn processes_of_ruby_and_php_are_told_apart_as_suites_are_used_to() {
    let ruby = "File.write('said', \"#{ENV['SUBUNIT_WORKER']} #{ENV['TEST_ENV_NUMBER']},#{ENV['PARALLEL_TEST_GROUPS']}\\n\", mode: 'a')";
    let of_ruby = [",2", "2,2"];
    let rspec = Project::bare();
    fs::create_dir(rspec.folder().join("spec")).unwrap();
    rspec.write(
        "spec/a_spec.rb",
        &format!("RSpec.describe('a') {{ 2.times {{ |n| it(\"#{{n}}\") {{ {ruby} }} }} }}\n"),
    );
    assert_told_apart(&rspec, of_ruby);
    let minitest = Project::bare();
    fs::create_dir(minitest.folder().join("test")).unwrap();
    let tests = format!("def test_1; {ruby}; end\ndef test_2; {ruby}; end");
    minitest.write(
        "test/a_test.rb",
        &format!("require 'minitest/autorun'\nclass ATest < Minitest::Test\n{tests}\nend\n"),
    );
    assert_told_apart(&minitest, of_ruby);
    let phpunit = project("phpunit");
    fs::remove_file(phpunit.folder().join("tests/ATest.php")).unwrap();
    let php = "file_put_contents('said', getenv('SUBUNIT_WORKER') . ' ' . getenv('TEST_TOKEN') . ',' . strtok(getenv('UNIQUE_TEST_TOKEN'), '_') . \"\\n\", FILE_APPEND); $this->assertTrue(true);";
    let tests = format!("function test1() {{ {php} }}\nfunction test2() {{ {php} }}");
    phpunit.write(
        "tests/BTest.php",
        &format!("<?php\nclass BTest extends PHPUnit\\Framework\\TestCase {{\n{tests}\n}}\n"),
    );
    assert_told_apart(&phpunit, ["1,1", "2,2"]);
}

#[test]
fn nextest_keeps_its_workers() {
    let project = project("cargo");
    fs::create_dir(project.folder().join(".config")).unwrap();
    project.write(".config/nextest.toml", "[profile.default]\nfail-fast = false\n");
    // One that does not list is none of its programs.
    fs::remove_file(project.folder().join("tests/own.rs")).unwrap();
    let manifest = fs::read_to_string(project.folder().join("Cargo.toml")).unwrap();
    project.write("Cargo.toml", manifest.split("[[test]]").next().unwrap());
    let expected = [
        ("shop-x::tests::passes", Pass),
        ("shop-x::tests::fails", Fail),
        ("shop-x::it::one", Pass),
        ("shop-x::it::two", Pass),
        // It does not notice, and what the test has printed tells.
        ("shop-x::it::ends_its_process", Pass),
        ("shop-x::it::ends_its_process", Fail),
        ("shop-x::tests::ignored", Skip),
    ];
    let all = run(&project, &[]);
    assert!(all.stderr.contains("subunit run: nextest (there is .config/nextest.toml)"), "{all:?}");
    all.assert_results(&expected);
    run(&project, &["::one$"]).assert_results(&expected[2..3]);
}

#[test]
fn minitest_runs_batches_and_a_test_that_ends_its_process_is_red() {
    let project = project("minitest");
    let expected = [
        ("ATest#test_passes", Pass),
        ("ATest#test_fails", Fail),
        ("ATest#test_raises", Fail),
        ("ATest#test_skipped", Skip),
        ("group::inner#test_0001_is a spec: 100%", Pass),
        ("BTest#test_before", Pass),
        ("BTest#test_ends_its_process", Fail),
    ];
    let all = run(&project, &["--jobs", "2"]);
    assert!(all.stderr.contains("minitest: test/a_test.rb"), "{all:?}");
    all.assert_results(&expected);
    // Rake starts the process that runs them, and the options of the command stay.
    let words = ["--jobs", "1", "--", "rake", "test", "TESTOPTS=--name=test_passes"];
    run(&project, &words).assert_results(&expected[..1]);
}

#[test]
fn test_unit_runs_batches_and_a_test_that_ends_its_process_is_red() {
    let project = project("test-unit");
    let expected = [
        ("ATest#test_passes", Pass),
        ("ATest#test_data[a b]", Pass),
        ("ATest#test_data[c]", Fail),
        ("ATest#test_fails", Fail),
        ("ATest#test_raises", Fail),
        ("ATest#test_omitted", Skip),
        ("ATest#test_pending", Skip),
        ("BTest#test_before", Pass),
        ("BTest#test_ends_its_process", Fail),
    ];
    let all = run(&project, &["--jobs", "2"]);
    assert!(all.stderr.contains("test-unit: test/a_test.rb"), "{all:?}");
    all.assert_results(&expected);
    let words = ["--jobs", "1", "--", "ruby", "test/a_test.rb", "-n", "/passes|data/"];
    run(&project, &words).assert_results(&expected[..3]);
}
