//! The listing of tests: ids are taken as they arrive.

use subunit_core::{Event, Packet, Status, Tags, conventions};
use subunit_mux::{InputId, process::Spawn};

use super::{Supervisor, start::shell};
use crate::{
    config::command::{can_list, check_ids, listing},
    memory::Times,
};

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
    /// Where only a part of the tests runs: all of which that is a part.
    whole: Vec<String>,
    /// What is said of the end of its process.
    pub(super) end: String,
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
                self.select(test_id, event.tags);
            }
            Some(status)
                if status.is_failure()
                    && !event.runnable
                    && conventions::tells_of_the_run(test_id, false, None) =>
            {
                let said = event.file.map(|file| file.bytes).unwrap_or_default();
                self.listing.end = String::from_utf8_lossy(said).into_owned();
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

    /// A test that may be one of those to run.
    pub(super) fn select(&mut self, test_id: &str, tags: Option<Tags<'_>>) {
        if !self.plan.choice.takes(test_id, tags.into_iter().flatten()) {
            return;
        }
        match self.plan.shard {
            Some(_) => self.listing.whole.push(test_id.to_owned()),
            None => self.take_tests(vec![test_id.to_owned()]),
        }
    }

    /// The part of the tests that runs here. Times decide nothing: other machines may know others, and a
    /// test would run nowhere.
    fn take_shard(&mut self) {
        let whole = std::mem::take(&mut self.listing.whole);
        let Some(shard) = self.plan.shard else { return };
        let groups = self.plan.groups.as_ref();
        let group = |test_id: &str| groups.map(|groups| groups.of(test_id).to_owned());
        let own = shard.of(&whole, group, &Times::new());
        self.take_tests(own);
    }

    /// More tests to run.
    fn take_tests(&mut self, ids: Vec<String>) {
        for test_id in ids {
            if let Err(bad) = check_ids(std::slice::from_ref(&test_id)) {
                self.fail("(listing)", false, &bad.to_string());
                continue;
            }
            self.planned.tests += 1;
            self.say(&Event::status(&test_id, Status::Exists));
            if self.plan.only_lists {
                continue;
            }
            if self.uses_queue() {
                self.queue.add([test_id]);
            } else {
                self.listing.kept.push(test_id);
            }
        }
    }

    /// All tests are known.
    pub(super) fn end_of_tests(&mut self) {
        self.take_shard();
        self.listing.is_over = true;
        // Without a plan nobody takes what was listed so far for all.
        if self.stopped.is_none() {
            self.say_plan();
        }
        if !self.uses_queue() && !self.plan.only_lists {
            self.share();
        }
        self.queue.end_of_listing();
    }
}
