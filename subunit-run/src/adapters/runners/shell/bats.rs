//! bats: batches, a process for each file. A file whose names of tests are made while it runs is one test.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, options_and_others},
    worker::{
        Invoked, ListedTest, ResultSource, RunnerProcess, RunnerWorker, TestListing, TestProgram,
        escaped,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "bats",
    looks_for: "*.bats",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// With one of these it runs no test, or writes one report of all.
const NO_RUN: &[&str] = &[
    "-c",
    "--count",
    "-h",
    "--help",
    "-v",
    "--version",
    "--report-formatter",
    "--filter-status",
    "-f",
    "--filter",
    "--filter-tags",
];

/// These have a value.
const WITH_VALUE: &[&str] = &[
    "-F",
    "--formatter",
    "-j",
    "--jobs",
    "-o",
    "--output",
    "--code-quote-style",
    "--gather-test-outputs-in",
    "--line-reference-format",
];

fn detect(project: &Project) -> Option<RunnerSign> {
    let files = project.files(|name| name.ends_with(".bats"));
    let folders: BTreeSet<PathBuf> =
        files.iter().filter_map(|file| file.parent()).map(Path::to_owned).collect();
    let first = files.first()?.display().to_string();
    let folders = folders.iter().map(|folder| match folder.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => folder.display().to_string(),
    });
    let words = std::iter::once("bats".to_owned()).chain(folders).collect();
    Some(RunnerSign { is_certain: false, found: first, words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_none = |word: &&str| NO_RUN.contains(word);
    (is_called(program, "bats") && !arguments.iter().any(is_none)).then_some(1)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let (options, _) = options_and_others(line.arguments(), WITH_VALUE);
    let jobs = value_of(&options, &["-j", "--jobs"]).and_then(|value| value.parse().ok());
    let commands = RunnerCommands::batches(ADAPTER.name, line);
    RunnerCommands { jobs: jobs.filter(|jobs| *jobs > 0), ..commands }
}

fn value_of<'o>(options: &'o [String], names: &[&str]) -> Option<&'o str> {
    let at = options.iter().position(|word| names.contains(&word.as_str()))?;
    options.get(at + 1).map(String::as_str)
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let (options, given) = options_and_others(invoked.line.arguments(), WITH_VALUE);
    let is_deep = options.iter().any(|word| word == "-r" || word == "--recursive");
    let mut files = Vec::new();
    for path in &given {
        find(Path::new(path), is_deep, &mut files).map_err(|error| format!("{path}: {error}\n"))?;
    }
    let mut listing = TestListing::default();
    for file in files {
        let name = file.display().to_string();
        match fs::read_to_string(&file) {
            Ok(text) => listing.add_file(&name, &text),
            Err(error) => listing.broken.push((name, format!("{error}\n"))),
        }
    }
    Ok(listing)
}

/// A file, or those of a folder.
fn find(path: &Path, is_deep: bool, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let mut paths =
        fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if is_deep {
                find(&path, is_deep, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "bats") {
            found.push(path);
        }
    }
    Ok(())
}

impl TestListing {
    fn add_file(&mut self, file: &str, text: &str) {
        let program = self.programs.len();
        let names: Vec<Option<String>> = text.lines().filter_map(declared).collect();
        let known: Option<Vec<String>> = names.iter().cloned().collect();
        let test = |id: String, name: &str| ListedTest {
            id,
            name: name.to_owned(),
            program,
            ..ListedTest::default()
        };
        match &known {
            Some(names) => {
                self.tests.extend(names.iter().map(|name| test(format!("{file}: {name}"), name)));
            }
            None => self.tests.push(test(file.to_owned(), "")),
        }
        let is_test = known.is_none();
        self.programs.push(TestProgram {
            name: file.to_owned(),
            is_test,
            ..TestProgram::default()
        });
    }
}

/// The name in `@test "name" {`; nothing in it if the shell makes it.
fn declared(line: &str) -> Option<Option<String>> {
    let rest = line.trim_start().strip_prefix("@test")?;
    let name = rest.strip_prefix([' ', '\t'])?.trim();
    let name = name[..name.rfind('{')?].trim_end();
    let quoted = |mark: char| name.strip_prefix(mark)?.strip_suffix(mark);
    if let Some(name) = quoted('\'') {
        return Some((!name.contains('\'')).then(|| name.to_owned()));
    }
    let name = quoted('"').unwrap_or(name);
    if name.contains(['$', '`', '\'']) {
        return Some(None);
    }
    let mut plain = String::new();
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            '"' => return Some(None),
            letter => plain.push(letter),
        }
    }
    Some(Some(plain))
}

/// What means something in a regex of bash.
const SPECIAL: &str = "\\^$.[]{}()*+?|";

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let ids = ids.unwrap_or_default();
    let (options, _) = options_and_others(invoked.line.arguments(), WITH_VALUE);
    // The processes that run at once are those of the run.
    let jobs = options.iter().position(|word| word == "-j" || word == "--jobs");
    let (before, after) = options.split_at(jobs.unwrap_or(options.len()));
    let options: Vec<&String> = before.iter().chain(after.iter().skip(2)).collect();
    let listing = invoked.listing()?;
    let process = |(number, mut tests): (usize, Vec<&ListedTest>)| {
        // As they stand in their file, which is how they run.
        let place = |test: &ListedTest| listing.tests.iter().position(|one| one.id == test.id);
        tests.sort_by_cached_key(|test| place(test));
        let program = listing.programs.get(number)?;
        let mut words = invoked.line.before_arguments().to_vec();
        words.extend(options.iter().map(|word| (*word).clone()));
        words.push("--tap".to_owned());
        let source =
            if program.is_test { ResultSource::Status } else { ResultSource::Output(Format::Tap) };
        if !program.is_test {
            let names: Vec<String> =
                tests.iter().map(|test| escaped(&test.name, SPECIAL)).collect();
            words.extend(["--filter".to_owned(), format!("^({})$", names.join("|"))]);
        }
        words.push(program.name.clone());
        let mut process = RunnerProcess::new(words, source);
        process.in_order = true;
        process.tests =
            Some(tests.iter().map(|test| (test.name.clone(), test.id.clone())).collect());
        Some(process)
    };
    Ok(listing.by_program(ids).into_iter().filter_map(process).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_declared_with_names_that_are_known_or_made() {
        for (line, expected) in [
            ("@test \"adds: 100% \\\"x\\\"\" {", Some(Some("adds: 100% \"x\""))),
            ("  @test 'is it $so' { # here", Some(Some("is it $so"))),
            ("@test plain {", Some(Some("plain"))),
            ("@test \"of $HOME\" {", Some(None)),
            ("# @test \"x\" {", None),
            ("@testing {", None),
        ] {
            let expected = expected.map(|name| name.map(str::to_owned));
            assert_eq!(declared(line), expected, "{line}");
        }
    }

    #[test]
    fn options_have_their_values_and_files_are_listed() {
        let words = ["-j", "3", "--timing", "t", "a.bats"].map(str::to_owned);
        let (options, files) = options_and_others(&words, WITH_VALUE);
        assert_eq!((options.len(), files), (3, vec!["t".to_owned(), "a.bats".to_owned()]));
        assert_eq!(recognise(&["bats", "--count", "t"]), None);
        assert_eq!(recognise(&["bats", "t"]), Some(1));
        assert_eq!(escaped("a.b (c)", SPECIAL), r"a\.b \(c\)");
    }
}
