//! The recorded runs of testr and stestr, replayed against the links to our program: `data/runners`.

#![cfg(all(unix, feature = "python-tests"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{os::unix::fs::symlink, path::Path, process::Command};

/// How many cases are compared word by word. Those that need a package of Python are not among them, nor are
/// the debatable ones, in which we do what the original does or better.
const CASES: &str = "\n100 of 100\n";

#[test]
fn the_traditional_names_do_what_was_recorded() {
    let links = tempfile::tempdir().unwrap();
    for name in ["testr", "stestr"] {
        symlink(env!("CARGO_BIN_EXE_subunit-run"), links.path().join(name)).unwrap();
    }
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/runners");
    let mut check = Command::new("python3");
    check.env("PYTHONDONTWRITEBYTECODE", "1").arg(cases.join("check.py"));
    for name in ["testr", "stestr"] {
        check.arg(format!("--{name}")).arg(links.path().join(name));
    }
    let output = check.args(["-j", "2"]).arg(&cases).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(CASES), "{said}{errors}");
}
