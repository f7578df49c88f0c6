//! What the tests of JUnit XML share.

#![allow(dead_code, reason = "each test uses a part")]

use std::{fs, path::Path};

use subunit_core::{EventBuf, Status, conventions::attempt, sink::Counts, testing::Recorded};
use subunit_formats::{FormatReader, junit::JunitReader};

/// Reports of real tools, and what they truly hold: success, fail, skip, xfail, uxsuccess, and the
/// failed attempts that another attempt followed.
///
/// Where a tool's own summary differs, the report does: jest makes test cases of suites that did not
/// run, node makes suites of tests with subtests and failures of cancelled tests, pytest counts subtests
/// and has cases for failing teardowns.
pub(crate) const SAMPLES: &[(&str, u64, u64, u64, u64, u64, u64)] = &[
    // The fourth failure is that of a teardown_file, which the report counts and does not show.
    ("bats.xml", 6, 4, 2, 0, 0, 0),
    ("bats-setup-fail.xml", 0, 3, 0, 0, 0, 0),
    // 12 cases of which Catch2 shows sections apart; two may fail, and did. Of one that was to fail and
    // did not, the report says nothing.
    ("catch2.xml", 6, 4, 0, 2, 0, 0),
    // ctest: 5 of 10 failed (one of them for want of its program), one was skipped, one is disabled.
    ("ctest.xml", 3, 5, 2, 0, 0, 0),
    ("jest.xml", 8, 9, 1, 0, 0, 0),
    ("nextest.xml", 13, 10, 0, 0, 0, 32),
    ("node.xml", 11, 9, 3, 1, 0, 0),
    ("pytest-collection-error.xml", 0, 1, 0, 0, 0, 0),
    ("pytest-xdist.xml", 37, 18, 4, 2, 0, 0),
    ("pytest-xunit1.xml", 37, 18, 4, 2, 0, 0),
    ("subunit2junitxml.xml", 6, 10, 4, 0, 2, 0),
    ("libcheck.xml", 4, 6, 0, 0, 0, 0),
    ("xmlrunner.xml", 3, 8, 3, 1, 1, 0),
    ("xmlrunner-one-suite.xml", 0, 3, 0, 0, 0, 0),
];

/// A file of the test data.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/junit").join(name)).expect(name)
}

/// What a reader made of a report.
#[derive(Default)]
pub(crate) struct Found {
    /// What a summary counts.
    pub(crate) counts: Counts,
    /// Failed attempts that another attempt followed.
    pub(crate) superseded: u64,
    /// All events.
    pub(crate) events: Vec<EventBuf>,
    /// Bytes that are not the report's.
    pub(crate) text: Vec<u8>,
}

/// Reads a report in pieces of `cut` bytes.
pub(crate) fn found(report: &[u8], cut: usize) -> Found {
    found_by(&mut JunitReader::new(), report, cut)
}

/// Reads a report with any reader.
pub(crate) fn found_by(reader: &mut dyn FormatReader, report: &[u8], cut: usize) -> Found {
    let mut recorded = Recorded::default();
    for piece in report.chunks(cut.max(1)) {
        reader.feed(piece, &mut recorded);
    }
    reader.finish(&mut recorded);
    let again = |event: &&EventBuf| {
        event.status == Some(Status::InProgress)
            && event.as_event().tags.and_then(attempt).is_some_and(|number| number > 1)
    };
    let superseded = recorded.events.iter().filter(again).count() as u64;
    Found { counts: recorded.counts(), superseded, events: recorded.events, text: recorded.text }
}
