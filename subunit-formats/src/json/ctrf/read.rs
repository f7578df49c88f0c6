//! Reads CTRF documents.

use subunit_core::{
    Status,
    run::counted,
    sink::{Flow, Sink},
};

use super::test::{push_files, report};
use crate::{
    events::{clock::SyntheticClock, emit::fit, ids::Ids, push::Push},
    json::document::{
        object,
        scan::Scanner,
        shape::{DocumentShape, Members, Part},
    },
    reader::FormatReader,
    text::{json_line::Object, time::from_millis},
};

/// What a document is called where it fails on its own.
const DOCUMENT: &str = "CTRF report";

const SHAPE: DocumentShape = DocumentShape {
    begins: &[],
    lists: &[&["results", "tests"]],
    members_of: &["results"],
    members: Members::Objects,
};

/// Reads CTRF, test by test while the document arrives.
///
/// Ids are the tests' names with their suites in front, `suite > name`, unless the name begins with these. The second
/// test of an id has its browser, device or file in front.
/// `retryAttempts` are attempts of the same id, with the tag `attempt-N`, and so are those that `retries` and
/// `flaky` only count; `message` and `trace` are files; `threadId` is the route code. Tests without times get some
/// that are as far apart as their durations say, from the summary's start on where that comes first. A document that is
/// cut off, or holds fewer tests or failures than its summary says, is red.
///
/// Memory: one test of at most 64 MiB, and 16 bytes for each test.
#[derive(Clone, Debug)]
pub struct CtrfReader {
    scanner: Scanner,
    document: Report,
}

impl CtrfReader {
    /// Before the first byte.
    pub fn new() -> Self {
        Self { scanner: Scanner::new(&SHAPE), document: Report::default() }
    }
}

impl Default for CtrfReader {
    fn default() -> Self {
        Self::new()
    }
}

/// What the document has said so far.
#[derive(Clone, Debug, Default)]
struct Report {
    clock: SyntheticClock,
    ids: Ids,
    has_tests: bool,
    tests: u64,
    failed: u64,
    unreadable: u64,
    summary: Option<Object>,
}

impl FormatReader for CtrfReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        self.scanner.feed(bytes, |part| self.document.part(part, &mut push));
        push.flow()
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        if self.scanner.in_document() {
            push.text(self.scanner.partial());
            push.incomplete_group(DOCUMENT, "the document is cut off", None);
        }
        *self = Self::new();
        push.flow()
    }
}

impl Report {
    fn part(&mut self, part: Part<'_>, push: &mut Push<'_>) {
        match part {
            Part::Text(bytes) => push.text(bytes),
            Part::List(_) => self.has_tests = true,
            Part::TooLarge => self.unreadable += 1,
            Part::Element(_, bytes) => match object(bytes) {
                Some(test) => {
                    let status = report(&test, &mut self.ids, &mut self.clock, push);
                    self.tests += 1;
                    self.failed +=
                        u64::from(matches!(status, Status::Fail | Status::UnexpectedSuccess));
                }
                None => {
                    push.text(bytes);
                    self.unreadable += 1;
                }
            },
            Part::Member("extra", bytes)
                if object(bytes).is_some_and(|extra| push_files(&extra, push)) => {}
            Part::Member(key, bytes) => {
                push.typed_file(None, &fit(key), bytes, "application/json", true);
                if key == "summary" {
                    self.summary = object(bytes);
                    self.start_clock();
                }
            }
            Part::End => self.end(push),
        }
    }

    /// The first test started when the summary says, if that has said so before.
    fn start_clock(&mut self) {
        let start = self.summary.as_ref().and_then(|summary| summary.count("start"));
        if let Some(start) = start.and_then(from_millis).filter(|_| self.tests == 0) {
            self.clock = SyntheticClock::new(start);
        }
    }

    fn end(&mut self, push: &mut Push<'_>) {
        let document = std::mem::take(self);
        self.clock = document.clock;
        let said =
            |key| document.summary.as_ref().and_then(|summary| summary.count(key)).unwrap_or(0);
        let (tests, failed) = (said("tests"), said("failed"));
        let reason = if !document.has_tests {
            "it has no results.tests".to_owned()
        } else if document.unreadable > 0 {
            format!("{} of its tests could not be read", document.unreadable)
        } else if tests > document.tests || failed > document.failed {
            format!(
                "its summary says {} and {failed} failed, it holds {} and {}",
                counted(tests, "test"),
                document.tests,
                document.failed
            )
        } else {
            return;
        };
        push.group_failure(DOCUMENT, &reason, None, None);
    }
}
