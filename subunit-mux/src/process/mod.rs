//! The hub with processes, files and sockets of a Unix system.
//!
//! One thread reads and writes, with one `poll`. Our own event loop is short, because the hub decides
//! everything and the loop only moves bytes. It gives what a runtime such as tokio hides or lacks: regular
//! files, FIFOs, pipes, terminals and sockets are waited for alike; nothing is read while the output is
//! stalled, so backpressure reaches each child through its own pipe; and no thread or task is between a
//! child's write and ours. Only if inputs have a lot to say, a second thread reads half of it, and the
//! first waits for it. Signals come through `signal-hook`, which turns them into bytes on a socket without
//! unsafe code here; tokio uses its lower half for the same purpose.
//!
//! Invariants, and where: only descriptors that are needed now are polled, or a closed one would wake the
//! loop for ever (`wait`). An input ends when its process has ended and its outputs have too, or were open
//! for too long (`endpoint`). A process is told to stop step by step, and killed in the end (`escalation`).
//! No input is blamed for time in which nothing was read (`away`).

mod away;
mod backlog;
mod child;
mod clock;
mod descriptors;
mod endpoint;
mod escalation;
mod inputs;
mod notice;
mod output;
mod settings;
mod signals;
mod sizes;
mod sockets;
mod spawn;
mod state;
mod stop_signal;
mod wait;

use std::{
    io,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

pub use rustix::{
    event::{PollFd, PollFlags},
    process::Signal,
};
use subunit_core::{Event, conventions::Capabilities};

pub use self::{
    child::Child,
    descriptors::{RESULT_FD, ResultPipe, ResultSlot, TestFeed, TestPipe, TestSlot},
    notice::{HELD_OPEN, Notice, Overrun, SpawnError},
    output::Output,
    settings::{Limits, Settings},
    signals::{Signals, hang_up_is_ignored},
    sockets::{Listener, run_socket},
    spawn::{
        Spawn, inherited_grace, is_nested, open_terminal, run_on_terminal, set_nonblocking,
        time_for_more,
    },
    state::Processes,
    stop_signal::StopSignal,
    wait::{is_readable, poll_until},
};
use self::{endpoint::Side, state::Slot};
pub(crate) use self::{
    sizes::{BLOCK, HIGH},
    spawn::open as open_file,
};
use crate::{Hub, InputId, Outbox, Undelivered, asides};

impl Processes {
    /// The hub: what is known of inputs, tests and the verdict.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Packets that wait to be written: the caller writes them, or reads and drops them. Inputs are not
    /// read while there are many.
    pub fn output(&mut self) -> &mut Outbox {
        &mut self.out
    }

    /// What has happened since this was last asked.
    pub fn notices(&mut self) -> impl Iterator<Item = Notice> + use<> {
        let reports = self.hub.take_reports().into_iter().map(Notice::Report);
        std::mem::take(&mut self.notices).into_iter().chain(reports)
    }

    /// Writes an event of our own to the stream.
    pub fn say(&mut self, event: &Event<'_>) {
        // What is said here has short names, so it fits a packet.
        let _ = self.out.push(event);
    }

    /// Announces whether tests are taken here, and our clock: a multiplexer above may have another one.
    pub fn say_capabilities(&mut self) {
        let takes_tests = self.hub.has_takers();
        let said =
            Capabilities { takes_tests, release: Some(asides::RELEASE), clock: self.moment().time }
                .content();
        self.say(&Capabilities::event(&said));
    }

    /// Sends an input a test or text: see [`Hub::send`].
    ///
    /// # Errors
    ///
    /// If the input does not take it.
    pub fn send(&mut self, input: InputId, event: &Event<'_>) -> Result<(), Undelivered> {
        self.hub.send(input, event)
    }

    /// The times of this input stay as they are, whatever its clock says: see [`Hub::keep_times`]. Call it
    /// before the next turn.
    pub fn keep_times(&mut self, input: InputId) {
        self.hub.keep_times(input);
    }

    /// Queues a test for any idle input that takes tests: see [`Hub::enqueue`].
    ///
    /// # Errors
    ///
    /// If its id does not fit a packet.
    pub fn enqueue(&mut self, test_id: &str) -> Result<(), Undelivered> {
        let moment = self.moment();
        self.hub.enqueue(test_id, moment, &mut self.out)
    }

    /// Takes packets from upstream: see [`Hub::receive`].
    pub fn receive(&mut self, bytes: &[u8]) {
        self.hub.receive(bytes, &mut self.out);
    }

    /// Nothing more is sent or received. Inputs that have received everything are closed, now and later.
    pub fn end_control(&mut self) {
        self.control_ended = true;
        self.hub.receive_end(&mut self.out);
    }

    /// Whether a queue for an input is so full that nothing more should be received now, or it may
    /// overflow.
    pub fn is_backlogged(&self) -> bool {
        self.backlog.due().is_some_and(|due| due > Instant::now())
    }

    /// Whether inputs may be added even if none is left. Tests wait for them. Outputs that are held open
    /// after the end of their command are read only while there are, or may be, other inputs.
    pub fn expect_inputs(&mut self, more: bool) {
        self.more_inputs = more;
        self.end_leftovers();
    }

    /// One turn: waits until something can be done, or until the given time, and does it. Returns what each
    /// of `also`, the caller's descriptors, is ready for.
    ///
    /// # Errors
    ///
    /// If the system cannot wait for this many descriptors.
    pub fn turn(
        &mut self,
        also: &[PollFd<'_>],
        until: Option<Instant>,
    ) -> io::Result<Vec<PollFlags>> {
        let ready = self.wait(also, until)?;
        self.transfer();
        self.settle();
        Ok(ready)
    }

    /// The first part of [`Processes::turn`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn wait(
        &mut self,
        also: &[PollFd<'_>],
        until: Option<Instant>,
    ) -> io::Result<Vec<PollFlags>> {
        let (before, had_room) = (self.clock.now, self.has_room());
        let ready = self.poll(also, until)?;
        self.clock.now = Instant::now();
        self.note_passed(before, had_room);
        self.hub.note_time(self.moment());
        let said = |slot: &Slot| matches!(slot, Slot::Endpoint(_, side) if *side != Side::Input);
        self.clock.note_caught_up(self.ready.iter().any(said));
        Ok(ready)
    }

    /// The second part of [`Processes::turn`]: reads and writes what was found to be ready.
    pub fn transfer(&mut self) {
        let ready = std::mem::take(&mut self.ready);
        let mut filled = Vec::new();
        for slot in &ready {
            match slot {
                Slot::Exits => self.exits.clear(),
                Slot::Endpoint(index, Side::Output) => filled.extend(self.fill(*index)),
                Slot::Endpoint(..) => {}
            }
        }
        self.hub.filled_all(&filled, self.moment(), &mut self.out);
        for slot in ready {
            match slot {
                // After the standard output: what a test has printed does not come after its end.
                Slot::Endpoint(index, Side::Results) => self.read_results(index),
                Slot::Endpoint(index, Side::Errors) => self.read_errors(index),
                Slot::Endpoint(index, Side::Input) => self.write_stdin(index),
                Slot::Endpoint(_, Side::Output) | Slot::Exits => {}
            }
        }
    }

    /// The last part of [`Processes::turn`]: does what is due, and removes inputs that have ended.
    pub fn settle(&mut self) {
        let moment = self.moment();
        self.hub.tick(moment, &mut self.out);
        self.watch();
        self.reap();
        self.backlog.note(self.hub.is_backlogged(), self.clock.now);
    }

    /// When the last turn was.
    pub fn now(&self) -> Instant {
        self.clock.now
    }

    /// How long we have been stopped or asleep in total.
    pub fn away(&self) -> Duration {
        self.clock.away
    }

    /// Whether no input is left.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// How many connections are open.
    pub fn clients(&self) -> usize {
        self.endpoints.iter().filter(|endpoint| endpoint.is_client()).count()
    }

    /// How many workers have started: commands, FIFOs and connections.
    pub fn started(&self) -> u64 {
        self.started
    }

    /// The standard input of a process, for a caller that writes to it without [`Processes::send`].
    pub(crate) fn take_stdin(&mut self, input: InputId) -> Option<OwnedFd> {
        self.endpoint(input)?.take_stdin()
    }

    /// See [`Hub::expect_live`].
    pub fn expect_live(&mut self, input: InputId) {
        self.hub.expect_live(input);
    }

    /// Ends what is written to an input, after what waits for it: its reader finds the end.
    pub fn close_stdin(&mut self, input: InputId) {
        self.hub.end_stdin(input);
    }

    /// The number of the process of an input.
    pub fn pid(&self, input: InputId) -> Option<u32> {
        self.endpoints.iter().find(|endpoint| endpoint.id == input)?.pid()
    }

    /// Sends a signal to the process of an input, or to its process group, without telling it to stop.
    pub fn signal(&self, input: InputId, signal: Signal) {
        if let Some(endpoint) = self.endpoints.iter().find(|endpoint| endpoint.id == input) {
            endpoint.send(signal);
        }
    }

    /// Closes the output of an input. Its writer gets an error.
    pub fn close_output(&mut self, input: InputId) {
        if let Some(endpoint) = self.endpoint(input) {
            endpoint.close_output();
        }
    }

    /// Notes a test that reached the input without [`Processes::send`].
    pub(crate) fn note_handed(&mut self, input: InputId, test_id: &str) {
        self.hub.note_handed(input, test_id);
    }

    /// Fails a requested test that nobody can run.
    pub(crate) fn fail_never_run(&mut self, test_id: &str, why: &str) {
        let moment = self.moment();
        self.hub.fail_never_run(test_id, why, moment, &mut self.out);
    }

    fn fill(&mut self, index: usize) -> Option<(InputId, usize)> {
        let moment = self.moment();
        let endpoint = self.endpoints.get_mut(index)?;
        let length = endpoint.fill(&mut self.hub, moment)?;
        Some((endpoint.id, length))
    }

    fn read_errors(&mut self, index: usize) {
        let moment = self.moment();
        if let Some(endpoint) = self.endpoints.get_mut(index) {
            endpoint.read_errors(&mut self.hub, moment, &mut self.out);
        }
    }

    fn read_results(&mut self, index: usize) {
        let moment = self.moment();
        if let Some(endpoint) = self.endpoints.get_mut(index) {
            endpoint.read_results(&mut self.hub, moment, &mut self.out);
        }
    }

    fn write_stdin(&mut self, index: usize) {
        let Some(endpoint) = self.endpoints.get_mut(index) else { return };
        let took = endpoint.write_stdin(&mut self.hub, &mut self.out);
        self.backlog.shrank |= took && self.hub.has_backlog(endpoint.id);
    }
}
