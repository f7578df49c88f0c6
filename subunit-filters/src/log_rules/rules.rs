//! What a file of rules says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use regex::bytes::Regex;
use subunit_core::Status;

use super::{bounds::Bounds, count::Count, patterns::Patterns};

/// A file of rules: sections, and rules in the order in which they take lines.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(super) sections: Vec<Section>,
    pub(super) rules: Vec<Rule>,
    /// Those of all sections and rules.
    pub(super) patterns: Patterns,
}

/// A part of the log.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: String,
    /// Whether a line ends it; the end of the log does otherwise.
    pub(super) has_end: bool,
    /// How often it may begin.
    pub(super) times: Option<u64>,
    /// Whether it has to begin, and to end if a line ends it.
    pub(super) is_required: bool,
}

/// What lines of one kind mean.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) kind: RuleKind,
    /// Where it looks at lines.
    pub(super) places: Places,
    /// Whether it looks at lines that another rule has taken, and takes none.
    pub(super) looks_on: bool,
    /// The patterns, as the file has them.
    pub(super) shown: String,
    pub(super) waivers: Vec<Waiver>,
}

/// What a line means that a rule has taken.
#[derive(Debug)]
pub(super) enum RuleKind {
    /// Nothing.
    Ignore,
    /// Something that is worth a look.
    Note,
    /// Something that has to be there, so often.
    Expect(Count),
    /// Something that must not be there more often.
    Forbid(Count),
    /// Something that might be wrong.
    Warn,
    /// A number.
    Value(LogValue),
    /// That the log is of something that did not run.
    Skip,
    /// That what runs the tests has failed.
    Infra,
    /// The result of a test.
    Test(Words),
}

/// A number in the log.
#[derive(Debug)]
pub(super) struct LogValue {
    /// Each has the group `value`.
    pub(super) patterns: Vec<Regex>,
    pub(super) within: Option<Bounds>,
    pub(super) count: Count,
}

/// ResultWords of tests in the log.
#[derive(Debug)]
pub(super) struct Words {
    /// Each has the groups `test` and `result`.
    pub(super) patterns: Vec<Regex>,
    pub(super) results: ResultWords,
    /// The tests that there have to be, and no others.
    pub(super) expected: Option<Vec<String>>,
    pub(super) count: Option<Count>,
}

/// What the word for a result means.
#[derive(Debug)]
pub(super) enum ResultWords {
    /// As the file says.
    Named(BTreeMap<String, Status>),
    /// As most programs have it: pass, fail, skip and their like, in capitals or not.
    Usual,
}

impl ResultWords {
    pub(super) fn status(&self, word: &str) -> Option<Status> {
        match self {
            Self::Named(results) => results.get(word).copied(),
            Self::Usual => match word.to_ascii_lowercase().as_str() {
                "ok" | "pass" | "passed" | "success" => Some(Status::Success),
                "error" | "fail" | "failed" | "failure" | "not ok" => Some(Status::Fail),
                "skip" | "skipped" => Some(Status::Skip),
                _ => None,
            },
        }
    }
}

/// In which sections a rule looks at lines.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// In one of these; in the whole log if there is none.
    pub(super) inside: Vec<usize>,
    /// In none of these.
    pub(super) outside: Vec<usize>,
}

impl Places {
    pub(super) fn holds(&self, is_open: impl Fn(usize) -> bool) -> bool {
        let is_inside = self.inside.is_empty() || self.inside.iter().any(|nth| is_open(*nth));
        is_inside && !self.outside.iter().any(|nth| is_open(*nth))
    }
}

/// A failure that is known, until a day.
#[derive(Debug)]
pub(super) struct Waiver {
    /// The last day on which it holds.
    pub(super) until: Date,
    pub(super) reason: String,
    /// Which hits it is about; all if there is none.
    pub(super) pattern: Option<Regex>,
}

impl Rule {
    /// Whether its result says something of the program, so that a log without it is not green by silence.
    pub(super) fn can_be_missed(&self) -> bool {
        matches!(self.kind, RuleKind::Expect(_) | RuleKind::Value(_) | RuleKind::Test(_))
    }
}
