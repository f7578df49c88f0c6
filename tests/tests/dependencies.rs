//! What each crate may not depend on, so that who takes one of them gets no more than it needs.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, process::Command};

/// The names of all crates that a package of ours brings, without those for its tests.
fn brought_by(package: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "-e", "normal", "--prefix", "none", "-p", package])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tree.stderr).into_owned();
    assert!(tree.status.success(), "{said}");
    let lines = String::from_utf8(tree.stdout).unwrap();
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| *name != package).map(str::to_owned).collect()
}

/// Of no crate but the server.
const ELSEWHERE: [&str; 7] =
    ["tokio", "hyper", "axum", "rustls", "openssl", "libz-sys", "libz-ng-sys"];

/// Of the history, and of who uses it. Others unpack archives without C.
const HISTORY: [&str; 4] = ["rusqlite", "libsqlite3-sys", "zstd-sys", "zstd-safe"];

#[test]
fn nobody_gets_more_than_they_need() {
    let command = ["clap", "anstream", "terminal_size", "flate2", "ruzstd", "subunit-filters"];
    let programs = ["subunit-filters", "subunit-run"];
    for (package, forbidden) in [
        ("subunit-core", &["serde", "serde_json", "rustix", "subunit-formats", "subunit-mux"][..]),
        ("subunit-formats", &["signal-hook", "subunit-mux", "regex"]),
        ("subunit-mux", &["subunit-formats", "quick-xml", "saphyr", "regex"]),
        ("subunit-filters", &["fancy-regex", "subunit-run"]),
        ("subunit-history", &["subunit-formats", "subunit-mux", "signal-hook", "toml"]),
        ("subunit-run", &[]),
    ] {
        let brought = brought_by(package);
        let no_command = if programs.contains(&package) { &[][..] } else { &command };
        let has_history = ["subunit-history", "subunit-run"].contains(&package);
        let no_history = if has_history { &[][..] } else { &HISTORY };
        for name in ELSEWHERE.iter().chain(no_history).chain(forbidden).chain(no_command) {
            assert!(!brought.contains(*name), "{package} brings {name}");
        }
        assert!(brought.contains("memchr"), "{package}: {brought:?}");
    }
    // What is said of the core: see its Cargo.toml.
    let direct = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "-e", "normal", "--prefix", "none"])
        .args(["--depth", "1", "-p", "subunit-core"])
        .output()
        .unwrap();
    let direct = String::from_utf8(direct.stdout).unwrap().lines().count() - 1;
    assert!(direct <= 7, "the core depends on {direct} crates");
}
