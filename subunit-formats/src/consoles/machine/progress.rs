//! What is known of a run so far, and does its summary agree?

use std::time::Duration;

use subunit_core::{
    Status, TagsBuf,
    conventions::attempt_tag,
    run::{UnnamedResults, counted},
};

use super::numbers::{KINDS, ResultNumbers, SummaryCounts};
use crate::events::{clock::SyntheticClock, emit::Outcome, open_map::OpenMap, push::Push};

/// A run that goes on.
#[derive(Default)]
pub(super) struct RunProgress {
    /// The line has come with which its runs begin.
    pub(super) has_started: bool,
    /// A line of it has come.
    pub(super) has_begun: bool,
    /// The results that have names.
    pub(super) named: ResultNumbers,
    /// The results that were told without a name, such as dots.
    pub(super) marks: ResultNumbers,
    /// How many results there will be.
    pub(super) planned: Option<u64>,
    /// Something failed that is no test.
    pub(super) is_blamed: bool,
    /// The test that runs, and whether it has printed something.
    pub(super) current: Option<(String, bool)>,
    /// Failed tests whose details may come.
    pub(super) held: OpenMap<HeldFailure>,
    /// Tests that are run again, and the number of their last attempt.
    pub(super) attempts: OpenMap<u32>,
    /// For tests that say how long they took; and how long the one did that ends now.
    pub(super) clock: SyntheticClock,
    pub(super) took: Option<Duration>,
    /// What the last summary says, after which no result came.
    pub(super) summary: Option<SummaryCounts>,
    /// Text follows the summary that the runner is not known to print there.
    pub(super) is_followed: bool,
}

/// A failed test whose details may come.
#[derive(Default)]
pub(super) struct HeldFailure {
    pub(super) status: Option<Status>,
    /// Whether it has a traceback.
    pub(super) has_details: bool,
    pub(super) took: Option<Duration>,
    pub(super) reason: String,
}

impl RunProgress {
    /// Whether nothing is known yet of any test.
    pub(super) fn is_fresh(&self) -> bool {
        let Self { named, marks, is_blamed, current, summary, .. } = self;
        named.total().saturating_add(marks.total()) == 0
            && !is_blamed
            && current.is_none()
            && summary.is_none()
    }

    /// Whether a summary stands last.
    pub(super) fn has_ended(&self) -> bool {
        self.summary.is_some()
    }

    /// A line that is none of the runner's.
    pub(super) fn output(&mut self, raw: &[u8], push: &mut Push<'_>) {
        self.has_begun |= !raw.trim_ascii().is_empty();
        match &mut self.current {
            Some((id, has_output)) if !raw.is_empty() => {
                *has_output = true;
                push.file(Some(id), "stdout", raw, false);
            }
            _ => push.text(raw),
        }
    }

    /// Whether the last summary agrees with what was read, so that it is the end whatever follows.
    pub(super) fn agrees(&self) -> bool {
        let Some(says) = &self.summary else { return false };
        let total = says.numbers.total();
        let counted = self.named.total() == total
            || self.marks == says.numbers
            || self.planned == Some(total);
        says.agrees || total > 0 && counted
    }

    /// The test that runs has ended.
    pub(super) fn close_current(&mut self, push: &mut Push<'_>) -> Option<String> {
        let (id, has_output) = self.current.take()?;
        if has_output {
            push.file(Some(&id), "stdout", b"", true);
        }
        Some(id)
    }

    /// Tells a result. An attempt has its number.
    pub(super) fn tell(&mut self, id: &str, status: Status, reason: &str, push: &mut Push<'_>) {
        let number = self.attempts.remove(id).map(|before| attempt_tag(before + 1));
        let tags: TagsBuf = number.iter().map(String::as_str).collect();
        let tags = (number.is_some()).then(|| tags.as_tags());
        let reason = (!reason.is_empty()).then_some(reason.as_bytes());
        let timestamp = self.took.take().map(|took| {
            push.start_time(id, self.clock.now());
            self.clock.advance(took)
        });
        push.event(&Outcome { reason, tags, timestamp, ..Outcome::new(id, status) }.event());
    }

    /// Tells the failures whose details have come, or will not come.
    pub(super) fn release(&mut self, push: &mut Push<'_>) {
        for (id, held) in self.held.take_all() {
            if held.has_details {
                push.file(Some(&id), "traceback", b"", true);
            }
            self.took = held.took;
            self.tell(&id, held.status.unwrap_or(Status::Fail), &held.reason, push);
        }
    }

    /// The run is over: tells what is left, and what its summary says beyond that.
    pub(super) fn conclude(&mut self, runner: &str, push: &mut Push<'_>) {
        let report = format!("{runner} report");
        let mut cut_short = false;
        if let Some(id) = self.close_current(push) {
            push.incomplete(&id, "no result: the run ended", TagsBuf::new(), None);
            cut_short = true;
        }
        self.release(push);
        match self.summary {
            None if self.has_begun && !cut_short => {
                push.shortfall(&report, &format!("{runner} ended without its summary"));
            }
            None => {}
            Some(says) => self.compare(&says, &report, cut_short, push),
        }
        *self = Self { clock: self.clock, ..Self::default() };
    }

    fn compare(&self, says: &SummaryCounts, report: &str, cut_short: bool, push: &mut Push<'_>) {
        let mut wrong = Vec::new();
        if self.is_followed && !self.agrees() {
            wrong.push("its summary is not its end: other text follows".to_owned());
        }
        let (mut unnamed, mut failures) = (UnnamedResults::default(), 0);
        for (status, word) in KINDS {
            let named = self.named.of(status);
            let said = says.numbers.of(status);
            if named > said || named < said && says.names.every(status) {
                wrong.push(format!("it names {named} that {word}, and says {said}"));
            }
            unnamed.add(status, said.saturating_sub(named));
            failures += if status.is_failure() { said.max(named) } else { 0 };
        }
        if !unnamed.is_empty() {
            push.event(&UnnamedResults::event(&unnamed.content()));
        }
        if let Some(total) = says.total.filter(|total| *total != says.numbers.total()) {
            let told = says.numbers.total();
            wrong.push(format!("it says {}, and tells of {told}", counted(total, "test")));
        }
        let failed = unnamed.of(Status::Fail) + unnamed.of(Status::UnexpectedSuccess);
        if failed > 0 && wrong.is_empty() && self.named.fail == 0 {
            wrong.push(format!("{failed} failed, and it does not name them"));
        }
        let marked = self.marks.fail;
        if marked > 0 && failures == 0 && !self.is_blamed {
            wrong.push(format!("its marks show {marked} that failed, and it says none"));
        }
        let total = says.numbers.total();
        if let Some(planned) = self.planned.filter(|planned| *planned != total && total > 0)
            && failures == 0
            && !self.is_blamed
        {
            wrong.push(format!("it found {}, and says {total}", counted(planned, "test")));
        }
        if says.failed && failures == 0 && !self.is_blamed && !cut_short {
            wrong.push("it says that the run failed, and shows no failure".to_owned());
        }
        if !wrong.is_empty() {
            push.shortfall(report, &wrong.join("; "));
        }
    }
}
