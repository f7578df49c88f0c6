//! A document or a subtest: points of one indent, and their plan.

use subunit_core::Timestamp;

use super::{held::Held, numbers::Numbers};

/// Stands between the names of an id.
const SEPARATOR: &str = " > ";

/// A longer name of a group is cut, since it stands in front of every id within.
const LONGEST_NAME: usize = 4096;

/// What is known of the group's plan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Range {
    pub(super) first: u64,
    pub(super) last: u64,
}

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
    pub(super) plan: Option<Range>,
    /// Why all of it is skipped.
    pub(super) skip: Option<String>,
    pub(super) numbers: Numbers,
    /// Whether something in it failed.
    pub(super) red: bool,
    /// The name of the subtest or point that is to come.
    pub(super) pending: Option<String>,
    /// When it began.
    pub(super) start: Timestamp,
    /// Its own point, where that came first.
    pub(super) point: Option<Box<Held>>,
    /// A plan or version that came when there was one already: the beginning of another document,
    /// if a point numbered 1 follows.
    pub(super) restart: Option<Restart>,
}

/// See [`Group::restart`].
#[derive(Clone, Debug, Default)]
pub(super) struct Restart {
    pub(super) ktap: bool,
    pub(super) plan: Option<Range>,
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
            skip: None,
            numbers: Numbers::default(),
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
        self.plan.is_some_and(|plan| self.numbers.is(plan.first, plan.last))
    }

    /// Whether points have come, and are not all that this plan says.
    pub(super) fn is_no_end(&self, plan: Range) -> bool {
        !self.is_empty() && !self.numbers.is(plan.first, plan.last)
    }

    /// What is wrong with the plan. `lenient`: whether there need not be one.
    pub(super) fn complaint(&self, lenient: bool) -> Option<String> {
        let Some(Range { first, last }) = self.plan else {
            return (!lenient).then(|| "there is no plan: it was cut short, or crashed".to_owned());
        };
        if self.numbers.is(first, last) {
            return None;
        }
        let (missing, outside) = self.numbers.difference(first, last);
        let mut words = format!("the plan was {first}..{last}");
        for (numbers, what) in [(missing, "never came"), (outside, "came though not planned")] {
            if !numbers.is_empty() {
                words.push_str(&format!("; {numbers} {what}"));
            }
        }
        Some(words)
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
