//! Do the links of the guide lead somewhere, and is each page in its table of contents?

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use crate::pages::{Page, pages, root};

/// Addresses that the guide names. Everything else is a page or a file of the guide.
const ADDRESSES: [&str; 6] = [
    "https://github.com/testing-cabal/subunit",
    "https://json-schema.org/",
    "https://rust-lang.github.io/mdBook/",
    "https://rustup.rs/",
    "https://ui.perfetto.dev/",
    "https://www.standardwebhooks.com",
];

/// The page with what it includes of other pages.
fn whole(page: &Page) -> String {
    let folder = root().join("docs").join(Path::new(&page.name).parent().unwrap());
    let included = |line: &str| {
        let path = line.strip_prefix("{{#include ")?.strip_suffix("}}")?;
        path.ends_with(".md").then(|| fs::read_to_string(folder.join(path)).unwrap())
    };
    let lines = page.text.lines().map(|line| included(line).unwrap_or_else(|| line.to_owned()));
    lines.collect::<Vec<_>>().join("\n")
}

/// The targets of a page's links outside of its blocks of code.
fn targets(text: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    for line in prose(text) {
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let (target, after) = after.split_once(')').unwrap_or((after, ""));
            targets.push(target);
            rest = after;
        }
    }
    targets
}

/// The lines outside of blocks of code.
pub(crate) fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

/// The anchors of a page's headings, as mdBook and hosts of repositories make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let mut anchors = BTreeSet::new();
    for line in prose(text).filter(|line| line.starts_with('#')) {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = |letter: &char| letter.is_alphanumeric() || "-_ ".contains(*letter);
        let anchor: String = heading.chars().filter(kept).collect::<String>().replace(' ', "-");
        let times = seen.entry(anchor.clone()).or_default();
        anchors.insert(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
        *times += 1;
    }
    anchors
}

/// A path without `.` and `..`; none if it leads out of the guide.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => plain.push(name),
            Component::CurDir => {}
            Component::ParentDir if plain.pop() => {}
            _ => return None,
        }
    }
    Some(plain)
}

/// What is wrong with the links of a page.
fn broken(page: &Page, all: &[Page]) -> Vec<String> {
    let folder = Path::new(&page.name).parent().unwrap();
    let complain = |target: &str, what: &str| Some(format!("docs/{}: {target}: {what}", page.name));
    let check = |target: &str| {
        if target.contains("://") {
            let is_known = ADDRESSES.contains(&target);
            return if is_known { None } else { complain(target, "is not listed") };
        }
        let (path, anchor) = target.split_once('#').map_or((target, None), |(p, a)| (p, Some(a)));
        let Some(path) = (match path {
            "" => Some(PathBuf::from(&page.name)),
            path => plain(&folder.join(path)),
        }) else {
            return complain(target, "leads out of the guide");
        };
        if !root().join("docs").join(&path).is_file() {
            return complain(target, "is missing");
        }
        let other = all.iter().find(|other| Path::new(&other.name) == path);
        match (anchor, other) {
            (Some(anchor), Some(other)) if !anchors(&whole(other)).contains(anchor) => {
                complain(target, "no heading there has this anchor")
            }
            (Some(_), None) => complain(target, "has no headings"),
            _ => None,
        }
    };
    targets(&whole(page)).into_iter().filter_map(check).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let broken: Vec<_> = pages.iter().flat_map(|page| broken(page, &pages)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(pages.iter().map(|page| targets(&page.text).len()).sum::<usize>() > 30);
}

#[test]
fn files_that_the_other_documents_name_are_there() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "BENCHMARKS.md",
        "CHANGELOG.md",
        "CODE_OF_CONDUCT.md",
        "CONTRIBUTING.md",
        "LIMITS.md",
        "SECURITY.md",
    ] {
        let text = fs::read_to_string(root().join(name)).unwrap();
        for target in targets(&text).into_iter().filter(|target| !target.contains("://")) {
            let path = target.split('#').next().unwrap();
            assert!(root().join(path).exists(), "{name}: {target}");
        }
    }
}

#[test]
fn every_page_is_in_the_table_of_contents_once() {
    let pages = pages();
    let summary = pages.iter().find(|page| page.name == "SUMMARY.md").unwrap();
    let mut listed: Vec<_> = targets(&summary.text);
    listed.sort_unstable();
    let mut there: Vec<_> = pages.iter().map(|page| page.name.as_str()).collect();
    there.retain(|name| *name != "SUMMARY.md");
    assert_eq!(listed, there);
}

#[test]
fn files_that_pages_include_are_there() {
    for page in pages() {
        for (_, rest) in
            page.text.match_indices("{{#include ").map(|(at, _)| page.text.split_at(at))
        {
            let path = rest["{{#include ".len()..].split("}}").next().unwrap();
            let path = root().join("docs").join(Path::new(&page.name).parent().unwrap()).join(path);
            assert!(path.is_file(), "docs/{}: {} is missing", page.name, path.display());
        }
    }
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = |text: &str| Page { name: "log-rules.md".to_owned(), text: text.to_owned() };
    let pages = pages();
    for target in
        ["nowhere.md", "../README.md", "https://example.com/", "#nothing", "runners.md#nothing"]
    {
        assert_eq!(broken(&page(&format!("[x]({target})")), &pages).len(), 1, "{target}");
    }
    assert!(broken(&page("[x](runners.md)\n```sh\n[y](z)\n```\n"), &pages).is_empty());
}
