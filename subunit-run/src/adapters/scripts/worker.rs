//! This program as a worker whose tests are executables: it lists them, and runs those whose ids arrive.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader},
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, ExitCode, ExitStatus, Stdio},
};

use subunit_core::{
    Damage, Event, FileChunk, Status, Timestamp, Writer, conventions,
    sink::{Flow, Sink},
};
use subunit_formats::auto;

/// The first argument of this program as such a worker; folders are the others.
pub(super) const WORKER: &str = "--script-worker";

/// The argument before the folders by which it lists.
pub(super) const LIST: &str = "--list";

/// The exit status of a script that does not apply here.
const SKIPPED: i32 = 77;

/// Variables of the worker that are not its tests'.
const OWN: [&str; 2] = ["SUBUNIT_TEST_FD", "SUBUNIT_RESULT_FD"];

/// Runs this program as a worker, if its arguments ask for that.
pub(crate) fn run_as_worker(arguments: &[OsString]) -> Option<ExitCode> {
    let [_, first, words @ ..] = arguments else { return None };
    if first != WORKER {
        return None;
    }
    let result = match words {
        [list, folders @ ..] if list == LIST => list_scripts(folders),
        _ => serve(),
    };
    Some(match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("subunit-run: scripts: {error}");
            ExitCode::from(2)
        }
    })
}

fn descriptor(variable: &str) -> io::Result<String> {
    let missing = |_| io::Error::other(format!("{variable} is not set: `subunit run` sets it"));
    std::env::var(variable).map(|number| format!("/dev/fd/{number}")).map_err(missing)
}

fn results() -> io::Result<Results> {
    let path = descriptor("SUBUNIT_RESULT_FD")?;
    Ok(Results(OpenOptions::new().write(true).open(path)?))
}

/// Where results go.
struct Results(File);

impl Results {
    fn say(&mut self, event: &Event<'_>) -> io::Result<()> {
        let event = Event { timestamp: Timestamp::now(), ..*event };
        let mut writer = Writer::new(&mut self.0);
        writer.event(&event)?;
        writer.flush()
    }
}

fn list_scripts(folders: &[OsString]) -> io::Result<()> {
    let mut results = results()?;
    for folder in folders {
        let mut found = Vec::new();
        let named = |error: io::Error| io::Error::other(format!("{}: {error}", folder.display()));
        find(Path::new(folder), &mut found).map_err(named)?;
        found.sort();
        for path in found {
            results.say(&Event::status(&path.to_string_lossy(), Status::Exists))?;
        }
    }
    Ok(())
}

/// The executables of a folder and of the folders in it, but for those whose names begin with a dot.
fn find(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        let kind = fs::metadata(&path)?;
        if kind.is_dir() && !entry.file_type()?.is_symlink() {
            find(&path, found)?;
        } else if kind.is_file() && kind.permissions().mode() & 0o111 != 0 {
            found.push(path);
        }
    }
    Ok(())
}

fn serve() -> io::Result<()> {
    let mut results = results()?;
    let ids = BufReader::new(File::open(descriptor("SUBUNIT_TEST_FD")?)?);
    for id in ids.lines() {
        let id = id?;
        results.say(&Event::status(&id, Status::InProgress))?;
        let (status, reason) = run(&id, &mut results);
        let bytes = reason.as_bytes();
        let file =
            Some(FileChunk { name: conventions::REASON, bytes }).filter(|_| !bytes.is_empty());
        let mime_type = file.map(|_| conventions::TEXT);
        results.say(&Event { file, mime_type, ..Event::status(&id, status) })?;
    }
    Ok(())
}

/// Runs a script, and tells what it writes. How it ended, and why if that is not plain.
fn run(id: &str, results: &mut Results) -> (Status, String) {
    match output_told(id, results) {
        Ok((status, inner_failures)) => judged(status, inner_failures),
        Err(error) => (Status::Fail, format!("it could not be run: {error}\n")),
    }
}

fn output_told(id: &str, results: &mut Results) -> io::Result<(ExitStatus, u64)> {
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new(Path::new(".").join(id));
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    OWN.iter().for_each(|name| _ = command.env_remove(name));
    let mut child = command.spawn()?;
    // It holds the other end of the pipe.
    drop(command);
    let mut told = Told { id, results, failures: 0, error: None };
    auto::read(reader, None, &mut told)?;
    let Told { failures, error, .. } = told;
    let status = child.wait()?;
    match error {
        Some(error) => Err(error),
        None => Ok((status, failures)),
    }
}

fn judged(status: ExitStatus, inner_failures: u64) -> (Status, String) {
    match status.code() {
        Some(0) if inner_failures > 0 => (
            Status::Fail,
            format!("exit status 0, and what it wrote says {inner_failures} failures\n"),
        ),
        Some(0) => (Status::Success, String::new()),
        Some(SKIPPED) => (Status::Skip, format!("exit status {SKIPPED}\n")),
        Some(code) => (Status::Fail, format!("exit status {code}\n")),
        None => {
            let signal = status.signal().unwrap_or_default();
            (Status::Fail, format!("killed by signal {signal}\n"))
        }
    }
}

/// Passes on what a script says in any format: results of its own within the test, the rest as its output.
struct Told<'a> {
    id: &'a str,
    results: &'a mut Results,
    failures: u64,
    error: Option<io::Error>,
}

impl Told<'_> {
    fn say(&mut self, event: &Event<'_>) -> Flow {
        match self.results.say(event) {
            Ok(()) => Flow::Continue,
            Err(error) => {
                self.error.get_or_insert(error);
                Flow::Break
            }
        }
    }
}

impl Sink for Told<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if conventions::is_aside(event) {
            return Flow::Continue;
        }
        // A script cannot be asked for one of its results.
        let Some(test_id) = event.test_id else {
            return self.say(&Event { test_id: Some(self.id), runnable: false, ..*event });
        };
        if event.status == Some(Status::Exists) {
            return Flow::Continue;
        }
        self.failures += u64::from(event.status.is_some_and(Status::is_failure));
        let test_id = format!("{}: {test_id}", self.id);
        self.say(&Event { test_id: Some(&test_id), runnable: false, ..*event })
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.failures += 1;
        self.text(damage.bytes)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        let file = Some(FileChunk { name: conventions::STDOUT, bytes });
        let mime_type = Some(conventions::TEXT);
        self.say(&Event { test_id: Some(self.id), file, mime_type, ..Event::default() })
    }
}
