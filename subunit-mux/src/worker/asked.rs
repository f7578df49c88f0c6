//! What a worker is asked to run, on its way to the command: each test ends, whoever answers for it.

use super::{Worker, command::hand_on};
use crate::asides;

impl Worker {
    /// Whoever is asked to run a test answers for it: the command, or nobody.
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
            self.fail_asked("interrupted");
        } else if self.job.is_some() && !in_batches {
            self.hand_asked();
        } else if let Some(ended) = self.ended.clone().filter(|_| !in_batches) {
            self.fail_asked(&format!("the command had ended: {ended}"));
        }
    }

    /// Says how many tests there are, where that has grown.
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

    /// The command hears of the end of what it has been told all of.
    pub(super) fn close_what_is_done(&mut self) {
        let no_more = self.hears_no_more();
        let Some(job) = &mut self.job else { return };
        if no_more && self.input.tests.is_empty() {
            job.tests = None;
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
        if let Some(job) = &mut self.job {
            hand_on(&mut job.tests, &mut self.input.tests);
        }
    }
}
