//! Does a job that begins without a history know the earlier runs, from the cache?

use std::{collections::BTreeMap, fs, path::Path};

use crate::runner::{Job, Step};

/// The caches of a repository, simulated: what is kept under a key, in the order in which it came.
#[derive(Default)]
struct Caches(Vec<(String, Vec<u8>)>);

impl Caches {
    /// What `actions/cache/restore` gives: the key itself, or the newest one with the first prefix that any has.
    fn restored(&self, keys: &BTreeMap<String, String>) -> Option<&[u8]> {
        let prefixes = [&*keys["key"]].into_iter().chain(keys["fallbacks"].lines());
        let newest = |prefix: &str| self.0.iter().rev().find(|(key, _)| key.starts_with(prefix));
        { prefixes }.find_map(newest).map(|(_, bytes)| &**bytes)
    }
}

/// The steps of the action for one job, on a machine of its own.
fn run(caches: &mut Caches, job: &mut Job, inputs: &[(&str, &str)]) -> Step {
    let keys = job.step("cache-key", &[("HISTORY_KEY", "py3")]);
    assert_eq!(keys.status, 0, "{}", keys.log);
    let file = Path::new(&keys.outputs["file"]);
    if let Some(bytes) = caches.restored(&keys.outputs) {
        fs::write(file, bytes).unwrap();
    }
    let named = file.display().to_string();
    let inputs = [&[("HISTORY", "true"), ("HISTORY_FILE", &named)], inputs].concat();
    let step = job.step("run", &inputs);
    assert_eq!(step.outputs.get("history").map(String::as_str), Some("true"), "{}", step.log);
    caches.0.push((keys.outputs["key"].clone(), fs::read(file).unwrap()));
    step
}

fn job(example: &str, number: u32) -> Job {
    let mut job = Job::of(example);
    job.set("GITHUB_RUN_ID", &number.to_string());
    job
}

#[test]
fn the_second_run_sees_the_first() {
    let mut caches = Caches::default();
    let step = run(&mut caches, &mut job("shop", 1), &[("COMMAND", "tests.d")]);
    step.assert("failed", 1, [4, 2, 1, 1, 0]);
    let step =
        run(&mut caches, &mut job("shop", 2), &[("ARGS", "--failing"), ("COMMAND", "tests.d")]);
    step.assert("failed", 1, [1, 0, 1, 0, 0]);
    assert!(step.log.contains("1 run, 1 of them new"), "{}", step.log);
    let step = run(&mut caches, &mut job("shop", 3), &[("COMMAND", "tests.d")]);
    assert!(step.log.contains("2 runs, 2 of them new"), "{}", step.log);
}

#[test]
fn reports_that_are_read_are_kept_as_one_run() {
    let mut caches = Caches::default();
    for known in ["", "1 run, 1 of them new"] {
        let mut job = Job::new();
        job.write("a.tap", "ok 1 - adds\n1..1\n");
        job.write("b.tap", "not ok 1 - divides\n1..1\n");
        let step = run(&mut caches, &mut job, &[("FILES", "*.tap")]);
        step.assert("failed", 1, [2, 1, 1, 0, 0]);
        assert!(step.log.contains(known), "{}", step.log);
    }
}

#[test]
fn a_cache_that_cannot_be_read_is_a_warning() {
    let mut caches = Caches(vec![("subunit-history/".to_owned(), b"no history".to_vec())]);
    let mut new = job("shop", 1);
    let keys = new.step("cache-key", &[("HISTORY_KEY", "py3")]);
    caches.0[0].0 = keys.outputs["key"].clone();
    let step = run(&mut caches, &mut new, &[("COMMAND", "tests.d")]);
    step.assert("failed", 1, [4, 2, 1, 1, 0]);
    assert!(
        step.log.contains("::warning title=subunit::the history in the cache cannot be read"),
        "{}",
        step.log
    );
}

#[test]
fn a_branch_has_its_own_history_and_begins_with_the_one_of_its_base() {
    let mut job = Job::bare();
    job.set("GITHUB_REF_NAME", "7/merge");
    job.set("GITHUB_HEAD_REF", "feature,a b");
    job.set("GITHUB_BASE_REF", "main");
    let outputs = job.step("cache-key", &[("HISTORY_KEY", "")]).outputs;
    let all = "subunit-history/Linux-X64/CI/tests//";
    assert_eq!(outputs["key"], format!("{all}feature_a_b/42-1"));
    assert_eq!(outputs["fallbacks"], format!("{all}feature_a_b/\n{all}main/\n{all}"));
    let mut job = Job::bare();
    let outputs = job.step("cache-key", &[("HISTORY_KEY", "py 3")]).outputs;
    let all = "subunit-history/Linux-X64/CI/tests/py_3/";
    assert_eq!(outputs["key"], format!("{all}main/42-1"));
    assert_eq!(outputs["fallbacks"], format!("{all}main/\n{all}"));
    assert!(Path::new(&outputs["file"]).parent().unwrap().is_dir());
}
