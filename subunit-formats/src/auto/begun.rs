//! Where a format begins.

use crate::Format;

/// A format that a line has told, and the bytes from there on.
pub(super) struct Begun {
    pub(super) format: Format,
    pub(super) bytes: Vec<u8>,
}
