//! Does the component for GitLab run the tests of a project, with the programs of a release?

use std::fs;

use saphyr::{LoadableYamlNode, Yaml};

use crate::{
    release::{real_release, shadow_curl},
    runner::{Job, root},
};

/// The component, where GitLab looks for it.
fn text() -> String {
    fs::read_to_string(root().join("templates/subunit.yml")).unwrap()
}

/// The script of the component's job, with these inputs and the defaults of the others.
fn script(given: &[(&str, &str)]) -> String {
    let text = text();
    let documents = Yaml::load_from_str(&text).unwrap();
    let job = documents[1].as_mapping().unwrap().values().next().unwrap();
    let mut script = job["script"][0].as_str().unwrap().to_owned();
    for (name, input) in documents[0]["spec"]["inputs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        let given = given.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        let default = input.as_mapping_get("default").and_then(Yaml::as_str);
        let reference = format!("$[[ inputs.{name} ]]");
        if script.contains(&reference) {
            let value = given.or(default).unwrap_or_else(|| panic!("{name} has to be given"));
            script = script.replace(&reference, value);
        }
    }
    assert!(!script.contains("$[["), "{script}");
    script
}

const TARGET: &str = "x86_64-unknown-linux-musl";
const ARCHIVES: [(&str, &str); 2] = [("archives", "https://host.invalid/v1"), ("version", "1.2.3")];

/// A job on a machine that has the release.
fn job() -> Job {
    let mut job = Job::of("shop");
    let release = real_release(&job, "1.2.3", TARGET);
    shadow_curl(&mut job, &release);
    job.set("GITLAB_CI", "true");
    job
}

#[test]
fn the_parts_run_each_test_once() {
    let mut said = String::new();
    let mut statuses = Vec::new();
    let all = [&ARCHIVES[..], &[("command", "tests.d"), ("options", "--no-history")]].concat();
    for part in ["1", "2"] {
        let mut job = job();
        job.set("CI_NODE_INDEX", part);
        job.set("CI_NODE_TOTAL", "2");
        let (status, log) = job.shell(&script(&all));
        statuses.push(status);
        assert!(
            fs::read_to_string(job.project().join("results.xml")).unwrap().contains("<testsuite"),
            "{log}"
        );
        said += &log;
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [0, 1], "{said}");
    for name in ["cart", "checkout", "login", "search"] {
        assert!(said.contains(&format!("] tests.d/{name}")), "{name}: {said}");
    }
    assert_eq!(said.matches("       2 exists\n").count(), 2, "{said}");
    assert!(said.contains("section_start:"), "{said}");
}

#[test]
fn the_history_is_kept_in_the_cache() {
    let inputs = [&ARCHIVES[..], &[("command", "tests.d"), ("parts", "1")]].concat();
    let first = job();
    let (status, log) = first.shell(&script(&inputs));
    assert_eq!(status, 1, "{log}");
    let second = job();
    let [from, to] = [&first, &second].map(|job| job.project().join(".subunit-history.pack"));
    fs::copy(from, to).unwrap();
    let failing = [&inputs[..], &[("options", "--failing")]].concat();
    let (status, log) = second.shell(&script(&failing));
    assert_eq!(status, 1, "{log}");
    assert!(log.contains("1 run, 1 of them new") && log.contains("FAILED  1 test in"), "{log}");
}

#[test]
fn an_archive_that_is_not_as_released_is_not_run() {
    let job = job();
    let archive = job.folder("release").join(format!("subunit-1.2.3-{TARGET}.tar.gz"));
    fs::write(archive, "other").unwrap();
    let (status, log) = job.shell(&script(&ARCHIVES));
    assert!(status != 0 && log.contains("FAILED") && !log.contains("subunit run"), "{log}");
    fs::write(job.folder("release/SHA256SUMS"), "").unwrap();
    assert_ne!(job.shell(&script(&ARCHIVES)).0, 0);
}

#[test]
fn what_the_cache_keeps_is_what_the_script_writes() {
    let text = text();
    let documents = Yaml::load_from_str(&text).unwrap();
    let job = documents[1].as_mapping().unwrap().values().next().unwrap();
    let script = job["script"][0].as_str().unwrap();
    let cached = job["cache"]["paths"][0].as_str().unwrap();
    assert!(script.contains(&format!("history pack {cached}")), "{cached}");
    let junit = job["artifacts"]["reports"]["junit"].as_str().unwrap();
    assert!(script.contains(&format!("--junit {junit}")), "{junit}");
}

#[test]
fn the_example_gives_what_has_to_be_given() {
    let example = fs::read_to_string(root().join("docs/examples/ci/gitlab-component.yml")).unwrap();
    let example = &Yaml::load_from_str(&example).unwrap()[0];
    let given = example["include"][0]["inputs"].as_mapping().unwrap();
    let text = text();
    let documents = Yaml::load_from_str(&text).unwrap();
    let inputs = documents[0]["spec"]["inputs"].as_mapping().unwrap();
    assert!(given.keys().all(|name| inputs.contains_key(name)));
    for (name, input) in inputs {
        let is_given = given.contains_key(name) || input.as_mapping_get("default").is_some();
        assert!(is_given, "{}", name.as_str().unwrap());
    }
}
