//! Which reader each input gets.

use std::fmt;

use subunit_core::{InputReader, PacketReader};

/// Makes the readers of each input, by the input's name. The multiplexer knows no formats.
pub struct Readers {
    output: Box<Make>,
    results: Box<Make>,
}

type Make = dyn Fn(&str) -> Box<dyn InputReader>;

impl Readers {
    /// Readers that `make` makes for the names of inputs.
    pub fn new(make: impl Fn(&str) -> Box<dyn InputReader> + 'static) -> Self {
        Self { output: Box::new(make), results: Box::new(|_| Box::new(PacketReader::new())) }
    }

    /// With readers that `make` makes for the second output of inputs, which is for results. They read
    /// packets, unless told otherwise.
    #[must_use]
    pub fn with_results(self, make: impl Fn(&str) -> Box<dyn InputReader> + 'static) -> Self {
        Self { results: Box::new(make), ..self }
    }

    /// A reader for the input of this name.
    pub fn of(&self, name: &str) -> Box<dyn InputReader> {
        (self.output)(name)
    }

    /// A reader for the second output of the input of this name.
    pub fn of_results(&self, name: &str) -> Box<dyn InputReader> {
        (self.results)(name)
    }
}

impl Default for Readers {
    /// Only packets are read.
    fn default() -> Self {
        Self::new(|_| Box::new(PacketReader::new()))
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}
