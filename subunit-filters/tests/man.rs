//! The manual pages: who types `man NAME` finds what NAME does.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, process::Command};

use subunit_filters::commands::{ELSEWHERE, TOOLS, VERBS};

#[path = "support/alone.rs"]
mod alone;

/// Runs the command in a folder of its own.
fn run(folder: &std::path::Path, words: &[&str]) {
    let place = alone::folder();
    let program = alone::in_folder(place.path());
    let status =
        Command::new(program).args(words).env("PATH", "").current_dir(folder).status().unwrap();
    assert!(status.success());
}

fn names(folder: &std::path::Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The options that a page speaks of, without the marks of the typesetter.
fn plain(page: &str) -> String {
    page.replace("\\-", "-").replace("\\fB", "").replace("\\fR", "").replace("\\fI", "")
}

/// Long options that the help shows.
fn options(definition: &clap::Command) -> Vec<String> {
    let shown = definition.get_arguments().filter(|argument| !argument.is_hide_set());
    shown.filter_map(|argument| Some(format!("--{}", argument.get_long()?))).collect()
}

#[test]
fn every_link_and_every_verb_has_a_page_with_all_its_options() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["links", "bin"]);
    run(folder.path(), &["man", "man1"]);
    let pages = names(&folder.path().join("man1"));
    let mut expected: BTreeSet<String> = BTreeSet::from(["subunit.1".to_owned()]);
    for link in names(&folder.path().join("bin")) {
        let name = link.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(&link);
        // What other programs are called has its own help.
        if ELSEWHERE.iter().any(|other| other.tools.contains(&name)) {
            continue;
        }
        expected.insert(format!("{name}.1"));
    }
    expected.extend(VERBS.iter().map(|verb| format!("subunit-{}.1", verb.name)));
    assert_eq!(pages, expected);
    let verbs = VERBS.iter().map(|verb| (format!("subunit-{}", verb.name), verb));
    let tools = TOOLS.iter().map(|tool| (tool.name.to_owned(), tool));
    for (name, entry) in verbs.chain(tools) {
        let page = fs::read_to_string(folder.path().join(format!("man1/{name}.1"))).unwrap();
        let page = plain(&page);
        for option in options(&entry.definition()) {
            assert!(page.contains(&option), "{name}.1 does not tell of {option}");
        }
    }
}

#[test]
fn a_page_of_two_commands_tells_them_apart() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["man", "."]);
    let page = plain(&fs::read_to_string(folder.path().join("subunit-stats.1")).unwrap());
    assert_eq!(page.matches(".TH ").count(), 1);
    assert!(page.contains("\n.SH NAME\nsubunit-stats - Count results\n"), "{page}");
    let (head, rest) = page.split_once("\n.SH \"SUBUNIT-STATS\"\n").unwrap();
    let (tool, verb) = rest.split_once("\n.SH \"SUBUNIT STATS\"\n").unwrap();
    assert!(head.contains("Two commands share this page"));
    assert!(tool.contains("--no-passthrough") && !tool.contains("--json"));
    assert!(verb.contains("--json") && !verb.contains("--no-passthrough"));
    for part in [tool, verb] {
        assert_eq!(part.matches(".SS SYNOPSIS").count(), 1);
        assert!(!part.contains("\n.SH "));
    }
}
