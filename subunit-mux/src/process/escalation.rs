//! How processes that do not end are stopped.

use std::time::Duration;

use subunit_core::conventions::INTERRUPTED;

use super::{
    notice::{Notice, Overrun},
    state::Processes,
    stop_signal::StopSignal,
};
use crate::InputId;

impl Processes {
    /// Tells an input to stop. `why` is the cause of its end. If it does not stop, it gets stronger
    /// signals, and is killed in the end.
    pub fn stop(&mut self, input: InputId, why: &str) {
        let (grace, now) = (self.limits.grace, self.clock.now);
        if let Some(endpoint) = self.endpoint(input) {
            endpoint.stop(StopSignal::Terminate, why, grace, now);
        }
    }

    /// As [`Processes::stop`], after this time: until then the caller has other means. `why` is the cause of
    /// its end from now on.
    pub fn stop_after(&mut self, input: InputId, why: &str, pause: Duration) {
        let now = self.clock.now;
        if let Some(endpoint) = self.endpoint(input) {
            endpoint.stop_at(why, now + pause);
        }
    }

    /// Tells all inputs to stop. Nothing more is handed out.
    pub fn stop_all(&mut self, signal: StopSignal) {
        let (grace, now) = (self.limits.grace, self.clock.now);
        let until = self.stopping.map_or(now + 3 * grace, |(_, until)| until);
        self.stopping = Some((signal, until));
        let moment = self.moment();
        self.hub.stop_handing_out(INTERRUPTED, moment, &mut self.out);
        for endpoint in &mut self.endpoints {
            endpoint.stop(signal, INTERRUPTED, grace, now);
        }
    }

    /// Passes on a signal that we got: an interrupt, or a request to end. A second one, of either kind, is
    /// passed on as a stronger one.
    pub fn pass_on(&mut self, interrupt: bool, terminate: bool) {
        let stopping = self.stopping.map(|(signal, _)| signal);
        let signal = match (stopping, interrupt, terminate) {
            (_, false, false) => return,
            (Some(StopSignal::Terminate | StopSignal::Kill), ..) => StopSignal::Kill,
            (Some(StopSignal::Interrupt), _, true) | (None, false, true) => StopSignal::Terminate,
            (Some(StopSignal::Interrupt), true, false) => StopSignal::Kill,
            (None, true, _) => StopSignal::Interrupt,
        };
        self.stop_all(signal);
    }

    /// Whether everything was told to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_some()
    }

    /// Whether everything was told to stop, and its time for final output is over.
    pub fn has_given_up(&self) -> bool {
        match self.stopping {
            Some((StopSignal::Kill, _)) => true,
            Some((_, until)) => self.clock.now >= until,
            None => false,
        }
    }

    /// Stops inputs that hang, and sends stronger signals to those that did not stop.
    pub(super) fn watch(&mut self) {
        let (limits, now, moment) = (self.limits, self.clock.now, self.moment());
        for endpoint in &mut self.endpoints {
            endpoint.escalate(limits.grace, now);
            if self.clock.is_catching_up() || !endpoint.can_hang() {
                continue;
            }
            let overrun = match (limits.idle, limits.test) {
                (Some(limit), _) if moment.elapsed >= endpoint.heard + limit => {
                    Some(Overrun::Silence(limit))
                }
                (_, Some(limit)) => {
                    let tests = self.hub.overdue(endpoint.id, limit, moment);
                    (!tests.is_empty()).then_some(Overrun::Tests(tests, limit))
                }
                _ => None,
            };
            if let Some(overrun) = overrun {
                let why = overrun.to_string();
                endpoint.stop(StopSignal::Terminate, &why, limits.grace, now);
                let running = self.hub.running(endpoint.id, moment);
                let (input, name) = (endpoint.id, endpoint.name.clone());
                self.notices.push(Notice::TimedOut { input, name, overrun, running });
            }
        }
    }
}
