//! The adapter of dotnet, with a program that stands for the SDK.

use std::fs;

use subunit_core::Status::{Fail, Skip, Success as Pass};

use crate::project::{Project, Ran, copy};

fn project() -> Project {
    let project = Project::bare();
    copy("adapters/dotnet", project.folder());
    project
}

fn run(project: &Project, words: &[&str]) -> Ran {
    project.run(&[&["--no-history"], words].concat())
}

/// What the program was started with last.
fn arguments(project: &Project) -> String {
    let all = fs::read_to_string(project.folder().join("arguments")).unwrap();
    all.lines().last().unwrap().to_owned()
}

const RESULTS: &[(&str, subunit_core::Status)] =
    &[("Shop.CartTest.Adds", Pass), ("Shop.CartTest.Fails", Fail), ("Shop.CartTest.Later", Skip)];

#[test]
fn the_files_that_dotnet_test_writes_are_the_results_and_its_console_stays() {
    let project = project();
    let all = run(&project, &[]);
    assert!(all.stderr.contains("subunit run: dotnet (there is Shop.Tests.csproj)"), "{all:?}");
    all.assert_results(RESULTS);
    assert_eq!(all.exit, Some(1));
    assert!(all.text("stdout").contains("Failed:     1, Passed:     1"), "{all:?}");
    let said = arguments(&project);
    assert!(said.starts_with("test --logger trx --results-directory /"), "{said}");
    // Of its own folder nothing is left, and of the user's nothing is taken.
    assert!(!project.folder().join("TestResults").exists());
    run(&project, &["--", "dotnet", "test", "--logger", "html", "--", "x=y"])
        .assert_results(RESULTS);
    assert_eq!(arguments(&project), "test --logger html --logger trx -- x=y");
    // The file that is there by now is of an earlier run.
    let again = run(&project, &["--", "dotnet", "test", "--logger", "trx;LogFilePrefix=a"]);
    again.assert_results(RESULTS);
    assert_eq!(arguments(&project), "test --logger trx;LogFilePrefix=a");
}

#[test]
fn dotnet_runs_what_is_chosen_by_its_full_name() {
    let project = project();
    project.write("list", "Shop.CartTest.Adds\nShop.CartTest.Gone(x: 1)\n");
    let words = ["--load-list", "list", "--", "dotnet", "test", "--filter", "Category=x"];
    let some = run(&project, &words);
    some.assert_results(&[("Shop.CartTest.Adds", Pass), ("Shop.CartTest.Gone(x: 1)", Fail)]);
    let said = arguments(&project);
    let filter = "--filter FullyQualifiedName=Shop.CartTest.Adds|FullyQualifiedName=Shop.CartTest.Gone|\
                  FullyQualifiedName~Shop.CartTest.Gone\\(";
    assert!(said.ends_with(filter), "{said}");
}

#[test]
fn what_dotnet_does_not_build_or_finish_is_red_by_its_name() {
    let project = project();
    let console =
        "/s/B/T.cs(3,5): error CS0103: no name [/s/B/B.csproj]\nTest host process crashed\n";
    project.write("console.txt", console);
    let mut expected = RESULTS.to_vec();
    expected.extend([("B.csproj [build]", Fail), ("(dotnet)", Fail)]);
    run(&project, &[]).assert_results(&expected);
    fs::remove_file(project.folder().join("results.trx")).unwrap();
    project.write("console.txt", "MSBUILD : error MSB1003: no project\n");
    let none = run(&project, &[]);
    assert_eq!((none.exit, none.results.len()), (Some(1), 1), "{none:?}");
    assert!(none.results[0].reason.contains("MSB1003"), "{none:?}");
}
