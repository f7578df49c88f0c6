//! A document or a subtest: points of one indent, and their plan.

use subunit_core::Timestamp;

use super::{numbers::Numbers, pending_point::PendingPoint};
use crate::events::emit;

/// Stands between the names of an id.
const SEPARATOR: &str = " > ";

/// A longer name of a group is cut, since it stands in front of every id within.
const LONGEST_NAME: usize = 4096;

/// So much of a line that is no TAP is told.
const LONGEST_LINE: usize = 200;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The columns its points are indented by.
    pub(super) indent: usize,
    /// The group's id; empty for a document that has none.
    pub(super) id: String,
    /// Whether the id is the input's name for it, not ours.
    pub(super) named: bool,
    pub(super) ktap: bool,
    pub(super) versioned: bool,
    /// Whether points say how long they took, as vitest's and node-tap's do.
    pub(super) timed: bool,
    /// The last number of its plan, which begins with 1.
    pub(super) plan: Option<u64>,
    /// Whether it may end without one, as the kernel's documents may.
    pub(super) planless: bool,
    /// The numbers that its plan says are still to do.
    pub(super) todo: Numbers,
    /// Whether nothing but TAP may stand in it.
    pub(super) strict: bool,
    /// How many lines were none though it was to be strict, and the first of them.
    foreign: (u64, String),
    /// Why all of it is skipped.
    pub(super) skip: Option<String>,
    pub(super) numbers: Numbers,
    /// How many points have come.
    pub(super) points: u64,
    /// Whether something in it failed.
    pub(super) red: bool,
    /// The name of the subtest or point that is to come.
    pub(super) pending: Option<String>,
    /// When it began.
    pub(super) start: Timestamp,
    /// Its own point, where that came first.
    pub(super) point: Option<Box<PendingPoint>>,
    /// A plan or version that came when there was one already: the beginning of another document,
    /// if a point numbered 1 follows.
    pub(super) restart: Option<Restart>,
}

/// See [`Group::restart`].
#[derive(Clone, Debug, Default)]
pub(super) struct Restart {
    pub(super) ktap: bool,
    pub(super) plan: Option<u64>,
}

impl Group {
    pub(super) fn new(indent: usize, id: String, start: Timestamp) -> Self {
        Self {
            indent,
            id,
            named: true,
            ktap: false,
            versioned: false,
            timed: false,
            plan: None,
            planless: false,
            todo: Numbers::default(),
            strict: false,
            foreign: (0, String::new()),
            skip: None,
            numbers: Numbers::default(),
            points: 0,
            red: false,
            pending: None,
            start,
            point: None,
            restart: None,
        }
    }

    /// The id of something within.
    pub(super) fn inner(&self, name: &str) -> String {
        join(&self.id, name)
    }

    /// The id of a group within.
    pub(super) fn inner_group(&self, name: &str) -> String {
        join(&self.id, cut(name))
    }

    /// Whether no point has been seen.
    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is(1, 0)
    }

    /// Whether there is a plan and it is met.
    pub(super) fn is_complete(&self) -> bool {
        self.plan.is_some_and(|last| self.numbers.is(1, last))
    }

    /// Whether points have come, and are not all that this plan says.
    pub(super) fn is_no_end(&self, plan: u64) -> bool {
        !self.is_empty() && !self.numbers.is(1, plan)
    }

    /// Takes note of a line that is no TAP.
    pub(super) fn foreign(&mut self, line: &[u8]) {
        if !self.strict {
            return;
        }
        let (count, first) = &mut self.foreign;
        if *count == 0 {
            *first = emit::id(&line[..line.len().min(LONGEST_LINE)]).into_owned();
        }
        *count += 1;
    }

    /// What is wrong with a group that was to be strict.
    pub(super) fn foreign_complaint(&self) -> Option<String> {
        let (lines, first) = match &self.foreign {
            (0, _) => return None,
            (1, line) => {
                return Some(format!("a line is no TAP, and this was to be strict: {line}"));
            }
            (count, first) => (count, first),
        };
        Some(format!(
            "{lines} lines are no TAP, and this was to be strict; the first one is: {first}"
        ))
    }

    /// What is wrong with the plan. `lenient`: whether there need not be one.
    pub(super) fn complaint(&self, lenient: bool) -> Option<String> {
        let Some(last) = self.plan else { return self.planless_complaint(lenient) };
        let mut words = format!("the plan was 1..{last}");
        if self.numbers.is(1, last) {
            words.push_str(&format!(", and {} points came", self.points));
            return (self.points > last).then_some(words);
        }
        let (missing, outside) = self.numbers.difference(1, last);
        for (numbers, what) in [(missing, "never came"), (outside, "came though not planned")] {
            if !numbers.is_empty() {
                words.push_str(&format!("; {numbers} {what}"));
            }
        }
        Some(words)
    }

    /// What is wrong with a group that has no plan.
    fn planless_complaint(&self, lenient: bool) -> Option<String> {
        if !lenient && (!self.planless || self.is_empty()) {
            return Some("there is no plan: it was cut short, or crashed".to_owned());
        }
        let (missing, _) = self.numbers.difference(1, self.numbers.next() - 1);
        (!missing.is_empty()).then(|| format!("{missing} never came"))
    }
}

pub(super) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}{SEPARATOR}{name}") }
}

fn cut(name: &str) -> &str {
    let mut end = name.len().min(LONGEST_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}
