//! cargo test: compiled once, then the programs of libtest run batches themselves; tests in documentation go through cargo.

use std::{collections::HashMap, path::PathBuf};

use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, ListedTest, ResultSource, RunnerProcess, RunnerWorker, TestListing, TestProgram,
        asked, command, failed, has_limits, in_parts_by, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "cargo test",
    looks_for: "Cargo.toml",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// With one of these it runs no test, or prints something else.
const NO_RUN: &[&str] =
    &["--no-run", "-h", "--help", "--list", "--format", "-Z", "--bench", "--benches"];

fn detect(project: &Project) -> Option<RunnerSign> {
    let is_it = project.has("Cargo.toml") && !project.has(".config/nextest.toml");
    let words = ["cargo", "test"].map(str::to_owned).to_vec();
    is_it.then(|| RunnerSign { is_certain: true, found: "Cargo.toml".into(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, rest @ ..] = words else { return None };
    // `cargo +nightly test`
    let toolchain = usize::from(rest.first().is_some_and(|word| word.starts_with('+')));
    let is_test = matches!(rest.get(toolchain), Some(&("test" | "t")));
    let is_none =
        |word: &&str| NO_RUN.iter().any(|option| word == option || word.starts_with("--format="));
    (is_called(program, "cargo") && is_test && !rest.iter().any(is_none)).then_some(2 + toolchain)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::batches(ADAPTER.name, line)
}

/// The words of cargo, and those of the test programs.
fn divided(line: &CommandWords) -> (Vec<String>, Vec<String>) {
    let arguments = line.arguments();
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    let of_programs = arguments.get(end + 1..).unwrap_or_default().to_vec();
    (arguments[..end].to_vec(), of_programs)
}

/// The words of cargo with these after its subcommand, and without what makes it print less.
fn cargo(invoked: &Invoked, more: &[&str]) -> Vec<String> {
    let mut words = invoked.line.before_arguments().to_vec();
    words.extend(more.iter().map(|word| (*word).to_owned()));
    let (arguments, _) = divided(&invoked.line);
    words.extend(arguments.into_iter().filter(|word| !matches!(word.as_str(), "-q" | "--quiet")));
    words
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let built = asked(&mut command(&cargo(
        invoked,
        &["--no-run", "--message-format=json-render-diagnostics"],
    )))?;
    let programs = Artifact::all(&built);
    let (_, of_programs) = divided(&invoked.line);
    let mut words = cargo(invoked, &[]);
    words.extend(["--".to_owned(), "--list".to_owned()]);
    words.extend(of_programs);
    // Both outputs in one pipe: cargo says which program runs on the one, and that lists on the other.
    let mut shell =
        vec!["sh".to_owned(), "-c".to_owned(), "exec \"$@\" 2>&1".to_owned(), "sh".to_owned()];
    shell.extend(words.iter().cloned());
    let mut shell = command(&shell);
    shell.env("CARGO_TERM_COLOR", "never");
    let output = output(&mut shell)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let sections = sections(&text);
    let mut listing = TestListing::default();
    for section in &sections {
        listing.add_section(section, &programs);
    }
    if !output.status.success() && sections.iter().all(|section| section.is_libtest) {
        return Err(failed(&shell, &output));
    }
    Ok(listing)
}

/// What one program has listed.
#[derive(Debug, Default, Eq, PartialEq)]
struct Section<'t> {
    /// The executable, or the crate whose documentation has the tests.
    program: &'t str,
    is_documentation: bool,
    tests: Vec<&'t str>,
    /// Whether it has summed up, as libtest does.
    is_libtest: bool,
}

/// `Running unittests src/lib.rs (target/debug/deps/shop-0123)`, `Doc-tests shop`, then `NAME: test`.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        let running = trimmed.strip_prefix("Running ").filter(|_| line.starts_with("  "));
        if let Some((_, program)) =
            running.and_then(|rest| rest.strip_suffix(')')?.rsplit_once(" ("))
        {
            sections.push(Section { program, ..Section::default() });
        } else if let Some(program) =
            trimmed.strip_prefix("Doc-tests ").filter(|_| line.starts_with("  "))
        {
            sections.push(Section { program, is_documentation: true, ..Section::default() });
        } else if let Some(section) = sections.last_mut() {
            if let Some(name) = line.strip_suffix(": test") {
                section.tests.push(name);
            }
            let is_sum = |line: &str| {
                let words: Vec<&str> = line.split(' ').collect();
                matches!(words[..], [_, "test," | "tests,", _, "benchmark" | "benchmarks"])
            };
            section.is_libtest |= is_sum(line);
        }
    }
    sections
}

/// A program that cargo has built.
#[derive(Debug, Default)]
struct Artifact {
    name: String,
    folder: PathBuf,
    /// Where it is built from, in its package.
    source: String,
}

impl Artifact {
    /// All that there are, by the paths of their executables.
    fn all(messages: &str) -> HashMap<String, Self> {
        let messages = messages.lines().filter_map(|line| serde_json::from_str(line).ok());
        let artifacts = messages.filter_map(|message: serde_json::Value| {
            let executable = message["executable"].as_str()?.to_owned();
            let folder = PathBuf::from(message["manifest_path"].as_str()?).parent()?.to_owned();
            let target = &message["target"];
            let source = PathBuf::from(target["src_path"].as_str()?);
            let source = source.strip_prefix(&folder).unwrap_or(&source).display().to_string();
            let name = target["name"].as_str()?.replace('-', "_");
            Some((executable, Self { name, folder, source }))
        });
        artifacts.collect()
    }
}

impl TestListing {
    fn add_section(&mut self, section: &Section<'_>, artifacts: &HashMap<String, Artifact>) {
        let number = self.programs.len();
        // Cargo says paths from its folder.
        let artifact = artifacts.iter().find(|(path, _)| {
            path.as_str() == section.program || path.ends_with(&format!("/{}", section.program))
        });
        let (name, program) = match artifact {
            _ if section.is_documentation => (section.program.to_owned(), TestProgram::default()),
            Some((path, artifact)) => (artifact.name.clone(), of_artifact(path, artifact)),
            None => {
                return self.broken.push((
                    section.program.to_owned(),
                    "cargo has not said what this program is\n".to_owned(),
                ));
            }
        };
        // As the reader of cargo's output tells programs of one name apart.
        let is_taken = self.programs.iter().any(|other| other.name == name);
        let is_taken = is_taken && !section.is_documentation;
        let source = artifact.map_or("", |(_, artifact)| artifact.source.as_str());
        let name = if is_taken { format!("{name} ({source})") } else { name };
        let is_test = !section.is_libtest && !section.is_documentation;
        let test = |id: String, name: &str| ListedTest {
            id,
            name: name.to_owned(),
            program: number,
            ..ListedTest::default()
        };
        if is_test {
            self.tests.push(test(name.clone(), ""));
        } else {
            let tests = section.tests.iter();
            self.tests.extend(tests.map(|one| test(format!("{name}::{one}"), one)));
        }
        self.programs.push(TestProgram { name, is_test, ..program });
    }
}

/// How cargo starts a program.
fn of_artifact(path: &str, artifact: &Artifact) -> TestProgram {
    let folder = artifact.folder.clone();
    let manifest = folder.display().to_string();
    let mut environment = vec![("CARGO_MANIFEST_DIR".to_owned(), manifest)];
    // Where libraries are that are linked when it starts.
    let libraries = PathBuf::from(path).parent().map(|deps| deps.display().to_string());
    let before = std::env::var("LD_LIBRARY_PATH").unwrap_or_default();
    let libraries = libraries.into_iter().chain((!before.is_empty()).then_some(before));
    let libraries = libraries.collect::<Vec<_>>().join(":");
    environment.push(("LD_LIBRARY_PATH".to_owned(), libraries));
    TestProgram {
        words: vec![path.to_owned()],
        folder: Some(folder),
        environment,
        ..TestProgram::default()
    }
}

/// Names of tests in one command line.
const NAMES: usize = 64 * 1024;

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let source = ResultSource::Output(Format::Cargo);
    let Some(ids) = ids else {
        return Ok(vec![RunnerProcess::new(invoked.line.with_words([], []), source)]);
    };
    let (_, of_programs) = divided(&invoked.line);
    let listing = invoked.listing()?;
    let mut processes = Vec::new();
    for (number, tests) in listing.by_program(ids) {
        let Some(program) = listing.programs.get(number) else { continue };
        // A program says what has failed when it ends, so nobody would know which test runs for too long.
        let is_apart = has_limits() && !program.words.is_empty();
        let longest = if is_apart { 0 } else { NAMES };
        let parts = in_parts_by(&tests, longest, |test| test.name.len() + 1);
        processes.extend(parts.map(|part| process(invoked, program, part, &of_programs)));
    }
    Ok(processes)
}

/// Parts of the names of tests in documentation, whose names have blanks, which rustdoc does not take: more may run
/// than were asked for. Nothing if one of them has no name of its own.
fn items(tests: &[&ListedTest]) -> Vec<String> {
    let item = |test: &&ListedTest| {
        let (_, rest) = test.name.split_once(" - ")?;
        let (item, _) = rest.rsplit_once(" (line ")?;
        Some(item.to_owned()).filter(|item| !item.contains(' '))
    };
    tests.iter().map(item).collect::<Option<_>>().unwrap_or_default()
}

fn process(
    invoked: &Invoked,
    program: &TestProgram,
    tests: &[&ListedTest],
    of_programs: &[String],
) -> RunnerProcess {
    let is_documentation = program.words.is_empty();
    let (mut words, says) = if is_documentation {
        let (arguments, _) = divided(&invoked.line);
        let given = arguments.iter().any(|word| word == "--doc");
        let mut words = cargo(invoked, if given { &[] } else { &["--doc"] });
        words.push("--".to_owned());
        (words, true)
    } else {
        (invoked.after_wrappers(program.words.iter().map(String::as_str)), false)
    };
    let source =
        if program.is_test { ResultSource::Status } else { ResultSource::Output(Format::Cargo) };
    if is_documentation {
        words.extend(items(tests));
    } else if !program.is_test {
        words.push("--exact".to_owned());
        words.extend(tests.iter().map(|test| test.name.clone()));
    }
    words.extend(of_programs.iter().cloned());
    // Without lines of cargo its reader knows tests by their names alone.
    let of_reader = |test: &&ListedTest| if says { test.id.clone() } else { test.name.clone() };
    let tests = tests.iter().map(|test| (of_reader(test), test.id.clone())).collect();
    let mut process = RunnerProcess::new(words, source);
    process.tests = Some(tests);
    process.folder = program.folder.clone();
    process.environment.clone_from(&program.environment);
    // As many processes as workers run at once, instead of threads of each.
    if std::env::var_os("RUST_TEST_THREADS").is_none()
        && !of_programs.iter().any(|word| word.starts_with("--test-threads"))
    {
        process = process.with("RUST_TEST_THREADS", "1").serial();
    }
    process
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "\
    Finished `test` profile [unoptimized + debuginfo] target(s) in 0.05s
     Running unittests src/lib.rs (target/debug/deps/shop-a1)
tests::adds: test
tests::measures: benchmark

1 test, 1 benchmark
     Running tests/own.rs (target/debug/deps/own-b2)
I am no libtest
   Doc-tests shop
src/lib.rs - f (line 3): test

1 test, 0 benchmarks
";

    #[test]
    fn a_listing_is_read_by_programs() {
        let sections = sections(LISTED);
        let tests: Vec<_> =
            sections.iter().map(|one| (one.program, one.tests.clone(), one.is_libtest)).collect();
        assert_eq!(
            tests,
            [
                ("target/debug/deps/shop-a1", vec!["tests::adds"], true),
                ("target/debug/deps/own-b2", vec![], false),
                ("shop", vec!["src/lib.rs - f (line 3)"], true),
            ]
        );
        let message = |name: &str, executable: &str, source: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/s/Cargo.toml","target":{{"name":"{name}","src_path":"/s/{source}"}},"executable":"/s/target/debug/deps/{executable}"}}"#
            )
        };
        let messages =
            [message("shop", "shop-a1", "src/lib.rs"), message("own", "own-b2", "tests/own.rs")];
        let artifacts = Artifact::all(&messages.join("\n"));
        let mut listing = TestListing::default();
        sections.iter().for_each(|section| listing.add_section(section, &artifacts));
        let ids: Vec<&str> = listing.tests.iter().map(|test| test.id.as_str()).collect();
        assert_eq!(ids, ["shop::tests::adds", "own", "shop::src/lib.rs - f (line 3)"]);
        assert!(listing.programs[1].is_test && listing.programs[2].words.is_empty());
    }

    #[test]
    fn commands_of_cargo_are_recognised() {
        for (words, length) in [
            ("cargo test", Some(2)),
            ("cargo +nightly t -p x -- --skip y", Some(3)),
            ("cargo test --no-run", None),
            ("cargo test -- --list", None),
            ("cargo build", None),
            ("cargo-nextest", None),
        ] {
            assert_eq!(recognise(&words.split(' ').collect::<Vec<_>>()), length, "{words}");
        }
    }
}
