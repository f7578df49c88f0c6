//! Points in time as the wire carries them: seconds since 1970 UTC in 32 bits, and nanoseconds.

use std::{
    num::NonZeroU64,
    time::{Duration, SystemTime},
};

use crate::date::text_of_second;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A point in time: whole seconds since 1970-01-01T00:00:00Z and nanoseconds below 10^9.
///
/// The wire has room for times from 1970 to 2106-02-07T06:28:15Z. A packet may carry 10^9 or more
/// nanoseconds; they are carried over into the seconds when it is read.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp {
    /// Nanoseconds since 1970 and one more, so that an absent time takes no extra room. Every time on the
    /// wire fits into 63 bits.
    after_1970: NonZeroU64,
}

impl Timestamp {
    /// `nanoseconds` of 10^9 and more are carried over into the seconds.
    #[inline]
    pub const fn new(seconds: u32, nanoseconds: u32) -> Self {
        let since_1970 = seconds as u64 * NANOS_PER_SECOND + nanoseconds as u64;
        Self { after_1970: NonZeroU64::MIN.saturating_add(since_1970) }
    }

    /// The current time by the system's clock; `None` if that clock is outside 1970 to 2106.
    pub fn now() -> Option<Self> {
        Self::try_from(SystemTime::now()).ok()
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> u64 {
        self.since_1970() / NANOS_PER_SECOND
    }

    /// Nanoseconds after the whole second, below 10^9.
    pub const fn nanoseconds(self) -> u32 {
        (self.since_1970() % NANOS_PER_SECOND) as u32
    }

    /// Whether this time is relative: counted from the start of a run whose source knows only durations.
    /// These are the times before 1971. Such times give durations and order, and are never shown as dates.
    pub const fn is_relative(self) -> bool {
        const YEAR_1970: u64 = 365 * 24 * 60 * 60 * NANOS_PER_SECOND;
        self.since_1970() < YEAR_1970
    }

    /// In the format of RFC 3339, in UTC, with nine digits of fraction: `2024-01-02T03:04:05.678901234Z`.
    pub fn to_rfc3339(self) -> String {
        let second = text_of_second(self.seconds());
        let second = String::from_utf8_lossy(&second).replace(' ', "T");
        format!("{second}{:09}Z", self.nanoseconds())
    }

    const fn since_1970(self) -> u64 {
        self.after_1970.get() - 1
    }

    /// This long before; `None` if that is before 1970.
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        let nanoseconds = u64::try_from(duration.as_nanos()).ok()?;
        let since_1970 = self.since_1970().checked_sub(nanoseconds)?;
        Some(Self { after_1970: NonZeroU64::MIN.saturating_add(since_1970) })
    }

    /// The time since `earlier`; `None` if `earlier` is later than `self`.
    pub fn since(self, earlier: Self) -> Option<Duration> {
        self.since_1970().checked_sub(earlier.since_1970()).map(Duration::from_nanos)
    }
}

/// A time before 1970 or after 2106-02-07T06:28:15Z, for which the protocol has no room.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the protocol has room for times from 1970 to 2106 only")]
pub struct TimestampRangeError;

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimestampRangeError;

    fn try_from(time: SystemTime) -> Result<Self, Self::Error> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| TimestampRangeError)?;
        let seconds = u32::try_from(since.as_secs()).map_err(|_| TimestampRangeError)?;
        Ok(Self::new(seconds, since.subsec_nanos()))
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        Self::UNIX_EPOCH + Duration::from_nanos(timestamp.since_1970())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_be_counted_backwards_to_1970() {
        let time = Timestamp::new(10, 5);
        assert_eq!(time.checked_sub(Duration::from_nanos(6)), Some(Timestamp::new(9, 999_999_999)));
        assert_eq!(time.checked_sub(Duration::from_secs(11)), None);
    }

    #[test]
    fn nanoseconds_are_carried_into_the_second_that_does_not_fit_32_bits() {
        let last = Timestamp::new(u32::MAX, 1_073_741_823);
        assert_eq!((last.seconds(), last.nanoseconds()), (1 << 32, 73_741_823));
    }

    #[test]
    fn has_nine_digits_as_text() {
        let text = |seconds, nanos| Timestamp::new(seconds, nanos).to_rfc3339();
        assert_eq!(text(1_704_164_645, 678_901_234), "2024-01-02T03:04:05.678901234Z");
        assert_eq!(text(0, 7), "1970-01-01T00:00:00.000000007Z");
        assert_eq!(text(u32::MAX, 1_073_741_823), "2106-02-07T06:28:16.073741823Z");
    }

    #[test]
    fn survives_system_time() {
        let time = Timestamp::new(1_704_164_645, 678_901_234);
        assert_eq!(Timestamp::try_from(SystemTime::from(time)), Ok(time));
    }

    #[test]
    fn refuses_times_that_the_wire_has_no_room_for() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
        let after = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 32);
        assert_eq!(Timestamp::try_from(before), Err(TimestampRangeError));
        assert_eq!(Timestamp::try_from(after), Err(TimestampRangeError));
    }

    #[test]
    fn times_of_1970_are_relative() {
        assert!(Timestamp::new(0, 0).is_relative());
        assert!(Timestamp::new(31_535_999, 999_999_999).is_relative());
        assert!(!Timestamp::new(31_536_000, 0).is_relative());
    }

    #[test]
    fn the_time_between_two_is_never_negative() {
        let (a, b) = (Timestamp::new(1, 999_999_999), Timestamp::new(2, 1));
        assert_eq!(b.since(a), Some(Duration::from_nanos(2)));
        assert_eq!(a.since(b), None);
    }
}
