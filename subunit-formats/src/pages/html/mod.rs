//! A report in one file of HTML, for browsers that are offline.

mod colours;
mod page;
mod test;

use std::io::Write;

use subunit_core::{
    Damage, Event,
    sink::{Flow, Sink},
};

use crate::report::{
    Row,
    output::Output,
    report,
    summary::{Limits, RunSummary},
    summary_writer,
};

/// The page says so too, where it was needed.
const LIMITS: Limits =
    Limits { record: 1 << 20, bad: 32 << 20, other: 32 << 20, outputs: 16 << 20 };

/// The report.
pub(crate) const REPORT: Row =
    Row::new("to-html", "Write one page of HTML", |out| Box::new(HtmlWriter::new(out)));

report! { HtmlWriter: false => set_judge }
summary_writer! { HtmlWriter => with_shown }

/// Writes one page, at [`Sink::finish`]: failures first, a box to filter by that looks into output too, all files of
/// the tests. A script makes a test's row when it is to be seen, so that the page stays quick with 100,000 tests;
/// where no script runs, the first failures are there all the same. The address names filter, order and test.
///
/// Nothing in it is loaded from elsewhere, and a browser is told to refuse it; all that comes from tests is
/// escaped. Colours of terminals are shown. Images up to 1 MiB are shown, other files of that size can
/// be saved from the page.
///
/// What is kept, and so memory: 1 MiB of files of a test; 32 MiB of failures and as much of other tests,
/// then half as much of either without files, then they are counted only; 16 MiB of files of no test. The page says how many.
#[derive(Debug)]
pub struct HtmlWriter<W> {
    out: Output<W>,
    summary: RunSummary,
    title: Option<String>,
}

impl<W: Write> HtmlWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: Output::new(out), summary: RunSummary::new(LIMITS), title: None }
    }

    /// With a title of the page.
    #[must_use]
    pub fn with_title(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }
}

impl<W: Write> Sink for HtmlWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.summary.event(event)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.summary.damage(damage)
    }

    fn finish(&mut self) {
        self.summary.finish();
        page::write(&self.summary, self.title.as_deref(), &mut self.out);
    }
}
