//! Starts the setup, the merge of coverage and the teardown, and notes what becomes of them.

use std::{mem, process::ExitStatus};

use subunit_core::{Packet, conventions};
use subunit_mux::{
    InputId,
    ending::{after_first_line, described},
};

use super::{MERGE, SETUP, Stage, TEARDOWN};
use crate::supervise::{closing::Closing, supervisor::Supervisor, workers::spawn};

impl Supervisor {
    /// Starts the setup, and then the tests.
    pub(in crate::supervise) fn start_setup(&mut self) {
        let line = self.plan.suite.setup.clone().filter(|_| !self.plan.only_lists);
        let Some(line) = line else { return self.begin_tests() };
        match self.start_around(SETUP, &line) {
            Some(input) => self.around.stage = Stage::SetUp(input),
            None => self.run_no_test(),
        }
    }

    /// Starts what comes after the tests: the merge of coverage, and then the teardown. Whether one of them runs.
    pub(in crate::supervise) fn runs_after_tests(&mut self) -> bool {
        let stage = self.around.stage;
        match stage {
            Stage::Merge(_) | Stage::TearDown(_) => return true,
            Stage::Over => return false,
            Stage::Tests | Stage::Merged | Stage::SetUp(_) => self.around.stage = Stage::Over,
        }
        if stage == Stage::Tests && self.merges() {
            return true;
        }
        let line = self.plan.suite.teardown.clone().filter(|_| !self.plan.only_lists);
        let Some(line) = line else { return false };
        let Some(input) = self.start_around(TEARDOWN, &line) else { return false };
        self.around.stage = Stage::TearDown(input);
        true
    }

    /// Starts to join what the workers have covered, if a test has run and nobody has stopped the run.
    fn merges(&mut self) -> bool {
        let is_stopped = matches!(self.closing, Some(Closing::Interrupted | Closing::FilesChanged));
        let has_run = self.results > self.plan.earlier;
        let line = self.plan.suite.coverage.merge.clone();
        let Some(line) = line.filter(|_| !is_stopped && has_run && !self.plan.only_lists) else {
            return false;
        };
        let Some(input) = self.start_around(MERGE, &line) else { return false };
        self.around.stage = Stage::Merge(input);
        true
    }

    /// None if it could not be started, which is said then.
    fn start_around(&mut self, name: &str, line: &str) -> Option<InputId> {
        let mut command = self.shell(line, None);
        self.coverage.name(&mut command);
        match spawn(&mut self.processes, &mut None, name, command, false) {
            Ok(input) => {
                self.processes.close_stdin(input);
                Some(input)
            }
            Err(why) => {
                let why = why.map_or_else(String::new, |why| format!(": {why}"));
                self.fail_run(&format!("({name})"), &format!("`{line}` cannot be run{why}\n"));
                None
            }
        }
    }

    /// What one of these writes: output, and how its process ended.
    pub(in crate::supervise) fn note_around(&mut self, packet: &Packet<'_>) {
        let event = packet.event();
        let Some(file) = event.file else { return };
        match (event.test_id, file.name) {
            (Some(test_id), _) if conventions::tells_of_the_run(test_id, false, None) => {
                self.around.end_reason = String::from_utf8_lossy(file.bytes).into_owned();
            }
            (None, conventions::STDOUT | conventions::STDERR) => self.copy(packet),
            _ => {}
        }
    }

    /// One of these has ended.
    pub(in crate::supervise) fn note_around_ended(&mut self, status: Option<ExitStatus>) {
        let stage = self.around.stage;
        let reason = mem::take(&mut self.around.end_reason);
        let has_failed = status.is_none_or(|status| !status.success());
        let is_setup = matches!(stage, Stage::SetUp(_));
        let (name, what) = match stage {
            Stage::SetUp(_) => (SETUP, SETUP),
            Stage::Merge(_) => (MERGE, "the merge of coverage"),
            _ => (TEARDOWN, TEARDOWN),
        };
        self.around.stage = match stage {
            Stage::SetUp(_) if has_failed => Stage::Merged,
            Stage::SetUp(_) => Stage::Tests,
            Stage::Merge(_) => Stage::Merged,
            _ => Stage::Over,
        };
        // What was told to stop is not to blame.
        if has_failed && (self.closing.is_none() || !is_setup) {
            let how = status.map_or_else(|| "gone".to_owned(), described);
            let more = after_first_line(&reason);
            let rest = if is_setup { "; no test runs" } else { "" };
            self.fail_run(&format!("({name})"), &format!("{what} failed: {how}{rest}\n{more}"));
        }
        match is_setup {
            true if has_failed || self.closing.is_some() => self.run_no_test(),
            true => self.begin_tests(),
            false => {}
        }
    }

    /// Nothing but the teardown runs any more.
    fn run_no_test(&mut self) {
        self.listing.is_over = true;
        self.queue.end_of_listing();
        self.slots.iter_mut().for_each(|slot| slot.is_done = true);
    }
}
