//! What inputs have said since this was last looked at: it goes into the stream, and is noted.

use subunit_core::{Event, Item, Packet, RouteCode, Status, conventions, items};
use subunit_mux::NEVER_RUN;

use super::{
    Supervisor,
    hand::{Begun, Feed},
    listing::NAME,
    settings::ForTest,
};
use crate::schedule::{TestEnd, TestSource};

impl Supervisor {
    pub(super) fn observe(&mut self) {
        if self.processes.output().is_empty() {
            return;
        }
        let said = self.processes.output().as_bytes().to_vec();
        self.processes.output().clear();
        for item in items(&said) {
            let Item::Packet(packet) = item else { continue };
            self.note(&packet);
        }
    }

    fn note(&mut self, packet: &Packet<'_>) {
        let event = packet.event();
        let Some((name, _)) = event.route_code.map(RouteCode::split_first) else {
            self.out.extend_from_slice(packet.bytes());
            return;
        };
        if name == NAME {
            return self.note_listed(packet);
        }
        let Some(&nth) = self.by_name.get(name) else {
            self.out.extend_from_slice(packet.bytes());
            return;
        };
        if let Some(process) = &mut self.hands[nth].process {
            process.heard = self.processes.moment().elapsed;
        }
        let Some(test_id) = event.test_id else {
            // Why a process ended is said by the test that it was running, and in the file `worker`.
            if event.file.is_none_or(|file| file.name != conventions::REASON) {
                self.out.extend_from_slice(packet.bytes());
                self.note_line(nth, event);
            }
            return;
        };
        self.note_line(nth, event);
        if self.is_given_back(nth, event, test_id) || self.is_explained(nth, event, test_id) {
            return;
        }
        self.forward(packet, test_id);
        match event.status {
            Some(Status::InProgress) => self.note_begun(nth, test_id),
            Some(status) if status.is_final() => self.note_ended(nth, test_id, event, status),
            _ => {}
        }
    }

    /// Writes what a worker says of a test, with the number of the attempt where attempts are marked.
    fn forward(&mut self, packet: &Packet<'_>, test_id: &str) {
        if !packet.event().runnable || !self.is_marked(test_id) {
            self.out.extend_from_slice(packet.bytes());
            return;
        }
        let tag = conventions::attempt_tag(self.retries.attempt(test_id));
        let said = packet.event().tags.into_iter().flatten();
        let tags = said.chain([tag.as_str()]).collect();
        let needed = packet.bytes().len() + tag.len() + 16;
        if self.room.len() < needed {
            self.room.resize(needed.next_power_of_two(), 0);
        }
        match packet.retag_into(&tags, &mut self.room) {
            Ok(Some(length)) => self.out.extend_from_slice(&self.room[..length]),
            // It has become too long for one packet.
            _ => self.say(&packet.event().with_tags(&tags)),
        }
    }

    /// Whether a worker that takes packets says that it has not begun a test: another one gets it.
    fn is_given_back(&self, nth: usize, event: &Event<'_>, test_id: &str) -> bool {
        let Some(process) = &self.hands[nth].process else { return false };
        matches!(process.feed, Feed::Packets | Feed::Ended(_))
            && event.status == Some(Status::Fail)
            && event.tags.is_some_and(|tags| tags.contains(NEVER_RUN))
            && process.leases.contains(test_id)
            && !process.running.contains_key(test_id)
    }

    /// Whether a process tells of its bad end, and tests that it has left will tell of it.
    fn is_explained(&self, nth: usize, event: &Event<'_>, test_id: &str) -> bool {
        let left = self.hands[nth].process.as_ref().map_or(0, |process| process.leases.len());
        left > 0 && !event.runnable && conventions::tells_of_the_run(test_id, false, None)
    }

    fn note_begun(&mut self, nth: usize, test_id: &str) {
        let now = self.elapsed();
        let hand = &mut self.hands[nth];
        let Some(process) = &mut hand.process else { return };
        (process.has_shown, hand.barren) = (true, 0);
        // Inner tests, such as subtests, have no limit of their own.
        if process.leases.contains(test_id) {
            let ForTest { test: limit, no_output, .. } = self.settings.of(test_id);
            process.running.insert(test_id.to_owned(), Begun { at: now, limit, no_output });
        }
    }

    fn note_ended(&mut self, nth: usize, test_id: &str, event: &Event<'_>, status: Status) {
        let now = self.elapsed();
        let hand = &mut self.hands[nth];
        let Some(process) = &mut hand.process else { return };
        if event.runnable {
            (process.has_shown, hand.barren) = (true, 0);
        }
        let since = process.running.remove(test_id).map(|begun| begun.at);
        let is_own = process.leases.remove(test_id);
        let worker = hand.worker.clone();
        if is_own && self.uses_queue() {
            let duration = since.map(|since| now.saturating_sub(since));
            self.queue.at(now);
            self.queue.ended(&worker, test_id, TestEnd { status, duration });
        }
        self.results += u64::from(is_own);
        if !status.is_failure() {
            return;
        }
        let again = is_own
            && event.runnable
            && self.closing.is_none()
            && self.retries.failed(test_id, &worker.name, self.settings.of(test_id).retries);
        if again {
            self.results -= 1;
            return;
        }
        self.failures += 1;
        if self.plan.fail_fast.is_some_and(|most| self.failures >= most) {
            self.close("stopped after a failure, as --fail-fast asks");
        }
    }
}
