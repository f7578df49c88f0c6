//! cargo test: its programs run batches.

use std::fs;

use subunit_core::Status;

use crate::project::{Project, Ran, copy};

/// The crate with all that can come of a test, and no configuration.
fn project() -> Project {
    let project = Project::bare();
    copy("adapters/cargo", project.folder());
    project
}

fn run(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.command();
    // What this test was started with is not meant for that crate.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_TARGET_DIR").env("CARGO_NET_OFFLINE", "true");
    // Its toolchain is found by the home of the user.
    command.env("HOME", std::env::var_os("HOME").unwrap_or_default());
    Ran::of(&command.args(["--subunit", "--no-history"]).args(arguments).output().unwrap())
}

#[test]
fn every_test_of_a_crate_has_its_result() {
    let project = project();
    let all = run(&project, &["--jobs", "2"]);
    assert!(all.stderr.contains("subunit run: cargo test (there is Cargo.toml)"), "{all:?}");
    all.assert_results(&[
        ("shop_x::tests::passes", Status::Success),
        ("shop_x::tests::fails", Status::Fail),
        ("shop_x::tests::ignored", Status::Skip),
        ("it::one", Status::Success),
        ("it::two", Status::Success),
        ("it::ends_its_process", Status::Fail),
        ("own", Status::Success),
        ("shop_x::src/lib.rs - double (line 1)", Status::Success),
    ]);
    assert!(
        all.reason("it::ends_its_process").starts_with("exit status 0 while this test was running")
    );
    // The options of the command stay, those of cargo and those of its programs.
    let words = ["--jobs", "1", "--", "cargo", "test", "-q", "--lib", "--", "--skip", "fails"];
    let some = run(&project, &words);
    some.assert_results(&[
        ("shop_x::tests::passes", Status::Success),
        ("shop_x::tests::ignored", Status::Skip),
    ]);
    assert_eq!(some.exit, Some(0));
    // What does not compile is red.
    fs::write(project.folder().join("tests/it.rs"), "#[test] fn one() { undefined() }").unwrap();
    let broken = run(&project, &[]);
    assert!(broken.reason("(listing)").contains("`cargo test"), "{broken:?}");
    assert_eq!(broken.exit, Some(1));
}
