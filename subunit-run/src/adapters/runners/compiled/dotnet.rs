//! dotnet test: VSTest runs the tests, and its TRX files are the results.
//!
//! By documentation and samples; no SDK was at hand.

use std::path::{Path, PathBuf};

use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, option_name, option_value},
    worker::{Invoked, ReportFiles, RunnerProcess, RunnerWorker, escaped, in_parts_by},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "dotnet",
    looks_for: "*.sln, *.slnx or *.csproj, and Microsoft.NET.Test.Sdk in a project",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(None, processes)),
};

/// Files that `dotnet test` takes, if they are where it is started.
const PROJECTS: &[&str] = &[".csproj", ".fsproj", ".vbproj"];
const SOLUTIONS: &[&str] = &[".sln", ".slnx"];

/// What says that a project has tests.
const OF_TESTS: &[&str] = &["Microsoft.NET.Test.Sdk", "MSTest.Sdk"];

/// With one of these it runs no test.
const NO_RUN: &[&str] = &["-h", "--help", "-?", "-t", "--list-tests"];

/// Options whose files are in the folder of results: it stays where it is.
const WITH_FILES: &[&str] =
    &["--results-directory", "--logger", "-l", "--collect", "--settings", "-s", "--blame"];

const LOGGER: &str = "--logger";
const FILTER: &str = "--filter";
const RESULTS: &str = "--results-directory";

fn ends_with_any(name: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| name.ends_with(end))
}

fn detect(project: &Project) -> Option<RunnerSign> {
    let is_startable =
        |name: &String| ends_with_any(name, PROJECTS) || ends_with_any(name, SOLUTIONS);
    let start = project.entries().into_iter().find(is_startable)?;
    let is_project =
        |name: &str| ends_with_any(name, PROJECTS) || name.starts_with("Directory.Build.");
    let has_tests = |path: &PathBuf| {
        let text = project.text(path);
        OF_TESTS.iter().any(|word| text.contains(word))
    };
    let with_tests = project.files(is_project).into_iter().find(has_tests)?;
    if is_of_testing_platform(&project.text("global.json")) {
        return None;
    }
    let words = ["dotnet", "test"].map(str::to_owned).to_vec();
    let found = match with_tests.as_os_str() == start.as_str() {
        true => start,
        false => format!("{start}, {}", with_tests.display()),
    };
    Some(RunnerSign { is_certain: true, found, words })
}

/// Whether `dotnet test` is another program, with other options.
fn is_of_testing_platform(global: &str) -> bool {
    global.contains("Microsoft.Testing.Platform")
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, "test", arguments @ ..] = words else { return None };
    let runs = !arguments.iter().any(|word| NO_RUN.contains(word));
    let is_here =
        !std::fs::read_to_string("global.json").is_ok_and(|it| is_of_testing_platform(&it));
    (is_called(program, "dotnet") && runs && is_here).then_some(2)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::unlisted(ADAPTER.name, line)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let arguments = invoked.line.arguments();
    let own = invoked.own_file("reports");
    let is_named = |word: &String, options: &[&str]| {
        let name = word.split(['=', ':']).next().unwrap_or_default();
        options.contains(&name)
    };
    let keeps_folder = arguments.iter().any(|word| is_named(word, WITH_FILES));
    let mut added: Vec<String> = Vec::new();
    if !arguments.iter().any(|word| word.starts_with("trx") || word.ends_with("=trx")) {
        added.extend([LOGGER, "trx"].map(str::to_owned));
    }
    if !keeps_folder {
        added.extend([RESULTS.to_owned(), own.display().to_string()]);
    }
    let folders = || match (keeps_folder, option_value(arguments, RESULTS)) {
        (false, _) => vec![own.clone()],
        (true, Some(folder)) => vec![folder.into()],
        (true, None) => folders_of_results(Path::new(".")),
    };
    let process = |arguments: &[String], filter: Option<String>| {
        let mut words = invoked.line.before_arguments().to_vec();
        words.extend(arguments.iter().cloned());
        // What stands after `--` is for the runner of the tests.
        let at = words.iter().position(|word| word == "--").unwrap_or(words.len());
        let filter = filter.into_iter().flat_map(|filter| [FILTER.to_owned(), filter]);
        words.splice(at..at, added.iter().cloned().chain(filter));
        RunnerProcess::reporting(words, reports(folders()))
    };
    let Some(ids) = ids else { return Ok(vec![process(arguments, None)]) };
    /// A word of a command line has room for so much.
    const LONGEST: usize = 64 * 1024;
    let others = without(arguments, FILTER);
    let chosen = |ids: &[String]| process(&others, Some(filter(ids))).with_ids(Some(ids));
    Ok(in_parts_by(ids, LONGEST, |id| 3 * id.len() + 64).map(chosen).collect())
}

fn reports(folders: Vec<PathBuf>) -> ReportFiles {
    ReportFiles {
        format: Format::Trx,
        folders,
        names: ("", ".trx"),
        whole: Some("</TestRun>"),
        cut_short: Some(cut_short),
    }
}

/// Where results are unless told otherwise: beside each project.
fn folders_of_results(folder: &Path) -> Vec<PathBuf> {
    let projects = Project::new(folder).files(|name| ends_with_any(name, PROJECTS));
    let mut folders: Vec<PathBuf> =
        projects.iter().map(|path| path.with_file_name("TestResults")).collect();
    folders.push("TestResults".into());
    folders.sort();
    folders.dedup();
    folders
}

/// The arguments without an option and its value.
fn without(arguments: &[String], option: &str) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match option_name(word) == option {
            true if word == option => _ = words.next(),
            true => {}
            false => kept.push(word.clone()),
        }
    }
    kept
}

/// Tests as VSTest chooses them. NUnit has the arguments of a test in its name, and xUnit does not.
fn filter(ids: &[String]) -> String {
    const SPECIAL: &str = "\\()&|=!~";
    let mut terms: Vec<String> = Vec::new();
    for id in ids {
        let method = id.split('(').next().unwrap_or(id).trim_end();
        let method_name = escaped(method, SPECIAL).replace(',', "%2C");
        let mut words = vec![format!("FullyQualifiedName={method_name}")];
        if method.len() < id.len() {
            words.push(format!("FullyQualifiedName~{method_name}\\("));
        }
        terms.extend(words.into_iter().filter(|word| !terms.contains(word)).collect::<Vec<_>>());
    }
    terms.join("|")
}

/// The projects that do not build, and a run whose process has crashed.
fn cut_short(console: &str, _: bool) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in console.lines().map(str::trim_end) {
        let name = if line.contains("Test host process crashed") || line == "Test Run Aborted." {
            format!("({})", ADAPTER.name)
        } else if let Some(project) = unbuilt(line) {
            format!("{project} [build]")
        } else {
            continue;
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// `/src/B/T.cs(3,5): error CS0103: no such name [/src/B/B.csproj]`
fn unbuilt(line: &str) -> Option<&str> {
    let (_, error) = line.split_once(": error ")?;
    let (_, project) = error.strip_suffix(']')?.rsplit_once('[')?;
    // `::TargetFramework=` and the like stand after it.
    let path = project.split("::").next().unwrap_or(project);
    ends_with_any(path, PROJECTS).then(|| path.rsplit(['/', '\\']).next().unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_run_tests_are_recognised() {
        assert_eq!(recognise(&["dotnet", "test", "-c", "Release"]), Some(2));
        assert_eq!(recognise(&["dotnet", "test", "--list-tests"]), None);
        assert_eq!(recognise(&["dotnet", "build"]), None);
        assert!(is_of_testing_platform(r#"{"test": {"runner": "Microsoft.Testing.Platform"}}"#));
    }

    #[test]
    fn tests_are_chosen_by_their_full_names() {
        let ids = ["A.B.c", "A.B.d(x: 1, y: \"&\")", "A.B.d (x: 2)", "A.G<T,U>.e"];
        assert_eq!(
            filter(&ids.map(str::to_owned)),
            "FullyQualifiedName=A.B.c|FullyQualifiedName=A.B.d|FullyQualifiedName~A.B.d\\(\
             |FullyQualifiedName=A.G<T%2CU>.e"
        );
        let words = ["-c", "Release", "--filter", "x=y", "--filter=z"].map(str::to_owned);
        assert_eq!(without(&words, FILTER), ["-c", "Release"]);
    }

    #[test]
    fn what_did_not_come_to_its_end_has_a_name() {
        let console = "/src/B/T.cs(3,5): error CS0103: no name 'y' [/src/B/B.csproj]\n\
                       /src/B/T.cs(4,5): error CS0103: no 'z' [/src/B/B.csproj::TargetFramework=net8.0]\n\
                       The active test run was aborted. Reason: Test host process crashed\n\
                       Test Run Aborted.\n";
        assert_eq!(cut_short(console, false), ["B.csproj [build]", "(dotnet)"]);
        assert!(cut_short("Passed!  - Failed: 0\n", true).is_empty());
    }
}
