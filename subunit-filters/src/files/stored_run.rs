//! Runs that a history keeps, read where a file is named: `@12`, `@last`, a run's uuid.

use std::{
    io::{self, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::{
    cli::elsewhere::{Elsewhere, of_version},
    commands::elsewhere::ELSEWHERE,
    console::Source,
    exit::Error,
};

/// The verb that writes the stream of a run.
const EXPORT: [&str; 2] = ["history", "export"];

/// The run that is meant by what stands where a file is named; none where there is such a file.
pub(super) fn named(path: &Path) -> Option<&str> {
    let name = path.to_str()?;
    let is_run = name.len() > 1 && name.starts_with('@') || is_uuid(name);
    (is_run && !path.exists()).then_some(name)
}

fn is_uuid(name: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    name.len() == 36 && name.bytes().enumerate().all(is_right)
}

/// The stream of a run, which the program of histories writes.
#[derive(Debug)]
pub(super) struct ExportedRun {
    child: Child,
    stream: ChildStdout,
}

impl ExportedRun {
    /// Starts the program that reads it.
    ///
    /// # Errors
    ///
    /// If that program is not installed, or does not start.
    pub(super) fn open(run: &str) -> Result<Self, Error> {
        let [verb, _] = EXPORT;
        let other = Elsewhere::of(ELSEWHERE, verb.as_ref());
        let path = other.and_then(Elsewhere::path).ok_or_else(|| {
            let program = other.map_or(verb, |other| other.program);
            Error::Usage(format!(
                "{run} is a run of a history, and the program {program} is not installed: install it beside subunit"
            ))
        })?;
        let failed = |source| Error::File { name: path.display().to_string(), source };
        let mut child = Command::new(&path)
            .arg(of_version())
            .args(EXPORT)
            .args(["--", run])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let stream = child.stdout.take().ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { child, stream })
    }

    /// Why there is no such stream, in the words of the program; nothing if all of it came.
    fn end(&mut self) -> io::Result<()> {
        let mut said = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut said)?;
        }
        let status = self.child.wait()?;
        if status.success() {
            return Ok(());
        }
        // Its line begins with its own name.
        let line = said.lines().next().unwrap_or_default();
        let why = line.split_once(": ").map_or(line, |(_, why)| why);
        Err(io::Error::other(if why.is_empty() { status.to_string() } else { why.to_owned() }))
    }
}

impl Read for ExportedRun {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        if length == 0 && !buffer.is_empty() {
            self.end()?;
        }
        Ok(length)
    }
}

impl Source for ExportedRun {}

impl Drop for ExportedRun {
    /// Who reads no further needs no more of it.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_run_and_what_a_file() {
        let of = |name| named(Path::new(name));
        assert_eq!(of("@12"), Some("@12"));
        assert_eq!(of("@last-green"), Some("@last-green"));
        let uuid = "0b6c1f4e-6f0a-4d5e-9f3a-1c2d3e4f5a6b";
        assert_eq!(of(uuid), Some(uuid));
        for file in ["@", "last", "a@1", "./@12", "0b6c1f4e-6f0a-4d5e-9f3a-1c2d3e4f5a6", "src"] {
            assert_eq!(of(file), None, "{file}");
        }
    }

    #[test]
    fn a_file_is_a_file_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("@12");
        std::fs::write(&path, "").unwrap();
        assert_eq!(named(&path), None);
    }
}
