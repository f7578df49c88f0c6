//! Which reader each input gets.

use std::fmt;

use subunit_core::{InputReader, PacketReader};

/// Makes the reader of each input, by the input's name. The multiplexer knows no formats.
pub struct Readers(Box<Make>);

type Make = dyn Fn(&str) -> Box<dyn InputReader>;

impl Readers {
    /// Readers that `make` makes for the names of inputs.
    pub fn new(make: impl Fn(&str) -> Box<dyn InputReader> + 'static) -> Self {
        Self(Box::new(make))
    }

    /// A reader for the input of this name.
    pub fn of(&self, name: &str) -> Box<dyn InputReader> {
        (self.0)(name)
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
