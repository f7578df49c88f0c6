//! Tests that were listed, or are expected, and never ran: a report must not be green for want of them.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use subunit_core::{
    Event, Item, Status, items,
    sink::{Flow, Sink, Summary},
};
use subunit_formats::events::emit::Outcome;

use super::names::{Known, Names};
use crate::{
    exit::Error,
    id_list::{self, Line},
};

/// The reason given for an expected test that did not run.
const REASON: &str = "expected and never run";

/// How many of the tests that were listed and never ran are named.
const NAMED: usize = 5;

/// Which tests must run, which were listed, and which of them did.
///
/// Tests are told apart by their ids: a list says nothing of where they run. Memory: see [`Names`]; nothing is kept of tests
/// that are neither expected nor listed.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    tests: Names,
    /// Whether any test is expected.
    any_expected: bool,
    /// The lines with a `#`, before which the id ends or which is part of it.
    doubtful: Vec<(String, String)>,
    /// Whether to report tests that were listed and have no result. They are not where tests had run before the first one
    /// was listed: of those nothing is kept, so they cannot be told from the others.
    is_listing: Option<bool>,
}

impl Expected {
    /// The tests of these lists.
    ///
    /// # Errors
    ///
    /// If one cannot be read, or names no test.
    pub(crate) fn read(lists: &[PathBuf]) -> Result<Self, Error> {
        let mut expected = Self::default();
        for path in lists {
            let bytes = id_list::read(path)?;
            let named = match std::str::from_utf8(&bytes) {
                Ok(text) => id_list::lines(text).map(|line| expected.expect(line)).count(),
                Err(_) => expected.expect_listed(path, &bytes)?,
            };
            if named == 0 {
                let none = "names no test: it needs an id a line, or a stream that lists tests";
                return Err(unusable(path, none));
            }
        }
        Ok(expected)
    }

    fn expect(&mut self, line: Line<'_>) {
        self.any_expected = true;
        if line.id == line.whole {
            return self.tests.add(line.id, Known::EXPECTED);
        }
        self.tests.add(line.id, Known::default());
        self.tests.add(line.whole, Known::default());
        self.doubtful.push((line.id.to_owned(), line.whole.to_owned()));
    }

    /// Expects what a stream lists, and gives how many events list something.
    fn expect_listed(&mut self, path: &Path, stream: &[u8]) -> Result<usize, Error> {
        let mut listed = 0;
        for item in items(stream) {
            match item {
                Item::Packet(packet) => {
                    let event = packet.event();
                    let Some(test_id) = event.test_id else { continue };
                    if event.status == Some(Status::Exists) {
                        self.any_expected = true;
                        self.tests.add(test_id, Known::EXPECTED);
                        listed += 1;
                    }
                }
                Item::Text(_) => {}
                Item::Damage(damage) => return Err(unusable(path, &damage.to_string())),
            }
        }
        Ok(listed)
    }

    /// Takes note of an event of the streams, which `summary` has counted.
    #[inline(always)]
    pub(crate) fn note(&mut self, event: &Event<'_>, summary: &Summary) {
        match event.status {
            Some(Status::Exists) => self.list(event, summary),
            // Of all other tests nothing is kept.
            _ if self.tests.is_empty() => {}
            None => {}
            // A test that only started is reported as unfinished, by its name.
            Some(Status::InProgress) if !self.any_expected => {}
            Some(_) => self.ran(event),
        }
    }

    #[inline(never)]
    fn list(&mut self, event: &Event<'_>, summary: &Summary) {
        let is_listing = *self.is_listing.get_or_insert_with(|| !has_results(summary));
        if let Some(test_id) = event.test_id.filter(|_| is_listing) {
            self.tests.add(test_id, Known::LISTED);
        }
    }

    #[inline(never)]
    fn ran(&mut self, event: &Event<'_>) {
        if let Some(test_id) = event.test_id {
            self.tests.ran(test_id);
        }
    }

    /// All streams have ended: what was expected and did not run has failed, each by its name.
    pub(crate) fn fail_missing(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut fail = |test_id: &str| {
            let failure = Outcome { runnable: true, ..Outcome::failure(test_id, REASON) };
            failure.push(sink)
        };
        for test_id in self.tests.which(|known| known.is(Known::EXPECTED) && !known.is(Known::RAN))
        {
            if fail(test_id).is_break() {
                return Flow::Break;
            }
        }
        if self.doubtful.is_empty() {
            return Flow::Continue;
        }
        let ran: HashSet<&str> =
            self.tests.which(|known| known.is(Known::RAN)).into_iter().collect();
        for (id, whole) in &self.doubtful {
            if !ran.contains(&**id) && !ran.contains(&**whole) && fail(id).is_break() {
                return Flow::Break;
            }
        }
        Flow::Continue
    }

    /// What is said of tests that were listed and have no result, where any has.
    pub(crate) fn unrun(&mut self, summary: &Summary) -> Option<String> {
        if !has_results(summary) {
            return None;
        }
        let is_expected = |known: Known| known.is(Known::EXPECTED);
        let is_unrun =
            |known: Known| known.is(Known::LISTED) && !known.is(Known::RAN) && !is_expected(known);
        let unrun = self.tests.which(is_unrun);
        let named = unrun.get(..NAMED).unwrap_or(&unrun).join(", ");
        match unrun.len() {
            0 => None,
            1 => Some(format!("1 test was listed and has no result: {named}")),
            all if all <= NAMED => {
                Some(format!("{all} tests were listed and have no result: {named}"))
            }
            all => Some(format!("{all} tests were listed and have no result: {named} ...")),
        }
    }
}

fn has_results(summary: &Summary) -> bool {
    summary.counts().results() > 0
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::Usage(format!("--expect {}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn expected(list: &[u8]) -> Result<Expected, Error> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(list).unwrap();
        Expected::read(&[file.path().to_owned()])
    }

    fn note(expected: &mut Expected, summary: &mut Summary, event: Event<'_>) {
        summary.event(&event);
        expected.note(&event, summary);
    }

    /// Ids of the tests that failed for not having run.
    fn missing(expected: &mut Expected) -> Vec<String> {
        struct Failed(Vec<String>, Summary);
        impl Sink for Failed {
            fn event(&mut self, event: &Event<'_>) -> Flow {
                assert_eq!(event.file.unwrap().bytes, REASON.as_bytes());
                self.0.push(event.test_id.unwrap().to_owned());
                self.1.event(event)
            }
        }
        let mut failed = Failed(Vec::new(), Summary::new());
        expected.fail_missing(&mut failed);
        assert_eq!(failed.1.counts().fail, failed.0.len() as u64);
        failed.0
    }

    #[test]
    fn what_did_not_run_has_failed_in_the_order_of_the_list() {
        let mut expected = expected(b"c\nb\n\na\n# of old\nc\nd\ne\n").unwrap();
        let mut summary = Summary::new();
        for (id, status) in [
            ("a", Status::Skip),
            ("b", Status::Exists),
            ("d", Status::InProgress),
            ("x", Status::Fail),
        ] {
            note(&mut expected, &mut summary, Event::status(id, status));
        }
        note(&mut expected, &mut summary, Event { test_id: Some("e"), ..Event::default() });
        assert_eq!(missing(&mut expected), ["c", "b", "e"]);
        assert_eq!(expected.unrun(&summary), None, "it failed, by its name");
    }

    #[test]
    fn what_follows_a_hash_may_be_a_comment_or_of_the_id() {
        for (ran, failed) in [
            (&["Class#method", "plain"][..], &[][..]),
            (&["Class", "plain"], &[]),
            (&["plain"], &["Class"]),
            (&["Class#method"], &["plain"]),
        ] {
            let mut expected = expected(b"Class#method\nplain # slow\n").unwrap();
            let mut summary = Summary::new();
            for id in ran {
                note(&mut expected, &mut summary, Event::status(id, Status::Success));
            }
            assert_eq!(missing(&mut expected), failed, "{ran:?}");
        }
    }

    #[test]
    fn a_list_may_be_a_stream_and_must_name_a_test() {
        let mut stream = Vec::new();
        for (id, status) in [("a", Status::Exists), ("b", Status::Success), ("c", Status::Exists)] {
            Event::status(id, status).encode(&mut stream).unwrap();
        }
        assert_eq!(missing(&mut expected(&stream).unwrap()), ["a", "c"]);
        let damaged = &stream[..stream.len() - 1];
        assert!(expected(damaged).unwrap_err().to_string().contains("damaged packet at byte"));
        for empty in [&b""[..], b"\n# nothing\n", &stream[10..20], b"\xff\n"] {
            assert!(expected(empty).is_err(), "{empty:?}");
        }
    }

    fn unrun(events: &[(&str, Status)]) -> Option<String> {
        let (mut expected, mut summary) = (Expected::default(), Summary::new());
        for (id, status) in events {
            note(&mut expected, &mut summary, Event::status(id, *status));
        }
        assert!(missing(&mut expected).is_empty());
        expected.unrun(&summary)
    }

    #[test]
    fn tests_that_were_listed_and_have_no_result_are_named_where_any_has() {
        use Status::{Exists, Fail, InProgress, Skip, Success};
        let listed: Vec<_> = ["a", "b", "c", "d", "e", "f", "g"].map(|id| (id, Exists)).into();
        assert_eq!(unrun(&listed), None);
        let with =
            |events: &[(&'static str, Status)]| unrun(&[&listed[..], events].concat()).unwrap();
        let six = "6 tests were listed and have no result: b, c, d, e, f ...";
        assert_eq!(with(&[("a", Fail), ("g", InProgress)]), six);
        let five = with(&[("a", Success), ("g", Skip)]);
        assert_eq!(five, "5 tests were listed and have no result: b, c, d, e, f");
        let one = [("a", Exists), ("b", Exists), ("a", Success)];
        assert_eq!(unrun(&one).unwrap(), "1 test was listed and has no result: b");
        assert_eq!(unrun(&[("a", Success), ("b", Exists), ("a", Exists)]), None);
        assert_eq!(unrun(&[("a", Exists), ("a", Success), ("a", Exists)]), None);
    }
}
