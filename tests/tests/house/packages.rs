//! What goes to crates.io.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;

use super::source::{folders, root, shown};

const PUBLISHED: [&str; 7] = [
    "subunit-core",
    "subunit-formats",
    "subunit-mux",
    "subunit-filters",
    "subunit-history",
    "subunit-run",
    "subunit-server",
];

/// The crates that install a program, and which one.
const PROGRAMS: [(&str, &str); 3] = [
    ("subunit-filters", "subunit"),
    ("subunit-run", "subunit-run"),
    ("subunit-server", "subunit-server"),
];

/// Where a package says what it is, as `cargo metadata` has it.
fn packages() -> Vec<Value> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Publishable packages are those of the list, and each says what registries and docs.rs ask.
#[test]
fn packages_say_what_they_are() {
    let packages = packages();
    let is_published = |package: &&Value| package["publish"] != serde_json::json!([]);
    let mut names: Vec<_> =
        packages.iter().filter(is_published).map(|p| p["name"].clone()).collect();
    names.sort_by_key(Value::to_string);
    let mut published = PUBLISHED;
    published.sort_unstable();
    assert_eq!(names, published);
    for package in packages.iter().filter(is_published) {
        let name = package["name"].as_str().unwrap();
        for key in ["description", "license", "repository", "readme", "documentation"] {
            assert!(package[key].as_str().is_some_and(|text| !text.is_empty()), "{name}: {key}");
        }
        for (key, least) in [("keywords", 3), ("categories", 1)] {
            let count = package[key].as_array().unwrap().len();
            assert!((least..=5).contains(&count), "{name}: {key}: {count}");
        }
        let metadata = &package["metadata"];
        assert_eq!(metadata["docs"]["rs"]["all-features"], true, "{name}");
        let program = PROGRAMS.iter().find(|(of, _)| *of == name).map(|(_, program)| *program);
        assert_eq!(metadata["binstall"].is_object(), program.is_some(), "{name}");
        if let Some(program) = program {
            let says = format!("Installs `{program}`")
                .replace("Installs `subunit`", "Installs the command `subunit`");
            assert!(package["description"].as_str().unwrap().starts_with(&says), "{name}: {says}");
        }
    }
}

/// The project has one address, and one place that says it: everything else is made from that.
#[test]
fn the_address_stands_in_one_place() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let line = manifest.lines().find_map(|line| line.strip_prefix("repository = \""));
    let address = line.unwrap().trim_end_matches('"').trim_start_matches("https://");
    assert!(address.contains('/'), "{address}");
    let mut places = Vec::new();
    let ours = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| !path.ends_with("target") && !path.ends_with(".git");
    for path in ours.filter(is_ours) {
        let inside = if path.is_dir() { folders(&path) } else { vec![(root(), vec![path])] };
        for file in inside.into_iter().flat_map(|(_, entries)| entries) {
            let is_read = file.is_file() && !shown(&file).contains("/target/");
            let bytes = if is_read { fs::read(&file).unwrap() } else { Vec::new() };
            if String::from_utf8_lossy(&bytes).contains(address) {
                places.push(shown(&file));
            }
        }
    }
    assert_eq!(places, ["Cargo.toml"]);
}

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
