//! What time it is.

use std::time::Duration;

use subunit_core::Timestamp;

/// What time it is, by the clocks of whoever drives the hub.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// By a clock that only goes forward, from any origin that stays the same.
    pub elapsed: Duration,
    /// By the calendar.
    pub time: Option<Timestamp>,
}
