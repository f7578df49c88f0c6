//! Runs that testr, stestr and inquest have kept are loaded, each with its results.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::support::Place;

/// The results that a sample is said to hold: of each run, by test.
fn expected(sample: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(sample.join("expected.json")).unwrap();
    let said: Value = serde_json::from_str(&text).unwrap();
    let runs = said["runs"].as_object().unwrap();
    let mut numbers: Vec<&String> =
        runs.keys().filter(|number| number.parse::<u64>().is_ok()).collect();
    numbers.sort_by_key(|number| number.parse::<u64>().ok());
    let of_run = |number: &&String| {
        let results = runs[*number].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        results.map(|result| (text(&result[0]), text(&result[1]))).collect()
    };
    numbers.iter().map(of_run).collect()
}

#[test]
fn every_result_of_every_sample_is_there() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/repositories");
    let (mut count, mut results) = (0, 0);
    for (name, folder) in [
        ("testr-dumb", ".testrepository"),
        ("testr-gdbm", ".testrepository"),
        ("testr-ndbm", ".testrepository"),
        ("testr-sqlite-by-hand", ".testrepository"),
        ("stestr-dumb", ".stestr"),
    ] {
        let sample = samples.join(name);
        let place = Place::new();
        let (_, text, said) = place.say(&format!("load {}", sample.join(folder).display()));
        let expected = expected(&sample);
        assert_eq!(text.lines().count(), expected.len(), "{name}: {text}{said}");
        for (nth, run) in expected.iter().enumerate() {
            for (test, status) in run {
                let output = place.command("history test --json").arg(test).output().unwrap();
                let found: Value = serde_json::from_slice(&output.stdout).unwrap();
                let runs = found["tests"][0]["runs"].as_array().unwrap();
                let one = runs.iter().find(|one| one["run"] == nth + 1).unwrap();
                assert_eq!(one["status"], **status, "{name}, {nth}: {test}");
                results += 1;
            }
            count += 1;
        }
        assert_eq!(place.say("history check").0, Some(0), "{name}");
    }
    assert!(count >= 10 && results > 40, "{count} runs, {results} results");
}

#[test]
fn runs_of_inquest_are_read_from_its_streams() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/repositories/inquest");
    let place = Place::new();
    let (_, text, said) = place.say(&format!("load {}", sample.join(".inquest").display()));
    assert_eq!(text.lines().count(), 3, "{text}{said}");
    // As the database of inquest has them: 13 results.
    let runs = place.json("history list --json");
    let tests = |nth: usize| {
        let run = &runs["runs"][nth];
        (run["tests"].clone(), run["fail"].clone(), run["uxsuccess"].clone())
    };
    assert_eq!(tests(2), (5.into(), 2.into(), 0.into()));
    assert_eq!(tests(1), (3.into(), 0.into(), 1.into()));
    assert_eq!(tests(0), (5.into(), 2.into(), 0.into()));
    assert_eq!(place.say("history check").0, Some(0));
}

#[test]
fn another_folder_is_refused() {
    let place = Place::new();
    fs::create_dir(place.path("folder")).unwrap();
    let (exit, _, said) = place.say("load folder");
    assert_eq!((exit, said.lines().count()), (Some(2), 1));
    assert!(
        said.contains("folder: a folder, and not one in which testr, stestr or inquest"),
        "{said}"
    );
}
