//! Times as Python shows them.

use std::fmt;

use subunit_core::Timestamp;
use subunit_formats::text::time::Rfc3339;

/// Displays a time as Python's `str` does: `2024-01-02 03:04:05.678901+00:00`, without the fraction where
/// it is zero.
pub(crate) struct PythonTime(pub(crate) Timestamp);

impl fmt::Display for PythonTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = to_microseconds(self.0);
        let text = Rfc3339(time).to_string();
        let (day, clock) = text.split_once('T').unwrap_or_default();
        let digits = if time.nanoseconds() == 0 { "00:00:00" } else { "00:00:00.000000" }.len();
        write!(f, "{day} {}+00:00", clock.get(..digits).unwrap_or(clock))
    }
}

/// To the microsecond, as the reference reads times: halves go to the even one.
fn to_microseconds(time: Timestamp) -> Timestamp {
    let nanos = time.nanoseconds();
    let (micros, rest) = (nanos / 1000, nanos % 1000);
    let up = rest > 500 || rest == 500 && micros % 2 == 1;
    // The carried second of the year 2106 does not fit, and is left away.
    let seconds = u32::try_from(time.seconds()).unwrap_or(u32::MAX);
    Timestamp::new(seconds, (micros + u32::from(up)) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_python() {
        let shown = |seconds, nanos| PythonTime(Timestamp::new(seconds, nanos)).to_string();
        assert_eq!(shown(1_704_164_645, 678_901_234), "2024-01-02 03:04:05.678901+00:00");
        assert_eq!(shown(1_704_164_645, 0), "2024-01-02 03:04:05+00:00");
        assert_eq!(shown(1_704_164_645, 500), "2024-01-02 03:04:05+00:00");
        assert_eq!(shown(1_704_164_645, 1500), "2024-01-02 03:04:05.000002+00:00");
        assert_eq!(shown(1_704_164_645, 999_999_500), "2024-01-02 03:04:06+00:00");
    }
}
