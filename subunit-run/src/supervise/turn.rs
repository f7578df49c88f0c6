//! One turn of the supervisor: what is done, and in which order.

use std::{io, os::fd::AsFd, time::Instant};

use subunit_core::{Event, FileChunk, RouteCode, conventions};
use subunit_filters::{interrupts::Signal, pipeline::Steering};
use subunit_mux::process::{PollFd, PollFlags};

use super::{closing::Closing, supervisor::Supervisor, workers::WorkerSlot};

impl Supervisor {
    /// Waits until something happens, or until the given time, and does what is due.
    pub(super) fn turn(&mut self, until: Instant) -> io::Result<()> {
        self.accept_clients();
        // Nothing happens by itself where no tests are listed.
        let until = if self.has_turned { until } else { Instant::now() };
        self.has_turned = true;
        let has_signal = self.wait(until)?;
        if has_signal {
            self.take_signals();
        }
        self.take_input();
        self.observe();
        self.note_ends();
        self.enforce_limits();
        self.end_mute_feeds();
        self.dispatch();
        // What was started or could not be has written something, which its reader need not wait for.
        self.observe();
        self.end_if_done();
        Ok(())
    }

    /// Waits, and moves bytes of processes. Whether a signal came.
    fn wait(&mut self, until: Instant) -> io::Result<bool> {
        let mut fds = vec![PollFd::from_borrowed_fd(self.signals.as_fd(), PollFlags::IN)];
        let feeds = self.slots.iter().filter_map(WorkerSlot::waiting_feed);
        fds.extend(feeds.map(|feed| PollFd::from_borrowed_fd(feed, PollFlags::OUT)));
        fds.extend(self.clients.descriptors().map(|(fd, is_slow)| {
            let flags = if is_slow { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
            PollFd::from_borrowed_fd(fd, flags)
        }));
        let due = self.due().into_iter().chain([until]).min();
        let ready = self.processes.turn(&fds, due)?;
        Ok(ready.first().is_some_and(|flags| !flags.is_empty()))
    }

    /// The first signal stops all that runs, a second one at once.
    fn take_signals(&mut self) {
        let (interrupt, terminate) = self.signals.take();
        if !interrupt && !terminate {
            return;
        }
        let signal = match terminate {
            true if self.signals.hung_up() => Signal::HangUp,
            true => Signal::Terminate,
            false => Signal::Interrupt,
        };
        self.stop_for(signal);
        self.processes.pass_on(interrupt, terminate);
    }

    /// The run stops as it does when this signal comes.
    fn stop_for(&mut self, signal: Signal) {
        self.stopped.get_or_insert(signal);
        self.close(Closing::Interrupted);
    }

    /// Ends what runs, and hands out nothing more: files changed, and a new run is to begin.
    pub fn end_for_changes(&mut self) {
        self.close(Closing::FilesChanged);
        self.processes.pass_on(true, false);
    }

    /// A person at the terminal asks for something.
    pub(super) fn follow(&mut self, steering: Steering) {
        match steering {
            Steering::Pause => self.is_paused = true,
            Steering::Resume => self.is_paused = false,
            Steering::Stop => {
                self.stop_for(Signal::Interrupt);
                self.processes.pass_on(true, false);
            }
            Steering::Type { route, text } => {
                let file = Some(FileChunk { name: conventions::STDIN, bytes: &text });
                let route_code = Some(RouteCode::new(&route));
                self.send_input(&Event { route_code, file, ..Event::default() });
            }
        }
    }

    /// The end: nothing runs, and nothing more will.
    fn end_if_done(&mut self) {
        let is_done = self.listing.is_over && self.slots.iter().all(WorkerSlot::is_over);
        if self.is_over || !is_done {
            return;
        }
        // It may end what holds outputs open.
        if self.processes.has_only_leftovers() && self.runs_after_tests() {
            return;
        }
        // Outputs that something holds open are read only while workers run.
        if self.processes.has_only_leftovers() {
            self.processes.expect_inputs(false);
            self.observe();
        }
        if !self.processes.is_empty() {
            return;
        }
        self.kill_leaked();
        self.fail_what_is_left();
        if let Err(why) = self.instances.dispose(&self.plan.folder, &mut self.signals) {
            self.fail_run("(instances)", &why);
        }
        self.is_over = true;
    }
}
