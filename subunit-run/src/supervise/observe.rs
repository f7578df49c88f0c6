//! What inputs have written since this was last looked at: it goes into the stream, and is noted.

use std::{mem, time::Duration};

use subunit_core::{Event, Item, Packet, Status, Timestamp, conventions, items};
use subunit_mux::NEVER_RUN;

use super::{
    around::{MERGE, SETUP, TEARDOWN},
    closing::Closing,
    listing::LISTING,
    supervisor::Supervisor,
    workers::Feed,
};
use crate::schedule::{TestEnd, TestSource, Worker};

impl Supervisor {
    pub(super) fn observe(&mut self) {
        if self.processes.output().is_empty() {
            return;
        }
        // What is written meanwhile goes to the other buffer, and is looked at next time.
        let mut observed = mem::take(&mut self.observed);
        mem::swap(self.processes.output(), &mut observed);
        for item in items(observed.as_bytes()) {
            if let Item::Packet(packet) = item {
                self.note(&packet);
            }
        }
        observed.clear();
        self.observed = observed;
    }

    fn note(&mut self, packet: &Packet<'_>) {
        let event = packet.event();
        let name = event.route_code.map(|route| route.split_first().0);
        if name == Some(LISTING) {
            return self.note_listed(packet);
        }
        if matches!(name, Some(SETUP | MERGE | TEARDOWN)) {
            return self.note_around(packet);
        }
        let Some(&nth) = name.and_then(|name| self.by_name.get(name)) else {
            return self.copy(packet);
        };
        let now = self.elapsed();
        if let Some(process) = &mut self.slots[nth].process {
            process.timer.note_output(now);
        }
        if self.is_listed_by(nth, packet) {
            return;
        }
        match event.test_id {
            Some(test_id) => self.note_of_test(nth, packet, test_id),
            // Why a process ended is said by the test that it was running, and in the file `worker`.
            None if event.file.is_some_and(|file| file.name == conventions::REASON) => {}
            None => {
                if !self.place_worker(nth, event) {
                    self.copy(packet);
                }
                self.note_version(nth, event);
                self.note_line(nth, event);
            }
        }
    }

    fn note_of_test(&mut self, nth: usize, packet: &Packet<'_>, test_id: &str) {
        let event = packet.event();
        self.note_line(nth, event);
        if self.is_given_back(nth, event, test_id) {
            // It would give others back, too. When it has ended, this one goes to another process.
            return self.end_feed(nth);
        }
        if self.is_explained(nth, event, test_id) {
            return;
        }
        if self.is_early_end(nth, event, test_id) {
            return self.hold(event);
        }
        if event.status.is_some_and(Status::is_final) && self.is_own(nth, event, test_id) {
            self.attach_files_of(nth, event);
        }
        self.forward(packet, test_id);
        match event.status {
            Some(Status::InProgress) => self.note_begun(nth, test_id, event),
            Some(status) if status.is_final() => self.note_ended(nth, test_id, event, status),
            _ => {}
        }
    }

    /// Whether a test is one that the process of a slot was to run.
    fn is_own(&self, nth: usize, event: &Event<'_>, test_id: &str) -> bool {
        let process = self.slots[nth].process.as_ref();
        process.is_some_and(|process| process.owns(test_id, event.runnable))
    }

    pub(super) fn copy(&mut self, packet: &Packet<'_>) {
        self.stream.bytes.extend_from_slice(packet.bytes());
    }

    /// Writes what a worker says of a test, with the number of the attempt where attempts are marked.
    fn forward(&mut self, packet: &Packet<'_>, test_id: &str) {
        if !packet.event().runnable || !self.is_marked(test_id) {
            return self.copy(packet);
        }
        let tag = conventions::attempt_tag(self.retries.attempt(test_id));
        let tags = packet.event().tags.into_iter().flatten();
        let tags = tags.chain([tag.as_str()]).collect();
        let needed = packet.bytes().len() + tag.len() + 16;
        if self.scratch.len() < needed {
            self.scratch.resize(needed.next_power_of_two(), 0);
        }
        match packet.retag_into(&tags, &mut self.scratch) {
            Ok(Some(length)) => self.stream.bytes.extend_from_slice(&self.scratch[..length]),
            // It has become too long for one packet.
            _ => self.emit(&packet.event().with_tags(&tags)),
        }
    }

    /// Whether a worker that takes packets says that it has not begun a test, and does not run it.
    fn is_given_back(&self, nth: usize, event: &Event<'_>, test_id: &str) -> bool {
        let Some(process) = &self.slots[nth].process else { return false };
        matches!(process.feed, Feed::Packets | Feed::Ended(_))
            && event.status == Some(Status::Fail)
            && event.tags.is_some_and(|tags| tags.contains(NEVER_RUN))
            && process.leases.contains(test_id)
            && !process.timer.is_running(test_id)
    }

    /// Whether a process tells of its bad end, and tests that it has left will tell of it.
    fn is_explained(&self, nth: usize, event: &Event<'_>, test_id: &str) -> bool {
        self.slots[nth].is_busy()
            && !event.runnable
            && conventions::tells_of_the_run(test_id, false, None)
    }

    /// Whether a process tells of its bad end that got ready while the tests were listed, and had none.
    fn is_early_end(&self, nth: usize, event: &Event<'_>, test_id: &str) -> bool {
        let starts_early =
            self.plan.suite.adapted.as_ref().is_some_and(|adapted| adapted.starts_early);
        let slot = &self.slots[nth];
        let had_none = slot.process.as_ref().is_some_and(|process| !process.has_run_test);
        starts_early
            && had_none
            && !slot.is_busy()
            && !event.runnable
            && event.status.is_some_and(Status::is_failure)
            && conventions::tells_of_the_run(test_id, false, None)
    }

    fn note_begun(&mut self, nth: usize, test_id: &str, event: &Event<'_>) {
        self.note_told(nth);
        let (now, uses_queue) = (self.elapsed(), self.uses_queue());
        let slot = &mut self.slots[nth];
        let Some(process) = &mut slot.process else { return };
        if !process.has_run_test {
            let took = now.saturating_sub(process.started);
            self.queue.started(&slot.worker, took.saturating_sub(lateness(&slot.worker, event)));
        }
        if uses_queue {
            self.queue.at(now);
            self.queue.began(&slot.worker, test_id);
        }
        (process.has_run_test, slot.fruitless) = (true, 0);
        // Inner tests, such as subtests, have no limit of their own.
        if process.owns(test_id, event.runnable) {
            process.timer.begin(test_id, now, self.settings.of(test_id).limits);
            process.timer.stamp(test_id, event.timestamp);
            if let Some(route) = event.route_code.filter(|route| route.split_first().1.is_some()) {
                process.timer.place(test_id, route.as_str());
            }
        }
    }

    fn note_ended(&mut self, nth: usize, test_id: &str, event: &Event<'_>, status: Status) {
        self.note_told(nth);
        let (now, uses_queue) = (self.elapsed(), self.uses_queue());
        let slot = &mut self.slots[nth];
        let Some(process) = &mut slot.process else { return };
        if event.runnable {
            (process.has_run_test, slot.fruitless) = (true, 0);
        }
        let duration = process.timer.end(test_id, now, event.timestamp);
        let is_own = process.leases.remove(test_id) || process.takes_all && event.runnable;
        if is_own && uses_queue {
            self.queue.at(now);
            self.queue.ended(&slot.worker, test_id, TestEnd { status, duration });
        }
        let has_failed = status.is_failure();
        if has_failed && is_own && event.runnable && self.retries_test(nth, test_id) {
            return;
        }
        self.results += u64::from(is_own);
        self.failures += u64::from(has_failed);
        if has_failed && self.plan.fail_fast.is_some_and(|most| self.failures >= most) {
            self.close(Closing::FailFast);
        }
    }

    /// Whether a test that has failed on a worker runs again.
    fn retries_test(&mut self, nth: usize, test_id: &str) -> bool {
        let most = self.settings.of(test_id).retries;
        self.closing.is_none() && self.retries.failed(test_id, &self.slots[nth].worker.name, most)
    }
}

/// How long ago what is said now was. Other machines have other clocks.
fn lateness(worker: &Worker, event: &Event<'_>) -> Duration {
    let at = event.timestamp.filter(|_| worker.instance.is_empty());
    at.zip(Timestamp::now()).and_then(|(at, now)| now.since(at)).unwrap_or_default()
}
