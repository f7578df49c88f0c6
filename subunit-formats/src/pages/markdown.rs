//! A summary in Markdown, as GitHub, GitLab, Forgejo and Azure show it.

use std::{fmt::Write as _, io::Write};

use subunit_core::{
    Damage, Event,
    run::{
        cause::{SourceLocation, files, is_text, message},
        counted,
    },
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
        words::{Seconds, marked_word, more_failures, shortened, word},
    },
};

const LIMITS: Limits = Limits { record: 128 << 10, bad: 8 << 20, other: 4 << 20, outputs: 4 << 20 };

/// How much is told.
#[derive(Clone, Copy, Debug)]
struct Measure {
    /// Whether tests that did not fail are listed.
    passes: bool,
    /// How many bytes of each file are shown.
    output: usize,
}

/// From everything down to nothing but what failed.
const MEASURES: [Measure; 5] = [
    Measure { passes: true, output: 32 << 10 },
    Measure { passes: false, output: 32 << 10 },
    Measure { passes: false, output: 4 << 10 },
    Measure { passes: false, output: 1 << 10 },
    Measure { passes: false, output: 0 },
];

/// The report.
pub(crate) const REPORT: Row = Row::new("to-markdown", "Write a summary in Markdown", |out| {
    Box::new(MarkdownWriter::new(out))
});

report! { MarkdownWriter: false => set_judge }
summary_writer! { MarkdownWriter => with_shown }

/// Writes counts, failures with their output, flaky tests, the slowest tests and a list of the others, at
/// [`Sink::finish`].
///
/// A summary is at most 1 MiB long unless [`MarkdownWriter::with_limit`] says otherwise: to fit, the list of
/// the others goes first, then output gets shorter and goes, then failures are only counted.
/// Memory: the tests that run, 18 MiB of others, and the summary.
#[derive(Debug)]
pub struct MarkdownWriter<W> {
    out: Output<W>,
    summary: RunSummary,
    limit: usize,
}

impl<W: Write> MarkdownWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: Output::new(out), summary: RunSummary::new(LIMITS), limit: 1 << 20 }
    }

    /// Writes at most this many bytes; nothing if not even the headline fits.
    #[must_use]
    pub fn with_limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

impl<W: Write> Sink for MarkdownWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.summary.event(event)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.summary.damage(damage)
    }

    fn finish(&mut self) {
        self.summary.finish();
        let summary = fitting(&self.summary, self.limit);
        self.out.write(summary.as_bytes());
    }
}

/// The summary that tells most and fits.
fn fitting(summary: &RunSummary, limit: usize) -> String {
    for measure in MEASURES {
        let failures: Vec<String> =
            summary.bad().map(|attempts| result(attempts, measure)).collect();
        let rest = rest(summary, measure);
        let head = head(summary);
        let length = head.len() + failures.iter().map(String::len).sum::<usize>() + rest.len();
        let more = more(summary.bad_left_out);
        if length + more.len() <= limit {
            return head + &failures.concat() + &more + &rest;
        }
    }
    only_counted(summary, limit)
}

/// As many failures as fit, without their output; the others are counted.
fn only_counted(summary: &RunSummary, limit: usize) -> String {
    let measure = Measure { passes: false, output: 0 };
    let mut page = head(summary);
    let (mut shown, all) = (0, summary.bad().count() as u64 + summary.bad_left_out);
    for attempts in summary.bad() {
        let failure = result(attempts, measure);
        if page.len() + failure.len() + more(all).len() > limit {
            break;
        }
        page += &failure;
        shown += 1;
    }
    page += &more(all - shown);
    if page.len() <= limit { page } else { String::new() }
}

fn more(count: u64) -> String {
    if count == 0 { String::new() } else { format!("\nand {}\n", more_failures(count)) }
}

fn head(summary: &RunSummary) -> String {
    let mark = match summary.verdict() {
        Verdict::Passed => "\u{2705}",
        Verdict::Failed => "\u{274c}",
        Verdict::NoTests => "\u{26a0}\u{fe0f}",
    };
    let mut head = format!("## {mark} {}\n\n", summary.headline());
    let numbers = summary.numbers();
    if !numbers.is_empty() {
        let row = |cell: &dyn Fn(&(&'static str, u64)) -> String| {
            numbers.iter().map(|number| format!(" {} |", cell(number))).collect::<String>()
        };
        let _ = writeln!(head, "|{}", row(&|(name, _)| (*name).to_owned()));
        let _ = writeln!(head, "|{}", row(&|_| "---:".to_owned()));
        let _ = writeln!(head, "|{}\n", row(&|(_, count)| count.to_string()));
    }
    for (name, words) in summary.facts().lines() {
        let _ = writeln!(head, "{name}: {}\n", code(&plain_line(&words)));
    }
    if let Some(damage) = summary.damage_text() {
        let _ = writeln!(head, "The stream is damaged: {}\n", code(&damage));
    }
    head
}

/// A test that failed or is flaky, with what it said in all its attempts.
fn result(attempts: &[TestRecord], measure: Measure) -> String {
    let Some(last) = attempts.last() else { return String::new() };
    let is_flaky = !last.has_failed();
    // Of a flaky test the attempt that failed says why.
    let telling = if is_flaky { attempts.first().unwrap_or(last) } else { last };
    let word_of_all = if is_flaky { "flaky".to_owned() } else { marked_word(last) };
    let mut line = format!("{word_of_all} <code>{}</code>", html(&plain_line(&last.test_id)));
    if let Some(place) = SourceLocation::of(telling) {
        let _ = write!(line, " at <code>{}</code>", html(&plain_line(&place.to_string())));
    }
    let why = plain_line(&message(telling));
    if !why.is_empty() {
        let _ = write!(line, " <code>{}</code>", html(&why));
    }
    let mut body = String::new();
    for (nth, attempt) in attempts.iter().enumerate() {
        if attempts.len() > 1 && measure.output > 0 {
            let _ = writeln!(body, "Attempt {}: {}\n", nth + 1, word(attempt));
        }
        push_files(&mut body, attempt, measure);
    }
    if body.is_empty() {
        return format!("- {line}\n\n");
    }
    format!("<details><summary>{line}</summary>\n\n{body}</details>\n\n")
}

fn push_files(body: &mut String, record: &TestRecord, measure: Measure) {
    if measure.output == 0 {
        return;
    }
    for file in files(record) {
        let name = code(&plain_line(&file.name));
        if is_text(file) {
            let text = shortened(&plain(&file.bytes), measure.output);
            let _ = writeln!(body, "{name}\n\n{}", fenced(&text));
        } else {
            let length = file.bytes.len() as u64 + file.omitted;
            let _ = writeln!(body, "{name}: {length} bytes\n");
        }
    }
    if record.omitted > 0 {
        let _ = writeln!(body, "{} bytes left out\n", record.omitted);
    }
}

/// What follows the failures.
fn rest(summary: &RunSummary, measure: Measure) -> String {
    let mut rest = String::new();
    rest.extend(summary.flaky.iter().map(|attempts| result(attempts, measure)));
    let more = summary.counts().flaky.saturating_sub(summary.flaky.len() as u64);
    if more > 0 {
        let _ = writeln!(rest, "and {more} more flaky\n");
    }
    push_outputs(&mut rest, summary, measure);
    if summary.slowest().len() > 1 {
        let slowest = summary.slowest().into_iter();
        let slowest: String = slowest
            .map(|(time, id)| format!("{:>12}  {}\n", Seconds(time).to_string(), plain_line(id)))
            .collect();
        push_list(&mut rest, "slowest", &slowest);
    }
    if measure.passes && !summary.others.is_empty() {
        let mut others = String::new();
        for record in &summary.others {
            let time = record.duration().map(|time| Seconds(time).to_string()).unwrap_or_default();
            let id = plain_line(&record.test_id);
            let _ = writeln!(others, "{:<19} {time:>12}  {id}", word(record));
        }
        if summary.others_left_out > 0 {
            let _ = writeln!(others, "and {} more", summary.others_left_out);
        }
        let count = summary.others.len() as u64 + summary.others_left_out;
        push_list(&mut rest, &counted(count, "other"), &others);
    }
    rest
}

/// The files of no test.
fn push_outputs(rest: &mut String, summary: &RunSummary, measure: Measure) {
    if measure.output == 0 {
        return;
    }
    for output in summary.outputs().iter() {
        let title = code(&plain_line(&output.title()));
        let text = match output.is_text() {
            true => fenced(&shortened(&plain(&output.bytes()), measure.output)),
            false => format!("{} bytes\n", output.len()),
        };
        let _ = write!(
            rest,
            "<details><summary>output of no test: {title}</summary>\n\n{text}\n</details>\n\n"
        );
    }
    let omitted = summary.outputs().omitted();
    if omitted > 0 {
        let _ = writeln!(rest, "output of no test: {omitted} more bytes left out\n");
    }
}

fn push_list(out: &mut String, title: &str, lines: &str) {
    let _ = write!(out, "<details><summary>{title}</summary>\n\n{}\n</details>\n\n", fenced(lines));
}

/// A block in which nothing is Markdown: its fence is longer than any in it.
fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}text\n{text}{newline}{fence}\n")
}

/// Code within a line.
fn code(text: &str) -> String {
    format!("<code>{}</code>", html(text))
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Text in which Markdown finds neither elements nor marks of its own.
fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' | '*' | '_' | '`' | '[' | ']' | '|' | '\\' | '~' | '@'
            | '#' | '$' | '!' | '(' | ')' => {
                let _ = write!(html, "&#{};", u32::from(character));
            }
            _ => html.push(character),
        }
    }
    html
}
