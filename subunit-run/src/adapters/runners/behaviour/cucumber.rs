//! cucumber-js: batches. A formatter of ours stands beside the others; scenarios are chosen by the lines of their files.

use std::{fs, path::Path};

use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    runners::javascript::package::{PROGRAMS, PackageRunner, escaped},
    words::{CommandWords, option_name, options_and_others},
    worker::{
        Invoked, ListedTest, ResultSource, RunnerProcess, RunnerWorker, TestListing, command,
        failed, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "cucumber",
    looks_for: "cucumber.js, .cjs, .mjs, .json or .yaml, package.json with @cucumber/cucumber, features/*.feature with \
                features/step_definitions/*.js",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

const PACKAGE: PackageRunner = PackageRunner {
    package: "@cucumber/cucumber",
    configurations: CONFIGURATIONS,
    command: &["cucumber-js"],
    recognise,
};

/// Where it is configured; `cucumber.yml` may be that of Cucumber for Ruby.
const CONFIGURATIONS: &[&str] = &["cucumber.js", "cucumber.cjs", "cucumber.mjs", "cucumber.yaml"];

/// With one of these it runs no scenario.
const NO_RUN: &[&str] =
    &["-d", "--dry-run", "-h", "--help", "-v", "--version", "--i18n-keywords", "--i18n-languages"];

/// Options whose next word is their value.
const WITH_VALUE: &[&str] = &[
    "-c",
    "--config",
    "-f",
    "--format",
    "--format-options",
    "-i",
    "--import",
    "-l",
    "--loader",
    "--language",
    NAME,
    "--order",
    "-p",
    "--profile",
    PARALLEL,
    "--plugin",
    "--plugin-options",
    "-r",
    "--require",
    "--require-module",
    "--retry",
    "--retry-tag-filter",
    SHARD,
    "-t",
    "--tags",
    "--world-parameters",
];

const NAME: &str = "--name";
const PARALLEL: &str = "--parallel";
const SHARD: &str = "--shard";
const FAIL_FAST: &str = "--fail-fast";

fn detect(project: &Project) -> Option<RunnerSign> {
    PACKAGE.sign(project).or_else(|| {
        let is_steps =
            |name: &str| [".js", ".cjs", ".mjs", ".ts"].iter().any(|end| name.ends_with(end));
        let steps = project.files(is_steps);
        steps.iter().find(|path| path.starts_with("features/step_definitions"))?;
        let features = project.files(|name| name.ends_with(".feature"));
        let feature = features.into_iter().find(|path| path.starts_with("features"))?;
        let words = PACKAGE.command.iter().map(|word| (*word).to_owned()).collect();
        Some(RunnerSign { is_certain: false, found: feature.display().to_string(), words })
    })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_none = |word: &&str| NO_RUN.contains(&option_name(word));
    (is_called(program, "cucumber-js") && !arguments.iter().any(is_none)).then_some(1)
}

fn commands(line: &CommandWords, project: &Project) -> RunnerCommands {
    let fail_fast = line.has_argument(&[FAIL_FAST]).then_some(1);
    let commands = match of_whole_run(line, project) {
        None => RunnerCommands::batches(ADAPTER.name, line),
        Some(why) => RunnerCommands::whole(ADAPTER.name, line)
            .noted(format!("{why}, so one cucumber-js runs all scenarios")),
    };
    RunnerCommands { programs: Some(PROGRAMS), fail_fast, ..commands }
}

/// Why scenarios are not divided, if there is a reason.
fn of_whole_run(line: &CommandWords, project: &Project) -> Option<String> {
    let configuration = configuration(line, project);
    let given = |option: &str| line.arguments().iter().any(|word| option_name(word) == option);
    if given(PARALLEL) || says_key(&configuration, "parallel") {
        return Some("`parallel` is cucumber's own".to_owned());
    }
    let format = values(line, &["-f", "--format"]).find(|format| has_target(format));
    let format = format
        .or_else(|| says_key(&configuration, "format").then(|| written(&configuration)).flatten());
    format.map(|format| format!("the report `{format}` is about the whole run"))
}

/// What its configuration says.
fn configuration(line: &CommandWords, project: &Project) -> String {
    let given = values(line, &["-c", "--config"]).next();
    let files = project.entries().into_iter();
    let found = files.into_iter().find(|name| CONFIGURATIONS.iter().any(|it| name.starts_with(it)));
    given.or(found).map(|file| project.text(Path::new(&file))).unwrap_or_default()
}

/// Whether a configuration, in JavaScript, JSON or YAML, has a key.
fn says_key(configuration: &str, key: &str) -> bool {
    configuration.match_indices(key).any(|(at, _)| {
        let after = configuration[at + key.len()..].trim_start_matches(['"', '\'']).trim_start();
        after.starts_with(':')
    })
}

/// The values of an option of the command.
fn values<'l>(line: &'l CommandWords, options: &'l [&str]) -> impl Iterator<Item = String> + 'l {
    let arguments = line.arguments();
    arguments.iter().enumerate().filter_map(move |(at, word)| match word.split_once('=') {
        Some((name, value)) if options.contains(&name) => Some(value.to_owned()),
        None if options.contains(&word.as_str()) => arguments.get(at + 1).cloned(),
        _ => None,
    })
}

/// Formatters that write one report of all scenarios.
const REPORTS: [&str; 6] = ["html:", "json:", "junit:", "message:", "rerun:", "usage-json:"];

/// Whether a format names a file: `html:report.html`.
fn has_target(format: &str) -> bool {
    REPORTS.iter().any(|report| format.trim_matches('"').starts_with(report))
}

/// The first report that a configuration names.
fn written(configuration: &str) -> Option<String> {
    let mut words =
        configuration.split(|letter: char| letter.is_whitespace() || "'\"`,[]".contains(letter));
    words.find(|word| has_target(word) && !word.ends_with(':')).map(str::to_owned)
}

/// The command with our formatter, which writes where its variable says.
fn with_formatter(invoked: &Invoked, words: Vec<String>) -> Vec<String> {
    let before = invoked.line.before_arguments().len();
    let (start, arguments) = words.split_at(before);
    let kit = format!("{}:/dev/null", invoked.kit("subunit_cucumber.cjs").display());
    let ours = ["--format".to_owned(), kit];
    start.iter().chain(&ours).chain(arguments).cloned().collect()
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let path = invoked.own_file("listing");
    let words = invoked.line.with_words(["--dry-run"], []);
    let words = words.into_iter().filter(|word| word != "--publish").collect();
    let mut command = command(&with_formatter(invoked, words));
    command.env("SUBUNIT_LISTING", &path);
    // Nothing of it is published.
    command.env_remove("CUCUMBER_PUBLISH_ENABLED").env_remove("CUCUMBER_PUBLISH_TOKEN");
    let output = output(&mut command)?;
    let text = fs::read_to_string(&path).unwrap_or_default();
    let _ = fs::remove_file(&path);
    if !output.status.success() {
        return Err(failed(&command, &output));
    }
    read(&text).map_err(|error| format!("{}: {error}", path.display()))
}

#[derive(serde::Deserialize)]
struct Scenario {
    id: String,
    /// Its file and line.
    name: String,
}

fn read(text: &str) -> serde_json::Result<TestListing> {
    let mut listing = TestListing::default();
    for line in text.lines() {
        let Scenario { id, name } = serde_json::from_str(line)?;
        listing.tests.push(ListedTest { id, name, ..ListedTest::default() });
    }
    Ok(listing)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let project = Project::new(Path::new(""));
    let configuration = configuration(&invoked.line, &project);
    let is_all = |ids: &[String]| invoked.listing().map(|listing| listing.is_all(ids));
    let words = match ids {
        Some(ids) if !is_all(ids)? => {
            let tests = invoked.listing()?.by_program(ids).into_iter().flat_map(|(_, tests)| tests);
            chosen(&invoked.line, says_key(&configuration, "paths"), &tests.collect::<Vec<_>>())
        }
        _ => invoked.line.with_words([], []),
    };
    let words = words.into_iter().filter(|word| word != FAIL_FAST).collect();
    let process =
        RunnerProcess::new(with_formatter(invoked, words), ResultSource::Pipe(Format::Jsonl));
    let process = match is_lenient(&invoked.line, &configuration) {
        true => process.with("SUBUNIT_LENIENT", "1"),
        false => process,
    };
    Ok(vec![process.with_ids(ids)])
}

/// Whether pending steps are no failures.
fn is_lenient(line: &CommandWords, configuration: &str) -> bool {
    let is_false = |(at, _): (usize, &str)| {
        let value = configuration[at + "strict".len()..].trim_start_matches(['"', '\'', ':', ' ']);
        value.starts_with("false")
    };
    line.has_argument(&["--no-strict"]) || configuration.match_indices("strict").any(is_false)
}

/// The command of some scenarios: by their places, or, where the configuration has paths, which stay beside those of the command,
/// by their names.
fn chosen(line: &CommandWords, has_paths: bool, tests: &[&ListedTest]) -> Vec<String> {
    let (options, others) = options_and_others(line.arguments(), WITH_VALUE);
    let mut words = line.before_arguments().to_vec();
    let mut options = options.into_iter();
    while let Some(option) = options.next() {
        let name = option_name(&option);
        // The listing has shared them out.
        let is_left_out = name == SHARD || (has_paths && name == NAME);
        let value = (WITH_VALUE.contains(&option.as_str())).then(|| options.next()).flatten();
        if !is_left_out {
            words.push(option);
            words.extend(value);
        }
    }
    if has_paths {
        let names = tests.iter().filter_map(|test| test.id.split_once(" > "));
        words.extend(names.flat_map(|(_, name)| [NAME.to_owned(), format!("^{}$", escaped(name))]));
        words.extend(others);
    } else {
        words.extend(places(tests));
    }
    words
}

/// `FILE:LINE:LINE`.
fn places(tests: &[&ListedTest]) -> Vec<String> {
    let mut places: Vec<(&str, String)> = Vec::new();
    for (file, line) in tests.iter().filter_map(|test| test.name.rsplit_once(':')) {
        match places.iter_mut().find(|(known, _)| *known == file) {
            Some((_, lines)) => lines.push_str(&format!(":{line}")),
            None => places.push((file, format!("{file}:{line}"))),
        }
    }
    places.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &str) -> CommandWords {
        CommandWords::of_line(words, 0..1)
    }

    #[test]
    fn reports_and_workers_of_its_own_are_left_to_one_process() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        let note = |words: &str| commands(&line(words), &project).note.unwrap_or_default();
        assert_eq!(note("cucumber-js --tags @a -f summary"), "");
        assert!(note("cucumber-js --parallel 2").starts_with("`parallel` is cucumber's own"));
        assert!(note("cucumber-js -f html:a.html").starts_with("the report `html:a.html` is"));
        let says = |text: &str| fs::write(folder.path().join("cucumber.json"), text).unwrap();
        says(r#"{"default": {"format": ["progress", "junit:out.xml"]}}"#);
        assert!(note("cucumber-js").starts_with("the report `junit:out.xml` is about"));
        says(r#"{"default": {"format": ["progress"], "parallel": 2}}"#);
        assert!(note("cucumber-js").starts_with("`parallel`"));
        assert_eq!(recognise(&["cucumber-js", "--dry-run"]), None);
    }

    #[test]
    fn scenarios_are_chosen_by_their_places_or_names() {
        let text = "{\"id\": \"f/a > x (y)\", \"name\": \"f/a:3\"}\n{\"id\": \"f/a:7 > z\", \"name\": \"f/a:7\"}\n";
        let listing = read(text).unwrap();
        let tests: Vec<&ListedTest> = listing.tests.iter().collect();
        let given = line("cucumber-js -t @a --name x --shard 1/2 f");
        let words = |has_paths| chosen(&given, has_paths, &tests).join(" ");
        assert_eq!(words(false), "cucumber-js -t @a --name x f/a:3:7");
        assert_eq!(words(true), r"cucumber-js -t @a --name ^x \(y\)$ --name ^z$ f");
    }

    #[test]
    fn pending_steps_are_no_failures_where_it_is_said_so() {
        assert!(is_lenient(&line("cucumber-js --no-strict"), ""));
        assert!(is_lenient(&line("cucumber-js"), r#"{"strict": false}"#));
        assert!(!is_lenient(&line("cucumber-js"), "strict: true, x: false"));
    }
}
