//! What comes from upstream, on our standard input.

use std::{
    io,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use subunit_mux::process::{Processes, is_readable, time_for_more};

use super::messages::Messages;
use crate::exit::Error;

/// How much is read at once.
const BLOCK: usize = 64 * 1024;

/// After the last input has ended, so much is read of what is in the pipe, and is for nobody.
const REST: usize = 2 * 1024 * 1024;

/// What has come from upstream.
#[derive(Debug, Default)]
pub(super) struct Control {
    /// Whether nothing more comes.
    is_closed: bool,
    /// When a test was last asked for, and how long we had been away by then.
    asked: Option<(Instant, Duration)>,
    /// How much came since the last input ended.
    rest: usize,
}

impl Control {
    /// Whether something is to be read now.
    pub(super) fn is_read(&self, processes: &Processes) -> bool {
        let is_open = !self.is_closed && !processes.is_stopping();
        is_open && processes.has_room() && !processes.is_backlogged()
    }

    /// Whether there may be tests on their way to us. Each that somebody has asked for ends, though there
    /// is nobody left to run it; whoever asks for none is not waited for.
    pub(super) fn may_say_more(&self, processes: &Processes, linger: Duration) -> bool {
        if self.is_closed || processes.is_stopping() {
            return false;
        }
        let asks = self.due(processes, linger).is_some_and(|until| processes.now() < until);
        asks || self.rest < REST && is_readable(io::stdin().as_fd())
    }

    /// Until when more tests are waited for once all inputs have ended.
    pub(super) fn due(&self, processes: &Processes, linger: Duration) -> Option<Instant> {
        let asked = self.asked.filter(|_| processes.is_empty() && !self.is_closed);
        asked.map(|(at, away)| at + (processes.away() - away) + time_for_more(linger))
    }

    pub(super) fn read(
        &mut self,
        processes: &mut Processes,
        messages: &mut Messages<'_, '_>,
    ) -> Result<(), Error> {
        let mut buffer = vec![0; BLOCK];
        match rustix::io::read(io::stdin(), &mut buffer[..]) {
            Ok(0) => self.close(processes),
            Ok(length) => self.receive(&buffer[..length], processes),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => {
                messages.say(format_args!("standard input: {error}"))?;
                self.close(processes);
            }
        }
        Ok(())
    }

    fn receive(&mut self, bytes: &[u8], processes: &mut Processes) {
        let asked = processes.hub().tests_asked();
        processes.receive(bytes);
        if processes.hub().tests_asked() > asked {
            self.asked = Some((processes.now(), processes.away()));
        }
        self.rest = if processes.is_empty() { self.rest + bytes.len() } else { 0 };
    }

    /// Nothing more comes.
    pub(super) fn close(&mut self, processes: &mut Processes) {
        self.is_closed = true;
        processes.end_control();
    }
}
