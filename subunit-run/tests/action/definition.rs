//! Does `action.yml` say what the scripts do?

use std::{collections::BTreeSet, fs};

use fancy_regex::Regex;
use saphyr::{LoadableYamlNode, Yaml};

use crate::runner::{Job, root};

fn text() -> String {
    fs::read_to_string(root().join("action/action.yml")).unwrap()
}

/// All matches of a pattern's first group.
fn found(pattern: &str, text: &str) -> BTreeSet<String> {
    let regex = Regex::new(pattern).unwrap();
    regex.captures_iter(text).map(|groups| groups.unwrap()[1].to_owned()).collect()
}

fn keys(yaml: &Yaml<'_>) -> BTreeSet<String> {
    yaml.as_mapping().unwrap().keys().map(|key| key.as_str().unwrap().to_owned()).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_input_reaches_a_script_and_every_variable_is_set() {
    let text = text();
    let yaml = &Yaml::load_from_str(&text).unwrap()[0];
    let inputs = keys(&yaml["inputs"]);
    let (definitions, steps) = text.split_once("\nruns:\n").unwrap();
    assert!(!definitions.contains("${{ inputs"));
    assert_eq!(inputs, found(r"inputs\.([a-z-]+)", steps));
    let handed = found(r"(INPUT_[A-Z_]+): ", steps);
    let scripts = ["install", "cache-key", "run"];
    let scripts = scripts.map(|name| fs::read_to_string(root().join("action").join(name)).unwrap());
    assert_eq!(handed, found(r"\$\{(INPUT_[A-Z_]+):-", &scripts.concat()));
    // A variable has the name of its input.
    let pairs = Regex::new(r"INPUT_([A-Z_]+): \$\{\{ ([a-z.-]+) \}\}").unwrap();
    for pair in pairs.captures_iter(steps).map(Result::unwrap) {
        let input = format!("inputs.{}", pair[1].to_lowercase().replace('_', "-"));
        let of_key = "steps.cache-key.outputs.file";
        let expected = if &pair[1] == "HISTORY_FILE" { of_key } else { &input };
        assert_eq!(&pair[2], expected, "INPUT_{}", &pair[1]);
    }
    // What is kept from the tests is all that `run` gets.
    let unset = found(r"(?m)^unset (.*)$", &scripts[2]).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(found(r"(INPUT_[A-Z_]+)", &unset), found(r"\$\{(INPUT_[A-Z_]+):-", &scripts[2]));
}

#[test]
fn every_output_is_one_of_a_step() {
    let text = text();
    let yaml = &Yaml::load_from_str(&text).unwrap()[0];
    let inputs = [("COMMAND", "tests.d"), ("JUNIT", "a.xml"), ("HTML", "a.html")];
    let step = Job::of("shop").step("run", &inputs);
    assert_eq!(keys(&yaml["outputs"]), step.outputs.into_keys().collect());
    for name in keys(&yaml["outputs"]) {
        let value = yaml["outputs"][&*name]["value"].as_str().unwrap();
        assert_eq!(value, format!("${{{{ steps.run.outputs.{name} }}}}"));
    }
    let of_key = set(&["file", "key", "fallbacks"]);
    assert_eq!(found(r"steps\.cache-key\.outputs\.([a-z]+)", &text), of_key);
}

/// What is restored is what is kept, under keys of the script's making.
#[test]
fn the_cache_has_the_file_of_the_history() {
    let text = text();
    let yaml = &Yaml::load_from_str(&text).unwrap()[0];
    let steps = yaml["runs"]["steps"].as_vec().unwrap();
    let uses = |action: &str| {
        let is_it = |step: &&Yaml<'_>| {
            step.as_mapping_get("uses")
                .and_then(Yaml::as_str)
                .is_some_and(|it| it.starts_with(action))
        };
        &steps.iter().find(is_it).unwrap()["with"]
    };
    let output = |name: &str| format!("${{{{ steps.cache-key.outputs.{name} }}}}");
    for action in ["actions/cache/restore@", "actions/cache/save@"] {
        assert_eq!(uses(action)["path"].as_str(), Some(&*output("file")), "{action}");
        assert_eq!(uses(action)["key"].as_str(), Some(&*output("key")), "{action}");
    }
    let fallbacks = uses("actions/cache/restore@")["restore-keys"].as_str();
    assert_eq!(fallbacks, Some(&*output("fallbacks")));
}

/// Text of others reaches scripts by variables only, and other actions are named by a commit.
#[test]
fn scripts_have_no_expressions_and_actions_are_pinned() {
    let text = text();
    let yaml = &Yaml::load_from_str(&text).unwrap()[0];
    let (mut scripts, mut actions) = (0, 0);
    for step in yaml["runs"]["steps"].as_vec().unwrap() {
        if let Some(script) = step.as_mapping_get("run").and_then(Yaml::as_str) {
            assert!(!script.contains("${{"), "{script}");
            scripts += 1;
        }
        if let Some(action) = step.as_mapping_get("uses").and_then(Yaml::as_str) {
            assert!(
                Regex::new("^actions/[a-z/-]+@[0-9a-f]{40}$").unwrap().is_match(action).unwrap(),
                "{action}"
            );
            actions += 1;
        }
    }
    assert_eq!((scripts, actions), (4, 3));
}

/// The whole workflow that the guide and the action's page show.
#[test]
fn the_example_gives_inputs_and_takes_outputs_that_there_are() {
    let example = fs::read_to_string(root().join("docs/examples/ci/github-action.yml")).unwrap();
    let readme = fs::read_to_string(root().join("action/README.md")).unwrap();
    assert!(readme.contains(&format!("```yaml\n{example}```\n")), "the two are not the same");
    let text = text();
    let action = &Yaml::load_from_str(&text).unwrap()[0];
    let workflow = &Yaml::load_from_str(&example).unwrap()[0];
    let steps = workflow["jobs"]["tests"]["steps"].as_vec().unwrap();
    let uses = |step: &&Yaml<'_>| {
        let action = step.as_mapping_get("uses").and_then(Yaml::as_str);
        action.is_some_and(|action| action.starts_with("OWNER/REPOSITORY/action@"))
    };
    let step = steps.iter().find(uses).unwrap();
    let given = keys(&step["with"]);
    assert!(given.is_subset(&keys(&action["inputs"])), "{given:?}");
    let taken = found(r"steps\.subunit\.outputs\.([a-z-]+)", &example);
    assert!(taken.is_subset(&keys(&action["outputs"])) && !taken.is_empty(), "{taken:?}");
}

/// The page of the action has a row for each input and output.
#[test]
fn the_page_names_every_input_and_output() {
    let readme = fs::read_to_string(root().join("action/README.md")).unwrap();
    let text = text();
    let action = &Yaml::load_from_str(&text).unwrap()[0];
    let section = |title: &str| {
        let (_, rest) = readme.split_once(&format!("\n## {title}\n")).unwrap();
        let rows = rest.split("\n## ").next().unwrap().lines();
        let first =
            rows.filter_map(|row| row.strip_prefix("| `")?.split(" | ").next()).collect::<Vec<_>>();
        let names = first.iter().flat_map(|names| names.split(", "));
        names.map(|name| name.trim_matches('`').to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(section("Inputs"), keys(&action["inputs"]));
    assert_eq!(section("Outputs"), keys(&action["outputs"]));
}
