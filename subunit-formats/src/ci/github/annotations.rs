//! Annotations: workflow commands on the output of a step.

use std::io::Write;

use subunit_core::{
    Damage, Event,
    run::{
        Mark,
        cause::{SourceLocation, files, is_text, message},
    },
    sink::{Attachment, Flow, Sink, TestRecord, Verdict},
};

use crate::{
    ansi::{plain, plain_line},
    report::{
        Row,
        output::Output,
        report,
        summary::{Limits, RunSummary},
        summary_writer,
        words::{marked_word, more_failures, secret, shortened, word},
    },
};

/// GitHub shows this many errors, and this many warnings, of a step.
const SHOWN: usize = 10;

/// How much of the output of no test is shown: of a file, and of all, in bytes.
const OUTPUT: usize = 32 << 10;
const OUTPUTS: usize = 256 << 10;

/// The longest text of an annotation, in bytes.
const LONGEST: usize = 8 << 10;

const LIMITS: Limits = Limits { record: 64 << 10, bad: 4 << 20, other: 0, outputs: 1 << 20 };

/// The report.
pub(crate) const REPORT: Row = Row {
    title: "annotations for GitHub actions",
    details: "The 10 best failures are errors next to the code, flaky tests are warnings; then the \
              counts. Text is passed through, and commands in it have no effect.",
    examples: &[
        "subunit to-github run.subunit",
        "subunit to-github run.subunit | grep -c ^::error",
    ],
    in_log: true,
    ..Row::new(
        "to-github",
        "Write annotations for GitHub actions to standard output or PATH",
        |out| Box::new(GithubWriter::new(out)),
    )
};

report! { GithubWriter: true => set_judge }
summary_writer! { GithubWriter }

/// Writes an error for each of the 10 best failures (those that say where come first, known ones last), a warning for
/// each of 10 flaky tests, and a notice of the counts, at [`Sink::finish`].
///
/// Text is passed on, and the runner obeys nothing in it: from the first text to the end, commands are
/// stopped by a word that tests cannot know. Memory: the tests that run, and 6 MiB.
#[derive(Debug)]
pub struct GithubWriter<W> {
    out: Output<W>,
    summary: RunSummary,
    /// The word that ends the stop.
    token: Option<String>,
    in_line: bool,
}

impl<W: Write> GithubWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out: Output::new(out),
            summary: RunSummary::new(LIMITS),
            token: None,
            in_line: false,
        }
    }

    /// The files of no test, in a group of the log that folds.
    fn outputs(&mut self) {
        let (mut text, mut omitted) = (String::new(), self.summary.outputs().omitted());
        for output in self.summary.outputs().iter() {
            let name = plain_line(&output.title());
            if !output.is_text() || text.len() > OUTPUTS {
                omitted += output.len();
                continue;
            }
            let content = shortened(&plain(&output.bytes()), OUTPUT);
            text += &format!("--- {name} ---\n{}\n", content.trim_end_matches('\n'));
        }
        if omitted > 0 {
            text += &format!("... {omitted} bytes left out ...\n");
        }
        if !text.is_empty() {
            self.resume();
            self.out.write(b"::group::output of no test\n");
            self.text(text.as_bytes());
            self.resume();
            self.out.write(b"::endgroup::\n");
        }
    }

    /// Ends the stop of commands, if there was text.
    fn resume(&mut self) {
        let Some(token) = self.token.take() else { return };
        let newline = if self.in_line { "\n" } else { "" };
        self.out.write(format!("{newline}::{token}::\n").as_bytes());
    }

    fn annotate(&mut self, command: &str, record: &TestRecord, title: &str, text: &str) {
        let mut line = format!("::{command} ");
        if let Some(place) = SourceLocation::of(record) {
            line += &format!("file={},", property(&place.file));
            if let Some(number) = place.line {
                line += &format!("line={number},");
            }
        }
        line += &format!("title={}::{}\n", property(&shortened(title, 512)), data(text));
        self.out.write(line.as_bytes());
    }

    fn annotations(&mut self) {
        let summary = std::mem::replace(&mut self.summary, RunSummary::new(LIMITS));
        let last = |attempts: &[TestRecord]| attempts.last().cloned();
        let mut bad: Vec<TestRecord> = summary.bad().filter_map(last).collect();
        let is_known = |record: &TestRecord| record.mark.is_some_and(Mark::is_excusable);
        bad.sort_by_cached_key(|record| (is_known(record), SourceLocation::of(record).is_none()));
        let room = if summary.damage_text().is_some() { SHOWN - 1 } else { SHOWN };
        for record in bad.iter().take(room) {
            let title = format!("{}: {}", marked_word(record), record.test_id);
            self.annotate("error", record, &title, &text(record));
        }
        if let Some(damage) = summary.damage_text() {
            self.annotate("error", &TestRecord::default(), "damaged stream", &damage);
        }
        for attempts in summary.flaky.iter().take(SHOWN) {
            let Some(first) = attempts.first() else { continue };
            let title = format!("flaky: {}", first.test_id);
            self.annotate("warning", first, &title, &text(first));
        }
        let mut counts = summary.headline();
        let more = bad.len().saturating_sub(room) as u64 + summary.bad_left_out;
        if more > 0 {
            counts += &format!("; {} without an annotation", more_failures(more));
        }
        let title = match summary.verdict() {
            Verdict::Passed => "tests passed",
            Verdict::Failed => "tests failed",
            Verdict::NoTests => "no tests",
        };
        self.annotate("notice", &TestRecord::default(), title, &counts);
    }
}

impl<W: Write> Sink for GithubWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.summary.event(event)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        let Some(last) = bytes.last() else { return self.out.flow() };
        if self.token.is_none() {
            let token = secret();
            self.out.write(format!("::stop-commands::{token}\n").as_bytes());
            self.token = Some(token);
        }
        self.in_line = *last != b'\n';
        self.out.write(bytes);
        self.out.flow()
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.summary.damage(damage)
    }

    fn finish(&mut self) {
        self.summary.finish();
        self.outputs();
        self.resume();
        self.annotations();
    }
}

/// Why the test failed.
fn text(record: &TestRecord) -> String {
    let mut text = message(record);
    let is_output = |file: &&Attachment| matches!(&*file.name, "stdout" | "stderr");
    let (outputs, told): (Vec<_>, Vec<_>) =
        files(record).into_iter().filter(|file| is_text(file)).partition(is_output);
    // What says more than the message does; the output only where nothing else does.
    let mut texts = told.into_iter().chain(outputs).map(|file| plain(&file.bytes));
    let cause = texts.find(|cause| cause.trim() != text && !cause.trim().is_empty());
    if let Some(cause) = cause {
        if cause.trim_start().starts_with(&text) {
            text = cause;
        } else {
            text += "\n";
            text += &cause;
        }
    }
    if text.trim().is_empty() {
        text = word(record).to_owned();
    }
    shortened(text.trim_end(), LONGEST)
}

/// The text of a command, which stands on one line.
fn data(text: &str) -> String {
    plain(text.as_bytes()).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a command's property.
fn property(text: &str) -> String {
    data(&plain_line(text)).replace(':', "%3A").replace(',', "%2C")
}
