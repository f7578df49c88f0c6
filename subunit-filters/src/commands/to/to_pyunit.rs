//! Tests as Python's unittest shows them, for `subunit to-pyunit` and `subunit2pyunit`.

use std::{
    io::{self, Write},
    time::Instant,
};

use subunit_core::{
    Damage, Event, Packet, Status,
    sink::{Records, TestRecord},
};

use super::details;
use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Out, ReportArgs, run_report},
    style::{Look, escaped, pass_text},
};

/// Show tests as Python's unittest does
///
/// Shows each test as it finishes, and the failures with their attachments at the end. Text outside packets
/// goes to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToPyunit {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToPyunit {
    const NAME: &'static str = "to-pyunit";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-pyunit run.subunit
  $ subunit filter --status fail run.subunit | subunit to-pyunit

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        console.interrupts.catch()?;
        run_report(Report(Runner::new()), &self.report, console)
    }
}

struct Report(Runner);

impl Filter for Report {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.0.event(event, out.console.stdout_look, &mut out.console.stdout)
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.0.counts.damaged += 1;
        out.text(damage.bytes)
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.0.finish(out.console.stdout_look, &mut out.console.stdout)
    }
}

#[derive(Default)]
struct Counts {
    run: u64,
    skipped: u64,
    expected: u64,
    /// Places of damage; the traditional tool counts none.
    damaged: u64,
}

/// Shows tests as unittest's runner does.
pub(in crate::commands) struct Runner {
    began: Instant,
    records: Records,
    /// Ids and texts of failed tests, for the end.
    failures: Vec<(String, String)>,
    /// Ids of tests that passed unexpectedly.
    unexpected: Vec<String>,
    counts: Counts,
}

const DOUBLE: &str = "======================================================================";
const SINGLE: &str = "----------------------------------------------------------------------";

impl Runner {
    pub(in crate::commands) fn new() -> Self {
        Self {
            began: Instant::now(),
            records: Records::default(),
            failures: Vec::new(),
            unexpected: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Whether nothing has failed so far.
    pub(in crate::commands) fn passed(&self) -> bool {
        self.failures.is_empty() && self.unexpected.is_empty() && self.counts.damaged == 0
    }

    /// An event of the stream.
    pub(in crate::commands) fn event(
        &mut self,
        event: &Event<'_>,
        look: Look,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.records.note(event).map_or(Ok(()), |record| self.test(&record, look, out))
    }

    /// The stream has ended.
    pub(in crate::commands) fn finish(
        &mut self,
        look: Look,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for record in self.records.take_open().iter().rev() {
            self.test(record, look, out)?;
        }
        writeln!(out)?;
        self.write_failures(look, out)?;
        self.write_counts(out)
    }

    /// A test has ended, or never will.
    fn test(&mut self, record: &TestRecord, look: Look, out: &mut dyn Write) -> io::Result<()> {
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
        let id = escaped(look, &record.test_id);
        writeln!(out, "{id}\n{id} ... {}", escaped(look, &word))
    }

    fn write_failures(&self, look: Look, out: &mut dyn Write) -> io::Result<()> {
        const EXCEPTION: &str = "testtools.testresult.real._StringException";
        for (id, text) in &self.failures {
            let id = escaped(look, id);
            let colon = if text.is_empty() { "" } else { ": " };
            write!(out, "{DOUBLE}\nFAIL: {id}\n{id}\n{SINGLE}\n{EXCEPTION}{colon}")?;
            pass_text(look, text.as_bytes(), out)?;
            out.write_all(b"\n\n")?;
        }
        for id in &self.unexpected {
            let id = escaped(look, id);
            writeln!(out, "{DOUBLE}\nUNEXPECTED SUCCESS: {id}\n{id}")?;
        }
        Ok(())
    }

    fn write_counts(&self, out: &mut dyn Write) -> io::Result<()> {
        let run = self.counts.run;
        let tests = if run == 1 { "test" } else { "tests" };
        let seconds = self.began.elapsed().as_secs_f64();
        write!(out, "{SINGLE}\nRan {run} {tests} in {seconds:.3}s\n\n")?;
        let counts = [
            ("failures", self.failures.len() as u64),
            ("skipped", self.counts.skipped),
            ("expected failures", self.counts.expected),
            ("unexpected successes", self.unexpected.len() as u64),
            ("damaged", self.counts.damaged),
        ];
        let shown = counts.iter().filter(|(_, count)| *count > 0);
        let shown: Vec<String> = shown.map(|(name, count)| format!("{name}={count}")).collect();
        let word = if self.passed() { "OK" } else { "FAILED" };
        if shown.is_empty() {
            return writeln!(out, "{word}");
        }
        writeln!(out, "{word} ({})", shown.join(", "))
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
