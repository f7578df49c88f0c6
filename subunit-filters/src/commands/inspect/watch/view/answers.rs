//! Which tests run, for whoever asks by a signal.

use std::{
    io,
    time::{Duration, Instant},
};

use subunit_core::{Event, Packet};

use crate::{
    console::Console,
    pipeline::{Filter, Out},
    watch::{Run, running::write_running},
};

/// Says on standard error which tests run when SIGUSR1 has come, beside a stream that is not shown.
#[derive(Debug)]
pub struct Answers {
    run: Run,
    begun: Instant,
}

impl Answers {
    /// From now on the signal is heard.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn new(console: &Console<'_>) -> io::Result<Self> {
        console.interrupts.hear_questions()?;
        Ok(Self { run: Run::new(0), begun: Instant::now() })
    }

    fn now(&self) -> Duration {
        self.begun.elapsed()
    }
}

impl Filter for Answers {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let now = self.now();
        // What tests attach is of no use here.
        self.run.note(&Event { file: None, ..*event }, now);
        Ok(())
    }

    fn text(&mut self, _bytes: &[u8], _out: &mut Out<'_, '_>) -> io::Result<()> {
        Ok(())
    }

    fn tick(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        if !out.console.interrupts.take_question() {
            return Ok(());
        }
        let look = out.console.stderr_look;
        write_running(&self.run, self.now(), look, &mut out.console.stderr)
    }
}
