//! Which files do tests depend on, and what is in them now?

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    path::Path,
};

use subunit_history::query::TestInputs;

use crate::{
    adapters::NamedFiles,
    config::{InputSettings, Suite, in_force, regex::is_glob},
};

/// The most bytes that the names of the files of one group of tests take in a stream: its file is one packet.
const LONGEST: usize = 2 << 20;

/// What the tests of a suite depend on: one for each `[[test]]`, in their order. Files are read in the current folder, the
/// same one once. What may be wrong goes to `notes`.
///
/// # Errors
///
/// If a glob is none, or means too many files; with the place of the mistake.
pub(crate) fn of(suite: &Suite, notes: &mut Vec<String>) -> Result<Vec<TestInputs>, String> {
    if suite.inputs.is_empty() {
        return Ok(Vec::new());
    }
    // Nothing fails that only reads bytes in memory.
    let configuration = TestInputs::digest(in_force(suite).as_bytes()).unwrap_or_default();
    let mut digests = HashMap::new();
    let group = |one| group(one, &configuration, &mut digests, notes);
    suite.inputs.iter().map(group).collect()
}

fn group(
    one: &InputSettings,
    configuration: &str,
    digests: &mut HashMap<String, String>,
    notes: &mut Vec<String>,
) -> Result<TestInputs, String> {
    let said = |what: &str| format!("{}: test.inputs: {what}", one.origin);
    let mut files = BTreeMap::new();
    for glob in &one.files {
        for path in found(glob).map_err(|what| said(&what))? {
            let digest = match digests.get(&path) {
                Some(digest) => digest.clone(),
                None => {
                    let read = File::open(&path).and_then(TestInputs::digest);
                    if let Err(error) = &read {
                        notes.push(said(&format!("{path}: {error}: it counts as changed")));
                    }
                    let digest = read.unwrap_or_default();
                    digests.insert(path.clone(), digest.clone());
                    digest
                }
            };
            files.insert(path, digest);
        }
    }
    for glob in one.files.iter().filter(|_| files.is_empty()) {
        notes.push(said(&format!("there is no file of the name {}", glob.escape_debug())));
    }
    let length: usize = files.iter().map(|(path, digest)| path.len() + digest.len() + 6).sum();
    if length > LONGEST {
        let (count, most) = (files.len(), LONGEST >> 20);
        return Err(said(&format!(
            "these are {count} files, whose names take more than {most} MiB: name fewer, such as a file with their sums"
        )));
    }
    Ok(TestInputs { tests: one.tests.clone(), configuration: configuration.to_owned(), files })
}

/// The paths of the files that a name or a glob means. What cannot be looked at is among them.
fn found(glob: &str) -> Result<Vec<String>, String> {
    let plain = glob.strip_prefix("./").unwrap_or(glob);
    if !is_glob(plain) && Path::new(plain).is_file() {
        return Ok(vec![plain.to_owned()]);
    }
    let mut broken = Vec::new();
    let mut found = NamedFiles::new(glob)?.find(false, &mut broken);
    let is_there = |path: &String| Path::new(path).symlink_metadata().is_ok();
    found.extend(broken.into_iter().map(|(path, _)| path).filter(is_there));
    Ok(found)
}
