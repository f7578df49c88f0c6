//! Spans of time in options.

use std::time::Duration;

/// What help and messages say of such an option.
const WRONG: &str = "use a time such as 30s, 5m, 1.5h or 500ms";

/// A time such as `30s`, `5m`, `1.5h` or `500ms`; a number alone is seconds. A year is for ever, so that no sum of times
/// overflows.
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    if let Ok(seconds) = text.parse::<f64>() {
        // What is no number stays so.
        let seconds = seconds.clamp(f64::MIN, YEAR.as_secs_f64());
        return Duration::try_from_secs_f64(seconds).map_err(|_| WRONG);
    }
    let time: jiff::SignedDuration = text.parse().map_err(|_| WRONG)?;
    let time: Duration = time.try_into().map_err(|_| WRONG)?;
    Ok(time.min(YEAR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_alone_is_seconds_and_units_are_heard() {
        for (text, millis) in [
            ("2", 2000),
            ("0.5", 500),
            ("30s", 30_000),
            ("5m", 300_000),
            ("1.5h", 5_400_000),
            ("500ms", 500),
            ("1m30s", 90_000),
            ("0", 0),
            ("1e300", 31_536_000_000),
            ("999999h", 31_536_000_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "-1", "-1s", "s", "5 parsecs", "NaN", "1,5"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
