//! What a worker is asked to run, on its way to the command. Each test ends, one way or another.

use subunit_core::conventions::INTERRUPTED;

use super::{Worker, command::hand_on};
use crate::asides;

impl Worker {
    /// Accounts for each requested test: the command runs it, or it was never run.
    pub(super) fn note_asked(&mut self) {
        self.say_plan();
        for (test_id, why) in std::mem::take(&mut self.input.unfit) {
            self.processes.fail_never_run(&test_id, why);
        }
        if !self.input.asked.is_empty() {
            self.asked = Some(self.processes.now());
        }
        let in_batches = self.plan.in_batches();
        if self.interrupted && in_batches {
            self.fail_asked(INTERRUPTED);
        } else if self.job.is_some() && !in_batches {
            self.hand_asked();
        } else if let Some(ended) = self.ended.clone().filter(|_| !in_batches) {
            self.fail_asked(&format!("the command had ended: {ended}"));
        }
    }

    /// Reports how many tests there are, if that has grown.
    pub(super) fn say_plan(&mut self) {
        let plan = asides::Plan { tests: self.planned, workers: 0 };
        if plan != std::mem::replace(&mut self.said, plan) {
            self.processes.say(&plan.event().as_event());
        }
    }

    pub(super) fn hand_asked(&mut self) {
        let Some(job) = &self.job else { return };
        for test_id in self.input.asked.drain(..) {
            self.processes.note_handed(job.id, &test_id);
        }
    }

    pub(super) fn fail_asked(&mut self, why: &str) {
        self.input.tests.clear();
        for test_id in self.input.asked.drain(..) {
            self.processes.fail_never_run(&test_id, why);
        }
    }

    /// Closes what the command has received in full.
    pub(super) fn close_what_is_done(&mut self) {
        let no_more = self.hears_no_more();
        let Some(job) = &mut self.job else { return };
        if no_more
            && self.input.tests.is_empty()
            && let Some(tests) = &mut job.tests
        {
            tests.end();
        }
        if (self.stdin_closed || self.input.text_ends) && self.input.text.is_empty() {
            job.stdin = None;
        }
        if job.stdin.is_none() {
            self.input.text.clear();
        }
    }

    pub(super) fn hand_on_text(&mut self) {
        if let Some(job) = &mut self.job {
            hand_on(&mut job.stdin, &mut self.input.text);
        }
    }

    pub(super) fn hand_on_tests(&mut self) {
        if let Some(tests) = self.job.as_mut().and_then(|job| job.tests.as_mut()) {
            tests.write_from(&mut self.input.tests);
        }
    }
}
