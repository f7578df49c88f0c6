//! `subunit2pyunit`.

use std::{
    io::{self, Write},
    time::Instant,
};

use subunit_core::{
    Event, Packet, Status,
    sink::{Records, TestRecord},
};

use super::{
    details,
    reading::{Input, Tool, pass_raw, run},
};
use crate::{
    command::Command,
    console::Console,
    exit::{Error, Exit},
    pipeline::Out,
    style::{escaped, pass_text},
};

/// Show tests as Python's unittest does
///
/// As python-subunit's subunit2pyunit: the report goes to standard error, what belongs to no test to
/// standard output.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ToPyunit {
    /// Drop what belongs to no test, in place of passing it on
    #[arg(long)]
    no_passthrough: bool,
    /// Accepted, and ignored
    #[arg(long)]
    progress: bool,
    #[command(flatten)]
    input: Input,
}

impl Command for ToPyunit {
    const NAME: &'static str = "subunit2pyunit";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit2pyunit run.subunit
  $ subunit2pyunit --no-passthrough < run.subunit

Exit status: 0; 1 where a test failed, passed unexpectedly or never ended, or the stream was
damaged; 2 where the stream cannot be read.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let runner = Runner {
            no_passthrough: self.no_passthrough,
            began: Instant::now(),
            records: Records::default(),
            failures: Vec::new(),
            unexpected: Vec::new(),
            counts: Counts::default(),
        };
        let runner = run(runner, &self.input, console)?;
        Ok(if runner.passed() { Exit::Passed } else { Exit::Failed })
    }
}

#[derive(Default)]
struct Counts {
    run: u64,
    skipped: u64,
    expected: u64,
}

struct Runner {
    no_passthrough: bool,
    began: Instant,
    records: Records,
    /// Ids and texts of failed tests, for the end.
    failures: Vec<(String, String)>,
    /// Ids of tests that passed unexpectedly.
    unexpected: Vec<String>,
    counts: Counts,
}

impl Tool for Runner {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if event.test_id.is_none() && !self.no_passthrough {
            return pass_raw(event, out);
        }
        self.records.note(event).map_or(Ok(()), |record| self.test(&record, out))
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        for record in self.records.take_open().iter().rev() {
            self.test(record, out)?;
        }
        writeln!(out.console.stderr)?;
        self.write_failures(out)?;
        self.write_counts(&mut out.console.stderr)
    }
}

const DOUBLE: &str = "======================================================================";
const SINGLE: &str = "----------------------------------------------------------------------";

impl Runner {
    fn passed(&self) -> bool {
        self.failures.is_empty() && self.unexpected.is_empty()
    }

    /// A test has ended, or never will.
    fn test(&mut self, record: &TestRecord, out: &mut Out<'_, '_>) -> io::Result<()> {
        if record.status == Some(Status::Exists) {
            return Ok(());
        }
        self.counts.run += 1;
        let word = match record.status {
            Some(Status::Success) => "ok".to_owned(),
            Some(Status::ExpectedFailure) => {
                self.counts.expected += 1;
                "expected failure".to_owned()
            }
            Some(Status::UnexpectedSuccess) => {
                self.unexpected.push(record.test_id.clone());
                "unexpected success".to_owned()
            }
            Some(Status::Skip) => {
                self.counts.skipped += 1;
                let reason = record.attachment("reason").map(details::content);
                format!("skipped {}", quoted(&reason.unwrap_or_default()))
            }
            Some(Status::Fail | Status::InProgress | Status::Exists) | None => {
                self.failures.push((record.test_id.clone(), details::text(record)));
                "FAIL".to_owned()
            }
        };
        let (look, stderr) = (out.console.stderr_look, &mut out.console.stderr);
        let id = escaped(look, &record.test_id);
        writeln!(stderr, "{id}\n{id} ... {}", escaped(look, &word))
    }

    fn write_failures(&self, out: &mut Out<'_, '_>) -> io::Result<()> {
        const EXCEPTION: &str = "testtools.testresult.real._StringException";
        let (look, stderr) = (out.console.stderr_look, &mut out.console.stderr);
        for (id, text) in &self.failures {
            let id = escaped(look, id);
            let colon = if text.is_empty() { "" } else { ": " };
            write!(stderr, "{DOUBLE}\nFAIL: {id}\n{id}\n{SINGLE}\n{EXCEPTION}{colon}")?;
            pass_text(look, text.as_bytes(), stderr)?;
            stderr.write_all(b"\n\n")?;
        }
        for id in &self.unexpected {
            let id = escaped(look, id);
            writeln!(stderr, "{DOUBLE}\nUNEXPECTED SUCCESS: {id}\n{id}")?;
        }
        Ok(())
    }

    fn write_counts(&self, stderr: &mut dyn Write) -> io::Result<()> {
        let run = self.counts.run;
        let tests = if run == 1 { "test" } else { "tests" };
        let seconds = self.began.elapsed().as_secs_f64();
        write!(stderr, "{SINGLE}\nRan {run} {tests} in {seconds:.3}s\n\n")?;
        let counts = [
            ("failures", self.failures.len() as u64),
            ("skipped", self.counts.skipped),
            ("expected failures", self.counts.expected),
            ("unexpected successes", self.unexpected.len() as u64),
        ];
        let shown = counts.iter().filter(|(_, count)| *count > 0);
        let shown: Vec<String> = shown.map(|(name, count)| format!("{name}={count}")).collect();
        let word = if self.passed() { "OK" } else { "FAILED" };
        if shown.is_empty() {
            return writeln!(stderr, "{word}");
        }
        writeln!(stderr, "{word} ({})", shown.join(", "))
    }
}

/// A string as Python's `repr` writes it.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            _ if character == quote => quoted.extend(['\\', quote]),
            _ if character.is_ascii_control() => {
                quoted += &format!("\\x{:02x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push(quote);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_in_python() {
        assert_eq!(quoted("no net"), "'no net'");
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(quoted("it's \"so\"\n\\\x1b"), "'it\\'s \"so\"\\n\\\\\\x1b'");
    }
}
