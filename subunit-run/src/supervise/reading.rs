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

use super::supervisor::Supervisor;

impl Read for Supervisor {
    /// What there is of the stream; [`io::ErrorKind::Interrupted`] while there is none.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stream.is_empty() {
            return if self.is_over { Ok(0) } else { Err(io::ErrorKind::Interrupted.into()) };
        }
        let length = self.stream.read(buffer);
        self.clients.broadcast(&buffer[..length]);
        Ok(length)
    }
}

impl Source for Supervisor {
    fn wait(&mut self, time: Duration) -> bool {
        if self.stream.is_empty() && !self.is_over {
            let now = Instant::now();
            let until = now.checked_add(time).unwrap_or(now);
            if self.turn(until).is_err() {
                // There are more descriptors than can be waited for: nobody can go on.
                self.fail_run("(supervisor)", "the system cannot wait for so many workers");
                self.is_over = true;
            }
        }
        !self.stream.is_empty() || self.is_over
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
        self.follow(steering);
    }
}
