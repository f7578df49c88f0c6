//! How many results does a source count that it does not name?

use crate::{
    Event, FileChunk, Status,
    conventions::{self, MIME_TYPE, UNNAMED_RESULTS},
};

/// Results of which a source tells the number only: what runners print for people names few of the tests that
/// passed. They count as results of tests, and take no part in anything that needs an id.
///
/// In a stream they are the file [`UNNAMED_RESULTS`] of no test. Several such files add up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct UnnamedResults {
    /// By the wire's code of a status.
    counts: [u64; 8],
}

/// Statuses of results.
const FINAL: [Status; 5] = [
    Status::Success,
    Status::Fail,
    Status::Skip,
    Status::ExpectedFailure,
    Status::UnexpectedSuccess,
];

impl UnnamedResults {
    /// Adds this number of results.
    pub fn add(&mut self, status: Status, count: u64) {
        let counted = &mut self.counts[usize::from(status.code())];
        *counted = counted.saturating_add(count);
    }

    /// How many there are of a status.
    pub fn of(&self, status: Status) -> u64 {
        self.counts[usize::from(status.code())]
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.counts == [0; 8]
    }

    /// Adds those that an event tells of, if it does.
    #[inline]
    pub fn note(&mut self, event: &Event<'_>) {
        if event.test_id.is_none() {
            self.note_of_no_test(event);
        }
    }

    fn note_of_no_test(&mut self, event: &Event<'_>) {
        let Some(file) = event.file.filter(|file| file.name == UNNAMED_RESULTS) else { return };
        if !conventions::is_aside(event) {
            return;
        }
        let json = std::str::from_utf8(file.bytes).unwrap_or_default();
        for status in FINAL {
            self.add(status, conventions::number(json, status.name()).unwrap_or_default());
        }
    }

    /// The content of the file: `{"success":17,"skip":3}`.
    pub fn content(&self) -> String {
        let parts = FINAL.into_iter().filter(|status| self.of(*status) > 0);
        let parts = parts.map(|status| format!("\"{}\":{}", status.name(), self.of(status)));
        format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
    }

    /// The event that says this, with the content as made by [`UnnamedResults::content`].
    pub fn event(content: &str) -> Event<'_> {
        let file = Some(FileChunk { name: UNNAMED_RESULTS, bytes: content.as_bytes() });
        Event { file, mime_type: Some(MIME_TYPE), eof: true, runnable: false, ..Event::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        run::{Summary, Verdict},
        sink::Sink,
    };

    #[test]
    fn what_is_said_is_counted_and_adds_up() {
        let mut said = UnnamedResults::default();
        assert!(said.is_empty());
        said.add(Status::Success, 17);
        said.add(Status::ExpectedFailure, 2);
        let content = said.content();
        assert_eq!(content, r#"{"success":17,"xfail":2}"#);
        let mut summary = Summary::new();
        summary.event(&Event::status("a", Status::Success));
        for _ in 0..2 {
            summary.event(&UnnamedResults::event(&content));
        }
        let counts = summary.counts();
        assert_eq!((counts.success, counts.xfail, counts.tests()), (35, 4, 39));
        assert_eq!(summary.verdict(), Verdict::Passed);
        let mut recorded = Summary::new().as_recorded();
        recorded.event(&UnnamedResults::event(&content));
        assert_eq!(recorded.counts().tests(), 0);
    }

    #[test]
    fn failures_without_a_name_are_red_and_other_files_say_nothing() {
        let mut summary = Summary::new();
        let content = r#"{"fail":1}"#;
        let event = UnnamedResults::event(content);
        summary.event(&Event { mime_type: Some("application/json"), ..event });
        summary.event(&Event { test_id: Some("a"), status: Some(Status::Success), ..event });
        assert_eq!(summary.verdict(), Verdict::Passed);
        summary.event(&event);
        assert_eq!(summary.verdict(), Verdict::Failed);
    }
}
