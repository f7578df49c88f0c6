//! What a grammar can say of a line.

use subunit_core::{Event, Status, TagsBuf, conventions::attempt_tag};

use super::{
    numbers::{NamesOf, ResultNumbers, SummaryCounts},
    progress::{HeldFailure, RunProgress},
};
use crate::{
    Format,
    events::{clock, emit::Outcome, push::Push},
};

/// The run that a line belongs to, and the line as it stands.
pub(crate) struct ConsoleRun<'r, 's> {
    pub(super) progress: &'r mut RunProgress,
    pub(super) push: &'r mut Push<'s>,
    pub(super) raw: &'r [u8],
    pub(super) format: Format,
}

impl ConsoleRun<'_, '_> {
    /// A run begins with this line.
    pub(crate) fn start(&mut self) {
        // What stands before the first line of a run is no run.
        if self.progress.has_started || !self.progress.is_fresh() {
            self.conclude();
        }
        self.progress.has_started = true;
        self.progress.has_begun = true;
    }

    /// So many results are to come.
    pub(crate) fn plan(&mut self, results: u64) {
        self.progress.planned = Some(results);
    }

    /// Whether a summary stands last, so that what looks like a result may be none.
    pub(crate) fn has_ended(&self) -> bool {
        self.progress.has_ended()
    }

    /// The results so far that have names.
    pub(crate) fn named(&self) -> ResultNumbers {
        self.progress.named
    }

    /// The test that runs.
    pub(crate) fn current(&self) -> Option<&str> {
        self.progress.current.as_ref().map(|(id, _)| id.as_str())
    }

    /// A test begins: what is none of the runner's is its output from here on.
    pub(crate) fn begin(&mut self, id: &str) {
        self.go_on();
        if let Some(before) = self.progress.close_current(self.push) {
            self.push.incomplete(&before, "no result: another test began", TagsBuf::new(), None);
            self.progress.is_blamed = true;
        }
        self.push.event(&Event::status(id, Status::InProgress));
        self.progress.current = Some((id.to_owned(), false));
    }

    /// How long the test took that ends with this line, in seconds.
    pub(crate) fn took(&mut self, seconds: Option<f64>) {
        self.progress.took = seconds.and_then(clock::seconds);
    }

    /// A test has ended.
    pub(crate) fn result(&mut self, id: &str, status: Status) {
        self.explained(id, status, "");
    }

    /// A test has ended, for a reason.
    pub(crate) fn explained(&mut self, id: &str, status: Status, reason: &str) {
        self.count(id, status);
        self.progress.tell(id, status, reason, self.push);
    }

    /// A test has failed, and more is said of it later.
    pub(crate) fn hold(&mut self, id: &str, status: Status) {
        self.count(id, status);
        if self.progress.held.contains(id) {
            self.progress.release(self.push);
        }
        let took = self.progress.took.take();
        let held = HeldFailure { status: Some(status), took, ..HeldFailure::default() };
        self.progress.held.insert(id, held);
    }

    /// A test has failed that the summary counts, after which it is listed; more is said of it later.
    pub(crate) fn list(&mut self, id: &str, reason: &str) {
        self.progress.named.add(Status::Fail, 1);
        if self.progress.held.contains(id) {
            self.progress.release(self.push);
        }
        let reason = reason.to_owned();
        let held = HeldFailure { status: Some(Status::Fail), reason, ..HeldFailure::default() };
        self.progress.held.insert(id, held);
    }

    /// A test passed after an attempt that failed; the summary counts it, after which it is listed.
    pub(crate) fn list_flaky(&mut self, id: &str) {
        self.progress.named.add(Status::Success, 1);
        self.attempt(id);
        self.progress.tell(id, Status::Success, "", self.push);
    }

    /// One failure that the summary counts is no test: it is told [beside](Self::beside).
    pub(crate) fn not_a_test(&mut self) {
        if let Some(says) = &mut self.progress.summary {
            says.numbers.fail = says.numbers.fail.saturating_sub(1);
        }
    }

    /// A test that failed is run again: that was an attempt.
    pub(crate) fn run_again(&mut self, id: &str) {
        if self.progress.held.remove(id).is_some() {
            let named = &mut self.progress.named;
            named.fail = named.fail.saturating_sub(1);
            self.retried(id);
        }
    }

    fn count(&mut self, id: &str, status: Status) {
        self.go_on();
        if self.current() == Some(id) {
            self.progress.close_current(self.push);
        }
        self.progress.named.add(status, 1);
    }

    /// Whether a test has failed of which more may be said.
    pub(crate) fn is_held(&self, id: &str) -> bool {
        self.progress.held.contains(id)
    }

    /// Why a test failed that is held.
    pub(crate) fn reason(&mut self, id: &str, reason: &str) {
        if let Some(held) = self.progress.held.get_mut(id) {
            held.reason.push_str(reason);
        }
    }

    /// This line tells more of a failed test that is held; of another it is text.
    pub(crate) fn detail(&mut self, id: &str) {
        match self.progress.held.get_mut(id) {
            Some(held) => {
                held.has_details = true;
                self.push.file(Some(id), "traceback", self.raw, false);
            }
            None => self.push.text(self.raw),
        }
    }

    /// Whether this line stands in the block of a failed test, of which it tells more then. No name is no block.
    pub(crate) fn in_block(&mut self, id: &str) -> bool {
        if id.is_empty() {
            return false;
        }
        self.detail(id);
        true
    }

    /// An attempt at a test that is run again.
    pub(crate) fn retried(&mut self, id: &str) {
        self.go_on();
        self.attempt(id);
    }

    fn attempt(&mut self, id: &str) {
        let number = self.progress.attempts.entry(id);
        *number += 1;
        let tag = attempt_tag(*number);
        let tags: TagsBuf = [tag.as_str()].into_iter().collect();
        let failed = Outcome { tags: Some(tags.as_tags()), ..Outcome::new(id, Status::Fail) };
        self.push.event(&failed.event());
    }

    /// A result that has no name, such as a dot.
    pub(crate) fn mark(&mut self, status: Status) {
        self.go_on();
        self.progress.marks.add(status, 1);
    }

    /// Something failed that is no test: a file, a suite, the whole run.
    pub(crate) fn beside(&mut self, id: &str, reason: &str) {
        self.progress.has_begun = true;
        self.progress.is_blamed = true;
        self.push.group_failure(id, reason, None, None);
    }

    /// The runner sums up. The last summary before the end of the run is the one that counts.
    pub(crate) fn summary(&mut self, says: SummaryCounts) {
        if self.progress.agrees() {
            self.conclude();
        }
        self.progress.has_begun = true;
        self.progress.summary = Some(says);
        self.progress.is_followed = false;
        self.text();
    }

    /// The summary goes on with this line.
    pub(crate) fn amend(&mut self, says: SummaryCounts) {
        if self.progress.summary.is_none() {
            return self.summary(says);
        }
        self.progress.summary = Some(says);
        self.progress.is_followed = false;
        self.text();
    }

    /// A part of the run is over that is complete by itself: what is told so far is all that there is.
    pub(crate) fn part_ends(&mut self) {
        let numbers = self.progress.named;
        self.summary(SummaryCounts {
            numbers,
            agrees: true,
            names: NamesOf::All,
            ..SummaryCounts::default()
        });
    }

    /// The line is text, which belongs to no test.
    pub(crate) fn text(&mut self) {
        self.progress.has_begun = true;
        self.push.text(self.raw);
    }

    /// This stood in front of what the runner said: output of the test that runs.
    pub(crate) fn before(&mut self, output: &str) {
        if !output.is_empty() {
            self.progress.output(output.as_bytes(), self.push);
        }
    }

    /// The line as it stands.
    pub(crate) fn raw(&self) -> &[u8] {
        self.raw
    }

    /// What a test has printed that ends now.
    pub(crate) fn printed(&mut self, id: &str, output: &[u8]) {
        if !output.is_empty() {
            self.push.file(Some(id), "stdout", output, true);
        }
    }

    /// A test has begun and will not end.
    pub(crate) fn unfinished(&mut self, id: &str, reason: &str) {
        self.go_on();
        self.progress.is_blamed = true;
        self.push.incomplete(id, reason, TagsBuf::new(), None);
    }

    /// A group of tests has ended, which cannot be run as a test.
    pub(crate) fn group(&mut self, id: &str, status: Status) {
        self.go_on();
        self.progress.named.add(status, 1);
        self.push.event(&Outcome { runnable: false, ..Outcome::new(id, status) }.event());
    }

    /// The run goes on: what looked like its summary was none, or that of a run before this one.
    pub(crate) fn go_on(&mut self) {
        if self.progress.agrees() {
            self.conclude();
        }
        self.progress.has_begun = true;
        self.progress.summary = None;
        self.progress.is_followed = false;
    }

    /// What looked like the summary was none: the same run goes on, even if that agreed with its lines.
    pub(crate) fn take_back(&mut self) {
        self.progress.summary = None;
        self.progress.is_followed = false;
    }

    pub(super) fn conclude(&mut self) {
        self.progress.conclude(self.format.name(), self.push);
    }
}
