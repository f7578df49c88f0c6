//! The supervisor as an input: its stream is read from it, and it takes turns while its reader waits.

use std::{
    io::{self, Read},
    time::{Duration, Instant},
};

use subunit_filters::{
    console::Source,
    interrupts::Signal,
    pipeline::{Producer, Steering},
};

use super::Supervisor;

impl Read for Supervisor {
    /// What there is of the stream; [`io::ErrorKind::Interrupted`] while there is none.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.out.is_empty() {
            return if self.is_over { Ok(0) } else { Err(io::ErrorKind::Interrupted.into()) };
        }
        let length = self.out.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.out[..length]);
        self.guests.tell(&self.out[..length]);
        self.out.drain(..length);
        Ok(length)
    }
}

impl Source for Supervisor {
    fn wait(&mut self, time: Duration) -> bool {
        if self.out.is_empty() && !self.is_over {
            let now = Instant::now();
            let until = now.checked_add(time).unwrap_or(now);
            if self.turn(until).is_err() {
                // There are more descriptors than can be waited for: nobody can go on.
                self.fail("(supervisor)", false, "the system cannot wait for so many workers");
                self.is_over = true;
            }
        }
        !self.out.is_empty() || self.is_over
    }

    fn aside(&mut self) -> Option<Vec<u8>> {
        Some(Vec::new())
    }
}

impl Producer for Supervisor {
    fn stopped_by(&self) -> Option<Signal> {
        self.stopped
    }

    fn steer(&mut self, steering: Steering) {
        match steering {
            Steering::Pause => self.is_paused = true,
            Steering::Resume => self.is_paused = false,
            Steering::Stop => {
                self.stopped.get_or_insert(Signal::Interrupt);
                self.close("interrupted");
                self.processes.pass_on(true, false);
            }
        }
    }
}
