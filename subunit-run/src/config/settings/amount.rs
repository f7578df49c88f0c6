//! Ages and sizes, as people write them.

use std::time::Duration;

use subunit_filters::cli::duration;

/// A time as all options take it, or one in days or weeks.
///
/// # Errors
///
/// If it is none, what to use.
pub fn age(text: &str) -> Result<Duration, String> {
    const DAY: f64 = 86_400.0;
    let unit = [("d", DAY), ("w", 7.0 * DAY)];
    let of_days = unit.iter().find_map(|(unit, seconds)| {
        let count: f64 = text.strip_suffix(unit)?.parse().ok()?;
        Duration::try_from_secs_f64(count * seconds).ok()
    });
    of_days.map_or_else(|| duration::parse(text).map_err(|error| error.to_string()), Ok)
}

/// A number of bytes, such as `5G`.
///
/// # Errors
///
/// If it is none, what to use.
pub fn size(text: &str) -> Result<u64, &'static str> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(end) => text.split_at(end),
        None => (text, ""),
    };
    let shift = match unit {
        "" => 0,
        "K" | "k" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("use a number of bytes, or one with K, M, G or T"),
    };
    let size = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    size.ok_or("use a number of bytes, or one with K, M, G or T")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes() {
        let day = Duration::from_secs(86_400);
        for (text, expected) in [("30d", 30 * day), ("1w", 7 * day), ("36h", day + day / 2)] {
            assert_eq!(age(text), Ok(expected), "{text}");
        }
        assert!(age("-1d").is_err() && age("d").is_err());
        for (text, expected) in [("7", 7), ("5G", 5 << 30), ("2M", 2 << 20), ("1k", 1024)] {
            assert_eq!(size(text), Ok(expected), "{text}");
        }
        for text in ["", "G", "1X", "-1", "99999999999T"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
