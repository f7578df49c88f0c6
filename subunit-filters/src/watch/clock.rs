//! How long something has been going on, in words.

use std::{fmt, time::Duration};

/// Displays how long something has been going on: `1.2 s`, `1:02`, `1:02:03`.
pub(super) struct Clock(pub(super) Duration);

impl Clock {
    /// `41 s`, or from a minute on `1:02`.
    pub(super) fn seconds(&self) -> String {
        if self.0 < Duration::from_secs(60) {
            return format!("{} s", self.0.as_secs());
        }
        self.whole()
    }

    /// Without tenths of seconds: `0:01`.
    pub(super) fn whole(&self) -> String {
        let seconds = self.0.as_secs();
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if hours > 0 {
            return format!("{hours}:{minutes:02}:{seconds:02}");
        }
        format!("{minutes}:{seconds:02}")
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < Duration::from_secs(60) {
            return write!(f, "{:.1} s", self.0.as_millis() as f64 / 1000.0);
        }
        f.write_str(&self.whole())
    }
}
