//! The pages of a history: their links, what changes of them, and what they say.

use std::{
    collections::BTreeMap,
    fs,
    path::{Component, Path, PathBuf},
};

use subunit_history::WrittenSite;

use crate::support::{Place, Run};

/// All files of a folder, by their paths in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

fn attributes<'p>(page: &'p str, start: &str) -> Vec<&'p str> {
    page.split(start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Every address leads to a file, and to a place in it.
fn check_links(files: &BTreeMap<PathBuf, String>) {
    for (name, page) in files.iter().filter(|(name, _)| name.extension() == Some("html".as_ref())) {
        for address in attributes(page, "href=\"").into_iter().chain(attributes(page, "src=\"")) {
            let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
            let mut target = name.parent().unwrap().to_owned();
            for part in Path::new(path).components() {
                match part {
                    Component::ParentDir => assert!(target.pop(), "{address} in {name:?}"),
                    part => target.push(part),
                }
            }
            let found = files.get(&target).unwrap_or_else(|| panic!("{address} in {name:?}"));
            let is_there = anchor.is_empty() || found.contains(&format!("id=\"{anchor}\""));
            assert!(is_there, "{address} in {name:?}");
        }
    }
}

fn place() -> Place {
    let place = Place::new();
    let run = |tests, revision| Run { tests, revision, series: "main", ..Run::default() };
    place.load_all(&[
        run("a. b. c. d. <script>alert(1)</script>.", "r1"),
        run("a! b. c1! c2. d- <script>alert(1)</script>!", "r2"),
        run("a! b? c. d. <script>alert(1)</script>.", "r3"),
        Run { tests: "a. e!", series: "next/one", ..Run::default() },
    ]);
    place
}

fn write(place: &Place) -> (WrittenSite, BTreeMap<PathBuf, String>) {
    let folder = place.root().join("../site");
    let written = place.history().write_site(&folder, 100, |_| true).unwrap();
    (written, files(&folder))
}

#[test]
fn all_links_lead_to_a_page_and_nothing_of_a_test_is_markup() {
    let (written, files) = write(&place());
    check_links(&files);
    // The first page, two series with their grids, four runs; a, b, c, the script; e.
    assert_eq!(written.pages, 1 + 2 * 2 + 4 + 5);
    for page in files.values() {
        assert!(!page.contains("<script>alert"), "{page}");
    }
    let grid = &files[Path::new("grid/main.html")];
    let cells = |id: &str| {
        let row = grid.split("<tr>").find(|row| row.contains(&format!(">{id}</a></th>")));
        let row = row.unwrap_or_else(|| panic!("{id}: {grid}")).split("<td>").nth(1).unwrap();
        let texts = row.split('<').filter_map(|piece| piece.split_once('>'));
        texts.map(|(_, text)| text).collect::<String>().trim().to_owned()
    };
    assert_eq!(
        (cells("a").as_str(), cells("b").as_str(), cells("c").as_str()),
        ("FF·", "!··", "·f·")
    );
    assert!(!grid.contains(">d</a>"), "it was never bad");
}

#[test]
fn a_run_says_what_is_new_and_what_is_fixed() {
    let place = place();
    let (_, files) = write(&place);
    let runs = place.history().runs(Some("main")).unwrap();
    let page = &files[&PathBuf::from(format!("run/{}.html", runs[0].uuid))];
    let part = |heading: &str| {
        let part =
            page.split("<section>").find(|part| part.contains(&format!("<h2>{heading}</h2>")));
        part.unwrap_or_else(|| panic!("{heading}: {page}"))
    };
    assert!(part("Newly failing").contains(">b</a>") && !part("Newly failing").contains(">a</a>"));
    assert!(part("Failing as before").contains(">a</a>"));
    assert!(part("Fixed").contains("&lt;script&gt;"));
    assert!(part("Failing as before").contains("a broke at N"), "{page}");
    assert!(page.contains("<dd>r3</dd>"), "{page}");
}

#[test]
fn only_what_changes_is_written_and_what_is_over_goes_away() {
    let place = place();
    let (first, before) = write(&place);
    assert_eq!(first.written, first.pages + 2);
    assert_eq!(write(&place).0, WrittenSite { written: 0, ..first });
    place.load(Run { tests: "a. b. c. d. f!", day: 9, series: "main", ..Run::default() });
    let (again, after) = write(&place);
    check_links(&after);
    assert!(again.written < again.pages, "{again:?}");
    let of = |name: &str| before.keys().filter(|path| path.starts_with(name)).count();
    let old_runs = before.iter().filter(|(path, _)| path.starts_with("run"));
    let is_ranked =
        attributes(&after[Path::new("grid/main.html")], "<th scope=\"row\"><a href=\"../");
    assert!(is_ranked.len() > 3 && !is_ranked.is_sorted(), "f broke last: {is_ranked:?}");
    assert!(old_runs.clone().all(|(path, page)| after[path] == *page), "a run stays as it was");
    assert_eq!(old_runs.count(), of("run"));
    // With one run alone only what was bad in it has a page.
    let folder = place.root().join("../site");
    place.history().write_site(&folder, 1, |_| true).unwrap();
    let left = files(&folder);
    let tests = left.keys().filter(|path| path.starts_with("test")).count();
    assert_eq!(tests, 2, "f of main, and e of the other series");
    assert_eq!(left.keys().filter(|path| path.starts_with("run")).count(), 2);
    check_links(&left);
}

#[test]
fn a_folder_of_others_is_left_alone() {
    let place = place();
    let folder = place.root().join("../other");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("index.html"), "mine").unwrap();
    let error = place.history().write_site(&folder, 100, |_| true).unwrap_err().to_string();
    assert!(error.contains("name a folder that is empty or not there"), "{error}");
    assert_eq!(files(&folder).len(), 1);
}
