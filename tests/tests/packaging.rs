//! What can be said of `packaging/` without building anything. `packaging/test` installs what it makes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn manifest() -> String {
    fs::read_to_string(root().join("Cargo.toml")).unwrap()
}

/// A value of `[workspace.package]`.
fn said(key: &str) -> String {
    let manifest = manifest();
    let package = manifest.split_once("\n[workspace.package]\n").unwrap().1;
    let line = package.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
    line.unwrap().trim_end_matches('"').to_owned()
}

/// A clone that says other things about itself, as far as the release script looks.
struct Clone(PathBuf);

impl Clone {
    fn new(name: &str, address: &str, heading: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("release-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("packaging")).unwrap();
        fs::copy(root().join("packaging/release"), folder.join("packaging/release")).unwrap();
        let manifest = manifest().replace(&said("repository"), address);
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join("CHANGELOG.md"), format!("# Changelog\n\n{heading}\n")).unwrap();
        let clone = Self(folder);
        clone.git(&["init", "-q"]);
        clone.git(&["add", "."]);
        let author = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        clone.git(&[&author[..], &["commit", "-q", "-m", "all"]].concat());
        clone
    }

    fn git(&self, words: &[&str]) {
        let mut git = Command::new("git");
        git.args(words).current_dir(&self.0).stdout(Stdio::null());
        assert!(git.status().unwrap().success(), "git {words:?}");
    }

    /// What stands in the way of a release, a line each.
    fn obstacles(&self, version: &str) -> Vec<String> {
        obstacles(&self.0, version)
    }
}

fn obstacles(folder: &Path, version: &str) -> Vec<String> {
    let mut release = Command::new("bash");
    release.args(["packaging/release", version, "--check"]).current_dir(folder);
    let output = release.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<_> = said.lines().map(str::to_owned).collect();
    assert_eq!(output.status.code(), Some(i32::from(!lines.is_empty())), "{said}");
    lines
}

const ADDRESS: &str = "https://example.org/team/subunit";

/// The heading of a version that is out.
fn dated(version: &str) -> String {
    format!("## {version}, 1 December 2026")
}

#[test]
fn a_clone_without_obstacles_can_be_released() {
    let version = said("version");
    let clone = Clone::new("clean", ADDRESS, &dated(&version));
    assert_eq!(clone.obstacles(&version), [""; 0]);
}

/// The project has no address yet: nothing that names it can be given to people.
#[test]
fn a_placeholder_for_the_address_is_refused() {
    let version = said("version");
    let clone = Clone::new("address", "https://subunit.invalid/x", &dated(&version));
    let obstacles = clone.obstacles(&version);
    assert_eq!(obstacles.len(), 1, "{obstacles:?}");
    assert!(obstacles[0].contains("placeholder https://subunit.invalid/x"), "{obstacles:?}");
    let ours = self::obstacles(root(), &version);
    let refused = ours.iter().any(|line| line.contains("is the placeholder"));
    assert_eq!(refused, said("repository").contains(".invalid"), "{ours:?}");
}

#[test]
fn a_version_that_is_not_the_clones_is_refused() {
    let clone = Clone::new("version", ADDRESS, &dated("99.0.0"));
    let obstacles = clone.obstacles("99.0.0");
    assert_eq!(obstacles.len(), 2, "{obstacles:?}");
    assert!(obstacles[0].contains("not 99.0.0"), "{obstacles:?}");
    assert!(obstacles[1].contains("[workspace.dependencies] names subunit-core"), "{obstacles:?}");
}

#[test]
fn a_changelog_that_does_not_have_the_version_is_refused() {
    let version = said("version");
    let open = Clone::new("open", ADDRESS, &format!("## {version}, to be released"));
    let missing = Clone::new("missing", ADDRESS, &format!("## {version}1, 1 December 2026"));
    for (clone, says) in [(open, "write the day"), (missing, "there is no heading")] {
        let obstacles = clone.obstacles(&version);
        assert_eq!(obstacles.len(), 1, "{obstacles:?}");
        assert!(obstacles[0].contains(says), "{obstacles:?}");
    }
}

#[test]
fn changes_that_are_not_committed_and_a_tag_are_refused() {
    let version = said("version");
    let clone = Clone::new("dirty", ADDRESS, &dated(&version));
    fs::write(clone.0.join("left"), "").unwrap();
    let obstacles = clone.obstacles(&version);
    assert!(obstacles.len() == 1 && obstacles[0].contains("not committed: left"), "{obstacles:?}");
    fs::remove_file(clone.0.join("left")).unwrap();
    clone.git(&["tag", &format!("v{version}")]);
    let obstacles = clone.obstacles(&version);
    assert!(obstacles.len() == 1 && obstacles[0].contains("there is a tag"), "{obstacles:?}");
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| !path.ends_with("__pycache__");
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.filter(is_ours).flat_map(below).collect()
}

/// Packages say the address and the version of Cargo.toml, so their templates say none.
#[test]
fn templates_have_no_address_and_no_version_of_their_own() {
    let version = said("version");
    let templates = files(&root().join("packaging/templates"));
    assert!(templates.len() > 4, "{templates:?}");
    for file in &templates {
        let text = fs::read_to_string(file).unwrap();
        assert!(!text.contains("://"), "{}: an address", file.display());
    }
    let workflow = root().join(".github/workflows/release.yml");
    for file in files(&root().join("packaging")).into_iter().chain([workflow]) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains(&version), "{}: {version}", file.display());
    }
}

/// The packages of the workspace have the workspace's version.
#[test]
fn the_version_stands_once() {
    let folders = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let manifests = folders.map(|folder| folder.join("Cargo.toml")).filter(|file| file.exists());
    let mut seen = 0;
    for file in manifests.filter(|file| !file.starts_with(root().join("fuzz"))) {
        let text = fs::read_to_string(&file).unwrap();
        let package = text.split("\n[").next().unwrap();
        assert!(package.contains("\nversion.workspace = true\n"), "{}", file.display());
        seen += 1;
    }
    assert!(seen > 6, "{seen}");
}
