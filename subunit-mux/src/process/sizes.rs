//! Sizes of reads and of the output's backlog.

/// Nothing is read while more than this waits to be written.
pub(crate) const HIGH: usize = 256 * 1024;

/// How much is read at once.
pub(crate) const BLOCK: usize = 64 * 1024;
