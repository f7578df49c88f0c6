//! Whether a run did what was recorded.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use super::{Run, cases::Case, junit, view};

/// # Errors
///
/// What differs.
pub(crate) fn check(case: &Case, run: &Run) -> Result<(), String> {
    if panicked(run) {
        return Err(format!("it panicked: {}", shown(&run.stderr)));
    }
    if case.compare == "exit-nonzero" {
        return equal("whether the exit status is 0", &(run.status == Some(0)), &false);
    }
    let told = || format!(" (standard error: {})", shown(&run.stderr));
    equal("exit status", &run.status, &Some(case.status)).map_err(|why| why + &told())?;
    match case.compare.as_str() {
        "exact" => same_bytes("standard output", &run.stdout, &case.bytes("stdout").unwrap())?,
        "junit" => equal("report", &junit::parse(case, &run.stdout)?, &junit::expected(case))?,
        "events" if case.expected["tests"].is_null() => {
            let volatile = case.is_volatile("timestamp");
            let expected = view::recorded(&case.expected["events"], volatile);
            same_events(&view::events(&run.stdout, volatile), &expected)?;
        }
        "events" => {
            let expected = &case.expected["tests"];
            equal("outcome", &view::outcome(&run.stdout), expected)?;
        }
        other => return Err(format!("nobody knows how to compare {other}")),
    }
    for (name, expected) in case.output_files() {
        let written =
            fs::read(run.place.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        if name.ends_with(".xml") {
            junit::same(&written, &expected)?;
        } else {
            same_bytes(&name, &written, &expected)?;
        }
    }
    if let Some(expected) = case.bytes("stderr") {
        let stderr = without_run_time(&String::from_utf8_lossy(&run.stderr));
        same_bytes("standard error", stderr.as_bytes(), &expected)?;
    }
    match case.expected["tree"].as_object() {
        Some(tree) => same_tree(&run.place.join(tree["dir"].as_str().unwrap()), &tree["expected"]),
        None => Ok(()),
    }
}

/// Whether it ended by a panic.
pub(crate) fn panicked(run: &Run) -> bool {
    String::from_utf8_lossy(&run.stderr).contains("panicked at")
}

fn same_events(ours: &[Value], expected: &[Value]) -> Result<(), String> {
    for (nth, (ours, expected)) in ours.iter().zip(expected).enumerate() {
        equal(&format!("event {nth}"), ours, expected)?;
    }
    equal("number of events", &ours.len(), &expected.len())
}

fn same_tree(root: &Path, expected: &Value) -> Result<(), String> {
    let mut ours = BTreeMap::new();
    collect(root, "", &mut ours);
    let expected: BTreeMap<String, String> = serde_json::from_value(expected.clone()).unwrap();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    equal("names of files", &names(&ours), &names(&expected))?;
    for (name, content) in &expected {
        equal(name, &ours[name], content)?;
    }
    Ok(())
}

/// All files below a directory, by their paths in it.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, view::hex(&fs::read(entry.path()).unwrap()));
        }
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, ours: &T, theirs: &T) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    Err(format!("{what}:\n  ours   {ours:?}\n  theirs {theirs:?}"))
}

fn same_bytes(what: &str, ours: &[u8], theirs: &[u8]) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    Err(format!("{what}:\n  ours   {}\n  theirs {}", shown(ours), shown(theirs)))
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// `Ran 8 tests in 0.008s` has the time cut out, which depends on the clock.
fn without_run_time(stderr: &str) -> String {
    let cut = |line: &str| match line.split_once(" in ") {
        Some((front, _)) if line.starts_with("Ran ") => format!("{front} in <volatile>s"),
        _ => line.to_owned(),
    };
    stderr.split('\n').map(cut).collect::<Vec<_>>().join("\n")
}
