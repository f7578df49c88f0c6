//! Starts the setup and the teardown, and notes what becomes of them.

use std::{mem, process::ExitStatus};

use subunit_core::{Packet, conventions};
use subunit_mux::{
    InputId,
    ending::{after_first_line, described},
};

use super::{SETUP, Stage, TEARDOWN};
use crate::supervise::{supervisor::Supervisor, workers::spawn};

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

    /// Starts the teardown when all else is over. Whether it runs.
    pub(in crate::supervise) fn tears_down(&mut self) -> bool {
        match self.around.stage {
            Stage::TearDown(_) => return true,
            Stage::Over => return false,
            Stage::Tests | Stage::SetUp(_) => self.around.stage = Stage::Over,
        }
        let line = self.plan.suite.teardown.clone().filter(|_| !self.plan.only_lists);
        let Some(line) = line else { return false };
        let Some(input) = self.start_around(TEARDOWN, &line) else { return false };
        self.around.stage = Stage::TearDown(input);
        true
    }

    /// None if it could not be started, which is said then.
    fn start_around(&mut self, name: &str, line: &str) -> Option<InputId> {
        let command = self.shell(line, None);
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
        let stage = mem::replace(&mut self.around.stage, Stage::Over);
        let reason = mem::take(&mut self.around.end_reason);
        let has_failed = status.is_none_or(|status| !status.success());
        let is_setup = matches!(stage, Stage::SetUp(_));
        if is_setup {
            self.around.stage = Stage::Tests;
        }
        // What was told to stop is not to blame.
        if has_failed && (self.closing.is_none() || !is_setup) {
            let name = if is_setup { SETUP } else { TEARDOWN };
            let how = status.map_or_else(|| "gone".to_owned(), described);
            let more = after_first_line(&reason);
            let rest = if is_setup { "; no test runs" } else { "" };
            self.fail_run(&format!("({name})"), &format!("{name} failed: {how}{rest}\n{more}"));
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
