//! Maven: Surefire and Failsafe run the tests, and their reports hold the results.

use std::path::PathBuf;

use subunit_formats::Format;

use super::{java_names::method, maven_modules::MavenModules};
use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{Invoked, ReportFiles, RunnerProcess, RunnerWorker, in_parts},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "maven",
    looks_for: "pom.xml",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker {
        files: Some(|invoked| Ok(classes(invoked))),
        ..RunnerWorker::new(None, processes)
    }),
};

/// Phases that come to the tests, and the goals that run them.
const OF_TESTS: &[&str] = &[
    "test",
    "prepare-package",
    "package",
    "pre-integration-test",
    "integration-test",
    "post-integration-test",
    "verify",
    "install",
    "deploy",
    "surefire:test",
    "failsafe:integration-test",
];

/// With one of these it runs no test.
const NO_RUN: &[&str] = &["-h", "--help", "-v", "--version", "-DskipTests", "-Dmaven.test.skip"];

/// Options whose value is the next word.
const WITH_VALUE: &[&str] = &[
    "-f",
    "--file",
    "-s",
    "--settings",
    "-gs",
    "--global-settings",
    "-pl",
    "--projects",
    "-P",
    "--activate-profiles",
    "-T",
    "--threads",
    "-rf",
    "--resume-from",
    "-l",
    "--log-file",
    "-t",
    "--toolchains",
    "-gt",
    "--global-toolchains",
    "-b",
    "--builder",
    "-D",
    "--define",
];

/// Options that choose tests.
const CHOOSE: &[&str] = &["-Dtest=", "-Dit.test="];

/// Options, and elements of a pom.xml, with which not all classes run whose names are those of tests.
const NARROWING: &[&str] = &["-Dsurefire.", "-pl", "--projects", "-rf", "--resume-from"];
const CHOOSING: &[&str] = &["-Dtest=", "-Dit.test=", "-Dgroups=", "-DexcludedGroups="];
const NARROWING_ELEMENTS: &[&str] =
    &["<includes>", "<excludes>", "<groups>", "<excludedGroups>", "<suiteXmlFile", "<skip"];

/// Where this is said, a failure may be taken back.
const RETRIES: &str = "rerunFailingTestsCount";

fn detect(project: &Project) -> Option<RunnerSign> {
    if !project.has("pom.xml") {
        return None;
    }
    let program = if project.has("mvnw") { "./mvnw" } else { "mvn" };
    let words = [program, "-B", "test"].map(str::to_owned).to_vec();
    Some(RunnerSign { is_certain: true, found: "pom.xml".to_owned(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_maven = ["mvn", "mvnw", "mvnd"].iter().any(|name| is_called(program, name));
    let is_none = |word: &&str| {
        let (name, value) = word.split_once('=').unwrap_or((word, "true"));
        NO_RUN.contains(&name) && value != "false"
    };
    let runs = goals(arguments)
        .any(|goal| OF_TESTS.contains(&goal) || goal.ends_with("surefire-plugin:test"));
    (is_maven && runs && !arguments.iter().any(is_none)).then_some(1)
}

/// The words of a command line that are no options and no values of them.
fn goals<'a>(arguments: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let before = std::iter::once("").chain(arguments.iter().copied());
    let is_goal =
        |(before, word): &(&str, &str)| !word.starts_with('-') && !WITH_VALUE.contains(before);
    before.zip(arguments.iter().copied()).filter(is_goal).map(|(_, word)| word)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::unlisted(ADAPTER.name, line)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let modules = modules(invoked);
    let Some(ids) = ids else {
        let words = invoked.line.with_words([], []);
        return Ok(vec![RunnerProcess::reporting(words, reports(&modules, invoked))]);
    };
    let is_kept = |word: &&String| !CHOOSE.iter().any(|option| word.starts_with(option));
    let arguments: Vec<String> = invoked.line.arguments().iter().filter(is_kept).cloned().collect();
    let process = |ids: &[String]| {
        let tests = chosen(ids);
        let mut words = invoked.line.before_arguments().to_vec();
        words.extend(arguments.iter().cloned());
        words.push(format!("-Dtest={tests}"));
        // Most modules have none of them.
        words.push("-Dsurefire.failIfNoSpecifiedTests=false".to_owned());
        if !arguments.iter().any(|word| word == "test") {
            words.push(format!("-Dit.test={tests}"));
            words.push("-Dfailsafe.failIfNoSpecifiedTests=false".to_owned());
        }
        RunnerProcess::reporting(words, reports(&modules, invoked)).with_ids(Some(ids))
    };
    /// A word of a command line has room for so much.
    const LONGEST: usize = 96 * 1024;
    Ok(in_parts(ids, LONGEST).map(process).collect())
}

/// The modules of the command.
fn modules(invoked: &Invoked) -> MavenModules {
    let words = invoked.line.arguments();
    let after = |word: &String| word == "-f" || word == "--file";
    let next = words.iter().position(after).and_then(|at| words.get(at + 1)).map(String::as_str);
    let joined = || words.iter().find_map(|word| word.strip_prefix("--file="));
    MavenModules::of(next.or_else(joined).unwrap_or("pom.xml").as_ref())
}

fn reports(modules: &MavenModules, invoked: &Invoked) -> ReportFiles {
    let folders = |module: &PathBuf| {
        ["surefire-reports", "failsafe-reports"].map(|name| module.join("target").join(name))
    };
    let is_retried = invoked.line.arguments().iter().any(|word| word.contains(RETRIES))
        || modules.say(&[RETRIES]);
    ReportFiles {
        format: Format::Junit,
        folders: modules.folders().iter().flat_map(folders).collect(),
        names: ("TEST-", ".xml"),
        whole: (!is_retried).then_some("</testsuite>"),
        cut_short: Some(cut_short),
    }
}

/// The classes of tests that Surefire runs unless told otherwise; none where something says otherwise.
fn classes(invoked: &Invoked) -> Vec<String> {
    let is_narrowing = |word: &String| {
        [NARROWING, CHOOSING].concat().iter().any(|option| word.starts_with(option))
    };
    let modules = modules(invoked);
    if invoked.line.arguments().iter().any(is_narrowing)
        || modules.say(NARROWING_ELEMENTS)
        || modules.say(CHOOSING)
    {
        return Vec::new();
    }
    modules.classes()
}

/// Tests in the words of `-Dtest=`: `A#x+y,B`.
fn chosen(ids: &[String]) -> String {
    let mut classes: Vec<(&str, Vec<String>)> = Vec::new();
    for id in ids {
        let (class, name) = id.split_once("::").unwrap_or((id, ""));
        let method = method(name, '?');
        match classes.iter_mut().find(|(known, _)| *known == class) {
            Some((_, methods)) if methods.contains(&method) => {}
            Some((_, methods)) => methods.push(method),
            None => classes.push((class, vec![method])),
        }
    }
    let words = classes.iter().map(|(class, methods)| {
        // A failure of a class is one of all that it has.
        match methods.iter().any(String::is_empty) {
            true => (*class).to_owned(),
            false => format!("{class}#{}", methods.join("+")),
        }
    });
    words.collect::<Vec<_>>().join(",")
}

/// The classes that Surefire says have crashed, and the modules that failed for another reason than their tests. If Maven
/// itself has ended before it says how the build went, the classes that ran.
fn cut_short(console: &str, is_success: bool) -> Vec<String> {
    if !is_success {
        let mut names = crashed(console);
        let is_explained = !names.is_empty();
        names.extend(failed_modules(console, is_explained));
        return names;
    }
    let is_end = |line: &str| line.contains("BUILD SUCCESS") && line.contains("INFO");
    let is_loud = console.contains("INFO");
    if !is_loud || console.lines().rev().take(40).any(is_end) {
        return Vec::new();
    }
    let running = running(console);
    if running.is_empty() { vec!["(maven)".to_owned()] } else { running }
}

/// `[ERROR] Failed to execute goal G (x) on project shop-b: Compilation failure`
fn failed_modules(console: &str, has_crashed: bool) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in console.lines() {
        let failed = line.split_once("Failed to execute goal ").map(|(_, failed)| failed);
        let Some((goal, module)) = failed.and_then(|it| it.split_once(" on project ")) else {
            continue;
        };
        let Some((module, why)) = module.split_once(": ") else { continue };
        let is_of_tests = goal.contains("surefire") || goal.contains("failsafe");
        // Each has a result of its own.
        if is_of_tests && (has_crashed || why.contains("There are test failures")) {
            continue;
        }
        let name = format!("{module} [build]");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// `[ERROR] Crashed tests:`, and the names after it.
fn crashed(console: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut lines = console.lines();
    while lines.by_ref().any(|line| line.ends_with("Crashed tests:")) {
        let classes = lines.by_ref().map_while(|line| {
            let name = line.rsplit(' ').next().filter(|_| line.split(' ').count() == 2)?;
            is_class(name).then_some(name)
        });
        for class in classes {
            if !names.iter().any(|name| name == class) {
                names.push(class.to_owned());
            }
        }
    }
    names
}

/// The classes that have begun and not ended: `[INFO] Running shop.CartTest`.
fn running(console: &str) -> Vec<String> {
    let mut running: Vec<String> = Vec::new();
    for line in console.lines() {
        if let Some((_, class)) = line.split_once("Running ").filter(|(_, name)| is_class(name)) {
            running.push(class.to_owned());
        } else if let Some((_, class)) = line.rsplit_once(" in ")
            && line.contains("Tests run: ")
        {
            running.retain(|name| name != class);
        }
    }
    running
}

fn is_class(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || "._$".contains(letter);
    !name.is_empty() && name.chars().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_come_to_the_tests_are_recognised() {
        for line in ["mvn test", "./mvnw -q clean verify", "mvn -P test -pl a install"] {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(recognise(&words), Some(1), "{line}");
        }
        for line in ["mvn compile", "mvn -P test compile", "mvn package -DskipTests", "mvn test -v"]
        {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(recognise(&words), None, "{line}");
        }
        assert_eq!(recognise(&["mvn", "test", "-DskipTests=false"]), Some(1));
    }

    #[test]
    fn tests_are_chosen_by_class_and_method() {
        let ids = [
            "shop.ATest::passes",
            "shop.BTest::adds two, and more",
            "shop.ATest::rows{int}[1]",
            "shop.ATest::rows{int}[2]",
            "shop.CTest",
            "shop.CTest::one",
        ];
        assert_eq!(
            chosen(&ids.map(str::to_owned)),
            "shop.ATest#passes+rows,shop.BTest#adds?two??and?more,shop.CTest"
        );
    }

    #[test]
    fn what_a_console_says_of_classes_without_an_end_is_known() {
        let crash = "[ERROR] Process Exit Code: 0\n[ERROR] Crashed tests:\n[ERROR] shop.ExitTest\n\
                     [ERROR] x.ForkException: The forked VM\n[ERROR] Crashed tests:\n[ERROR] shop.ExitTest\n\
                     [ERROR] \tat x.F.f(F.java:1)\n";
        assert_eq!(cut_short(crash, false), ["shop.ExitTest"]);
        let build = "[ERROR] Failed to execute goal o:maven-compiler-plugin:3.1:testCompile (x) on project shop-b: \
                     Compilation failure\n[ERROR] Failed to execute goal o:maven-surefire-plugin:2:test (x) on \
                     project shop-a: There are test failures.\n";
        assert_eq!(cut_short(build, false), ["shop-b [build]"]);
        let begun = "[INFO] Running a.A\n[INFO] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0, \
                     Time elapsed: 0 s - in a.A\n[INFO] Running a.B\n";
        assert_eq!(cut_short(begun, true), ["a.B"]);
        assert_eq!(cut_short("[INFO] Building a\n", true), ["(maven)"]);
        assert!(cut_short(&format!("{begun}[INFO] BUILD SUCCESS\n"), true).is_empty());
        // With -q it says nothing where nothing is wrong.
        assert!(cut_short("", true).is_empty());
    }
}
