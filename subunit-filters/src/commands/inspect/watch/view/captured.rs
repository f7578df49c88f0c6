//! What is written to standard error while a picture is on the same terminal.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
};

/// Replaces standard error while the live view is on the terminal.
#[derive(Clone, Debug, Default)]
pub(super) struct Captured(pub(super) Rc<RefCell<Vec<u8>>>);

impl Captured {
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
