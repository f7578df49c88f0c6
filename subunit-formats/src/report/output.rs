//! An output that is written to until its first error.

use std::io::{self, Write};

use subunit_core::sink::Flow;

/// Writes, and keeps the first error; nothing is written after it.
#[derive(Debug)]
pub(crate) struct Output<W> {
    out: W,
    error: Option<io::Error>,
}

impl<W: Write> Output<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, error: None }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.error = self.out.write_all(bytes).err();
        }
    }

    /// What is held back on the way goes out.
    pub(crate) fn flush(&mut self) {
        if self.error.is_none() {
            self.error = self.out.flush().err();
        }
    }

    /// Nothing is written any more, because of this.
    pub(crate) fn fail(&mut self, error: io::Error) {
        self.error.get_or_insert(error);
    }

    /// Asks to stop after an error.
    pub(crate) fn flow(&self) -> Flow {
        if self.error.is_some() { Flow::Break } else { Flow::Continue }
    }

    /// The output, or the first error.
    pub(crate) fn into_result(self) -> io::Result<W> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.out),
        }
    }
}
