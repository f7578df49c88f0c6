//! go test: each package is compiled once, and its program runs batches.

use std::{collections::HashMap, fs};

use subunit_formats::Format;

use super::go_profile;
use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, ListedTest, ResultSource, RunnerProcess, RunnerWorker, TestListing, TestProgram,
        asked, command, failed, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "go",
    looks_for: "go.mod or go.work",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker { merge: Some(merge), ..RunnerWorker::new(Some(list), processes) }),
};

/// Options of building, and whether a value follows.
const OF_BUILD: &[(&str, bool)] = &[
    ("a", false),
    ("race", false),
    ("msan", false),
    ("asan", false),
    ("linkshared", false),
    ("modcacherw", false),
    ("trimpath", false),
    ("x", false),
    ("work", false),
    ("p", true),
    ("asmflags", true),
    ("buildmode", true),
    ("buildvcs", true),
    ("compiler", true),
    ("gccgoflags", true),
    ("gcflags", true),
    ("installsuffix", true),
    ("ldflags", true),
    ("mod", true),
    ("modfile", true),
    ("overlay", true),
    ("pgo", true),
    ("pkgdir", true),
    ("tags", true),
    ("toolexec", true),
    ("vet", true),
];

/// Options of the test programs, and whether a value follows.
const OF_TESTS: &[(&str, bool)] = &[
    ("count", true),
    ("cpu", true),
    ("failfast", false),
    ("parallel", true),
    ("run", true),
    ("short", false),
    ("shuffle", true),
    ("timeout", true),
    ("v", false),
];

/// Options of coverage, and whether a value follows.
const OF_COVERAGE: &[(&str, bool)] =
    &[("cover", false), ("covermode", true), ("coverpkg", true), (PROFILE, true)];

const PROFILE: &str = "coverprofile";

const FAIL_FAST: &str = "-test.failfast";

fn detect(project: &Project) -> Option<RunnerSign> {
    let file = ["go.mod", "go.work"].into_iter().find(|file| project.has(file))?;
    let words = ["go", "test", "./..."].map(str::to_owned).to_vec();
    Some(RunnerSign { is_certain: true, found: file.to_owned(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, "test", arguments @ ..] = words else { return None };
    let is_none = |word: &&str| {
        let name = word.trim_start_matches('-').split('=').next().unwrap_or_default();
        word.starts_with('-')
            && ["c", "i", "n", "list", "json", "h", "help", "o", "exec"].contains(&name)
    };
    (is_called(program, "go") && !arguments.iter().any(is_none)).then_some(2)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    match GoOptions::of(line.arguments()) {
        Ok(options) => {
            let fail_fast = options.tests.iter().any(|word| word == FAIL_FAST).then_some(1);
            let made = RunnerCommands { fail_fast, ..RunnerCommands::batches(ADAPTER.name, line) };
            if options.coverage.measures { made.measured(ADAPTER.name, line) } else { made }
        }
        Err(option) => RunnerCommands::unlisted(ADAPTER.name, line)
            .noted(format!("{option} is about the whole run, so one go test runs all tests")),
    }
}

/// What a command line of go asks for.
#[derive(Debug, Default, Eq, PartialEq)]
struct GoOptions {
    build: Vec<String>,
    tests: Vec<String>,
    coverage: CoverageOptions,
    /// What stands after `-run`.
    run: Option<String>,
    packages: Vec<String>,
    /// What stands after `-args`.
    arguments: Vec<String>,
}

/// What it asks to be measured.
#[derive(Debug, Default, Eq, PartialEq)]
struct CoverageOptions {
    measures: bool,
    /// What is said to the compiler.
    build: Vec<String>,
    /// The packages that are measured, if not those that are tested.
    packages: Option<String>,
    /// The file that says what has run.
    profile: Option<String>,
}

impl CoverageOptions {
    /// Takes one of [`OF_COVERAGE`].
    fn take(&mut self, name: &str, value: Option<String>) {
        self.measures = true;
        if name == PROFILE {
            self.profile = value;
            return;
        }
        let is_packages = name == "coverpkg";
        let with_value = value.as_ref().map_or(String::new(), |value| format!("={value}"));
        self.build.push(format!("-{name}{with_value}"));
        if is_packages {
            self.packages = value;
        }
    }
}

impl GoOptions {
    /// An option that is none of those above is about more than its package.
    fn of(arguments: &[String]) -> Result<Self, String> {
        let mut found = Self::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
                found.packages.push(word.clone());
                continue;
            };
            if name == "args" {
                found.arguments = words.cloned().collect();
                break;
            }
            let (name, mut value) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (name, None),
            };
            let name = name.strip_prefix("test.").unwrap_or(name);
            let known = |options: &[(&str, bool)]| {
                options.iter().find(|(option, _)| *option == name).map(|(_, has_value)| *has_value)
            };
            let (of_build, of_tests) = (known(OF_BUILD), known(OF_TESTS));
            let of_coverage = known(OF_COVERAGE);
            let has_value = of_build.or(of_tests).or(of_coverage).ok_or_else(|| word.clone())?;
            if has_value && value.is_none() {
                value = words.next().cloned();
            }
            match (name, of_build.is_some()) {
                ("v", _) => {}
                ("run", _) => found.run = value,
                (name, _) if of_coverage.is_some() => found.coverage.take(name, value),
                (name, is_build) => {
                    let prefix = if is_build { "" } else { "test." };
                    let value = value.map_or(String::new(), |value| format!("={value}"));
                    let list = if is_build { &mut found.build } else { &mut found.tests };
                    list.push(format!("-{prefix}{name}{value}"));
                }
            }
        }
        Ok(found)
    }
}

/// Keeps the program of a package that go has compiled and checked, instead of running it.
const KEEP: &str = "#!/bin/sh
name=$SUBUNIT_GO/$(printf %s \"$PWD\" | cksum | cut -d ' ' -f 1)
cp \"$1\" \"$name.test\" && pwd > \"$name.folder\"
";

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let options = GoOptions::of(invoked.line.arguments())?;
    let script = invoked.kit("keep.sh");
    let folder = invoked.kit("go");
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&script, KEEP));
    written.map_err(|error| format!("{}: {error}\n", script.display()))?;
    let go = |words: &[&str], packages: bool| {
        let mut all = invoked.after_wrappers([invoked.line.runner()[0].as_str()]);
        all.extend(words.iter().map(|word| (*word).to_owned()));
        if packages {
            // Checks are made where packages are compiled.
            let is_of_test = words.first() == Some(&"test");
            let build = options.build.iter().filter(|word| is_of_test || !word.starts_with("-vet"));
            all.extend(build.chain(&options.packages).cloned());
        }
        all
    };
    let packages =
        asked(&mut command(&go(&["list", "-e", "-f", "{{.Dir}}\t{{.ImportPath}}"], true)))?;
    let packages: HashMap<&str, &str> =
        packages.lines().filter_map(|line| line.split_once('\t')).collect();
    let version = asked(&mut command(&go(&["version"], false)))?;
    let exec = format!("sh {}", script.display());
    let untested = format!("-{PROFILE}={}", invoked.kit(UNTESTED).display());
    let mut words = vec!["test", "-exec", &exec];
    if options.coverage.measures {
        words.extend(options.coverage.build.iter().map(String::as_str).chain([untested.as_str()]));
    }
    let mut compile = command(&go(&words, true));
    compile.env("SUBUNIT_GO", &folder);
    let compiled = output(&mut compile)?;
    let mut listing = TestListing::default();
    let text = String::from_utf8_lossy(&compiled.stdout);
    let mut all = compiled.stderr.clone();
    all.extend_from_slice(&compiled.stdout);
    listing.broken = broken(&text, &String::from_utf8_lossy(&all));
    if !compiled.status.success() && listing.broken.is_empty() {
        return Err(failed(&compile, &compiled));
    }
    let mut kept: Vec<_> = fs::read_dir(&folder).into_iter().flatten().flatten().collect();
    kept.sort_by_key(fs::DirEntry::file_name);
    for entry in kept {
        let program = entry.path();
        if program.extension().is_none_or(|extension| extension != "test") {
            continue;
        }
        let folder = fs::read_to_string(program.with_extension("folder")).unwrap_or_default();
        let folder = folder.trim_end();
        let Some(package) = packages.get(folder) else { continue };
        let program = program.display().to_string();
        let verbose = if knows_marks(&version) { "-test.v=test2json" } else { "-test.v=true" };
        let go = invoked.line.runner()[0].as_str();
        // As go starts it: a test that ends its process with status 0 panics.
        let words =
            [go, "tool", "test2json", "-t", "-p", package, &program, verbose, "-test.paniconexit0"];
        let first = options.run.as_deref().map_or(".", |run| run.split('/').next().unwrap_or(run));
        let mut names = command(&[program.clone(), "-test.list".to_owned(), first.to_owned()]);
        names.current_dir(folder);
        let names = match asked(&mut names) {
            Ok(names) => names,
            Err(why) => {
                listing.broken.push(((*package).to_owned(), why));
                continue;
            }
        };
        let number = listing.programs.len();
        let is_test =
            |name: &&str| ["Test", "Example", "Fuzz"].iter().any(|kind| name.starts_with(kind));
        listing.tests.extend(names.lines().filter(is_test).map(|name| ListedTest {
            id: format!("{package}.{name}"),
            name: name.to_owned(),
            program: number,
            ..ListedTest::default()
        }));
        listing.programs.push(TestProgram {
            name: (*package).to_owned(),
            words: words.map(str::to_owned).to_vec(),
            folder: Some(folder.into()),
            ..TestProgram::default()
        });
    }
    Ok(listing)
}

/// Into this file go says which code the packages have that have no tests, where it says so: from 1.22 on.
const UNTESTED: &str = "untested.out";

/// Whether programs of this version mark what they say of tests, so that tests cannot imitate it: from 1.20 on.
fn knows_marks(version: &str) -> bool {
    let number = version.split_once("go1.").map_or("", |(_, rest)| rest);
    let end = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse::<u32>().is_ok_and(|minor| minor >= 20)
}

/// The packages that do not compile, with the output: `FAIL    example.com/a [build failed]`.
fn broken(text: &str, output: &str) -> Vec<(String, String)> {
    let failed = text.lines().filter_map(|line| line.strip_prefix("FAIL\t"));
    let packages = failed.filter_map(|line| line.split([' ', '\t']).next());
    packages.map(|package| (format!("{package} [build]"), of_package(package, output))).collect()
}

/// What is said of a package, from `# PACKAGE` on, or all.
fn of_package(package: &str, output: &str) -> String {
    let head = format!("# {package}");
    let is_head = |line: &&str| *line == head || line.starts_with(&format!("{head} "));
    let mut lines = output.lines().skip_while(|line| !is_head(line)).peekable();
    if lines.peek().is_none() {
        return output.to_owned();
    }
    let first = lines.next().unwrap_or_default();
    let rest = lines.take_while(|line| !line.starts_with("# ") && !line.starts_with("FAIL"));
    std::iter::once(first).chain(rest).flat_map(|line| [line, "\n"]).collect()
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let source = ResultSource::Output(Format::Gojson);
    let Some(ids) = ids else {
        let words = invoked.line.with_words(["-json"], []);
        return Ok(vec![RunnerProcess::new(words, source).whole()]);
    };
    let options = GoOptions::of(invoked.line.arguments())?;
    let listing = invoked.listing()?;
    let process = |(number, tests): (usize, Vec<&ListedTest>)| {
        let program = listing.programs.get(number)?;
        let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
        let below = options.run.as_deref().and_then(|run| run.split_once('/'));
        let below = below.map_or(String::new(), |(_, below)| format!("/{below}"));
        let run = format!("-test.run=^({})${below}", names.join("|"));
        let mut words = invoked.after_wrappers(program.words.iter().map(String::as_str));
        words.push(run);
        // How many failures are too many is decided for the run, and not in one batch.
        words.extend(options.tests.iter().filter(|word| *word != FAIL_FAST).cloned());
        if !options.tests.iter().any(|word| word.starts_with("-test.timeout")) {
            words.push("-test.timeout=10m0s".to_owned());
        }
        let measured = options.coverage.measures.then(|| go_profile::new_file(number)).flatten();
        words.extend(measured.map(|file| format!("-test.{PROFILE}={}", file.display())));
        words.extend(options.arguments.iter().cloned());
        let mut process = RunnerProcess::new(words, source);
        process.folder.clone_from(&program.folder);
        process.tests = Some(tests.iter().map(|test| (test.id.clone(), test.id.clone())).collect());
        process.parts = Some("/");
        Some(process)
    };
    Ok(listing.by_program(ids).into_iter().filter_map(process).collect())
}

/// Joins what the programs have measured.
fn merge(invoked: &Invoked) -> Result<(), String> {
    let options = GoOptions::of(invoked.line.arguments())?;
    let listing = invoked.listing()?;
    let programs: Vec<&str> = listing.programs.iter().map(|one| one.name.as_str()).collect();
    let CoverageOptions { packages, profile, .. } = &options.coverage;
    let of = packages.as_ref().map_or(String::new(), |packages| format!(" in {packages}"));
    go_profile::join(&programs, &invoked.kit(UNTESTED), profile.as_deref(), &of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<GoOptions, String> {
        GoOptions::of(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_go_to_the_compiler_or_to_the_programs() {
        let found = options("-race -tags x,y ./... -count=1 -run A/B -v -args -deep").unwrap();
        assert_eq!(found.build, ["-race", "-tags=x,y"]);
        assert_eq!(found.tests, ["-test.count=1"]);
        assert_eq!(found.run.as_deref(), Some("A/B"));
        assert_eq!(
            (found.packages, found.arguments),
            (vec!["./...".to_owned()], vec!["-deep".to_owned()])
        );
        let found = options("-coverprofile c -covermode=count -coverpkg ./... ./a").unwrap();
        assert_eq!(found.coverage.build, ["-covermode=count", "-coverpkg=./..."]);
        assert_eq!(found.coverage.profile.as_deref(), Some("c"));
        assert_eq!(found.packages, ["./a"]);
        assert!(!options("./...").unwrap().coverage.measures);
        assert_eq!(options("-cpuprofile=c ./...").unwrap_err(), "-cpuprofile=c");
        assert_eq!(recognise(&["go", "test", "-json"]), None);
        assert_eq!(recognise(&["go", "test", "./..."]), Some(2));
    }

    #[test]
    fn a_package_that_does_not_compile_is_told_with_what_is_said_of_it() {
        let output = "# x/a [x/a.test]\na.go:3: undefined: f\n# x/b\nb.go:1: no\n";
        let found = broken("ok  \tx/c\t0.1s\nFAIL\tx/a [build failed]\nFAIL\n", output);
        assert_eq!(
            found,
            [("x/a [build]".to_owned(), "# x/a [x/a.test]\na.go:3: undefined: f\n".to_owned())]
        );
        assert!(
            knows_marks("go version go1.22.1 linux/amd64")
                && !knows_marks("go version go1.19.8 linux")
        );
    }
}
