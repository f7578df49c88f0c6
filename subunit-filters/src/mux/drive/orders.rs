//! What comes from above, on our standard input.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{BLOCK, Driver};
use crate::exit::Error;

/// While an inbox is crowded and nobody takes anything out of one, nothing more is received for so long;
/// then it may overflow. Long enough for a worker on a busy machine to get its turn.
const CROWDED: Duration = Duration::from_secs(2);

impl Driver<'_, '_, '_> {
    pub(super) fn read_orders(&mut self) -> Result<(), Error> {
        let mut buffer = vec![0; BLOCK];
        match rustix::io::read(io::stdin(), &mut buffer[..]) {
            Ok(0) => self.hear_no_more(),
            Ok(length) => self.hub.receive(&buffer[..length], &mut self.out),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => {
                self.console.say(format_args!("standard input: {error}"))?;
                self.hear_no_more();
            }
        }
        Ok(())
    }

    /// Nothing more comes.
    pub(super) fn hear_no_more(&mut self) {
        self.deaf = true;
        self.hub.receive_end(&mut self.out);
    }

    /// Notes that an inbox is crowded. Where one has been told something, what it does not read of the
    /// rest is only slow: whoever comes behind it waits, and nothing is lost.
    pub(super) fn note_crowd(&mut self, was_told: bool) {
        let since = self.crowded.filter(|_| !was_told).unwrap_or(self.now);
        self.crowded = self.hub.is_crowded().then_some(since);
    }

    /// Until when nothing is received.
    pub(super) fn crowd_due(&self) -> Option<Instant> {
        self.crowded.map(|since| since + CROWDED)
    }
}
