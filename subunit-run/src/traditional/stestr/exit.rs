//! The exit statuses of stestr.

/// After failed tests, and if the verb cannot do its work.
pub(super) const FAILED: u8 = 1;

/// After arguments that are not understood.
pub(super) const USAGE: u8 = 2;

/// If there are no times to show.
pub(super) const NO_TIMES: u8 = 3;

/// If the tests that make others fail were found.
pub(super) const FOUND: u8 = 3;

/// After a regex that is none.
pub(super) const BAD_REGEX: u8 = 5;

/// If the tests cannot be listed.
pub(super) const NOT_LISTED: u8 = 100;
