//! JUnit's console launcher: it is known by its command, and its reports hold the results.

use std::path::{Path, PathBuf};

use subunit_formats::Format;

use crate::adapters::{
    adapter::Adapter,
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, option_name, option_value},
    worker::{Invoked, ReportFiles, RunnerProcess, RunnerWorker, in_parts},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "junit-console",
    looks_for: "nothing by itself: name the command, as in `subunit run -- java -jar \
                junit-platform-console-standalone.jar --scan-classpath -cp build`",
    detect: |_| None,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(None, processes)),
};

const LAUNCHER: &str = "org.junit.platform.console.ConsoleLauncher";

/// With one of these it runs no test.
const NO_RUN: &[&str] = &["-h", "--help", "--list-engines", "--version", "discover", "engines"];

const REPORTS: &str = "--reports-dir";

/// Options that choose tests; whether a value follows that may be left out.
const CHOOSE: &[(&str, bool)] = &[
    ("--scan-classpath", true),
    ("--scan-class-path", true),
    ("--scan-modules", true),
    ("-u", false),
    ("--select-uri", false),
    ("-f", false),
    ("--select-file", false),
    ("-d", false),
    ("--select-directory", false),
    ("-o", false),
    ("--select-module", false),
    ("-p", false),
    ("--select-package", false),
    ("-c", false),
    ("--select-class", false),
    ("-m", false),
    ("--select-method", false),
    ("-r", false),
    ("--select-resource", false),
    ("-i", false),
    ("--select-iteration", false),
    ("--select", false),
];

/// Within so many lines of the end stands the summary.
const LAST_LINES: usize = 20;

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, ..] = words else { return None };
    let is_launcher = |at: usize| {
        let file = words[at].rsplit('/').next().unwrap_or_default();
        let is_jar = file.starts_with("junit-platform-console") && file.ends_with(".jar");
        words[at] == LAUNCHER || is_jar && words[at - 1] == "-jar"
    };
    let at = (1..words.len()).find(|at| is_launcher(*at)).filter(|_| is_called(program, "java"))?;
    let arguments = &words[at + 1..];
    let runs = !arguments.iter().any(|word| NO_RUN.contains(word));
    runs.then_some(at + 1 + usize::from(arguments.first() == Some(&"execute")))
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::unlisted(ADAPTER.name, line)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let arguments = invoked.line.arguments();
    let own = invoked.own_file("reports");
    let given = reports_of(arguments);
    let process = |arguments: Vec<String>| {
        let mut words = invoked.line.before_arguments().to_vec();
        words.extend(arguments);
        if given.is_none() {
            words.push(format!("{REPORTS}={}", own.display()));
        }
        RunnerProcess::reporting(words, reports(given.as_ref().unwrap_or(&own)))
    };
    let Some(ids) = ids else { return Ok(vec![process(arguments.to_vec())]) };
    /// The words of a command line have room for so much.
    const LONGEST: usize = 512 * 1024;
    let chosen = |ids: &[String]| {
        let mut words = unchosen(arguments);
        words.extend(selectors(ids));
        process(words).with_ids(Some(ids))
    };
    Ok(in_parts(ids, LONGEST).map(chosen).collect())
}

fn reports(folder: &Path) -> ReportFiles {
    ReportFiles {
        format: Format::Junit,
        folders: vec![folder.to_owned()],
        names: ("TEST-", ".xml"),
        whole: None,
        cut_short: Some(cut_short),
    }
}

/// Without its summary it has ended before its end: each of its engines writes a report when it has come to its own.
fn cut_short(console: &str, _: bool) -> Vec<String> {
    let is_summary =
        |line: &str| line.starts_with('[') && line.ends_with(" tests failed          ]");
    match console.lines().rev().take(LAST_LINES).any(is_summary) {
        true => Vec::new(),
        false => vec![format!("({})", ADAPTER.name)],
    }
}

/// The folder that the command names for reports.
fn reports_of(arguments: &[String]) -> Option<PathBuf> {
    option_value(arguments, REPORTS).map(PathBuf::from)
}

/// The arguments without those that choose tests.
fn unchosen(arguments: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = arguments.iter().peekable();
    while let Some(word) = words.next() {
        let name = option_name(word);
        match CHOOSE.iter().find(|(option, _)| *option == name) {
            None => kept.push(word.clone()),
            Some(_) if name != word => {}
            Some((_, may_be_left_out)) => {
                _ = words.next_if(|next| !(*may_be_left_out && next.starts_with('-')));
            }
        }
    }
    kept
}

/// Tests as the launcher chooses them. One with parameters is chosen by its class, as its id has not their full types.
fn selectors(ids: &[String]) -> Vec<String> {
    let mut words = vec![
        // One that is gone does not keep the others from running.
        "--config=junit.platform.discovery.listener.default=logging".to_owned(),
    ];
    for id in ids {
        let (class, name) = id.split_once("::").unwrap_or((id, ""));
        let method = name.strip_suffix("()").unwrap_or(name);
        let is_plain = |letter: char| letter.is_alphanumeric() || "_$".contains(letter);
        let word = match !method.is_empty() && method.chars().all(is_plain) {
            true => format!("--select-method={class}#{method}"),
            false => format!("--select-class={class}"),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn commands_that_run_tests_are_recognised() {
        let recognised = |line: &str| recognise(&line.split(' ').collect::<Vec<_>>());
        let jar = "java -Xmx1g -jar lib/junit-platform-console-standalone-1.9.1.jar";
        assert_eq!(recognised(&format!("{jar} --scan-classpath -cp x")), Some(4));
        assert_eq!(recognised(&format!("{jar} execute -c a.B")), Some(5));
        assert_eq!(recognised(&format!("java -cp x {LAUNCHER} -p shop")), Some(4));
        assert_eq!(recognised(&format!("{jar} discover -c a.B")), None);
        assert_eq!(recognised("java -jar app.jar"), None);
        assert_eq!(recognised(&format!("cat {LAUNCHER}")), None);
    }

    #[test]
    fn what_chooses_gives_way_to_tests() {
        let line = words("--scan-classpath x -cp y -c a.B --select-package=p --reports-dir r");
        assert_eq!(unchosen(&line), words("-cp y --reports-dir r"));
        assert_eq!(unchosen(&words("--scan-classpath -cp y")), words("-cp y"));
        assert!(cut_short("[         0 tests failed          ]\n\n", true).is_empty());
        assert_eq!(cut_short("Running\n", true), ["(junit-console)"]);
        assert_eq!(reports_of(&line), Some("r".into()));
        let ids = ["a.B::c()", "a.B::d", "a.C::rows(int)[1]", "a.C::rows(int)[2]"];
        assert_eq!(
            selectors(&ids.map(str::to_owned))[1..],
            ["--select-method=a.B#c", "--select-method=a.B#d", "--select-class=a.C"]
        );
    }
}
