//! What goes to crates.io.

use std::{fs, process::Command};

use super::source::root;

const PUBLISHED: [&str; 5] =
    ["subunit-core", "subunit-formats", "subunit-mux", "subunit-filters", "subunit-run"];

#[test]
fn packages_hold_the_licences_and_no_tests() {
    for package in PUBLISHED {
        let listed = Command::new(env!("CARGO"))
            .args(["package", "--list", "--offline", "--allow-dirty", "-p", package])
            .output()
            .unwrap();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        let listed = String::from_utf8(listed.stdout).unwrap();
        let files: Vec<_> = listed.lines().collect();
        for file in ["LICENSE-APACHE", "LICENSE-BSD", "README.md", "src/lib.rs"] {
            assert!(files.contains(&file), "{package} has no {file}");
        }
        // What tests of `src` include goes along.
        let beside =
            |file: &&&str| file.starts_with("tests/") || file.starts_with("proptest-regressions");
        assert!(files.iter().filter(beside).count() <= 1, "{package}: {files:?}");
        let size = |file: &&str| {
            fs::metadata(root().join(package).join(file)).map_or(0, |file| file.len())
        };
        let size: u64 = files.iter().map(size).sum();
        assert!(size < 2 << 20, "{package} has {size} bytes");
    }
}

/// They are copies, as links to files are plain text in some checkouts.
#[test]
fn licences_are_the_repositorys() {
    for file in ["LICENSE-APACHE", "LICENSE-BSD"] {
        let ours = fs::read(root().join(file)).unwrap();
        for package in PUBLISHED {
            assert_eq!(
                fs::read(root().join(package).join(file)).unwrap(),
                ours,
                "{package}/{file}"
            );
        }
    }
}
