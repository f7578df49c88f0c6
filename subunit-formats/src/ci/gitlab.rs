//! What GitLab's job log shows of a run: a section that folds for each failure, then the counts.
//!
//! Facts: the page "CI/CD job logs", "Custom collapsible sections", of docs.gitlab.com.

use std::io::Write;

use subunit_core::{
    Damage, Event, Timestamp,
    run::cause::{files, is_text, message},
    sink::{Flow, Sink, TestRecord, Verdict},
};

use crate::{
    ansi::{plain, plain_line},
    report::{
        Row,
        output::Output,
        report,
        summary::{Limits, RunSummary},
        summary_writer,
        words::{marked_word, more_failures, shortened, word},
    },
};

const LIMITS: Limits = Limits { record: 256 << 10, bad: 8 << 20, other: 0, outputs: 1 << 20 };

/// The longest text of a file, in bytes.
const LONGEST: usize = 32 << 10;

/// GitLab cuts logs at 4 MB unless told otherwise: beyond so much output failures are named only, and
/// beyond so much of names they are counted.
const ROOM: usize = 1 << 20;

/// The report.
pub(crate) const REPORT: Row = Row {
    title: "collapsible sections for GitLab job logs",
    details: "A section for each failure with its output, then the counts. Text outside packets goes to standard error.",
    examples: &[
        "subunit to-gitlab run.subunit",
        "subunit to-gitlab --no-text run.subunit | tail -n 1",
    ],
    in_log: true,
    ..Row::new(
        "to-gitlab",
        "Write sections for GitLab job logs to standard output or PATH",
        |out| Box::new(GitlabWriter::new(out)),
    )
};

report! { GitlabWriter: false => set_judge }
summary_writer! { GitlabWriter }

/// Writes a section for each failure and each flaky test, closed but for the first, and the counts, at [`Sink::finish`].
///
/// Nothing that a test prints ends a section: of control characters only newlines and tabs are let
/// through. Beyond 1 MiB of output, failures are named without it, and beyond 1 MiB of names counted. Memory: the tests that run, and 12 MiB.
#[derive(Debug)]
pub struct GitlabWriter<W> {
    out: Output<W>,
    summary: RunSummary,
}

impl<W: Write> GitlabWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: Output::new(out), summary: RunSummary::new(LIMITS) }
    }

    fn section(&mut self, nth: usize, attempts: &[TestRecord], time: u64) -> usize {
        let Some(header) = header(attempts) else { return 0 };
        let mut body = String::new();
        for (nth, attempt) in attempts.iter().enumerate() {
            if attempts.len() > 1 {
                body += &format!("attempt {}: {}\n", nth + 1, word(attempt));
            }
            push_files(&mut body, attempt);
        }
        self.fold(&format!("subunit_{}", nth + 1), nth == 0, &header, &body, time);
        body.len()
    }

    /// The files of no test, as far as there is room.
    fn outputs(&mut self, summary: &RunSummary, room: usize, time: u64) {
        let mut body = String::new();
        let mut omitted = summary.outputs().omitted();
        for output in summary.outputs().iter() {
            if body.len() > room {
                omitted += output.len();
                continue;
            }
            let name = plain_line(&output.title());
            if !output.is_text() {
                body += &format!("--- {name} ({} bytes) ---\n", output.len());
                continue;
            }
            push_text(&mut body, &name, &plain(&output.bytes()));
        }
        if omitted > 0 {
            body += &format!("... {omitted} bytes left out ...\n");
        }
        if !body.is_empty() {
            self.fold("subunit_output", false, "output of no test", &body, time);
        }
    }

    fn fold(&mut self, name: &str, open: bool, header: &str, body: &str, time: u64) {
        let collapsed = if open { "" } else { "[collapsed=true]" };
        self.out.write(
            format!(
                "\x1b[0Ksection_start:{time}:{name}{collapsed}\r\x1b[0K{header}\n{body}\
                 \x1b[0Ksection_end:{time}:{name}\r\x1b[0K\n"
            )
            .as_bytes(),
        );
    }
}

impl<W: Write> Sink for GitlabWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.summary.event(event)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.summary.damage(damage)
    }

    fn finish(&mut self) {
        self.summary.finish();
        let summary = std::mem::replace(&mut self.summary, RunSummary::new(LIMITS));
        let (time, mut room, mut more) = (time(&summary), 2 * ROOM, summary.bad_left_out);
        let flaky = summary.flaky.iter().map(Vec::as_slice);
        for (nth, attempts) in summary.bad().chain(flaky).enumerate() {
            if room > ROOM {
                room = room.saturating_sub(self.section(nth, attempts, time)).max(ROOM);
            } else if let Some(header) = header(attempts)
                && header.len() < room
            {
                room -= header.len() + 1;
                self.out.write(format!("{header}\n").as_bytes());
            } else {
                more += u64::from(attempts.last().is_some_and(TestRecord::has_failed));
            }
        }
        if more > 0 {
            self.out.write(format!("and {}\n", more_failures(more)).as_bytes());
        }
        self.outputs(&summary, room.saturating_sub(ROOM), time);
        if let Some(damage) = summary.damage_text() {
            self.out.write(format!("damaged stream: {damage}\n").as_bytes());
        }
        let colour = match summary.verdict() {
            Verdict::Passed => 32,
            Verdict::Failed => 31,
            Verdict::NoTests => 33,
        };
        self.out.write(format!("\x1b[{colour};1m{}\x1b[0m\n", summary.headline()).as_bytes());
    }
}

/// When the sections were written, in seconds since 1970.
fn time(summary: &RunSummary) -> u64 {
    summary.stop().or_else(Timestamp::now).map_or(0, Timestamp::seconds)
}

fn header(attempts: &[TestRecord]) -> Option<String> {
    let (first, last) = (attempts.first()?, attempts.last()?);
    let (colour, word, telling) =
        if last.has_failed() { (31, marked_word(last), last) } else { (33, "flaky".into(), first) };
    let (id, why) = (plain_line(&last.test_id), plain_line(&message(telling)));
    let dash = if why.is_empty() { "" } else { ": " };
    Some(format!("\x1b[{colour};1m{word}\x1b[0m {id}{dash}{why}"))
}

fn push_files(body: &mut String, record: &TestRecord) {
    for file in files(record) {
        let name = plain_line(&file.name);
        if !is_text(file) {
            let length = file.bytes.len() as u64 + file.omitted;
            *body += &format!("--- {name} ({length} bytes) ---\n");
            continue;
        }
        push_text(body, &name, &plain(&file.bytes));
    }
    if record.omitted > 0 {
        *body += &format!("... {} bytes left out ...\n", record.omitted);
    }
}

fn push_text(body: &mut String, name: &str, text: &str) {
    let text = shortened(text, LONGEST);
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    *body += &format!("--- {name} ---\n{text}{newline}");
}
