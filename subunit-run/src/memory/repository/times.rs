//! How long tests took, as Python writes numbers.

use std::{io, path::Path, time::Duration};

use crate::memory::{
    Times,
    dbm::{self, Contents},
};

/// Reads all times that can be read, and what is wrong with the others.
pub(super) fn read(base: &Path) -> (Times, Option<io::Error>) {
    let Contents { pairs, mut error } = dbm::read(base);
    let mut times = Times::with_capacity(pairs.len());
    for (key, value) in pairs {
        let Some(time) = seconds(&value) else {
            error.get_or_insert_with(|| {
                let (key, value) = (String::from_utf8_lossy(&key), String::from_utf8_lossy(&value));
                let text = format!(
                    "{}: the time of {} is {}",
                    base.display(),
                    dbm::repr(&key),
                    dbm::repr(&value)
                );
                io::Error::new(io::ErrorKind::InvalidData, text)
            });
            continue;
        };
        times.insert(String::from_utf8_lossy(&key).into_owned(), time);
    }
    (times, error)
}

fn seconds(value: &[u8]) -> Option<Duration> {
    let seconds: f64 = std::str::from_utf8(value).ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// A time to the microsecond as `repr(float)`.
pub(super) fn repr(time: Duration) -> String {
    let micros = time.as_nanos().saturating_add(500) / 1000;
    let seconds = micros as f64 / 1_000_000.0;
    // Python writes small numbers with an exponent of two digits.
    if micros == 0 || seconds >= 1e-4 {
        return format!("{seconds:?}");
    }
    format!("{seconds:e}").replace("e-", "e-0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_python_writes_them() {
        for (nanos, text) in [
            (0, "0.0"),
            (499, "0.0"),
            (500, "1e-06"),
            (10_000, "1e-05"),
            (99_900, "0.0001"),
            (99_000, "9.9e-05"),
            (123_456_000, "0.123456"),
            (200_000_000, "0.2"),
            (1_500_000_000, "1.5"),
            (3_600_000_000_000, "3600.0"),
        ] {
            assert_eq!(repr(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn only_times_are_times() {
        assert_eq!(seconds(b"1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(seconds(b"1e-05"), Some(Duration::from_micros(10)));
        for wrong in ["", "x", "-1.0", "nan", "inf", "1e300", "1,5"] {
            assert_eq!(seconds(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
