//! What time it is.

use std::time::Duration;

use subunit_core::Timestamp;

/// What time it is, by the clocks of the hub's driver.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// By a monotonic clock with any fixed origin.
    pub elapsed: Duration,
    /// By the calendar.
    pub time: Option<Timestamp>,
}
