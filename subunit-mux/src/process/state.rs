//! What is known of commands, files and connections between two turns.

use std::{io, time::Instant};

use super::{
    backlog::Backlog,
    clock::Clock,
    endpoint::{Endpoint, Side},
    notice::Notice,
    settings::{Limits, Settings},
    signals::Exits,
    sizes::HIGH,
    stop_signal::StopSignal,
};
use crate::{Hub, InputId, Moment, Outbox, Readers};

/// Commands, files and connections as the inputs of a [`Hub`].
///
/// Inputs can be added at any time. [`Processes::turn`] moves bytes: output of the inputs becomes packets
/// in [`Processes::output`], and what they are sent is written to them. [`Processes::notices`] tells what
/// else has happened.
///
/// Dropping this kills the processes that are still running.
#[derive(Debug)]
pub struct Processes {
    pub(super) hub: Hub,
    pub(super) out: Outbox,
    pub(super) readers: Readers,
    pub(super) limits: Limits,
    pub(super) by: &'static str,
    pub(super) exits: Exits,
    pub(super) endpoints: Vec<Endpoint>,
    /// How many workers have started.
    pub(super) started: u64,
    pub(super) clock: Clock,
    /// What the last wait has found.
    pub(super) ready: Vec<Slot>,
    pub(super) backlog: Backlog,
    /// The signal that was sent to everything, and when to give up on the output.
    pub(super) stopping: Option<(StopSignal, Instant)>,
    /// Whether inputs may be added even if none is left.
    pub(super) more_inputs: bool,
    /// Whether nothing more comes from upstream.
    pub(super) control_ended: bool,
    pub(super) notices: Vec<Notice>,
}

/// What a polled descriptor is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    /// A process has ended.
    Exits,
    Endpoint(usize, Side),
}

impl Processes {
    /// Nothing runs yet.
    ///
    /// # Errors
    ///
    /// If the ends of processes cannot be watched.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let Settings { mut options, readers, depth, limits, by } = settings;
        options.watch_tests |= limits.idle.is_some() || limits.test.is_some();
        let clock = Clock::start();
        let mut hub = Hub::new(options);
        hub.set_depth(depth);
        hub.begin(clock.moment());
        Ok(Self {
            hub,
            out: Outbox::new(),
            readers,
            limits,
            by,
            exits: Exits::catch()?,
            endpoints: Vec::new(),
            started: 0,
            clock,
            ready: Vec::new(),
            backlog: Backlog::default(),
            stopping: None,
            more_inputs: false,
            control_ended: false,
            notices: Vec::new(),
        })
    }

    /// What time it is by the hub's clock, which stands still while nothing is read.
    pub fn moment(&self) -> Moment {
        self.clock.moment()
    }

    /// Whether inputs are read: not too much waits to be written.
    pub fn has_room(&self) -> bool {
        self.out.len() < HIGH
    }

    /// Whether nothing is left but outputs that something holds open after the end of its command.
    pub fn has_only_leftovers(&self) -> bool {
        self.endpoints.iter().all(Endpoint::is_leftover)
    }

    /// Whether any input has a time limit.
    pub(super) fn has_limits(&self) -> bool {
        self.limits.idle.is_some() || self.limits.test.is_some()
    }

    pub(super) fn endpoint(&mut self, input: InputId) -> Option<&mut Endpoint> {
        self.endpoints.iter_mut().find(|endpoint| endpoint.id == input)
    }
}
