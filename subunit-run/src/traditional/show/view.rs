//! How a run is shown, while it goes on and at its end.

use std::io::{self, Write};

use subunit_core::{
    Event,
    sink::{Flow, Sink},
};

use super::{
    results::{ResultsText, write_summary},
    streamed::Streamed,
    tally::RunTally,
    trace::{Style, Trace},
};

/// What a run looks like.
#[derive(Clone, Debug)]
pub(in crate::traditional) enum RunLook {
    /// A stream of packets.
    Stream,
    /// Failures and a summary. Tests with these tags are not counted.
    Text {
        /// The tags.
        filter_tags: Vec<String>,
        /// Whether there is a summary.
        summary: bool,
    },
    /// A line for each test.
    Trace(Style),
}

impl RunLook {
    /// Failures and a summary; all tests count.
    pub(in crate::traditional) const fn text() -> Self {
        Self::Text { filter_tags: Vec::new(), summary: true }
    }
}

/// Shows a run.
#[derive(Debug)]
pub(in crate::traditional) struct RunView<W> {
    kind: Kind<W>,
    /// Whether a test that passed although it should fail is a failure.
    strict: bool,
}

#[derive(Debug)]
enum Kind<W> {
    Stream(Streamed<W>),
    Text { results: ResultsText<W>, summary: bool },
    Trace(Trace<W>),
}

impl<W: Write> RunView<W> {
    /// Shows a run in `out`.
    pub(in crate::traditional) fn new(look: &RunLook, strict: bool, out: W) -> Self {
        let kind = match look {
            RunLook::Stream => Kind::Stream(Streamed::new(out)),
            RunLook::Text { filter_tags, summary } => {
                let results = ResultsText::new(out, filter_tags.clone());
                Kind::Text { results, summary: *summary }
            }
            RunLook::Trace(style) => Kind::Trace(Trace::new(out, *style)),
        };
        Self { kind, strict }
    }

    /// Whether no test ran.
    pub(in crate::traditional) fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Stream(streamed) => streamed.tally().tests == 0,
            Kind::Text { results, .. } => results.tally().tests == 0,
            Kind::Trace(trace) => trace.is_empty(),
        }
    }

    /// Shows the end of the run of this number, compared with the run `before`. Returns whether it passed;
    /// it did not unless all `is_well` besides its tests.
    ///
    /// # Errors
    ///
    /// The first error of the output.
    pub(in crate::traditional) fn conclude(
        self,
        is_well: bool,
        before: Option<&RunTally>,
        number: &str,
    ) -> io::Result<bool> {
        let no_failure = |tally: &RunTally| is_well && tally.failures == 0;
        let passed = |tally: &RunTally| no_failure(tally) && !(self.strict && tally.unexpected > 0);
        match self.kind {
            Kind::Stream(streamed) => Ok(passed(&streamed.close()?)),
            Kind::Text { results, summary } => {
                let (tally, mut out) = results.into_tally()?;
                if summary {
                    write_summary(&tally, no_failure(&tally), before, number, &mut out)?;
                }
                Ok(passed(&tally))
            }
            Kind::Trace(trace) => {
                let traced = trace.conclude()?;
                if let Some(complaint) = &traced.complaint {
                    eprint!("{complaint}");
                }
                Ok(traced.passed && is_well)
            }
        }
    }
}

impl<W: Write> Sink for RunView<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        match &mut self.kind {
            Kind::Stream(streamed) => streamed.event(event),
            Kind::Text { results, .. } => results.event(event),
            Kind::Trace(trace) => trace.event(event),
        }
    }

    fn finish(&mut self) {
        match &mut self.kind {
            Kind::Stream(streamed) => streamed.finish(),
            Kind::Text { results, .. } => results.finish(),
            Kind::Trace(trace) => trace.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::Status;

    use super::*;

    fn shown(
        look: &RunLook,
        strict: bool,
        is_well: bool,
        status: Option<Status>,
    ) -> (bool, String) {
        let mut out = Vec::new();
        let mut view = RunView::new(look, strict, &mut out);
        if let Some(status) = status {
            let _ = view.event(&Event::status("a", status));
        }
        view.finish();
        assert_eq!(view.is_empty(), status.is_none());
        let passed = view.conclude(is_well, None, "3").unwrap();
        (passed, String::from_utf8_lossy(&out).into_owned())
    }

    #[test]
    fn what_passed_depends_on_tests_and_on_what_else_went_wrong() {
        let looks = [RunLook::Stream, RunLook::text()];
        for (strict, is_well, status, expected) in [
            (false, true, Some(Status::Success), true),
            (false, false, Some(Status::Success), false),
            (false, true, Some(Status::Fail), false),
            (false, true, Some(Status::UnexpectedSuccess), true),
            (true, true, Some(Status::UnexpectedSuccess), false),
            (true, true, None, true),
        ] {
            for look in &looks {
                let (passed, _) = shown(look, strict, is_well, status);
                assert_eq!(passed, expected, "{look:?} {strict} {is_well} {status:?}");
            }
        }
    }

    #[test]
    fn the_summary_may_be_left_out() {
        let quiet = RunLook::Text { filter_tags: Vec::new(), summary: false };
        assert_eq!(shown(&quiet, false, true, Some(Status::Success)).1, "");
        let (_, text) = shown(&RunLook::text(), false, false, Some(Status::Success));
        assert_eq!(text, "Ran 1 tests\nFAILED (id=3)\n");
    }
}
