//! A folder with a history, and the command in it.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;
use subunit_core::{Status, Writer};
use tempfile::TempDir;

use crate::schema_support::{check, schema};

/// A folder with a history.
pub(crate) struct Place {
    folder: TempDir,
}

/// The exit status, and what was written to both outputs.
pub(crate) type Said = (Option<i32>, String, String);

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_subunit-run"));
        command.args(line.split(' ')).current_dir(self.folder.path()).env_remove("SUBUNIT_HISTORY");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn say_to(&self, line: &str, input: &[u8]) -> Said {
        let mut child = self.command(line).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    pub(crate) fn say(&self, line: &str) -> Said {
        self.say_to(line, b"")
    }

    /// What a verb writes to standard output, as JSON that its schema describes.
    pub(crate) fn json(&self, line: &str) -> Value {
        let (_, text, said) = self.say(line);
        let value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{line}: {text}{said}"));
        check(&schema("history.json"), &value, line);
        value
    }
}

/// A stream of tests, words each: `a.` passed, `a!` failed, `a-` was skipped.
pub(crate) fn stream(tests: &str) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for test in tests.split(' ') {
        let (id, end) = test.split_at(1);
        let status = match end {
            "." => Status::Success,
            "-" => Status::Skip,
            _ => Status::Fail,
        };
        if status == Status::Fail {
            writer.attach(id, "reason", "text/plain;charset=utf8", b"why 17").unwrap();
        }
        writer.end(id, status).unwrap();
    }
    writer.close().unwrap()
}

pub(crate) const FIRST: &str = "a. b. c.";
pub(crate) const SECOND: &str = "a. b! d-";

/// A history of two runs.
pub(crate) fn two_runs() -> Place {
    let place = Place::new();
    let (exit, text, said) = place.say_to("load", &stream(FIRST));
    assert_eq!((exit, &*text, &*said), (Some(0), "@1 default: 3 tests, 0 failed\n", ""));
    let (exit, text, _) = place.say_to("load", &stream(SECOND));
    assert_eq!(
        (exit, &*text),
        (Some(1), "@2 default: 3 tests, 1 failed, 1 skipped, 1 newly broken\n")
    );
    place
}

/// The text without the days of runs, which are those of the machine.
pub(crate) fn undated(text: &str) -> String {
    let is_day = |word: &str| {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        word.len() == 10 && word.split('-').count() == 3 && word.split('-').all(digits)
    };
    let lines = text.split('\n').map(|line| {
        let words = line.split(' ').filter(|word| !is_day(word));
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
