//! A run that is told what a person asks of it while it is read.

use std::{
    cell::RefCell,
    io::{self, Read},
    rc::Rc,
    time::Duration,
};

use crate::{
    console::Source,
    interrupts::Signal,
    pipeline::{Producer, Steering},
};

/// What was asked of the run and was not passed on yet.
pub(super) type Wheel = Rc<RefCell<Vec<Steering>>>;

/// Passes what is asked for on to the run, whenever it is waited for.
pub(super) struct Steered<'r> {
    pub(super) run: &'r mut dyn Producer,
    pub(super) wheel: Wheel,
}

impl Read for Steered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.run.read(buffer)
    }
}

impl Source for Steered<'_> {
    fn wait(&mut self, time: Duration) -> bool {
        let asked = self.wheel.take();
        asked.into_iter().for_each(|steering| self.run.steer(steering));
        self.run.wait(time)
    }

    fn aside(&mut self) -> Option<Vec<u8>> {
        self.run.aside()
    }

    fn is_typed(&self) -> bool {
        self.run.is_typed()
    }
}

impl Producer for Steered<'_> {
    fn stopped_by(&self) -> Option<Signal> {
        self.run.stopped_by()
    }
}
