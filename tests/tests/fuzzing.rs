//! Replays what fuzzing has found: every input of the corpora, and every one that ever broke something.
//!
//! The inputs are in `fuzz/`, so these tests are in the crate that is never packaged alone. Those of `capi`
//! are replayed where its body is, in `bindings-c`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    thread,
};

use subunit_core::fuzzing::Body;
use subunit_formats::fuzzing;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths
}

fn bodies() -> impl Iterator<Item = (&'static str, Body)> {
    subunit_core::fuzzing::BODIES
        .into_iter()
        .chain(fuzzing::BODIES)
        .chain(subunit_mux::fuzzing::BODIES)
        .chain(subunit_filters::fuzzing::BODIES)
}

fn replay(target: &str) {
    let (_, body) = bodies().find(|(name, _)| *name == target).expect("a body of that name");
    replay_with(target, body);
}

fn replay_with(target: &str, body: impl Fn(&[u8])) {
    let mut paths = entries(&fuzz().join("corpus").join(target));
    let broken = fuzz().join("regressions").join(target);
    if broken.exists() {
        paths.extend(entries(&broken));
    }
    for path in paths {
        let input = fs::read(&path).expect("a file that can be read");
        // What is printed stands in front of the panic, if there is one.
        eprintln!("{}", path.display());
        body(&input);
    }
}

macro_rules! replays {
    ($($target:ident)*) => {
        const TARGETS: &[&str] = &[$(stringify!($target)),*];

        $(#[test]
        fn $target() {
            replay(stringify!($target));
        })*
    };
}

replays! {
    decode chunking resync fields_oracle round_trip reroute v1 detect jsonl hub attach
}

#[test]
fn formats() {
    thread::scope(|scope| {
        for format in fuzzing::formats() {
            let replay = move || replay_with(format.name(), |input| fuzzing::reader(format, input));
            let thread = thread::Builder::new().name(format.name().to_owned());
            thread.spawn_scoped(scope, replay).expect("a thread");
        }
    });
}

fn stems(folder: &str) -> BTreeSet<String> {
    let paths = entries(&fuzz().join(folder)).into_iter();
    paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

#[test]
fn bodies_targets_and_corpora_are_the_same() {
    let mut names: BTreeSet<String> = TARGETS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(bodies().map(|(name, _)| name.to_owned()).collect::<BTreeSet<_>>(), names);
    names.insert("format".to_owned());
    assert_eq!(stems("fuzz_targets"), names);
    names.remove("format");
    names.insert("capi".to_owned());
    names.extend(fuzzing::formats().map(|format| format.name().to_owned()));
    assert_eq!(stems("corpus"), names);
    assert!(stems("regressions").is_subset(&names));
}
