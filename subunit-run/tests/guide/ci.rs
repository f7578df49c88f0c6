//! Do the commands of the files for CI services run the tests, with the variables that the services set?

use std::fs;

use crate::{commands::Folder, pages::root};

/// A file, what its service sets for the parts of two jobs, and a sign of what it then prints.
struct Service {
    file: &'static str,
    /// With N for the part from 1, and M for that from 0.
    variables: &'static str,
    sign: &'static str,
}

const SERVICES: [Service; 7] = [
    Service {
        file: "github.yml",
        variables: "GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=summary.md",
        sign: "::error title=failed%3A tests.d/checkout",
    },
    Service {
        file: "gitlab.yml",
        variables: "GITLAB_CI=true CI_NODE_INDEX=N CI_NODE_TOTAL=2",
        sign: "section_start:",
    },
    Service { file: "Jenkinsfile", variables: "JENKINS_URL=http://ci", sign: "FAILED" },
    Service {
        file: "azure.yml",
        variables: "TF_BUILD=True SYSTEM_JOBPOSITIONINPHASE=N SYSTEM_TOTALJOBSINPHASE=2",
        sign: "FAILED",
    },
    Service {
        file: "circleci.yml",
        variables: "CIRCLECI=true CIRCLE_NODE_INDEX=M CIRCLE_NODE_TOTAL=2",
        sign: "FAILED",
    },
    Service {
        file: "buildkite.yml",
        variables: "BUILDKITE=true BUILDKITE_PARALLEL_JOB=M BUILDKITE_PARALLEL_JOB_COUNT=2",
        sign: "FAILED",
    },
    Service {
        file: "teamcity.kts",
        variables: "TEAMCITY_VERSION=2024.03",
        sign: "##teamcity[testFailed name='tests.d/checkout'",
    },
];

const SUITE: &str = "[[script]]\nfiles = [\"tests.d/**\"]\n";

/// The commands of a file that begin with `subunit`, for one part.
fn commands(text: &str, part: &str) -> Vec<String> {
    let command = |line: &str| {
        let line = line.trim_start_matches(|c| " -".contains(c));
        let starts = ["run: ", "script: ", "sh '", "scriptContent = \""];
        let bare = starts.iter().find_map(|start| line.strip_prefix(start)).unwrap_or(line);
        let bare = bare.trim_end_matches(['\'', '"']);
        bare.starts_with("subunit ").then(|| bare.replace("${{ matrix.part }}", part))
    };
    text.lines().filter_map(command).collect()
}

#[test]
fn each_service_runs_each_test_once_and_is_red() {
    for service in SERVICES {
        let text = fs::read_to_string(root().join("docs/examples/ci").join(service.file)).unwrap();
        let parts = if text.contains("--shard") { 2 } else { 1 };
        let mut ids = Vec::new();
        let mut said = String::new();
        let mut is_red = false;
        for part in 1..=parts {
            let folder = Folder::of("shop");
            fs::write(folder.path().join("subunit.toml"), SUITE).unwrap();
            let commands = commands(&text, &part.to_string());
            assert_eq!(commands.len(), 1, "{}", service.file);
            let command = format!("{} --jsonl all.jsonl", commands[0]);
            let numbers = [("N", part.to_string()), ("M", (part - 1).to_string())];
            let variables = service.variables.split(' ').map(|variable| {
                let (name, value) = variable.split_once('=').unwrap();
                let value =
                    numbers.iter().find(|(letter, _)| *letter == value).map_or(value, |(_, n)| n);
                format!("{name}={value}")
            });
            let variables: Vec<_> = variables.collect();
            let output = folder.run(&format!("{} {command}", variables.join(" ")));
            is_red |= output.status.code() == Some(1);
            said += &String::from_utf8_lossy(&output.stdout);
            let listed = folder.run("subunit ls all.jsonl 2> /dev/null");
            let listed = String::from_utf8(listed.stdout).unwrap();
            ids.extend(listed.lines().map(str::to_owned));
            for report in ["results.xml", "results.html", "summary.md"] {
                let is_asked =
                    command.contains(report) || variables.iter().any(|it| it.contains(report));
                let there = fs::read_to_string(folder.path().join(report)).unwrap_or_default();
                assert_eq!(is_asked, !there.is_empty(), "{}: {report}: {said}", service.file);
            }
        }
        ids.sort();
        let tests = ["cart", "checkout", "login", "search"].map(|name| format!("tests.d/{name}"));
        assert_eq!(ids, tests, "{}: {said}", service.file);
        assert!(is_red && said.contains(service.sign), "{}: {said}", service.file);
    }
}

#[test]
fn files_are_yaml() {
    for service in SERVICES.iter().filter(|service| service.file.ends_with(".yml")) {
        let text = fs::read_to_string(root().join("docs/examples/ci").join(service.file)).unwrap();
        let documents =
            <saphyr::Yaml<'_> as saphyr::LoadableYamlNode>::load_from_str(&text).unwrap();
        assert!(documents[0].is_mapping(), "{}", service.file);
    }
}
