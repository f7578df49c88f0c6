//! Guards of the house rules, and what is let through today, each with the reason. What is listed and no
//! longer needed has to leave its list.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod exceptions;
mod imports;
mod packages;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use exceptions::{COUNTED, CROWDED, LONG, OPEN_CIRCLES, PLURAL, SHARED};
use imports::{Crate, Module, in_circles};
use source::{CRATES, files, folders, root, shown};

/// What breaks a rule is what is listed, neither more nor less.
fn assert_listed(rule: &str, broken: &BTreeSet<String>, listed: impl IntoIterator<Item = String>) {
    let listed: BTreeSet<_> = listed.into_iter().collect();
    let new: Vec<_> = broken.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(broken).collect();
    let listed = "listed, and no longer so: take it off the list";
    assert!(new.is_empty() && gone.is_empty(), "{rule}: {new:#?}\n{listed}: {gone:#?}");
}

#[test]
fn folders_have_few_entries() {
    let all = CRATES.iter().flat_map(|source| folders(&root().join(source)));
    let crowded =
        all.filter(|(_, entries)| entries.len() > 20).map(|(folder, _)| shown(&folder)).collect();
    let listed = CROWDED.map(|(folder, _)| folder.to_owned());
    assert_listed("a folder has 20 entries at most", &crowded, listed);
}

#[test]
fn files_are_short() {
    let all = CRATES.iter().flat_map(|source| files(source).into_values());
    let long = all.filter(|file| file.lines > 400).map(|file| file.path).collect();
    let listed = LONG.map(|(file, _)| file.to_owned());
    assert_listed("a file has 400 lines at most before its tests", &long, listed);
}

#[test]
fn files_do_not_import_each_other_in_circles() {
    let written = |source: &str, from: &Module, to: &Module| {
        format!("{source}: {} imports {}", from.join("::"), to.join("::"))
    };
    let mut listed: BTreeSet<_> = OPEN_CIRCLES
        .iter()
        .map(|(source, from, to, _)| format!("{source}/src: {from} imports {to}"))
        .collect();
    let mut circles = BTreeSet::new();
    for source in CRATES {
        let files = files(source);
        let mut imports = Crate::new(&files).imports();
        for (from, to) in in_circles(&imports) {
            if listed.remove(&written(source, &from, &to)) {
                imports.get_mut(&from).unwrap().remove(&to);
            }
        }
        circles.extend(in_circles(&imports).iter().map(|(from, to)| written(source, from, to)));
    }
    assert!(circles.is_empty(), "files import each other in a circle:\n{circles:#?}");
    assert!(listed.is_empty(), "is in no circle now, so take it off the list:\n{listed:#?}");
}

#[test]
fn a_name_has_one_meaning() {
    let mut named = BTreeMap::new();
    for file in CRATES.iter().flat_map(|source| files(source).into_values()) {
        for name in file.types() {
            *named.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    named.retain(|_, times| *times > 1);
    let shared = named.iter().map(|(name, times)| format!("{name}, {times} times")).collect();
    let listed = SHARED.iter().flat_map(|(_, names)| *names);
    let listed = listed.map(|(name, times)| format!("{name}, {times} times"));
    assert_listed(
        "types of one name mean one thing; say which in SHARED, or find a better name",
        &shared,
        listed,
    );
}

/// `1 tests` is what a format string says that has the plural in it. `counted` of the core says both.
#[test]
fn counts_are_said_by_counted() {
    let is_count = |line: &str, at: usize| {
        let rest = &line[at + "} ".len()..];
        let word = rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap();
        COUNTED.contains(&word)
    };
    let mut plural = BTreeSet::new();
    for (path, text) in CRATES.iter().flat_map(|source| source::texts(source)) {
        // Under the traditional names all is said as it was.
        if path.contains("/traditional/") {
            continue;
        }
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let mut spots = line.match_indices("} ").map(|(at, _)| at);
            if line.contains('"') && spots.any(|at| is_count(line, at)) {
                let listed =
                    PLURAL.iter().find(|(file, part, _)| path == *file && line.contains(part));
                let part = listed.map_or_else(|| line.trim(), |(_, part, _)| part);
                plural.insert(format!("{path}: {part}"));
            }
        }
    }
    let listed = PLURAL.map(|(file, part, _)| format!("{file}: {part}"));
    assert_listed("use `counted`: a 1 can stand there", &plural, listed);
}

/// Files that documents and scripts of the repository name by their whole path.
#[test]
fn paths_that_are_named_exist() {
    let of_ci = fs::read_dir(root().join(".ci")).unwrap().map(|entry| entry.unwrap().path());
    let documents = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let documents =
        documents.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let (mut named, mut missing) = (0, Vec::new());
    for document in of_ci.chain(documents) {
        let text = fs::read_to_string(&document).unwrap();
        for word in text.split(|c: char| !c.is_alphanumeric() && !"_-./*".contains(c)) {
            let path = word.trim_end_matches('.');
            let ours = CRATES.iter().any(|source| path.starts_with(source.trim_end_matches("src")));
            // `NAME` stands for a name, `*` for several.
            if !ours || path.contains(|c: char| c.is_ascii_uppercase()) {
                continue;
            }
            named += 1;
            let path = path.split('*').next().unwrap();
            if !root().join(path).exists() {
                missing.push(format!("{}: {path}", shown(&document)));
            }
        }
    }
    assert!(named > 0 && missing.is_empty(), "{missing:#?}");
}
