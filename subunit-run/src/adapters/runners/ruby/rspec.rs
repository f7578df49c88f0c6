//! RSpec: batches. A file of ours listens beside the formatters, and leaves out what is not asked for.

use std::fs;

use subunit_formats::Format;

use super::test_files::as_parallel_tests;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::{Project, is_in_path},
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, ResultSource, RunnerProcess, RunnerWorker, TestListing, command, failed, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "rspec",
    looks_for: ".rspec, spec/*_spec.rb",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// With one of these it runs no test, or decides by more than a batch.
const NO_RUN: &[&str] = &[
    "--dry-run",
    "--init",
    "-h",
    "--help",
    "-v",
    "--version",
    "--bisect",
    "--only-failures",
    "-n",
    "--next-failure",
];

/// Whether it ends a run after a failure.
fn is_fail_fast(word: &str) -> bool {
    word == "--fail-fast" || word.starts_with("--fail-fast=")
}

fn detect(project: &Project) -> Option<RunnerSign> {
    let spec = || {
        let specs = project.files(|name| name.ends_with("_spec.rb"));
        specs.into_iter().find(|path| path.starts_with("spec"))
    };
    let (is_certain, found) = match project.has(".rspec") {
        true => (true, ".rspec".to_owned()),
        false => (false, spec()?.display().to_string()),
    };
    let is_bundled = project.has("Gemfile.lock") && is_in_path("bundle");
    let words: &[&str] = if is_bundled { &["bundle", "exec", "rspec"] } else { &["rspec"] };
    Some(RunnerSign {
        is_certain,
        found,
        words: words.iter().map(|word| (*word).to_owned()).collect(),
    })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_none = |word: &&str| NO_RUN.contains(word) || word.starts_with("--bisect=");
    (is_called(program, "rspec") && !arguments.iter().any(is_none)).then_some(1)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let fail_fast = line.arguments().iter().any(|word| is_fail_fast(word)).then_some(1);
    RunnerCommands { fail_fast, ..RunnerCommands::batches(ADAPTER.name, line) }
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let report = invoked.own_file("listing");
    let path = report.display().to_string();
    let words = invoked.line.with_words([], ["--dry-run", "--format", "json", "--out", &path]);
    let mut command = command(&words);
    let output = output(&mut command)?;
    let text = fs::read(&report).unwrap_or_default();
    let _ = fs::remove_file(&report);
    let listed: serde_json::Value =
        serde_json::from_slice(&text).map_err(|_| failed(&command, &output))?;
    Ok(read(&listed))
}

fn read(listed: &serde_json::Value) -> TestListing {
    let mut listing = TestListing::default();
    let array = |name: &str| listed[name].as_array().into_iter().flatten();
    for example in array("examples") {
        if let Some(id) = example["id"].as_str() {
            listing.add(id);
        }
    }
    if listed["summary"]["errors_outside_of_examples_count"].as_u64().unwrap_or(0) > 0 {
        let said: Vec<&str> = array("messages").filter_map(|words| words.as_str()).collect();
        listing.broken.push(("rspec [outside of examples]".to_owned(), said.join("\n")));
    }
    listing
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let kit = invoked.kit("subunit_rspec.rb").display().to_string();
    let words = invoked.line.with_words(["--require", &kit], []);
    // How many failures are too many is decided for the run, and not in one batch.
    let words = words.into_iter().filter(|word| !is_fail_fast(word)).collect();
    let process = RunnerProcess::new(words, ResultSource::Pipe(Format::Jsonl));
    let process = process.told_apart(as_parallel_tests);
    Ok(vec![process.with_id_file(ids, &invoked.own_file("ids"))?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_has_ids_and_what_could_not_be_loaded() {
        let text = r#"{"messages": ["no such file"], "examples": [{"id": "./a_spec.rb[1:1]", "status": "passed"}],
            "summary": {"errors_outside_of_examples_count": 1}}"#;
        let listing = read(&serde_json::from_str(text).unwrap());
        assert_eq!(listing.tests[0].id, "./a_spec.rb[1:1]");
        assert_eq!(listing.broken[0].1, "no such file");
        assert_eq!(recognise(&["rspec", "--dry-run"]), None);
        assert_eq!(recognise(&["rspec", "-f", "doc"]), Some(1));
    }
}
