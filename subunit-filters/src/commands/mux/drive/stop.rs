//! How things that do not end are brought to their end.

use std::time::Instant;

use rustix::process::Signal;
use subunit_mux::{Hub, Moment, asides::State};

use super::{Driver, leaf::Leaf};
use crate::exit::Error;

/// Why everything is told to stop.
const INTERRUPTED: &str = "interrupted";

/// How firmly something is told to stop.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Step {
    Interrupt,
    Terminate,
    Kill,
}

impl Step {
    pub(super) fn signal(self) -> Signal {
        match self {
            Self::Interrupt => Signal::INT,
            Self::Terminate => Signal::TERM,
            Self::Kill => Signal::KILL,
        }
    }

    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Interrupt => Some(Self::Terminate),
            Self::Terminate => Some(Self::Kill),
            Self::Kill => None,
        }
    }
}

impl Driver<'_, '_, '_> {
    /// An interrupt is passed on; a second one, of either kind, is meant.
    pub(super) fn on_signals(&mut self) {
        let (interrupt, terminate) = self.signals.take();
        if self.signals.take_stop() {
            self.stop_for_a_while();
        }
        let step = match (self.stopping, interrupt, terminate) {
            (_, false, false) => return,
            (Some((Step::Terminate | Step::Kill, _)), ..) => Step::Kill,
            (Some((Step::Interrupt, _)), _, true) | (None, false, true) => Step::Terminate,
            (Some((Step::Interrupt, _)), true, false) => Step::Kill,
            (None, true, _) => Step::Interrupt,
        };
        self.stop_all(step);
    }

    /// Tells all to stop; the stream is closed when they have, or when they were killed.
    pub(super) fn stop_all(&mut self, step: Step) {
        let grace = self.plan.limits.grace;
        let until = self.stopping.map_or(self.now + 3 * grace, |(_, until)| until);
        self.stopping = Some((step, until));
        let moment = self.moment();
        self.hub.stop_handing_out(INTERRUPTED, moment, &mut self.out);
        for leaf in &mut self.leaves {
            leaf.stop(step, INTERRUPTED, grace, self.now);
        }
    }

    /// Looks for what hangs, and goes on with what was told to stop and did not.
    pub(super) fn watch(&mut self) -> Result<(), Error> {
        let limits = self.plan.limits;
        let moment = self.moment();
        for index in 0..self.leaves.len() {
            let Some(leaf) = self.leaves.get_mut(index) else { break };
            leaf.escalate(limits.grace, self.now);
            if self.catching_up > 0 || !leaf.can_hang() {
                continue;
            }
            let why = match (limits.idle, limits.test) {
                (Some(limit), _) if moment.elapsed >= leaf.heard + limit => {
                    Some(format!("no output for {} s", limit.as_secs_f64()))
                }
                (_, Some(limit)) => hung(leaf, &mut self.hub, limit, moment),
                _ => None,
            };
            if let Some(why) = why {
                leaf.stop(Step::Terminate, &why, limits.grace, self.now);
                let running = self.hub.running(leaf.id, moment);
                let name = leaf.name.clone();
                self.console.say(format_args!("{name}: {why}: it is stopped"))?;
                for test in running.iter().take(10) {
                    let seconds = test.running_for.as_secs_f64();
                    let below = test.route_code.as_ref().map(|route| format!("/{route}"));
                    let route = name.clone() + &below.unwrap_or_default();
                    let test_id = &test.test_id;
                    self.console
                        .say(format_args!("{route}: running: {test_id} ({seconds:.1} s)"))?;
                }
                self.console.stderr.flush()?;
            }
        }
        Ok(())
    }
}

fn hung(leaf: &Leaf, hub: &mut Hub, limit: std::time::Duration, moment: Moment) -> Option<String> {
    let hung = hub.overdue(leaf.id, limit, moment);
    let names: Vec<_> = hung.iter().take(3).map(|test| format!("`{}`", test.test_id)).collect();
    let more = if hung.len() > names.len() { " and others" } else { "" };
    let seconds = limit.as_secs_f64();
    (!hung.is_empty()).then(|| format!("no end of {}{more} within {seconds} s", names.join(", ")))
}

/// Where a process stands on its way to its end.
#[derive(Debug)]
pub(super) struct Stopping {
    pub(super) why: String,
    pub(super) step: Step,
    pub(super) next: Option<Instant>,
}

impl Stopping {
    /// What has become of it: all that is not told to stop with everything else has had its time.
    pub(super) fn state(&self) -> State {
        if self.why == INTERRUPTED { State::Stopped } else { State::TimedOut }
    }
}
