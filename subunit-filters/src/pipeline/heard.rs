//! Whether a signal has ended the reading.

use std::time::{Duration, Instant};

use crate::{
    console::Source,
    interrupts::{Interrupts, Signal},
};

/// Bytes that wait this long for evidence of damage are shown.
pub(super) const SILENCE: Duration = Duration::from_millis(200);

/// ^C also reaches the process writing our input. Wait this long for its final output.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What is known of a signal that asks to end.
#[derive(Default)]
pub(super) struct Heard {
    since: Option<Instant>,
    /// The signal that has ended the reading.
    pub(super) ended: Option<Signal>,
}

impl Heard {
    /// Whether the reading ends now. Where somebody writes what we read while we do, and was interrupted
    /// too, it goes on until the input ends, is silent, or goes on for too long.
    pub(super) fn ends(
        &mut self,
        interrupts: &Interrupts,
        input: &mut dyn Source,
        is_written: bool,
    ) -> bool {
        let Some(signal) = interrupts.heard() else { return false };
        let since = *self.since.get_or_insert_with(Instant::now);
        let has_more = signal == Signal::Interrupt
            && is_written
            && since.elapsed() < LAST_WORDS
            && input.wait(SILENCE);
        self.ended = (!has_more).then_some(signal);
        !has_more
    }
}
