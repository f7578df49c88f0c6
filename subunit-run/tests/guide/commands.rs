//! Do the commands of the guide do what it says? `SNAPSHOTS=overwrite` writes what they print now.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use fancy_regex::Regex;
use tempfile::TempDir;

use crate::pages::{Mark, Page, Part, pages, root};

/// Stands between the outputs of two commands.
const SEPARATOR: char = '\u{1e}';

/// What CI services and other runs say to programs.
const FOREIGN: [&str; 13] = [
    "CARGO_TARGET_DIR",
    "CI",
    "COLUMNS",
    "GITHUB_ACTIONS",
    "GITHUB_OUTPUT",
    "GITHUB_STEP_SUMMARY",
    "GITLAB_CI",
    "NODE_OPTIONS",
    "NO_COLOR",
    "PYTHONPATH",
    "RUSTFLAGS",
    "SUBUNIT_HISTORY",
    "XDG_CONFIG_HOME",
];

/// A folder in which blocks of a page are run, beside the folder of the programs.
pub(crate) struct Folder {
    whole: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let whole = tempfile::tempdir().unwrap();
        let bin = whole.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_subunit-run"));
        let command = program.parent().unwrap().join("examples/command");
        assert!(command.is_file(), "build it: cargo build -p subunit-run --examples");
        for (from, name) in [(program, "subunit-run"), (&command, "subunit")] {
            std::os::unix::fs::symlink(from, bin.join(name)).unwrap();
        }
        fs::create_dir(whole.path().join("project")).unwrap();
        Self { whole }
    }

    /// A copy of an example: one of the guide's own, or of those with which the adapters of runners are tested.
    pub(crate) fn of(example: &str) -> Self {
        let folder = Self::new();
        let rooms = ["docs/examples", "subunit-run/tests/data/adapters"];
        let from = rooms.map(|room| root().join(room).join(example));
        let from = from.iter().find(|path| path.is_dir());
        let from = from.unwrap_or_else(|| panic!("there is no example {example}"));
        let mut copy = Command::new("cp");
        assert!(copy.arg("-R").arg(from.join(".")).arg(folder.path()).status().unwrap().success());
        if folder.path().join("package.json").is_file() && cfg!(feature = "runner-tests") {
            let modules = installed("target/runners/node_modules");
            std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).unwrap();
        }
        folder
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.whole.path().join("project")
    }

    /// Runs a script. Its outputs are one.
    pub(crate) fn run(&self, script: &str) -> Output {
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("exec 2>&1\n{script}")]).current_dir(self.path());
        FOREIGN.iter().for_each(|name| {
            bash.env_remove(name);
        });
        let mut path = self.whole.path().join("bin").into_os_string();
        if cfg!(feature = "runner-tests") {
            for folder in ["target/pytest/9/bin", "target/runners/python/bin"] {
                path.push(":");
                path.push(installed(folder));
            }
        }
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        bash.env("PATH", path).env("COLUMNS", "100").env("PYTHONDONTWRITEBYTECODE", "1");
        bash.env("XDG_RUNTIME_DIR", self.whole.path()).stdin(Stdio::null());
        if !cfg!(feature = "runner-tests") {
            bash.env("HOME", self.whole.path());
        }
        for who in ["AUTHOR", "COMMITTER"] {
            bash.env(format!("GIT_{who}_NAME"), "ann").env(format!("GIT_{who}_EMAIL"), "ann@host");
        }
        bash.output().unwrap()
    }

    /// What the commands of a session print.
    fn session(&self, block: &str) -> String {
        let commands = commands(block);
        let mut script = String::new();
        for command in &commands {
            script += &format!("{command}\nstatus=$?; printf '{SEPARATOR}'; (exit $status)\n");
        }
        let output = self.run(&script);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let session = commands.iter().zip(said.split(SEPARATOR));
        let shown = |command: &String| command.replace('\n', "\n> ");
        session.map(|(command, said)| format!("$ {}\n{said}", shown(command))).collect()
    }

    /// Lines of a script that do not end with the exit status that they say.
    fn surprises(&self, script: &str) -> Option<String> {
        let told = self.path().with_file_name("told");
        let trap = format!("trap 'echo $LINENO $? >> \"{}\"' ERR; ", told.display());
        let output = self.run(&format!("{trap}{script}"));
        let ended = fs::read_to_string(&told).unwrap_or_default();
        let _ = fs::remove_file(&told);
        // The first line of what bash gets is of the redirection.
        let ended = ended.lines().filter_map(|line| {
            let (line, status) = line.split_once(' ')?;
            Some((line.parse::<usize>().ok()?.checked_sub(2)?, status))
        });
        let ended: Vec<_> = ended.collect();
        let lines: Vec<&str> = script.lines().collect();
        let is_told = |line: &usize, status: &str| {
            lines.get(*line).is_some_and(|line| line.ends_with(&format!("exit status {status}")))
        };
        let odd = ended.iter().find(|(line, status)| !is_told(line, status));
        let odd = odd.map(|(line, status)| format!("{}: exit status {status}", lines[*line]));
        let unmet = lines.iter().enumerate().find(|(number, line)| {
            line.contains("# exit status ") && !ended.iter().any(|(ended, _)| ended == number)
        });
        let unmet = unmet.map(|(_, line)| format!("{line}: exit status 0"));
        odd.or(unmet).map(|what| format!("{what}\n{}", String::from_utf8_lossy(&output.stdout)))
    }
}

/// What `.ci/runners` and `.ci/pytest` have installed.
fn installed(path: &str) -> PathBuf {
    let folder = root().join(path);
    assert!(folder.is_dir(), "{path} is missing: run .ci/runners and .ci/pytest");
    folder.canonicalize().unwrap()
}

/// The commands of a session, those of several lines as such.
fn commands(block: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in block.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.push(command.to_owned());
            goes_on = true;
        } else if let (Some(more), true, Some(last)) =
            (line.strip_prefix("> "), goes_on, commands.last_mut())
        {
            last.push('\n');
            last.push_str(more);
        } else {
            goes_on = false;
        }
    }
    commands
}

/// What differs from run to run: times, dates, and which worker was free.
struct Volatile(Vec<(Regex, &'static str)>);

impl Volatile {
    fn new() -> Self {
        let kinds = [
            (r" *\d+\.\d+ ?s\b", " N s"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "DATE"),
            (r"\d{4}-\d\d-\d\d(?!T)", "DAY"),
            (r"\[\d+\]", "[N]"),
        ];
        Self(kinds.map(|(regex, name)| (Regex::new(regex).unwrap(), name)).into())
    }

    fn without(&self, line: &str) -> String {
        let replace = |line: String, (regex, name): &(Regex, &str)| {
            regex.replace_all(&line, *name).into_owned()
        };
        self.0.iter().fold(line.trim_end().to_owned(), replace)
    }

    /// The lines of a session, but those of a list of the slowest tests: a busy machine has slow ones.
    fn lines(&self, session: &str) -> Vec<String> {
        let lines = session.lines().map(|line| self.without(line));
        lines.filter(|line| line != "slowest:" && !line.starts_with(" N s [N] ")).collect()
    }

    /// Whether two sessions say the same. `[..]` in the first one stands for any text.
    fn are_alike(&self, expected: &str, actual: &str) -> bool {
        let (expected, actual) = (self.lines(expected), self.lines(actual));
        let alike = |(one, other): (&String, &String)| fits(one, other);
        expected.len() == actual.len() && expected.iter().zip(&actual).all(alike)
    }
}

/// Whether a line fits a pattern in which `[..]` stands for any text.
fn fits(pattern: &str, line: &str) -> bool {
    let Some((before, mut pattern)) = pattern.split_once("[..]") else { return pattern == line };
    let Some(mut rest) = line.strip_prefix(before) else { return false };
    while let Some((piece, after)) = pattern.split_once("[..]") {
        let Some((_, left)) = rest.split_once(piece) else { return false };
        (pattern, rest) = (after, left);
    }
    rest.ends_with(pattern)
}

/// The page with the outputs that its sessions have now, and what is wrong with its scripts.
fn replayed(page: &Page) -> (String, Vec<String>) {
    let mut folder = Folder::new();
    let mut replayed = String::new();
    let mut wrong = Vec::new();
    let mut copied = 0;
    let volatile = Volatile::new();
    for placed in page.parts() {
        match placed.part {
            Part::Folder(example) => folder = Folder::of(example),
            Part::File { name, content } => {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            Part::Console(mark, block) if mark.is_run() => {
                let session = folder.session(block);
                if !volatile.are_alike(block, &session) {
                    replayed.push_str(&page.text[copied..placed.at]);
                    replayed.push_str(&session);
                    copied = placed.at + block.len();
                }
            }
            Part::Script(mark, block) if mark.is_run() => {
                wrong.extend(folder.surprises(block).map(|what| format!("{}: {what}", page.name)));
            }
            Part::Console(..) | Part::Script(..) => {}
        }
    }
    replayed.push_str(&page.text[copied..]);
    (replayed, wrong)
}

#[test]
fn every_command_does_what_the_guide_says() {
    let assert = snapbox::Assert::new().action_env("SNAPSHOTS");
    let mut wrong = Vec::new();
    for page in pages() {
        let (replayed, surprises) = replayed(&page);
        wrong.extend(surprises);
        let path = root().join("docs").join(&page.name);
        let expected = snapbox::Data::read_from(&path, None).raw();
        if let Err(error) = assert.try_eq(Some(&page.name), replayed.into(), expected) {
            wrong.push(error.to_string());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_differs_from_run_to_run_is_no_difference() {
    let volatile = Volatile::new();
    assert!(volatile.are_alike("a  0.001 s [0]\n", "a 10.250 s [1]\n"));
    assert!(
        volatile.are_alike("@1 2026-11-30T12:43:44Z [..]: x\n", "@1 2027-01-01T00:00:00Z y: x\n")
    );
    for other in ["", "a 0.001 s\n", "a 0.001 s [0]\nb\n", "b 0.001 s [0]\n"] {
        assert!(!volatile.are_alike("a 0.001 s [0]\n", other), "{other}");
    }
    assert!(!fits("a[..]b", "abc") && !fits("a[..]b[..]c", "a c"));
}

#[test]
fn a_line_that_ends_otherwise_than_it_says_is_found() {
    let folder = Folder::new();
    assert_eq!(folder.surprises("true\nfalse # exit status 1\n(exit 4) # exit status 4\n"), None);
    for script in ["true\nfalse\n", "true # exit status 1\n", "nowhere # exit status 1\n"] {
        assert!(folder.surprises(script).is_some(), "{script}");
    }
}

#[test]
fn what_is_run_of_the_guide_is_most_of_it() {
    let all = pages();
    let parts = all.iter().flat_map(Page::parts);
    let marks: Vec<Mark> = parts
        .filter_map(|placed| match placed.part {
            Part::Console(mark, _) | Part::Script(mark, _) => Some(mark),
            Part::Folder(_) | Part::File { .. } => None,
        })
        .collect();
    let never = marks.iter().filter(|mark| !matches!(mark, Mark::Run | Mark::Runner)).count();
    assert!(marks.len() > 10 && never * 4 < marks.len(), "{never} of {}", marks.len());
}

/// The README begins with a run of the example of the first minute. That page is run by a test; the README shows the same lines,
/// with other numbers and from several workers.
#[test]
fn the_readme_begins_with_a_run_of_the_first_minute() {
    let block = |text: &str, fence: &str| -> BTreeSet<String> {
        let (_, rest) = text.split_once(fence).unwrap();
        let (block, _) = rest.split_once("```\n").unwrap();
        block.lines().map(without_numbers).collect()
    };
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let page = fs::read_to_string(root().join("docs/first-minute.md")).unwrap();
    let shown = block(&readme, "```text\n$ subunit run -- pytest\n");
    let run = block(&page, "```console,runner-pytest\n$ subunit run --jobs 1\n");
    let of_run =
        |line: &&String| !line.starts_with("subunit run: ") && !line.starts_with("run again");
    let missing: Vec<_> = run.iter().filter(of_run).filter(|line| !shown.contains(*line)).collect();
    assert!(missing.is_empty() && run.len() > 15, "{missing:#?}");
    let added: Vec<_> =
        shown.difference(&run).filter(|line| !line.starts_with("run again")).collect();
    assert_eq!(added, ["    #.# s [#] test_shop.py::test_checkout", "slowest:"]);
}

fn without_numbers(line: &str) -> String {
    let mut text = String::new();
    for letter in line.chars() {
        match letter.is_ascii_digit() {
            true if text.ends_with('#') => {}
            true => text.push('#'),
            false => text.push(letter),
        }
    }
    text
}
