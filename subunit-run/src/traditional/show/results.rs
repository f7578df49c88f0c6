//! The results of a run as testr prints them: each failure when it comes, and a summary.

use std::io::{self, Write};

use subunit_core::{
    Event, Status, Tags,
    sink::{Flow, Sink, TestRecord},
};

use super::{attachments::text_of, tally::RunTally};

/// Prints failures as they come and counts the rest.
#[derive(Debug)]
pub(in crate::traditional) struct ResultsText<W> {
    out: W,
    tally: RunTally,
    /// Tests whose final packet has one of these tags are not counted, unless they fail.
    filter_tags: Vec<String>,
    error: Option<io::Error>,
}

impl<W: Write> ResultsText<W> {
    /// Prints to `out`.
    pub(in crate::traditional) fn new(out: W, filter_tags: Vec<String>) -> Self {
        Self { out, tally: RunTally::default(), filter_tags, error: None }
    }

    /// What was counted, and the output.
    ///
    /// # Errors
    ///
    /// The first error of the output.
    pub(in crate::traditional) fn into_tally(self) -> io::Result<(RunTally, W)> {
        self.error.map_or(Ok((self.tally, self.out)), Err)
    }

    /// What was counted so far.
    pub(in crate::traditional) fn tally(&self) -> &RunTally {
        &self.tally
    }

    fn is_filtered(&self, event: &Event<'_>) -> bool {
        let has = |tag: &String| event.tags.is_some_and(|tags| tags.contains(tag));
        self.filter_tags.iter().any(has)
    }
}

impl<W: Write> Sink for ResultsText<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let Some(record) = self.tally.note(event) else { return Flow::Continue };
        match event.status {
            Some(Status::Fail) => {
                let written = write_failure(&record, event.tags, &mut self.out);
                if let Err(error) = written {
                    self.error.get_or_insert(error);
                    return Flow::Break;
                }
            }
            Some(Status::Exists) | None => {}
            _ if self.is_filtered(event) => self.tally.tests -= 1,
            _ => {}
        }
        Flow::Continue
    }

    fn finish(&mut self) {
        self.tally.end();
    }
}

/// A failed test under a double line, with the tags of its final packet.
fn write_failure(
    record: &TestRecord,
    tags: Option<Tags<'_>>,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{:=<70}\nFAIL: {}", "", record.test_id)?;
    let tags: Vec<_> = tags.into_iter().flatten().collect();
    if !tags.is_empty() {
        writeln!(out, "tags: {}", tags.join(" "))?;
    }
    write!(out, "{:-<70}\n{}", "", text_of(record))?;
    out.flush()
}

/// How a run went, compared with the one before. Differences are shown only where there are any.
pub(in crate::traditional) fn write_summary(
    run: &RunTally,
    passed: bool,
    before: Option<&RunTally>,
    id: &str,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let difference = |now: i64, then: Option<i64>| match then.map(|then| now - then) {
        Some(delta) if delta != 0 => format!(" ({delta:+})"),
        _ => String::new(),
    };
    let seconds = run.seconds().filter(|seconds| *seconds > 0.0);
    if run.tests != 0 {
        write!(out, "Ran {}{} tests", run.tests, difference(run.tests, before.map(|b| b.tests)))?;
    } else if seconds.is_some() {
        write!(out, "Ran tests")?;
    }
    if let Some(seconds) = seconds {
        write!(out, " in {seconds:.3}s")?;
        let then = before.and_then(RunTally::seconds).filter(|then| *then > 0.0);
        if let Some(delta) = then.map(|then| seconds - then).filter(|delta| *delta != 0.0) {
            write!(out, " ({delta:+.3}s)")?;
        }
    }
    if run.tests != 0 || seconds.is_some() {
        writeln!(out)?;
    }
    write!(out, "{} (id={id}", if passed { "PASSED" } else { "FAILED" })?;
    if run.failures > 0 {
        let delta = difference(run.failures, before.map(|before| before.failures));
        write!(out, ", failures={}{delta}", run.failures)?;
    }
    if run.skips > 0 {
        write!(out, ", skips={}", run.skips)?;
    }
    writeln!(out, ")")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use subunit_core::{FileChunk, TagsBuf, Timestamp};

    use super::*;

    type Step<'a> = (&'a str, Status, u32, &'a [&'a str]);

    fn run(steps: &[Step<'_>], filter_tags: &[&str]) -> (RunTally, String) {
        let filter_tags = filter_tags.iter().map(|tag| (*tag).to_owned()).collect();
        let mut results = ResultsText::new(Vec::new(), filter_tags);
        for (test_id, status, tenths, tags) in steps {
            let tags: TagsBuf = tags.iter().copied().collect();
            let event = Event::status(test_id, *status);
            let timestamp = Some(Timestamp::new(100 + tenths / 10, tenths % 10 * 100_000_000));
            let tags = Some(tags.as_tags()).filter(|tags| !tags.is_empty());
            let file = FileChunk { name: "traceback", bytes: b"AssertionError: no\n" };
            let file = (*status == Status::Fail).then_some(file);
            let mime_type = file.map(|_| "text/plain;charset=utf8");
            let _ = results.event(&Event { timestamp, tags, file, mime_type, ..event });
        }
        results.finish();
        let (tally, out) = results.into_tally().unwrap();
        (tally, String::from_utf8(out).unwrap())
    }

    fn summary(now: &[Step<'_>], before: Option<&[Step<'_>]>) -> String {
        let (tally, before) = (run(now, &[]).0, before.map(|steps| run(steps, &[]).0));
        let mut out = Vec::new();
        write_summary(&tally, tally.failures == 0, before.as_ref(), "3", &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const STARTED: Step<'static> = ("a", Status::InProgress, 0, &[]);

    #[test]
    fn a_failure_is_shown_with_the_tags_of_its_final_packet() {
        let (_, shown) = run(&[("a.two", Status::Fail, 1, &["worker-0"])], &[]);
        let (double, line) = ("=".repeat(70), "-".repeat(70));
        let expected =
            format!("{double}\nFAIL: a.two\ntags: worker-0\n{line}\nAssertionError: no\n");
        assert_eq!(shown, expected);
        let (_, shown) = run(&[("a", Status::Success, 1, &[]), ("b", Status::Skip, 1, &[])], &[]);
        assert_eq!(shown, "");
    }

    #[test]
    fn filtered_tests_count_only_if_they_fail() {
        let steps: &[Step<'_>] = &[
            ("layer", Status::Success, 0, &["layer"]),
            ("broken", Status::Fail, 0, &["layer"]),
            ("a", Status::Success, 0, &[]),
        ];
        let (tally, _) = run(steps, &["layer", "other"]);
        assert_eq!((tally.tests, tally.failures), (2, 1));
    }

    #[test]
    fn the_summary_has_differences_only_where_there_are_any() {
        let passed: &[Step<'_>] = &[STARTED, ("a", Status::Success, 9, &[])];
        let failed: &[Step<'_>] = &[
            STARTED,
            ("a", Status::Fail, 9, &[]),
            ("b", Status::Skip, 9, &[]),
            ("c", Status::Fail, 10, &[]),
        ];
        for (now, before, expected) in [
            (&[][..], None, "PASSED (id=3)\n"),
            (&[], Some(passed), "PASSED (id=3)\n"),
            (passed, None, "Ran 1 tests in 0.900s\nPASSED (id=3)\n"),
            (passed, Some(passed), "Ran 1 tests in 0.900s\nPASSED (id=3)\n"),
            (passed, Some(failed), "Ran 1 (-2) tests in 0.900s (-0.100s)\nPASSED (id=3)\n"),
            (
                failed,
                Some(passed),
                "Ran 3 (+2) tests in 1.000s (+0.100s)\nFAILED (id=3, failures=2 (+2), skips=1)\n",
            ),
            (&[STARTED], None, "Ran 1 tests\nFAILED (id=3, failures=1)\n"),
        ] {
            assert_eq!(summary(now, before), expected, "{now:?} {before:?}");
        }
    }
}
