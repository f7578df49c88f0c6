//! Where a format begins.

use crate::Format;

/// A format that a line has told, and the bytes from there on.
pub(crate) struct Begun {
    pub(crate) format: Format,
    pub(crate) bytes: Vec<u8>,
}
