//! Tests to run: which input gets each, and how each ends.
//!
//! Invariant: each test that was requested by name ends exactly once, as a result of an input or as a
//! failure with the tag [`NEVER_RUN`](super::NEVER_RUN) and the reason. A test with a route is only for the
//! input of that route. A test without one waits here until an input that takes tests has fewer than
//! `depth` of them. Tests that an input leaves before it began them go to other inputs, before all that
//! waits. A test that was running when its input broke is a failure of that input and is not run again. A
//! test that [`DEATHS`] inputs broke with before they began it is not handed out again, so no test goes
//! round for ever.
//!
//! An input is closed only when no other input can leave tests for it to run.

mod state;

use std::num::NonZeroUsize;

use subunit_core::{Event, FileChunk, Packet, RouteCode, RouteCodeBuf, Status};

pub(super) use self::state::Queue;
use super::{Hub, InputId, Moment, Outbox, ReportKind, Undelivered, handed::Test, input::Input};

/// How many inputs may break with a test that has not begun.
const DEATHS: u32 = 3;

impl Hub {
    /// How many tests without a route an input gets before the first of them has ended; 1 by default.
    pub fn set_depth(&mut self, depth: NonZeroUsize) {
        self.queue.depth = depth;
    }

    /// Whether more inputs may be attached. Tests wait for them.
    pub fn expect_inputs(&mut self, more: bool, now: Moment, out: &mut Outbox) {
        self.last = now;
        self.queue.more_inputs = more;
        self.hand_out(out);
    }

    /// Hands out nothing more. Tests that wait, and those that inputs leave from now on, were never run.
    pub fn stop_handing_out(&mut self, why: &str, now: Moment, out: &mut Outbox) {
        self.last = now;
        self.queue.stopped.get_or_insert_with(|| why.to_owned());
        self.hand_out(out);
    }

    /// Whether any input has ever announced that it takes tests, so that this hub takes tests too.
    pub fn has_takers(&self) -> bool {
        self.queue.had_taker
    }

    /// Whether this input has announced that it takes tests, and can still receive some.
    pub fn takes_tests(&self, id: InputId) -> bool {
        let takes = |input: &Input| input.handed.takes_tests() && !input.inbox.is_closed();
        self.inputs.get(&id).is_some_and(takes)
    }

    /// Queues a test for any idle input that takes tests, at any level. It ends as a result of that input,
    /// or as a failure.
    ///
    /// # Errors
    ///
    /// If its id does not fit a packet.
    pub fn enqueue(
        &mut self,
        test_id: &str,
        now: Moment,
        out: &mut Outbox,
    ) -> Result<(), Undelivered> {
        let mut bytes = Vec::new();
        let event = Event::status(test_id, Status::Exists);
        event.encode(&mut bytes).map_err(|_| Undelivered::Unwritable)?;
        let packet = Packet::parse(&bytes).map_err(|_| Undelivered::Unwritable)?;
        self.last = now;
        self.order_test(&packet, test_id, out);
        self.hand_out(out);
        Ok(())
    }

    /// Notes a test that reached the input by another way than its inbox.
    pub fn note_handed(&mut self, id: InputId, test_id: &str) {
        if let Some(input) = self.inputs.get_mut(&id) {
            input.handed.note_known(test_id);
        }
    }

    /// Fails a requested test that nobody can run, with the reason.
    pub fn fail_never_run(&mut self, test_id: &str, why: &str, now: Moment, out: &mut Outbox) {
        self.last = now;
        self.never_run(test_id, None, why, out);
    }

    /// How many tests were requested from upstream.
    pub fn tests_asked(&self) -> u64 {
        self.queue.asked
    }

    /// How many requested tests were never run, nor given to others.
    pub fn tests_never_run(&self) -> u64 {
        self.queue.never_run
    }

    /// How many tests wait for an idle input.
    pub fn tests_waiting(&self) -> usize {
        self.queue.waiting.len()
    }

    pub(super) fn end_control(&mut self, out: &mut Outbox) {
        self.queue.ended = true;
        self.hand_out(out);
    }

    /// Notes an input that has ended, and how many of its tests never ran.
    pub(super) fn note_gone(&mut self, name: &str, never_run: u64) {
        self.queue.gone.insert(name.to_owned());
        self.queue.never_run += never_run;
    }

    /// Takes a test to run from upstream.
    pub(super) fn order_test(&mut self, packet: &Packet<'_>, id: &str, out: &mut Outbox) {
        self.queue.asked += 1;
        let route = packet.event().route_code;
        if let Err(why) = self.try_order(packet, id) {
            self.never_run(id, route, &why.to_string(), out);
        }
    }

    fn try_order(&mut self, packet: &Packet<'_>, id: &str) -> Result<(), Undelivered> {
        let Some(route) = packet.event().route_code else {
            let test = Test::free(packet, id).map_err(|_| Undelivered::Unwritable)?;
            self.queue.waiting.push_back(test);
            return Ok(());
        };
        let (name, below) = route.split_first();
        let Some(input) = self.names.get(name).copied() else {
            let gone = self.queue.gone.contains(name);
            return Err(if gone { Undelivered::Ended } else { Undelivered::NoSuchRoute });
        };
        self.address(input, packet, id, below)
    }

    /// Takes a test for an input, or for what lies below it, from a caller with the input's id.
    pub(super) fn send_test(
        &mut self,
        input: InputId,
        packet: &Packet<'_>,
        id: &str,
    ) -> Result<(), Undelivered> {
        self.address(input, packet, id, packet.event().route_code)?;
        self.queue.asked += 1;
        Ok(())
    }

    fn address(
        &mut self,
        input: InputId,
        packet: &Packet<'_>,
        id: &str,
        below: Option<RouteCode<'_>>,
    ) -> Result<(), Undelivered> {
        let input = self.inputs.get_mut(&input).ok_or(Undelivered::NoSuchRoute)?;
        if input.inbox.is_closed() {
            return Err(Undelivered::Closed);
        }
        if below.is_none() && input.handed.refuses() {
            return Err(Undelivered::TakesNoTests);
        }
        let test = Test::addressed(packet, id, below).map_err(|_| Undelivered::Unwritable)?;
        input.handed.address(test, &mut input.inbox, self.last.elapsed);
        Ok(())
    }

    /// Handles what an input has said of its tests: others run what it gave back, and it may be idle.
    pub(super) fn settle_tests(&mut self, id: InputId, out: &mut Outbox) {
        let Some(input) = self.inputs.get_mut(&id) else { return };
        if !input.handed.take_stirred() {
            return;
        }
        self.queue.had_taker |= input.handed.takes_tests();
        let returned = input.handed.take_returned();
        input.handed.flush(&mut input.inbox);
        self.queue_again(returned, out);
        self.hand_out(out);
    }

    /// What an input has left goes to any idle input, before the rest.
    pub(super) fn queue_again(&mut self, tests: Vec<Test>, out: &mut Outbox) {
        for test in tests.into_iter().rev() {
            if test.deaths < DEATHS {
                self.queue.waiting.push_front(test);
            } else {
                let why = format!("{DEATHS} workers died before they said that it had begun");
                self.never_run(&test.id, None, &why, out);
            }
        }
    }

    /// Fails tests that an input will not receive.
    pub(super) fn let_go(
        &mut self,
        id: InputId,
        tests: Vec<Test>,
        why: Undelivered,
        out: &mut Outbox,
    ) {
        let Some(route) = self.inputs.get(&id).map(|input| input.route.clone()) else { return };
        for test in tests {
            let below = test.below.as_ref().map(RouteCodeBuf::as_route);
            self.never_run(&test.id, Some(route.join(below).as_route()), &why.to_string(), out);
        }
    }

    /// Hands tests to idle inputs, and closes inputs that will get no more.
    pub(super) fn hand_out(&mut self, out: &mut Outbox) {
        if self.parallel.has_lent() {
            return;
        }
        if !self.queue.waiting.is_empty() {
            self.hand_to_idle();
            if let Some(why) = self.nobody_takes() {
                for test in std::mem::take(&mut self.queue.waiting) {
                    self.never_run(&test.id, None, &why, out);
                }
            }
        }
        self.end_inboxes();
    }

    fn hand_to_idle(&mut self) {
        if self.queue.stopped.is_some() {
            return;
        }
        let (now, depth) = (self.last.elapsed, self.queue.depth.get());
        for input in self.inputs.values_mut().filter(|input| !input.inbox.is_closed()) {
            input.handed.expect(now);
        }
        while let Some(test) = self.queue.waiting.pop_front() {
            let idle = self
                .inputs
                .values_mut()
                .filter(|input| !input.inbox.is_closed() && input.handed.is_idle(depth));
            let Some(input) = idle.min_by_key(|input| input.handed.held()) else {
                self.queue.waiting.push_front(test);
                return;
            };
            input.handed.hand(test, &mut input.inbox, now);
        }
    }

    /// Why no input will ever take what waits.
    fn nobody_takes(&self) -> Option<String> {
        if let Some(why) = &self.queue.stopped {
            return Some(why.clone());
        }
        let mut inputs = self.inputs.values();
        let nobody = inputs.all(|input| input.inbox.is_closed() || input.handed.refuses());
        if !nobody || self.queue.more_inputs {
            return None;
        }
        let why = if self.queue.had_taker {
            "no worker is left that takes tests"
        } else {
            "it has no route code, and no input takes tests"
        };
        Some(why.into())
    }

    /// Closes inputs that have received everything.
    pub(super) fn end_inboxes(&mut self) {
        if !self.queue.ended || self.parallel.has_lent() {
            return;
        }
        let queued = !self.queue.waiting.is_empty();
        let returning = self.inputs.values().filter(|input| input.handed.may_return()).count();
        for input in self.inputs.values_mut() {
            let others = returning - usize::from(input.handed.may_return());
            let more = match &input.handed {
                handed if handed.is_waiting() => true,
                handed if handed.takes_tests() => queued || others > 0,
                handed => handed.is_awaited() && queued,
            };
            if !more {
                input.inbox.close();
            }
        }
    }

    /// Ends a requested test as a failure.
    fn never_run(
        &mut self,
        test_id: &str,
        route: Option<RouteCode<'_>>,
        why: &str,
        out: &mut Outbox,
    ) {
        let event = Event { route_code: route, ..Event::status(test_id, Status::Fail) };
        self.fail(&event, why, out);
        self.queue.never_run += 1;
        let route = route.map(|route| route.as_str().to_owned());
        let (test_id, why) = (test_id.to_owned(), why.to_owned());
        self.report(route, ReportKind::NeverRun { test_id, why });
    }

    /// Fails the run for a damaged packet from upstream: it may have requested a test.
    pub(super) fn refuse_damage(&mut self, why: &str, out: &mut Outbox) {
        let event = Event { runnable: false, ..Event::status("standard input", Status::Fail) };
        self.fail(&event, why, out);
        self.report(None, ReportKind::Damaged(why.to_owned()));
    }

    fn fail(&mut self, event: &Event<'_>, why: &str, out: &mut Outbox) {
        let tags = self.options.annotations.never_run();
        let reason = format!("never run: {why}\n");
        let event = Event {
            tags: Some(tags.as_tags()),
            file: Some(FileChunk { name: "reason", bytes: reason.as_bytes() }),
            mime_type: Some("text/plain;charset=utf8"),
            eof: true,
            timestamp: self.last.time.filter(|_| self.is_timed()),
            ..*event
        };
        // Its strings were read from a packet, so they can be written.
        let _ = out.push(&event);
        self.broken = true;
    }
}

#[cfg(test)]
mod tests;
