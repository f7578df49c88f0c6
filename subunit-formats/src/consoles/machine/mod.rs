//! How is what a runner prints for people read? One machine for all runners; a grammar tells it what each line is.
//!
//! * **Two accounts must agree**: the results, line by line, and the runner's own summary. Counts are the summary's. Where
//!   lines name fewer results than it counts, the rest is told as [`UnnamedResults`](subunit_core::run::UnnamedResults).
//! * **No summary is red**, and so is one that disagrees with the lines, in both numbers.
//! * **The summary is the last one.** What looks like a summary and is followed by results was printed by a test. After one
//!   that agrees with the lines anything may follow, after another one only blank lines and what the runner is known to
//!   print there.
//! * What goes wrong beside tests is a failure that is no test, so that no list of failing tests holds it.
//! * Lines that are none of the runner's are output of the test that runs, or text. Summaries are text as well.
//! * Before the first result another format may begin: a runner may frame it with lines for people.
//! * After the end of a run another one may begin, of the same runner or in any other format.
//!
//! The status of the runner is not known here: see [`Row::is_console`](crate::format::Row).

mod following;
mod line;
mod numbers;
mod progress;
mod run;

use self::{following::Following, progress::RunProgress};
pub(super) use self::{
    line::{count_of, number, seconds, strip_last},
    numbers::{NamesOf, ResultNumbers, SummaryCounts},
    run::ConsoleRun,
};
use crate::{
    Format,
    auto::{
        Begun,
        detect::{self, Detection},
    },
    events::push::Push,
    text::{
        line_reader::{LineReader, LineState},
        lines::Lines,
    },
};

/// What is known of one runner's console.
pub(super) trait Grammar: Default + Send {
    /// The format whose reader this is.
    const FORMAT: Format;
    /// What may follow a summary that cannot be compared with the lines: beginnings of lines.
    const TRAILERS: &'static [&'static str];

    /// Takes a line without colours and line end. Whether it was the runner's; if not, it is output.
    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool;

    /// Whether it holds something of the run that it has not told yet.
    fn holds(&self) -> bool {
        false
    }

    /// The run is over: tells what waited for its end.
    fn end(&mut self, _run: &mut ConsoleRun<'_, '_>) {}
}

/// Reads the console of a runner. Memory: one line, and the names of the tests that failed.
pub(super) type ConsoleReader<G> = LineReader<Machine<G>, Lines>;

/// What is known between two lines.
#[derive(Default)]
pub(super) struct Machine<G> {
    grammar: G,
    progress: RunProgress,
    line: line::PlainLine,
    following: Following,
}

impl<G: Grammar> LineState for Machine<G> {
    fn line(&mut self, raw: &[u8], push: &mut Push<'_>) {
        if self.following.feed(raw, push) {
            return;
        }
        if self.progress.is_fresh()
            && !self.grammar.holds()
            && let Some(begun) = other_format(raw, G::FORMAT)
        {
            self.progress = RunProgress::default();
            return self.following.begin(begun, push);
        }
        let line = self.line.of(raw);
        let mut run = ConsoleRun { progress: &mut self.progress, push, raw, format: G::FORMAT };
        if self.grammar.line(line, &mut run) {
            self.following.cancel(push);
            return;
        }
        let ended = self.progress.has_ended();
        let is_trailer = || G::TRAILERS.iter().any(|trailer| line.starts_with(trailer));
        if !ended || line.trim_ascii().is_empty() || is_trailer() {
            self.following.cancel(push);
            self.progress.output(raw, push);
            return;
        }
        self.progress.is_followed = true;
        self.follow(raw, push);
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        if let Some(begun) = self.following.last_line(push) {
            self.begin(begun, push);
        }
        if !self.following.finish(push) {
            self.conclude(push);
        }
    }
}

impl<G: Grammar> Machine<G> {
    /// A line after the end of the run, which may be the beginning of another.
    fn follow(&mut self, raw: &[u8], push: &mut Push<'_>) {
        if let Some(begun) = self.following.look(raw, push) {
            self.begin(begun, push);
        }
    }

    /// Another format begins. What looks like this one is text: a new run of it begins with a line of its grammar.
    fn begin(&mut self, begun: Begun, push: &mut Push<'_>) {
        if begun.format == G::FORMAT {
            return push.text(&begun.bytes);
        }
        self.conclude(push);
        self.following.begin(begun, push);
    }

    fn conclude(&mut self, push: &mut Push<'_>) {
        let mut run =
            ConsoleRun { progress: &mut self.progress, push, raw: b"", format: G::FORMAT };
        self.grammar.end(&mut run);
        run.conclude();
        self.grammar = G::default();
    }
}

/// The format that a line tells of a run whose runner frames it for people: what is made for programs is read instead.
fn other_format(raw: &[u8], console: Format) -> Option<Begun> {
    match detect::of_line(raw.trim_ascii_end()) {
        Detection::Is(format) if format != console && !format.row().is_console => {
            Some(Begun { format, bytes: raw.to_owned() })
        }
        _ => None,
    }
}

/// A reader for a row of the table.
pub(super) fn reader<G: Grammar + 'static>() -> Box<dyn crate::reader::FormatReader> {
    Box::new(ConsoleReader::<G>::default())
}
