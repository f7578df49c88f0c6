//! The tests of several runners: one supervisor after another, each below a route of its own.

use std::{
    collections::VecDeque,
    io::{self, Read},
    time::Duration,
};

use subunit_core::{
    Decoder, Event, Item, RouteCode,
    conventions::{self, ENVIRONMENT, RUN},
};
use subunit_filters::{
    console::Source,
    interrupts::Signal,
    pipeline::{Producer, Steering},
};
use subunit_mux::{Outbox, process::Signals};

use super::{
    plan::Plan,
    stream::printed,
    supervisor::{Descriptors, Supervisor},
};
use crate::{instances::Instances, schedule::Queue};

/// All that a supervisor is made of.
pub struct PlannedSuite {
    /// What it is to run.
    pub plan: Plan,
    /// Which test comes next.
    pub queue: Queue,
    /// Where workers run.
    pub instances: Instances,
    /// The signals that stop it.
    pub signals: Signals,
}

impl PlannedSuite {
    fn supervisor(self, descriptors: Descriptors) -> io::Result<Supervisor> {
        Supervisor::new(self.plan, self.queue, self.instances, self.signals, descriptors)
    }
}

/// A run: of one suite, or of the suites of several runners, of which one begins when the one before has ended. Each has all
/// workers meanwhile.
///
/// The stream of one suite is as it comes. Of several, each has the name of its runner in front of its routes, so
/// that tests of one id stay two tests; what is said of the run is said once, without a route.
pub struct InTurn {
    name: String,
    uuid: String,
    /// The suite that runs, and its route. None only if it could not be begun.
    now: Option<Supervisor>,
    route: Option<String>,
    later: VecDeque<(Option<String>, PlannedSuite)>,
    /// Whether this is the first one, which says what is said of the run.
    is_first: bool,
    is_paused: bool,
    decoder: Decoder,
    out: Outbox,
}

/// How much is taken from a supervisor at once.
const BLOCK: usize = 64 * 1024;

impl InTurn {
    /// A run of these suites. Several have each the named hop beside it in front of their routes.
    ///
    /// # Errors
    ///
    /// As [`Supervisor::new`]; or if there is no suite.
    pub fn new(
        mut suites: VecDeque<(Option<String>, PlannedSuite)>,
        descriptors: Descriptors,
    ) -> io::Result<Self> {
        let (route, first) = suites.pop_front().ok_or(io::ErrorKind::NotFound)?;
        let supervisor = first.supervisor(descriptors)?;
        Ok(Self {
            name: supervisor.name().to_owned(),
            uuid: supervisor.uuid().to_owned(),
            now: Some(supervisor),
            route,
            later: suites,
            is_first: true,
            is_paused: false,
            decoder: Decoder::new(),
            out: Outbox::new(),
        })
    }

    /// What people call the run.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What no other run is called; empty if the system has no random bytes.
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// Ends what runs, and hands out nothing more: files changed, and a new run is to begin.
    pub fn end_for_changes(&mut self) {
        if let Some(supervisor) = &mut self.now {
            supervisor.end_for_changes();
        }
    }

    /// Begins the next suite, if there is one and the run goes on. Whether it does.
    fn begin_next(&mut self) -> io::Result<bool> {
        let Some(ended) = &mut self.now else { return Ok(false) };
        if ended.is_closed() {
            let left = std::mem::take(&mut self.later);
            left.into_iter().for_each(|(route, _)| say_left(route.as_deref(), &mut self.out));
        }
        let Some((route, mut next)) = self.later.pop_front() else { return Ok(false) };
        let Plan { fail_fast, limits, .. } = &mut next.plan;
        *fail_fast = fail_fast.map(|most| most.saturating_sub(ended.failures).max(1));
        limits.run = limits
            .run
            .map(|limit| limit.saturating_sub(ended.elapsed()).max(Duration::from_millis(1)));
        let descriptors = ended.give_descriptors();
        // It has the socket of the run, which the next one takes over.
        self.now = None;
        self.route = route;
        self.is_first = false;
        self.decoder = Decoder::new();
        let mut supervisor = next.supervisor(descriptors)?;
        if self.is_paused {
            supervisor.follow(Steering::Pause);
        }
        self.now = Some(supervisor);
        Ok(true)
    }

    /// Takes what the suite says, until there is something to read. Whether the run goes on.
    fn fill(&mut self) -> io::Result<bool> {
        while self.out.is_empty() {
            let Some(supervisor) = &mut self.now else { return Ok(false) };
            let length = supervisor.read(&mut self.decoder.space(BLOCK)[..BLOCK])?;
            self.decoder.filled(length);
            if length == 0 {
                self.decoder.finish();
            }
            self.take();
            if length == 0 && !self.begin_next()? {
                return Ok(!self.out.is_empty());
            }
        }
        Ok(true)
    }

    /// Passes on what a supervisor said: packets, and nothing else.
    fn take(&mut self) {
        let Self { decoder, out, route, is_first, .. } = self;
        let route = RouteCode::new(route.as_deref().unwrap_or_default());
        while let Some(item) = decoder.next_item() {
            let Item::Packet(packet) = item else { continue };
            if !is_of_run(packet.event()) {
                // Where the route makes it too long its file is split, so it can be written.
                let _ = out.forward(&packet, route);
            } else if *is_first {
                out.push_under(&packet, None);
            }
        }
    }
}

/// Says that a suite has not begun.
fn say_left(route: Option<&str>, out: &mut Outbox) {
    let name = route.unwrap_or("a suite");
    let text = format!("subunit run: {name} did not run: the run ended before\n");
    // It is short, so it fits a packet.
    let _ = out.push(&printed(&text, route.map(RouteCode::new)));
}

/// Whether the run as a whole is meant, whichever suite says it.
fn is_of_run(event: &Event<'_>) -> bool {
    let name = event.file.map(|file| file.name);
    event.route_code.is_none()
        && event.test_id.is_none()
        && conventions::is_aside(event)
        && matches!(name, Some(RUN | ENVIRONMENT))
}

impl Read for InTurn {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.route.is_none() {
            return self.now.as_mut().map_or(Ok(0), |supervisor| supervisor.read(buffer));
        }
        if !self.fill()? {
            return Ok(0);
        }
        let waiting = self.out.as_bytes();
        let length = waiting.len().min(buffer.len());
        buffer[..length].copy_from_slice(&waiting[..length]);
        self.out.consume(length);
        Ok(length)
    }
}

impl Source for InTurn {
    fn wait(&mut self, time: Duration) -> bool {
        let is_waiting = !self.out.is_empty();
        is_waiting || self.now.as_mut().is_none_or(|supervisor| supervisor.wait(time))
    }

    fn aside(&mut self) -> Option<Vec<u8>> {
        Some(Vec::new())
    }
}

impl Producer for InTurn {
    fn stopped_by(&self) -> Option<Signal> {
        self.now.as_ref()?.stopped_by()
    }

    fn steer(&mut self, steering: Steering) {
        match steering {
            Steering::Pause => self.is_paused = true,
            Steering::Resume => self.is_paused = false,
            _ => {}
        }
        let Some(supervisor) = &mut self.now else { return };
        let Steering::Type { route, text } = steering else { return supervisor.steer(steering) };
        // What is typed for a runner that has ended has nobody to go to, and the supervisor says so.
        let below =
            self.route.as_deref().and_then(|name| route.strip_prefix(name)?.strip_prefix('/'));
        let route = below.map_or_else(|| route.clone(), str::to_owned);
        supervisor.steer(Steering::Type { route, text });
    }
}
