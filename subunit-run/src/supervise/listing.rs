//! The listing of tests: ids are taken as they arrive.

use subunit_core::{Event, Packet, Status};
use subunit_mux::{InputId, process::Spawn};

use super::{Supervisor, start::shell};
use crate::config::command::{can_list, check_ids, listing};

/// The name of the listing among the inputs. No worker is called that.
pub(super) const NAME: &str = "list";

/// What is known of the listing.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) input: Option<InputId>,
    /// All tests are known.
    pub(super) is_over: bool,
    /// How many tests were listed, selected or not.
    pub(super) listed: u64,
    /// The tests for workers that take lists, until all are known.
    pub(super) kept: Vec<String>,
}

impl Supervisor {
    pub(super) fn start_listing(&mut self) {
        if !can_list(&self.plan.suite, &self.plan.arguments) {
            self.fail(
                "(listing)",
                false,
                "the tests cannot be listed: test_command has no $LISTOPT",
            );
            self.end_of_tests();
            return;
        }
        let line = listing(&self.plan.suite, &self.plan.arguments);
        let line = self.instances.listing_line(&self.plan.suite, &line);
        let mut command = shell(&line, &self.plan);
        self.set_environment(&mut command, None);
        match self.processes.spawn(NAME, Spawn::new(command)) {
            Ok(input) => {
                self.listing.input = Some(input);
                // It is not asked anything.
                self.processes.close_stdin(input);
            }
            // The stream has said so.
            Err(_) => self.end_of_tests(),
        }
    }

    /// What the listing says: tests, and what went wrong. All else is dropped.
    pub(super) fn note_listed(&mut self, packet: &Packet<'_>) {
        let event = packet.event();
        let below = event.route_code.and_then(|route| route.split_first().1);
        let Some(test_id) = event.test_id else { return };
        match event.status {
            Some(Status::Exists) if event.runnable => {
                self.listing.listed += 1;
                if self.plan.selection.takes(test_id) {
                    self.take_tests(vec![test_id.to_owned()]);
                }
            }
            Some(status) if status.is_failure() => {
                self.failures += 1;
                self.say(&Event { route_code: below, ..*event });
            }
            // The files of a failure.
            None => self.say(&Event { route_code: below, ..*event }),
            Some(_) => {}
        }
    }

    /// More tests to run.
    pub(super) fn take_tests(&mut self, ids: Vec<String>) {
        for test_id in ids {
            if let Err(bad) = check_ids(std::slice::from_ref(&test_id)) {
                self.fail("(listing)", false, &bad.to_string());
                continue;
            }
            self.planned.tests += 1;
            self.say(&Event::status(&test_id, Status::Exists));
            if self.uses_queue() {
                self.queue.add([test_id]);
            } else {
                self.listing.kept.push(test_id);
            }
        }
    }

    /// All tests are known.
    pub(super) fn end_of_tests(&mut self) {
        self.listing.is_over = true;
        self.say_plan();
        if !self.uses_queue() {
            self.share();
        }
        self.queue.end_of_listing();
    }
}
