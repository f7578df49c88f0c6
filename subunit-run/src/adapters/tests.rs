//! Which runner is found where.

use std::fs;

use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn found(&self) -> String {
        match of_folder(self.0.path()) {
            Ok(runner) => format!("{}: {}", runner.name(), runner.why()),
            Err(error) => error.to_string(),
        }
    }
}

const SCRIPT_OF_JEST: &str = "jest: package.json: its script `test`";
const IMPORTS: &str = "import pytest\n";
const UNITTEST: &str = "from unittest import TestCase\n";

#[test]
fn a_file_that_names_a_runner_wins_over_one_that_is_made_for_it() {
    for (files, expected) in [
        (&[("pytest.ini", "")][..], "pytest: pytest.ini"),
        (&[("pyproject.toml", "[tool.pytest.ini_options]\n")], "pytest: pyproject.toml"),
        (&[("a/b/test_x.py", IMPORTS)], "pytest: a/b/test_x.py"),
        (&[("test_x.py", "import x\n\ndef test_a():\n    pass\n")], "pytest: test_x.py"),
        (&[("test_x.py", "import unittest\ndef test_suite():\n    pass\n")], "unittest: test_x.py"),
        (&[("test_x.py", UNITTEST)], "unittest: test_x.py"),
        (&[("test_x.py", UNITTEST), ("tests/conftest.py", "")], "pytest: tests/conftest.py"),
        (&[("test_x.py", UNITTEST), ("test_y.py", IMPORTS)], "pytest: test_y.py"),
        (&[("Cargo.toml", ""), ("t/a.t", "")], "cargo test: Cargo.toml"),
        (&[("Cargo.toml", ""), (".config/nextest.toml", "")], "nextest: .config/nextest.toml"),
        (&[("go.mod", "")], "go: go.mod"),
        (&[("package.json", r#"{"scripts": {"test": "npx jest --ci"}}"#)], SCRIPT_OF_JEST),
        (&[("package.json", r#"{"devDependencies": {"vitest": "1"}}"#)], "vitest: package.json"),
        (&[("package.json", "{}"), (".mocharc.yml", "")], "mocha: .mocharc.yml"),
        (&[("a.test.mjs", "import 'node:test'")], "node: a.test.mjs"),
        (&[("build-x/CTestTestfile.cmake", "")], "ctest: build-x/CTestTestfile.cmake"),
        (&[("meson.build", ""), ("b/meson-private/coredata.dat", "")], "meson: meson.build, b"),
        (&[("MODULE.bazel", "")], "bazel: MODULE.bazel"),
        (
            &[("Shop.sln", ""), ("tests/Shop.Tests/Shop.Tests.csproj", "Microsoft.NET.Test.Sdk")],
            "dotnet: Shop.sln, tests/Shop.Tests/Shop.Tests.csproj",
        ),
        (&[("Shop.Tests.csproj", "Microsoft.NET.Test.Sdk")], "dotnet: Shop.Tests.csproj"),
        (&[("pom.xml", "")], "maven: pom.xml"),
        (&[("build.gradle.kts", ""), ("gradlew", "")], "gradle: build.gradle.kts"),
        (&[("spec/a_spec.rb", "")], "rspec: spec/a_spec.rb"),
        (&[("phpunit.xml.dist", "")], "phpunit: phpunit.xml.dist"),
        (
            &[("package.json", r#"{"devDependencies": {"@cucumber/cucumber": "1"}}"#)],
            "cucumber: package.json",
        ),
        (&[("playwright.config.ts", "")], "playwright: playwright.config.ts"),
        (&[("cucumber.mjs", "")], "cucumber: cucumber.mjs"),
        (
            &[("features/a.feature", ""), ("features/step_definitions/a.ts", "")],
            "cucumber: features/a.feature",
        ),
        (&[("mix.exs", ""), ("test/a_test.exs", "")], "exunit: mix.exs"),
        (&[("test/a.bats", "")], "bats: test/a.bats"),
        (&[("t/a.t", "")], "prove: t/a.t"),
    ] {
        assert_eq!(Folder::new(files).found(), expected);
    }
}

#[test]
fn several_runners_are_those_of_the_surest_kind() {
    for (files, names) in [
        (
            &[("pytest.ini", ""), ("Cargo.toml", ""), ("t/a.t", "")][..],
            &["pytest", "cargo test"][..],
        ),
        (&[("test_x.py", UNITTEST), ("t/a.t", "")], &["unittest", "prove"]),
        // pytest runs the tests of unittest, too.
        (&[("test_x.py", UNITTEST), ("test_y.py", "def test_a():\n    pass\n")], &["pytest"]),
        (&[], &[]),
    ] {
        let folder = Folder::new(files);
        let found = all_of_folder(folder.0.path());
        assert_eq!(found.iter().map(Invocation::name).collect::<Vec<_>>(), names);
    }
    let said = Folder::new(&[("pytest.ini", ""), ("go.mod", "")]).found();
    assert!(
        said.ends_with("pytest (pytest.ini), go (go.mod); name one: --runner=pytest"),
        "{said}"
    );
}

#[test]
fn a_folder_without_a_sign_is_told_which_runners_are_known() {
    for files in [
        &[("pyproject.toml", "[project]\n"), ("README", "pytest")][..],
        &[("node_modules/x/test_x.py", IMPORTS)],
        &[("a/b/c/d/e/test_x.py", IMPORTS)],
        &[("mix.exs", ""), ("deps/a/test/a_test.exs", "")],
        // Its script runs something else, maybe a runner by other means.
        &[("package.json", r#"{"scripts": {"test": "make"}, "devDependencies": {"jest": "1"}}"#)],
    ] {
        let said = Folder::new(files).found();
        assert!(
            said.starts_with("No files of a runner are there: of pytest, unittest, "),
            "{said}"
        );
    }
}

#[test]
fn a_runner_is_taken_by_its_name_where_it_has_a_sign() {
    let folder = Folder::new(&[("test_x.py", UNITTEST), ("pytest.ini", "")]);
    let named = |name| by_name(name, folder.0.path());
    assert_eq!(named("unittest").unwrap().name(), "unittest");
    let said = named("pytst").unwrap_err().to_string();
    assert_eq!(said, "there is no runner `pytst`; did you mean `pytest`?");
    let none = Folder::new(&[]);
    let said = by_name("unittest", none.0.path()).unwrap_err().to_string();
    assert!(said.contains("no sign of it: test*.py"), "{said}");
}

#[test]
fn a_suite_gets_a_command_and_what_it_needs() {
    let folder = Folder::new(&[("pytest.ini", "")]);
    let words = ["nice", "pytest", "-k", "it's"];
    let runner = of_command(&words, folder.0.path()).unwrap();
    let mut suite = Suite { folder: folder.0.path().to_owned(), ..Suite::default() };
    suite.environment.insert("PYTHONPATH".to_owned(), "mine".to_owned());
    runner.complete(&mut suite).unwrap();
    assert_eq!(suite.test_command, r"nice pytest -p subunit_pytest $LISTOPT -k 'it'\''s'");
    let (kit, mine) = suite.environment["PYTHONPATH"].split_once(':').unwrap();
    assert_eq!(mine, "mine");
    assert!(Path::new(kit).join("subunit_pytest.py").is_file());
    let kit = kit.to_owned();
    drop(suite);
    assert!(!Path::new(&kit).exists(), "the folder of the run goes with it");
}

#[test]
fn what_an_adapter_makes_does_not_run_on_instances() {
    let folder = Folder::new(&[]);
    let runner = of_command(&["pytest"], folder.0.path()).unwrap();
    let mut suite = Suite { instance_execute: Some("ssh".to_owned()), ..Suite::default() };
    assert!(runner.complete(&mut suite).unwrap_err().contains("not on instances"));
}
