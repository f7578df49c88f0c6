//! Lists tests, and takes their ids as they arrive.

use std::{mem, process::ExitStatus};

use subunit_core::{Event, Packet, Status, Tags, conventions, run::counted};
use subunit_mux::ending::{after_first_line, described};

use super::LISTING;
use crate::{
    config::command::{can_list, check_ids, listing},
    memory::Times,
    schedule::Shard,
    supervise::{closing::Closing, stream::printed, supervisor::Supervisor, workers::spawn},
};

impl Supervisor {
    pub(in crate::supervise) fn start_listing(&mut self) {
        if !can_list(&self.plan.suite, &self.plan.arguments) {
            let reason = "the tests cannot be listed: test_command has no $LISTOPT";
            self.fail_run("(listing)", reason);
            self.end_listing();
            return;
        }
        if self.has_worker_that_lists() {
            return self.start_worker_that_lists();
        }
        let line = listing(&self.plan.suite, &self.plan.arguments);
        let line = self.instances.listing_line(&self.plan.suite, &line);
        let mut command = self.shell(&line, None);
        self.coverage.measure(&self.plan.suite.coverage, &mut command);
        match spawn(&mut self.processes, &mut self.result_slot, LISTING, command, false) {
            Ok(input) => {
                self.listing.input = Some(input);
                // It is not asked anything.
                self.processes.close_stdin(input);
            }
            Err(why) => {
                // Without a reason, the stream has said so.
                if let Some(why) = why {
                    self.fail_run("(listing)", &format!("the tests cannot be listed: {why}\n"));
                }
                self.end_listing();
            }
        }
    }

    /// Whether the first worker lists the tests before it runs them: another process would read all of them once more.
    fn has_worker_that_lists(&self) -> bool {
        let lists_first =
            self.plan.suite.adapted.as_ref().is_some_and(|adapted| adapted.lists_first);
        lists_first && !self.plan.only_lists && !self.plan.alone && !self.slots.is_empty()
    }

    fn start_worker_that_lists(&mut self) {
        self.listing.worker = Some(0);
        self.start_incremental(0);
        if self.slots[0].process.is_none() {
            self.listing.worker = None;
            self.end_listing();
        }
    }

    /// Notes what a worker says that lists; whether it is of the listing.
    pub(in crate::supervise) fn is_listed_by(&mut self, nth: usize, packet: &Packet<'_>) -> bool {
        if self.listing.worker != Some(nth) {
            return false;
        }
        let event = packet.event();
        let is_end = conventions::is_aside(event)
            && event.file.is_some_and(|file| file.name == conventions::PLAN);
        if is_end {
            self.end_of_listing(None);
        } else if event.test_id.is_some() {
            self.note_listed(packet);
        }
        is_end || event.test_id.is_some()
    }

    /// What the listing writes: tests, and what went wrong. All else is dropped.
    pub(in crate::supervise) fn note_listed(&mut self, packet: &Packet<'_>) {
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
                let reason = event.file.map(|file| file.bytes).unwrap_or_default();
                self.listing.end_reason = String::from_utf8_lossy(reason).into_owned();
            }
            Some(status) if status.is_failure() => {
                self.failures += 1;
                self.emit(&Event { route_code: below, ..*event });
            }
            // The files of a failure.
            None => self.emit(&Event { route_code: below, ..*event }),
            // What a file says that is skipped as a whole.
            Some(Status::Skip) if !event.runnable => {
                self.emit(&Event { route_code: below, ..*event });
            }
            Some(_) => {}
        }
    }

    /// A test that may be one of those to run.
    pub(in crate::supervise) fn select(&mut self, test_id: &str, tags: Option<Tags<'_>>) {
        if !self.plan.choice.takes(test_id, tags.into_iter().flatten()) {
            return;
        }
        if self.plan.shard.is_some() || self.plan.sample.is_some() {
            self.listing.whole.push(test_id.to_owned());
        } else {
            self.add_test(test_id.to_owned());
        }
    }

    /// The part of the tests that runs here. Times decide nothing unless that is asked for: other machines may know
    /// others, and a test would run nowhere.
    fn take_shard(&mut self) {
        let whole = mem::take(&mut self.listing.whole);
        let Some(shard) = self.plan.shard else { return };
        let groups = self.plan.groups.as_ref();
        let group = |test_id: &str| groups.map(|groups| groups.of(test_id).to_owned());
        let none = Times::new();
        let times = if self.plan.shards_by_time { &self.plan.times } else { &none };
        let own = shard.of(&whole, group, times);
        if self.plan.shards_by_time {
            let plan = Shard::plan(&whole, group, times);
            self.say(&format!(
                "shard {shard} of plan {plan:08x}: the other shards must have the same"
            ));
        }
        own.into_iter().for_each(|test_id| self.add_test(test_id));
    }

    /// The tests that there is time for.
    fn take_sample(&mut self) {
        let Some(sample) = self.plan.sample.take() else { return };
        let whole = mem::take(&mut self.listing.whole);
        let taken = sample.of(&whole, &self.plan.times, self.plan.places.len());
        self.say(&format!(
            "--sample={}: {} of {}, {} left out",
            sample.size,
            taken.len(),
            counted(whole.len(), "test"),
            whole.len() - taken.len()
        ));
        taken.into_iter().for_each(|test_id| self.add_test(test_id));
    }

    /// Says something of the run, as output of no test.
    fn say(&mut self, what: &str) {
        self.emit(&printed(&format!("{what}\n"), None));
    }

    /// One more test to run.
    fn add_test(&mut self, test_id: String) {
        if let Err(bad) = check_ids(std::slice::from_ref(&test_id)) {
            return self.fail_run("(listing)", &bad.to_string());
        }
        self.progress_plan.tests += 1;
        self.emit(&Event::status(&test_id, Status::Exists));
        if self.plan.only_lists {
            return;
        }
        if self.uses_queue() {
            self.queue.add([test_id]);
        } else {
            self.listing.collected.push(test_id);
        }
    }

    /// The command that lists has ended, or the worker that lists, which has not said that this is all.
    pub(in crate::supervise) fn note_listing_ended(&mut self, status: Option<ExitStatus>) {
        let how = status.map_or_else(|| "gone".to_owned(), described);
        let is_success = status.is_some_and(|status| status.success());
        let failed = match self.listing.worker {
            Some(_) if is_success => Some(format!("{how} before its end")),
            None if is_success && self.listing.end_reason.is_empty() => None,
            _ => Some(how),
        };
        self.end_of_listing(failed);
    }

    /// Nothing more is listed; how that came about if it has failed.
    fn end_of_listing(&mut self, failed: Option<String>) {
        (self.listing.input, self.listing.worker) = (None, None);
        let end_reason = mem::take(&mut self.listing.end_reason);
        if let Some(how) = failed.filter(|_| self.closing.is_none()) {
            let listed = self.listing.listed;
            let more = after_first_line(&end_reason);
            // Where nothing was listed, the last line says why, or the last one of an error.
            let mut lines = more.lines().rev().filter(|line| !line.trim().is_empty());
            let last = lines.clone().find(|line| line.contains("rror:")).or_else(|| lines.next());
            let last =
                last.filter(|_| listed == 0).map_or_else(String::new, |last| format!(": {last}"));
            let reason = format!(
                "the listing of tests failed: {how}, after {}{last}\n{more}",
                counted(listed, "test")
            );
            self.fail_run("(listing)", &reason);
            self.listing.is_broken = listed == 0;
        }
        self.tell_held();
        self.end_listing();
    }

    /// Keeps how a process ended that had no test, until the listing has ended.
    pub(in crate::supervise) fn hold(&mut self, event: &Event<'_>) {
        match self.listing.is_over {
            false => self.listing.held.push(event.to_buf()),
            true if self.listing.is_broken => {}
            true => {
                self.failures += 1;
                self.emit(event);
            }
        }
    }

    fn tell_held(&mut self) {
        let held = mem::take(&mut self.listing.held);
        if self.listing.is_broken {
            return;
        }
        for event in held {
            self.failures += 1;
            self.emit(&event.as_event());
        }
    }

    /// All tests are known.
    pub(in crate::supervise) fn end_listing(&mut self) {
        match self.plan.sample {
            Some(_) => self.take_sample(),
            None => self.take_shard(),
        }
        self.listing.is_over = true;
        // Without a plan nobody takes what was listed so far for all.
        if self.stopped.is_none() && self.closing != Some(Closing::FilesChanged) {
            self.emit_plan();
        }
        if !self.uses_queue() && !self.plan.only_lists {
            self.deal_lists();
        }
        self.queue.end_of_listing();
    }
}
