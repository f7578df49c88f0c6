//! Failures as diagnostics, for programs that put them beside the code under review.
//!
//! Source: "Reviewdog Diagnostic Format", the wire format rdjsonl: one `Diagnostic` a line.

use std::io::{self, Write};

use serde::Serialize;
use subunit_core::{
    Damage, Event, Status,
    run::{
        Judge, Mark, Results,
        cause::{SourceLocation, message},
    },
    sink::{Flow, Sink, TestRecord},
};

use crate::{
    ansi::plain,
    report::{
        Row,
        output::Output,
        report, taken_back,
        words::{marked_word, shortened},
    },
};

/// The longest message, in bytes.
const LONGEST: usize = 8 << 10;

/// How much of a test's files is kept to find its message and its place in.
const KEPT: usize = 64 << 10;

/// The report.
pub(crate) const REPORT: Row = Row {
    title: "failures as diagnostics, for review comments",
    details: "A line of JSON for each test that failed or never finished, with the file and the line if known: \
              reviewdog's rdjsonl. Failures that are in the baseline, and flaky tests, are warnings.",
    examples: &["subunit to-rdjsonl run.subunit", "subunit to-rdjsonl run.subunit | grep -c ERROR"],
    ..Row::new("to-rdjsonl", "Write failures as diagnostics, for review comments", |out| {
        Box::new(RdjsonlWriter::new(out))
    })
};

report! { RdjsonlWriter: false, unsaid => set_judge }

/// Writes a line as each failure is certain. Damage is a diagnostic without a place, as is a failure of which no place
/// is known. Memory: that of [`Results`], with 64 KiB of files of each test.
#[derive(Debug)]
pub struct RdjsonlWriter<W: Write> {
    out: Output<W>,
    results: Results,
    taken_back: u64,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    severity: &'static str,
    source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Start,
}

#[derive(Serialize)]
struct Start {
    line: u64,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

/// What a diagnostic is about: the test's id.
#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
}

const SOURCE: Source = Source { name: "subunit" };

impl<W: Write> RdjsonlWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: Output::new(out), results: Results::with_limit(KEPT), taken_back: 0 }
    }

    /// What the run is judged by; told before anything else is.
    pub fn set_judge(&mut self, judge: &Judge) {
        self.results = std::mem::take(&mut self.results).with_judge(judge);
    }

    /// What the report cannot say, in a few words.
    pub(crate) fn unsaid(&self) -> Option<String> {
        taken_back(self.taken_back)
    }

    /// The output, or the first error there was with it. Nothing is written after an error.
    pub fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }
}

impl<W: Write> Sink for RdjsonlWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(result) = self.results.note(event) {
            self.taken_back += u64::from(result.takes_back);
            let is_flaky = result.is_flaky();
            tell(&mut self.out, result.last, &result.earlier, is_flaky);
        }
        self.out.flow()
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        let message = format!("the stream is damaged at byte {}: {}", damage.offset, damage.reason);
        let (location, code) = (None, None);
        let line =
            Diagnostic { message: &message, location, severity: "ERROR", source: SOURCE, code };
        write_line(&mut self.out, &line);
        self.out.flow()
    }

    fn finish(&mut self) {
        for result in self.results.finish() {
            self.taken_back += u64::from(result.takes_back);
            tell(&mut self.out, &result.last, &result.earlier, result.is_flaky());
        }
    }
}

/// A diagnostic of what failed, or of the last failure of a flaky test.
fn tell<W: Write>(out: &mut Output<W>, last: &TestRecord, earlier: &[TestRecord], is_flaky: bool) {
    if last.status == Some(Status::Exists) {
        return;
    }
    if last.has_failed() {
        let is_known = last.mark.is_some_and(Mark::is_excusable);
        return tell_failure(
            out,
            last,
            &marked_word(last),
            if is_known { "WARNING" } else { "ERROR" },
        );
    }
    if let Some(failed) = earlier.last().filter(|_| is_flaky) {
        tell_failure(out, failed, "flaky", "WARNING");
    }
}

fn tell_failure<W: Write>(
    out: &mut Output<W>,
    record: &TestRecord,
    word: &str,
    severity: &'static str,
) {
    let cause = shortened(&plain(message(record).as_bytes()), LONGEST);
    let message = match cause.trim() {
        "" => format!("{word}: {}", record.test_id),
        cause => format!("{word}: {}: {cause}", record.test_id),
    };
    let place = SourceLocation::of(record);
    let location = place.as_ref().map(|place| Location {
        path: &place.file,
        range: place.line.map(|line| Range { start: Start { line } }),
    });
    let code = Some(Code { value: &record.test_id });
    write_line(out, &Diagnostic { message: &message, location, severity, source: SOURCE, code });
}

fn write_line<W: Write>(out: &mut Output<W>, diagnostic: &Diagnostic<'_>) {
    // Strings and numbers can always be written.
    if let Ok(mut line) = serde_json::to_vec(diagnostic) {
        line.push(b'\n');
        out.write(&line);
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::{TagsBuf, conventions};

    use super::*;

    fn written(events: &[Event<'_>]) -> String {
        let mut writer = RdjsonlWriter::new(Vec::new());
        for event in events {
            writer.event(event);
        }
        writer.finish();
        String::from_utf8(writer.into_result().unwrap()).unwrap()
    }

    #[test]
    fn a_failure_stands_at_its_line() {
        let tags = TagsBuf::from(["file:src/a.py", "line:7"]);
        let failed = Event::status("a.T.test", Status::Fail);
        let failed = Event { tags: Some(tags.as_tags()), ..failed };
        assert_eq!(
            written(&[Event::status("a.T.passed", Status::Success), failed]),
            "{\"message\":\"failed: a.T.test\",\"location\":{\"path\":\"src/a.py\",\"range\":{\"start\":\
             {\"line\":7}}},\"severity\":\"ERROR\",\"source\":{\"name\":\"subunit\"},\"code\":{\"value\":\
             \"a.T.test\"}}\n"
        );
    }

    #[test]
    fn a_test_that_never_finished_failed_and_a_flaky_one_is_a_warning() {
        let tags = [1, 2].map(|number| TagsBuf::from([&*conventions::attempt_tag(number)]));
        let attempt = |tags, status| Event { tags: Some(tags), ..Event::status("f", status) };
        let text = written(&[
            Event::status("listed", Status::Exists),
            Event::status("never", Status::InProgress),
            attempt(tags[0].as_tags(), Status::Fail),
            attempt(tags[1].as_tags(), Status::Success),
        ]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].contains("flaky: f") && lines[0].contains("WARNING"), "{text}");
        assert!(lines[1].contains("never") && lines[1].contains("ERROR"), "{text}");
        assert!(!text.contains("location"), "{text}");
    }
}
