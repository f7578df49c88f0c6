//! Which worker gets which test now.

mod incremental;
mod lists;
pub(super) mod retries;

use subunit_core::run::counted;

use super::supervisor::Supervisor;
use crate::schedule::TestSource;

impl Supervisor {
    /// Gives idle workers tests, and starts and ends processes.
    pub(super) fn dispatch(&mut self) {
        if self.around.is_setting_up() {
            return;
        }
        for nth in 0..self.slots.len() {
            self.flush_feed(nth);
        }
        if self.uses_queue() {
            self.queue.at(self.processes.moment().elapsed);
            for (test_id, losses) in self.queue.take_given_up() {
                let reason = format!(
                    "{} ended and had not said that it had begun\n",
                    counted(losses, "worker")
                );
                self.fail_test(&test_id, &reason);
            }
        }
        for nth in 0..self.slots.len() {
            if self.plan.suite.incremental {
                self.dispatch_incremental(nth);
            } else {
                self.dispatch_list(nth);
            }
        }
    }
}
