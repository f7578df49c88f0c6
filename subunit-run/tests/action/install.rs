//! Which archive is installed, and is it the one that was released?

use std::fs;

use crate::{
    release::{manifest, release, shadow_curl, version},
    runner::{Job, root, write_script},
};

/// A machine of this kind, as `uname` says it.
fn machine(system: &str, kind: &str) -> Job {
    let mut job = Job::bare();
    job.shadow(
        "uname",
        &format!("#!/bin/sh\ncase $1 in -s) echo {system} ;; -m) echo {kind} ;; esac\n"),
    );
    job
}

const ALL: [&str; 5] = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
];

#[test]
fn each_machine_gets_its_archive() {
    for (system, kind, targets, expected) in [
        ("Linux", "x86_64", &ALL[..], "x86_64-unknown-linux-musl"),
        ("Linux", "x86_64", &ALL[..4], "x86_64-unknown-linux-gnu"),
        ("Linux", "aarch64", &ALL[..], "aarch64-unknown-linux-musl"),
        ("Darwin", "arm64", &ALL[..], "aarch64-apple-darwin"),
        ("Darwin", "x86_64", &ALL[..], "x86_64-apple-darwin"),
    ] {
        let mut job = machine(system, kind);
        let from = release(&job, &version(), targets);
        let step = job.step("install", &[("FROM", &from.display().to_string())]);
        assert_eq!(step.status, 0, "{}", step.log);
        assert_eq!(step.log, format!("subunit of {expected}\n"));
        // The next step finds the programs.
        let step = job.step("run", &[("COMMAND", "true")]);
        assert!(step.log.contains(&format!("subunit of {expected}")), "{}", step.log);
    }
}

/// The archives that machines choose are among those that the workflow of a release builds.
#[test]
fn what_is_chosen_is_built_for_a_release() {
    let workflow = fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap();
    for target in ALL {
        assert!(workflow.contains(&format!("- {{ target: {target}, ")), "{target}");
    }
}

#[test]
fn machines_without_an_archive_are_told_so() {
    for (system, kind, why) in [
        ("MINGW64_NT-10.0", "x86_64", "the action runs on Linux and macOS"),
        ("Linux", "riscv64", "there are no archives for riscv64"),
        ("Darwin", "arm64", "names no archive of version"),
    ] {
        let mut job = machine(system, kind);
        let from = release(&job, &version(), &ALL[3..]);
        job.step("install", &[("FROM", &from.display().to_string())]).assert_refused(why);
    }
}

#[test]
fn an_archive_that_is_not_as_released_is_refused() {
    let archive = format!("subunit-{}-x86_64-unknown-linux-musl.tar.gz", version());
    let mut job = machine("Linux", "x86_64");
    let from = release(&job, &version(), &ALL[4..]);
    let named = from.join(&archive).display().to_string();
    assert_eq!(job.step("install", &[("FROM", &named)]).status, 0);

    let whole = fs::read(from.join(&archive)).unwrap();
    fs::write(from.join(&archive), [&whole[..], b"more"].concat()).unwrap();
    for from in [&named, &from.display().to_string()] {
        job.step("install", &[("FROM", from)]).assert_refused("has the checksum");
    }
    fs::write(from.join("SHA256SUMS"), "").unwrap();
    job.step("install", &[("FROM", &named)]).assert_refused("does not name");
    fs::remove_file(from.join("SHA256SUMS")).unwrap();
    job.step("install", &[("FROM", &named)]).assert_refused("SHA256SUMS cannot be had");
}

/// The address is that of the action's own repository; the version is that of its manifest, unless one is asked for.
#[test]
fn the_release_is_the_one_of_the_actions_repository() {
    let own = version();
    for (asked, expected) in [("", &*own), ("v9.8.7", "9.8.7"), ("9.8.7-rc.1", "9.8.7-rc.1")] {
        let mut job = machine("Linux", "x86_64");
        let from = release(&job, expected, &ALL[4..]);
        let asked_for = shadow_curl(&mut job, &from);
        job.set("ACTION_REPOSITORY", "owner/fork");
        let step = job.step("install", &[("VERSION", asked)]);
        assert_eq!(step.status, 0, "{}", step.log);
        let place = format!("https://github.com/owner/fork/releases/download/v{expected}");
        let archive = format!("subunit-{expected}-x86_64-unknown-linux-musl.tar.gz");
        let asked = fs::read_to_string(asked_for).unwrap();
        assert_eq!(asked, format!("{place}/SHA256SUMS\n{place}/{archive}\n"));
    }
}

/// For `uses: ./action` the runner names no repository.
#[test]
fn without_a_repository_the_address_is_that_of_the_manifest() {
    let mut job = machine("Linux", "x86_64");
    job.shadow("curl", "#!/bin/sh\nexit 22\n");
    let place = format!("{}/releases/download/v{}", manifest("repository"), version());
    let why = format!("{place}/SHA256SUMS cannot be had");
    job.step("install", &[]).assert_refused(&why);
}

#[test]
fn a_version_is_no_path_and_a_folder_has_both_programs() {
    let mut job = machine("Linux", "x86_64");
    for version in ["../1.0", "1.0 2", "1.0\n2", "v"] {
        job.step("install", &[("VERSION", version)]).assert_refused("is no version");
    }
    let folder = job.folder("half");
    write_script(&folder.join("bin/subunit"), "#!/bin/sh\n");
    let from = folder.display().to_string();
    job.step("install", &[("FROM", &from)]).assert_refused("has no program subunit-run");
    write_script(&folder.join("bin/subunit-run"), "#!/bin/sh\n");
    write_script(&folder.join("bin/subunit"), "#!/bin/sh\nexit 1\n");
    job.step("install", &[("FROM", &from)]).assert_refused("does not run on this machine");
}
