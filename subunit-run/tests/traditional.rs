//! The recorded runs of testr and stestr, replayed against the links to our program: `data/runners`.

#![cfg(all(unix, feature = "python-tests"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_subunit-run");

/// A folder with links to our program under the traditional names.
fn links() -> tempfile::TempDir {
    let links = tempfile::tempdir().unwrap();
    for name in ["testr", "stestr"] {
        symlink(PROGRAM, links.path().join(name)).unwrap();
    }
    links
}

/// Replays cases. All must agree, and be as many as `expected` says.
fn replay(arguments: &[&str], expected: &str) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/runners");
    let mut check = Command::new("python3");
    check.env("PYTHONDONTWRITEBYTECODE", "1").arg(cases.join("check.py"));
    let output = check.args(["-j", "2"]).args(arguments).arg(&cases).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.ends_with(expected), "{said}{errors}");
}

/// Cases that need a package of Python are not among them. In the debatable ones, which are not in the
/// number, we do what the original does or better.
#[test]
fn the_traditional_names_do_what_was_recorded() {
    let links = links();
    let [testr, stestr] = ["testr", "stestr"].map(|name| links.path().join(name));
    let commands = ["--testr", testr.to_str().unwrap(), "--stestr", stestr.to_str().unwrap()];
    replay(&commands, "\n100 of 100\n");
}

/// Without `$PYTHON`, stestr runs tests by what there is: at least our own runner of unittest.
#[test]
fn stestr_needs_no_package_of_python() {
    let links = links();
    let (link, script) = (links.path().join("stestr"), links.path().join("run-stestr"));
    fs::write(&script, format!("#!/bin/sh\nunset PYTHON\nexec {} \"$@\"\n", link.display()))
        .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let script = script.to_str().unwrap();
    replay(&["--stestr", script, "--python", "python3", "--only", "s-python"], "\n2 of 2\n");
}
