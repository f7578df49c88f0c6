//! The Test Anything Protocol, versions 12 to 14, and the kernel's KTAP.
//!
//! By the TAP 14 specification (testanything.org) and the kernel's Documentation/dev-tools/ktap.rst,
//! and by what runners send: perl's Test::More and `prove -v`, node, node-tap, vitest, tape, mocha,
//! bats, pytest-tap, libcheck, KUnit and kselftest.
//!
//! # What becomes of it
//!
//! * The id of a test is its description, without escapes, directive and times, or `test N` where
//!   there is none; names of subtests stand in front with ` > ` between them, and in front of those
//!   the script where `prove` names one. A subtest without a name is `subtest N`.
//! * A point that sums up a subtest is no test of its own: it is reported, as not runnable, only where
//!   it failed and none of its parts did, or where it says why it failed apart from them.
//! * `# TODO` is `xfail` on `not ok`, and on `ok` `success` with the tag `xpass`, as no harness takes that for
//!   a failure; `# SKIP` is `skip` on both. Where points have times (vitest, node-tap), `ok # TODO` without
//!   one has not run, and is `skip`. Only the first `#` that is not escaped begins a directive.
//! * No point is runnable: its script is, which is none of the input's business.
//! * A YAML block is the attachment `diagnostic.yaml`, as it stands; message, file, line and duration
//!   are looked for in it. Comments below a point that is not plain `ok` (in KTAP above any point) are its
//!   attachment `comments`, with mocha's indented messages; others, and those below a YAML block, are text, as is all that is
//!   not TAP. After `pragma +strict` that is a failure of `pragma strict`.
//! * A plan that is missing or not met, and input that ends within something, is a failure of
//!   `plan`, and `Bail out!` one of `bail-out`, below the id of the group. A last line without an end is whole
//!   where it is `ok` and the plan was met before its end. The kernel's documents need no plan.
//! * A point whose number was used before counts, with the tag `duplicate`; more points than planned are
//!   red whatever their numbers.
//! * Points with a duration get their times from a [`SyntheticClock`]; others get none.

mod line;
mod point;
mod prove;
mod python;
mod reader;
mod words;
mod writer;

pub use python::PythonTapReader;
use subunit_core::sink::{Flow, Sink};
pub(crate) use writer::REPORT;
pub use writer::{TapVersion, TapWriter};

use crate::{
    events::clock::SyntheticClock,
    format::{Row, Signs, Told},
    reader::FormatReader,
    text::lines::Lines,
};

/// TAP.
pub(crate) const ROW: Row = Row {
    name: "tap",
    title: "TAP or KTAP",
    details: "Versions 12 to 14, with subtests, YAML and `prove -v`. A plan that is not met, a \
              bail-out and a test that never finished are failures. Anything that is not TAP is \
              passed through as text.",
    examples: &[
        r"printf '1..1\nok 1 - works\n' | subunit from-tap | subunit ls",
        r"printf '1..2\nok 1\n' > run.tap && subunit from-tap run.tap | subunit stats",
    ],
    told: Told::LiveDurations,
    signs: Signs { first: &["TAP version "], begins: &["1..", "ok", "not ok"], ..Signs::NONE },
    ..Row::new(|| Box::new(TapReader::new()))
};

/// The kernel's dialect of TAP.
pub(crate) const KERNEL_ROW: Row = Row {
    name: "ktap",
    title: "KTAP, the TAP of the Linux kernel",
    examples: &[
        r"printf 'KTAP version 1\n1..1\nok 1 boot\n' | subunit from-ktap | subunit ls",
        r"printf 'KTAP version 1\n1..2\nok 1 boot\n' | subunit from-ktap | subunit stats",
    ],
    told: Told::LiveDurations,
    akin: "tap",
    signs: Signs {
        anywhere: &["KTAP version ", "TAP version "],
        line: Some(is_kernel_version),
        ..Signs::NONE
    },
    ..Row::new(|| Box::new(TapReader::new()))
};

/// Whether the line is what `prove -v` writes above the TAP of a script, or of one that it skipped; it
/// has no end.
pub(super) fn is_header(line: &[u8]) -> bool {
    matches!(prove::Prove::new(line), Some(prove::Prove::Script(_) | prove::Prove::Skipped(..)))
}

/// Whether the line is the version of TAP in a kernel's log, after its time or a blank or two.
pub(super) fn is_kernel_version(line: &[u8]) -> bool {
    reader::is_kernel_version(line)
}

/// Reads TAP and KTAP; see the [module](self).
///
/// Memory: a line, a piece of an attachment, and what is known of the groups that are open, which are
/// at most 64.
#[derive(Clone, Debug)]
pub struct TapReader {
    lines: Lines,
    reader: reader::Reader,
}

impl Default for TapReader {
    fn default() -> Self {
        Self::new()
    }
}

impl TapReader {
    /// A reader whose clock starts where [`SyntheticClock::default`] does.
    pub fn new() -> Self {
        Self::with_clock(Some(SyntheticClock::default()))
    }

    /// A reader with a clock for the tests that say how long they took; without one they get no times.
    pub fn with_clock(clock: Option<SyntheticClock>) -> Self {
        Self { lines: Lines::new(), reader: reader::Reader::new(clock) }
    }
}

impl FormatReader for TapReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let reader = &mut self.reader;
        self.lines.feed(bytes, |line| reader.line(line, sink))
    }

    fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        self.reader.settle(sink)
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        if let Some(line) = self.lines.finish()
            && self.reader.last_line(&line, sink) == Flow::Break
        {
            return Flow::Break;
        }
        self.reader.finish(sink)
    }
}
