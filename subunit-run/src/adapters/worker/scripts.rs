//! This program as a worker whose tests are executables: it lists them, and runs those whose ids arrive. How a process
//! ends that is one test.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufRead, BufReader},
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use subunit_core::{
    Damage, Event, FileChunk, Status, conventions,
    sink::{Flow, Sink},
};
use subunit_formats::auto;

use super::results::{OWN, ResultWriter, descriptor};

/// The first argument of this program as such a worker; folders are the others.
pub(in crate::adapters) const SCRIPTS: &str = "--script-worker";

/// The argument before the folders by which it lists.
pub(in crate::adapters) const LIST: &str = "--list";

/// The exit status of a script that does not apply here.
const SKIPPED: i32 = 77;

/// Runs this program as a worker of scripts.
pub(super) fn run_as_worker(words: &[OsString]) -> io::Result<()> {
    match words {
        [list, folders @ ..] if list == LIST => list_scripts(folders),
        _ => serve(),
    }
}

fn list_scripts(folders: &[OsString]) -> io::Result<()> {
    let mut results = ResultWriter::open()?;
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
    let mut results = ResultWriter::open()?;
    let ids = BufReader::new(File::open(descriptor("SUBUNIT_TEST_FD")?)?);
    for id in ids.lines() {
        let id = id?;
        results.say(&Event::status(&id, Status::InProgress))?;
        let mut command = Command::new(Path::new(".").join(&id));
        command.stdin(Stdio::null());
        OWN.iter().for_each(|name| _ = command.env_remove(name));
        let (status, reason) = match output_told(&mut command, &id, &mut results) {
            Ok((status, told)) => judged(status, &told),
            Err(error) => (Status::Fail, format!("it could not be run: {error}\n")),
        };
        results.end(&Event::status(&id, status), &reason)?;
    }
    Ok(())
}

/// Runs a process that is one test, and tells what it writes: how it ended, and what it said of its parts.
pub(super) fn output_told(
    command: &mut Command,
    id: &str,
    results: &mut ResultWriter,
) -> io::Result<(ExitStatus, PartsTold)> {
    let (reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // It holds the other end of the pipe.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut told = PartsSink { id, results, parts: PartsTold::default(), error: None };
    auto::read(reader, None, &mut told)?;
    let PartsSink { parts, error, .. } = told;
    let status = child.wait()?;
    match error {
        Some(error) => Err(error),
        None => Ok((status, parts)),
    }
}

/// What a test has said of its parts.
#[derive(Debug, Default)]
pub(super) struct PartsTold {
    failures: u64,
    /// Whether it has said that it has no test here.
    has_none: bool,
}

/// What prove says of a file that skips all its tests.
const NO_TESTS: &[u8] = b"\nResult: NOTESTS\n";

/// The result of a test by the exit status of its process.
pub(super) fn judged(status: ExitStatus, told: &PartsTold) -> (Status, String) {
    match status.code() {
        Some(0) if told.failures > 0 => (
            Status::Fail,
            format!("exit status 0, and what it wrote says {} failures\n", told.failures),
        ),
        Some(0) if told.has_none => (Status::Skip, String::new()),
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
struct PartsSink<'a> {
    id: &'a str,
    results: &'a mut ResultWriter,
    parts: PartsTold,
    error: Option<io::Error>,
}

impl PartsSink<'_> {
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

impl Sink for PartsSink<'_> {
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
        self.parts.failures += u64::from(event.status.is_some_and(Status::is_failure));
        // Some say whose part it is.
        let part = test_id.strip_prefix(self.id).and_then(|rest| rest.strip_prefix(" > "));
        let test_id = format!("{}: {}", self.id, part.unwrap_or(test_id));
        self.say(&Event { test_id: Some(&test_id), runnable: false, ..*event })
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.parts.failures += 1;
        self.text(damage.bytes)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.parts.has_none |= bytes.ends_with(NO_TESTS) || bytes == &NO_TESTS[1..];
        let file = Some(FileChunk { name: conventions::STDOUT, bytes });
        let mime_type = Some(conventions::TEXT);
        self.say(&Event { test_id: Some(self.id), file, mime_type, ..Event::default() })
    }
}
