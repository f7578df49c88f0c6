//! A project of a folder of its own, and what a run of it says.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use subunit_core::{Event, Item, RouteCode, Status, conventions, items};
use tempfile::TempDir;

/// A project whose worker is `examples/worker.rs`.
pub(crate) struct Project {
    folder: TempDir,
    incremental: bool,
}

/// What a run has said.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    pub(crate) exit: Option<i32>,
    pub(crate) results: Vec<End>,
    /// Output of no test, by name.
    pub(crate) output: Vec<(String, String)>,
    pub(crate) stderr: String,
}

/// A result.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) test_id: String,
    pub(crate) status: Status,
    pub(crate) attempt: Option<u32>,
    pub(crate) reason: String,
    #[allow(dead_code, reason = "shown where a test fails")]
    pub(crate) route: Option<String>,
}

pub(crate) fn worker() -> PathBuf {
    program("worker")
}

/// A program of the folder `examples`.
pub(crate) fn program(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_subunit-run"));
    program.parent().unwrap().join("examples").join(name)
}

/// Copies a folder of the tests' data.
pub(crate) fn copy(data: &str, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(data);
    let status = Command::new("cp").arg("-R").arg(from.join(".")).arg(to).status().unwrap();
    assert!(status.success());
}

impl Project {
    pub(crate) fn new(list: &str, incremental: bool) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), incremental };
        project.write("tests.list", list);
        project.configure("test_command=WORKER $LISTOPT $IDOPTION");
        project
    }

    /// Without a configuration.
    pub(crate) fn bare() -> Self {
        Self::of_files(&[])
    }

    /// With these files, and without a configuration.
    pub(crate) fn of_files(files: &[(&str, &str)]) -> Self {
        let project = Self::new("", true);
        fs::remove_file(project.folder().join(".testr.conf")).unwrap();
        files.iter().for_each(|(name, text)| project.write(name, text));
        project
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Runs Git in the folder.
    pub(crate) fn git(&self, words: &[&str]) {
        let mut git = Command::new("git");
        git.args(words).current_dir(self.folder()).stdout(Stdio::null());
        assert!(git.status().unwrap().success());
    }

    /// Writes a program that commands find first.
    pub(crate) fn script(&self, name: &str, text: &str) {
        let path = self.folder.path().join("bin").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Writes the configuration, with the path of the worker in place of WORKER.
    pub(crate) fn configure(&self, lines: &str) {
        let lines = lines.replace("WORKER", &worker().display().to_string());
        let incremental = if self.incremental { "incremental=true\n" } else { "" };
        let text = format!(
            "[DEFAULT]\n{lines}\ntest_id_option=--load-list $IDFILE\ntest_list_option=--list\n{incremental}"
        );
        self.write(".testr.conf", &text);
    }

    /// Writes a `subunit.toml` with these lines, which counts instead.
    pub(crate) fn toml(&self, lines: &str) {
        self.toml_with("", lines);
    }

    /// As [`Project::toml`], with these words after the worker, each after a blank.
    pub(crate) fn toml_with(&self, options: &str, lines: &str) {
        let (worker, incremental) = (worker(), self.incremental);
        let text = format!(
            "test_command = '{}{options} $LISTOPT $IDOPTION'\ntest_list_option = '--list'\n\
             test_id_option = '--load-list $IDFILE'\nincremental = {incremental}\n{lines}\n",
            worker.display()
        );
        self.write("subunit.toml", &text);
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self) -> Command {
        self.verb("run")
    }

    pub(crate) fn verb(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_subunit-run"));
        command.arg(verb).current_dir(self.folder.path());
        command.env("HOME", self.folder.path()).env_remove("XDG_CONFIG_HOME");
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.folder.path().join("bin").display()));
        command
    }

    /// Interrupts a run as soon as its stream is as it should be. The signal that has ended it.
    pub(crate) fn interrupted(&self, is_there: impl Fn(&[u8]) -> bool) -> Option<i32> {
        let mut child = self.command().arg("--subunit").stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = Vec::new();
        while !is_there(&said) {
            let block = stdout.fill_buf().unwrap().to_vec();
            assert!(!block.is_empty());
            stdout.consume(block.len());
            said.extend(block);
        }
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        stdout.read_to_end(&mut said).unwrap();
        child.wait().unwrap().signal()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command().arg("--subunit").args(arguments).output().unwrap();
        Ran::of(&output)
    }
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut ran = Self { exit: output.status.code(), stderr, ..Self::default() };

        for item in items(&output.stdout) {
            let Item::Packet(packet) = item else { panic!("{item:?}, {}", ran.stderr) };
            ran.note(packet.event());
        }
        ran
    }

    fn note(&mut self, event: &Event<'_>) {
        let (name, bytes) = event.file.map(|file| (file.name, file.bytes)).unwrap_or_default();
        match (event.test_id, event.status) {
            (None, _) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                self.output.push((name.to_owned(), text));
            }
            (Some(test_id), Some(status)) if status.is_final() => {
                self.results.push(End {
                    test_id: test_id.to_owned(),
                    status,
                    attempt: event.tags.and_then(conventions::attempt),
                    reason: String::from_utf8_lossy(bytes).into_owned(),
                    route: event.route_code.map(RouteCode::as_str).map(str::to_owned),
                });
            }
            (Some(_), _) => {}
        }
    }

    /// Whether a stream says that this test has begun.
    pub(crate) fn begun(stream: &[u8], test_id: &str) -> bool {
        Self::says(stream, test_id, |status| status == Status::InProgress)
    }

    /// Whether a stream says that this test has ended.
    pub(crate) fn ended(stream: &[u8], test_id: &str) -> bool {
        Self::says(stream, test_id, Status::is_final)
    }

    fn says(stream: &[u8], test_id: &str, fits: impl Fn(Status) -> bool) -> bool {
        items(stream).any(|item| match item {
            Item::Packet(packet) => {
                let event = packet.event();
                event.test_id == Some(test_id) && event.status.is_some_and(&fits)
            }
            _ => false,
        })
    }

    /// These are all results, in any order.
    pub(crate) fn assert_results(&self, expected: &[(&str, Status)]) {
        let mut results: Vec<_> =
            self.results.iter().map(|end| (end.test_id.as_str(), end.status)).collect();
        let mut expected = expected.to_vec();
        results.sort_by_key(|(test_id, _)| *test_id);
        expected.sort_by_key(|(test_id, _)| *test_id);
        assert_eq!(results, expected, "{self:#?}");
    }

    pub(crate) fn sorted_ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.results.iter().map(|end| end.test_id.clone()).collect();
        ids.sort();
        ids
    }

    /// Why the test failed.
    pub(crate) fn reason(&self, test_id: &str) -> &str {
        let end = self.results.iter().find(|end| end.test_id == test_id);
        &end.unwrap_or_else(|| panic!("no {test_id}: {self:#?}")).reason
    }

    /// What was said in files of no test of this name.
    pub(crate) fn text(&self, name: &str) -> String {
        let named = self.output.iter().filter(|(file, _)| file == name);
        named.map(|(_, text)| text.as_str()).collect()
    }
}
