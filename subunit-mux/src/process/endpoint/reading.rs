//! Reads the outputs of an input into the hub.

use std::time::Instant;

use rustix::io::{Errno, read};

use super::{Endpoint, Side};
use crate::{
    Hub, Moment, Outbox, Stream,
    process::{BLOCK, HIGH, Limits},
};

impl Endpoint {
    /// Reads available output into the hub's space, at most a block. Returns how much it was.
    pub(in crate::process) fn fill(&mut self, hub: &mut Hub, now: Moment) -> Option<usize> {
        let fd = self.output.as_ref()?;
        let length = read(fd, &mut hub.space(self.id, BLOCK)?[..BLOCK]);
        self.note_read(Side::Output, length, now)
    }

    /// Reads available error output, at most a block. Returns whether there was any.
    pub(in crate::process) fn read_errors(
        &mut self,
        hub: &mut Hub,
        now: Moment,
        out: &mut Outbox,
    ) -> bool {
        let Some(fd) = &self.errors else { return false };
        let mut buffer = vec![0; BLOCK];
        let length = read(fd, &mut buffer[..]);
        let length = self.note_read(Side::Errors, length, now);
        let bytes = buffer.get(..length.unwrap_or_default()).unwrap_or_default();
        hub.feed(self.id, Stream::Stderr, bytes, now, out);
        length.is_some()
    }

    /// Reads available results, at most a block. Returns whether there were any.
    pub(in crate::process) fn read_results(
        &mut self,
        hub: &mut Hub,
        now: Moment,
        out: &mut Outbox,
    ) -> bool {
        let Some(fd) = &self.results else { return false };
        let Some(space) = hub.results_space(self.id, BLOCK) else { return false };
        let length = read(fd, &mut space[..BLOCK]);
        let Some(length) = self.note_read(Side::Results, length, now) else { return false };
        hub.results_filled(self.id, length, now, out);
        true
    }

    fn note_read(
        &mut self,
        side: Side,
        length: Result<usize, Errno>,
        now: Moment,
    ) -> Option<usize> {
        match length {
            Ok(length @ 1..) => {
                self.heard = now.elapsed;
                self.rest = self.rest.saturating_sub(length);
                return Some(length);
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            // A terminal that nobody has open any more gives an error.
            Ok(0) | Err(_) => self.close(side),
        }
        None
    }

    fn close(&mut self, side: Side) {
        match side {
            Side::Output => self.output = None,
            Side::Errors => self.errors = None,
            Side::Results => self.results = None,
            Side::Input => self.input = None,
        }
    }

    /// Reads what is left of outputs that were open for too long: without blocking, and no more than a pipe
    /// holds.
    pub(in crate::process) fn drain(
        &mut self,
        limits: &Limits,
        hub: &mut Hub,
        now: Moment,
        out: &mut Outbox,
        time: Instant,
    ) {
        let Some(at) = self.ended_at() else { return };
        if self.output.is_none() && self.errors.is_none() {
            return self.drain_results(hub, now, out);
        }
        if time < at + limits.linger {
            return;
        }
        while !self.drained && out.len() < HIGH {
            let output = self.fill(hub, now);
            if let Some(length) = output {
                hub.filled(self.id, length, now, out);
            }
            let errors = self.read_errors(hub, now, out);
            let results = self.read_results(hub, now, out);
            self.drained = self.rest == 0 || output.is_none() && !errors && !results;
        }
    }

    /// Reads results to their end. What a process has started may hold them open, but writes none.
    fn drain_results(&mut self, hub: &mut Hub, now: Moment, out: &mut Outbox) {
        while self.results.is_some() && out.len() < HIGH {
            if !self.read_results(hub, now, out) {
                self.results = None;
            }
        }
    }
}
