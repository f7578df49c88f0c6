//! The exit statuses of testr.

/// After arguments that are not understood, and after failed tests.
pub(super) const FAILED: u8 = 1;

/// After an option that is not known.
pub(super) const USAGE: u8 = 2;

/// If the verb cannot do its work.
pub(super) const BROKEN: u8 = 3;

/// If the tests that make others fail were found.
pub(super) const FOUND: u8 = 3;
