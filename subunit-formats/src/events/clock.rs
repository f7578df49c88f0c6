//! Times for inputs that only say how long things took.

use std::time::{Duration, SystemTime};

use subunit_core::Timestamp;

/// A clock that stands still until it is told how long something took.
///
/// Formats that carry durations and no times get their timestamps from it: a test starts at
/// [`SyntheticClock::now`] and ends after [`SyntheticClock::advance`], and the next starts there.
/// By default it starts at 1970-01-01T00:00:00Z, so that its times are relative: see
/// [`Timestamp::is_relative`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SyntheticClock {
    now: Timestamp,
}

impl Default for SyntheticClock {
    fn default() -> Self {
        Self::new(Timestamp::new(0, 0))
    }
}

impl SyntheticClock {
    /// A clock that shows `start`.
    pub const fn new(start: Timestamp) -> Self {
        Self { now: start }
    }

    /// What the clock shows.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets `duration` pass, and gives what the clock shows then. It stays where it is if the
    /// protocol has no room for the later time.
    pub fn advance(&mut self, duration: Duration) -> Timestamp {
        let later = SystemTime::from(self.now).checked_add(duration);
        if let Some(later) = later.and_then(|later| Timestamp::try_from(later).ok()) {
            self.now = later;
        }
        self.now
    }

    /// Goes to `time` unless that is in the clock's past; for wholes that took longer than their
    /// parts, or for inputs that do name a time here and there.
    pub fn advance_to(&mut self, time: Timestamp) -> Timestamp {
        self.now = self.now.max(time);
        self.now
    }
}

/// A duration out of a number of seconds; `None` for what is none: negative, not a number, endless.
pub fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_by_durations_and_never_back() {
        let mut clock = SyntheticClock::new(Timestamp::new(10, 0));
        assert_eq!(clock.advance(Duration::from_millis(1500)), Timestamp::new(11, 500_000_000));
        assert_eq!(clock.advance_to(Timestamp::new(11, 0)), Timestamp::new(11, 500_000_000));
        assert_eq!(clock.advance_to(Timestamp::new(12, 0)), Timestamp::new(12, 0));
    }

    #[test]
    fn stands_still_rather_than_leave_what_the_protocol_has_room_for() {
        let mut clock = SyntheticClock::default();
        let before = clock.now();
        assert_eq!(clock.advance(Duration::MAX), before);
        assert_eq!(clock.advance(Duration::from_secs(1 << 32)), before);
    }

    #[test]
    fn no_duration_of_what_is_none() {
        assert_eq!(seconds(0.25), Some(Duration::from_millis(250)));
        for none in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(seconds(none), None);
        }
    }
}
