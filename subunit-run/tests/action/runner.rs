//! A runner of GitHub, simulated: a folder for the project, one for what is temporary, and the files by which steps speak.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A job. Its steps share the project and the PATH.
pub(crate) struct Job {
    whole: TempDir,
    /// Folders that stand before those of the system in the PATH.
    path: Vec<PathBuf>,
    variables: Vec<(String, String)>,
}

/// What came of a step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) status: i32,
    /// Both outputs of the script.
    pub(crate) log: String,
    /// `GITHUB_OUTPUT`, as the runner reads it.
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Writes an executable file, and its folder.
pub(crate) fn write_script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

impl Job {
    /// A job whose project is empty, and in which nothing is installed.
    pub(crate) fn bare() -> Self {
        let whole = tempfile::tempdir().unwrap();
        for folder in ["project", "temp"] {
            fs::create_dir(whole.path().join(folder)).unwrap();
        }
        Self { whole, path: Vec::new(), variables: Vec::new() }
    }

    /// A job with the programs of this build, installed by the action's own step.
    pub(crate) fn new() -> Self {
        let mut job = Self::bare();
        let bin = job.whole.path().join("programs/bin");
        fs::create_dir_all(&bin).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_subunit-run"));
        let command = program.parent().unwrap().join("examples/command");
        assert!(command.is_file(), "build it: cargo build -p subunit-run --examples");
        symlink(program, bin.join("subunit-run")).unwrap();
        symlink(command, bin.join("subunit")).unwrap();
        let programs = job.folder("programs").display().to_string();
        let step = job.step("install", &[("FROM", &programs)]);
        assert_eq!(step.status, 0, "{}", step.log);
        job
    }

    /// A job whose project is a copy of an example of the guide.
    pub(crate) fn of(example: &str) -> Self {
        let job = Self::new();
        let from = root().join("docs/examples").join(example).join(".");
        let copied = Command::new("cp").arg("-R").arg(from).arg(job.project()).status().unwrap();
        assert!(copied.success());
        job
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.folder("project")
    }

    /// A folder of the machine.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.whole.path().join(name)
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        write_script(&self.project().join(name), text);
    }

    /// Sets a variable for the steps that follow.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Puts a program before all others.
    pub(crate) fn shadow(&mut self, name: &str, script: &str) {
        let folder = self.folder("shadows");
        write_script(&folder.join(name), script);
        if !self.path.contains(&folder) {
            self.path.insert(0, folder);
        }
    }

    /// Runs a script of the action, with inputs by their names in variables.
    pub(crate) fn step(&mut self, script: &str, inputs: &[(&str, &str)]) -> Step {
        let [output, path, summary, log] =
            ["output", "path", "summary", "log"].map(|name| self.folder(name));
        for file in [&output, &path, &summary] {
            fs::write(file, "").unwrap();
        }
        let mut command = Command::new(root().join("action").join(script));
        command
            .current_dir(self.project())
            .env_clear()
            .env("PATH", self.path())
            .stdin(Stdio::null());
        let both = fs::File::create(&log).unwrap();
        command.stdout(both.try_clone().unwrap()).stderr(both);
        for (name, value) in [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_JOB", "tests"),
            ("GITHUB_REF_NAME", "main"),
            ("GITHUB_RUN_ATTEMPT", "1"),
            ("GITHUB_RUN_ID", "42"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_WORKFLOW", "CI"),
            ("RUNNER_ARCH", "X64"),
            ("RUNNER_OS", "Linux"),
        ] {
            command.env(name, value);
        }
        command.env("HOME", self.whole.path()).env("XDG_RUNTIME_DIR", self.whole.path());
        command.env("GITHUB_OUTPUT", &output).env("GITHUB_PATH", &path);
        command.env("GITHUB_STEP_SUMMARY", &summary).env("RUNNER_TEMP", self.folder("temp"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.envs(inputs.iter().map(|(name, value)| (format!("INPUT_{name}"), value)));
        let status = command.status().unwrap().code().unwrap();
        let added = fs::read_to_string(&path).unwrap();
        self.path.splice(0..0, added.lines().map(PathBuf::from));
        Step {
            status,
            log: String::from_utf8_lossy(&fs::read(&log).unwrap()).into_owned(),
            outputs: outputs(&fs::read_to_string(&output).unwrap()),
            summary: fs::read_to_string(&summary).unwrap(),
        }
    }

    /// Runs a script as a service other than GitHub does: in the project, with its output in a pipe.
    pub(crate) fn shell(&self, script: &str) -> (i32, String) {
        let mut sh = Command::new("sh");
        sh.args(["-ec", &format!("exec 2>&1\n{script}")]).current_dir(self.project()).env_clear();
        sh.env("PATH", self.path()).env("HOME", self.whole.path()).stdin(Stdio::null());
        sh.env("XDG_RUNTIME_DIR", self.whole.path()).env("TMPDIR", self.folder("temp"));
        sh.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = sh.output().unwrap();
        let log = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code().unwrap(), log)
    }

    fn path(&self) -> std::ffi::OsString {
        let system = std::env::var_os("PATH").unwrap();
        let system = std::env::split_paths(&system).collect::<Vec<_>>();
        std::env::join_paths(self.path.iter().chain(&system)).unwrap()
    }
}

/// Lines `NAME=VALUE`, and values of several lines between `NAME<<END` and `END`.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, value) = match line.split_once("<<") {
            Some((name, end)) if !name.contains('=') => {
                let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
                (name, value.join("\n"))
            }
            _ => {
                let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
                (name, value.to_owned())
            }
        };
        let before = outputs.insert(name.to_owned(), value);
        assert_eq!(before, None, "{name} is said twice: {text}");
    }
    outputs
}

impl Step {
    /// Commands that the runner would obey: lines that begin with `::` while commands are not stopped.
    pub(crate) fn commands(&self) -> Vec<&str> {
        let mut stopped: Option<String> = None;
        let mut commands = Vec::new();
        for line in self.log.lines().map(str::trim_start) {
            if let Some(end) = &stopped {
                if line == end {
                    stopped = None;
                }
            } else if let Some(token) = line.strip_prefix("::stop-commands::") {
                stopped = Some(format!("::{token}::"));
            } else if line.starts_with("::") {
                commands.push(line);
            }
        }
        commands
    }

    /// Asserts the verdict, the exit status, and the numbers: tests, passed, failed, skipped, flaky.
    pub(crate) fn assert(&self, verdict: &str, status: i32, numbers: [u32; 5]) {
        assert_eq!(self.status, status, "{}", self.log);
        let mut expected = BTreeMap::from([
            ("verdict".to_owned(), verdict.to_owned()),
            ("exit-status".to_owned(), status.to_string()),
        ]);
        let names = ["tests", "passed", "failed", "skipped", "flaky"];
        expected
            .extend(names.iter().zip(numbers).map(|(name, n)| ((*name).to_owned(), n.to_string())));
        let mut said = self.outputs.clone();
        said.retain(|name, _| !["junit", "html", "history"].contains(&name.as_str()));
        assert_eq!(said, expected, "{}", self.log);
    }

    /// Asserts that the step has refused to begin, with an annotation that says this.
    pub(crate) fn assert_refused(&self, why: &str) {
        assert_eq!(self.status, 2, "{}", self.log);
        let commands = self.commands();
        assert!(
            commands.len() == 1
                && commands[0].starts_with("::error title=subunit::")
                && commands[0].contains(why),
            "{why}: {}",
            self.log
        );
    }
}
