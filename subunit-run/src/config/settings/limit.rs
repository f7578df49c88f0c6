//! Limits of time, lengths of batches and orders of tests, as they are written.

use std::{fmt, str::FromStr, time::Duration};

use subunit_filters::cli::mistake::nearest;

use crate::config::{Batch, Limit, Order};

impl FromStr for Limit {
    type Err = String;

    /// `disabled`, `auto`, `30s`, `5m`, `1.5h`, `1h30m`, or seconds.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "" | "disabled" => Ok(Self::Disabled),
            "auto" => Ok(Self::Auto),
            _ => duration(&text).map(Self::After).ok_or_else(|| {
                format!(
                    "`{text}` is no limit; write `disabled`, `auto`, or a time more than 0 as in `30s`, \
                     `5m` and `1.5h`"
                )
            }),
        }
    }
}

impl Limit {
    /// A number of seconds.
    pub(in crate::config) fn seconds(seconds: f64) -> Option<Self> {
        Duration::try_from_secs_f64(seconds).ok().filter(|d| !d.is_zero()).map(Self::After)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled => f.write_str("disabled"),
            Self::Auto => f.write_str("auto"),
            Self::After(duration) => write!(f, "{}s", duration.as_secs_f64()),
        }
    }
}

fn duration(text: &str) -> Option<Duration> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let unit_end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "" if after.is_empty() => 1.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * seconds;
        rest = after.trim_start();
    }
    match Limit::seconds(total)? {
        Limit::After(duration) => Some(duration),
        _ => None,
    }
}

impl FromStr for Batch {
    type Err = String;

    /// `list`, `auto`, a time with a unit as in `10s`, or a number of tests.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let tests = || text.parse().ok().filter(|tests| *tests > 0).map(Self::Tests);
        // A time has a unit: a number is one of tests.
        let has_unit = text.ends_with(|c: char| c.is_ascii_alphabetic());
        let length = || duration(text).filter(|_| has_unit).map(Self::Length);
        match text {
            "list" => Ok(Self::List),
            "auto" => Ok(Self::Auto),
            _ => tests().or_else(length).ok_or_else(|| {
                format!(
                    "`{text}` is no batch; write `list`, `auto`, a time as in `10s`, or a number of tests"
                )
            }),
        }
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("list"),
            Self::Auto => f.write_str("auto"),
            Self::Length(length) => write!(f, "{}s", length.as_secs_f64()),
            Self::Tests(tests) => write!(f, "{tests}"),
        }
    }
}

/// The orders that have a plain name.
const ORDERS: [(&str, Order); 8] = [
    ("discovery", Order::Discovery),
    ("alphabetical", Order::Alphabetical),
    ("failing-first", Order::FailingFirst),
    ("slowest-first", Order::SlowestFirst),
    ("fastest-first", Order::FastestFirst),
    ("new-first", Order::NewFirst),
    ("shuffle", Order::Shuffle(None)),
    ("spread", Order::Spread),
];

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, order)) = ORDERS.iter().find(|(name, _)| *name == text) {
            return Ok(*order);
        }
        if let Some(seed) = text.strip_prefix("shuffle:") {
            let seed = seed.parse().map_err(|_| format!("`{seed}` is no seed; write a number"))?;
            return Ok(Self::Shuffle(Some(seed)));
        }
        let names = ORDERS.map(|(name, _)| name);
        Err(match nearest(text, names) {
            Some(name) => format!("`{text}` is no order; did you mean `{name}`?"),
            None => format!("`{text}` is no order; there are {}", names.join(", ")),
        })
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Shuffle(Some(seed)) = self {
            return write!(f, "shuffle:{seed}");
        }
        let name = ORDERS.iter().find(|(_, order)| order == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_read_and_written() {
        let seconds = |seconds| Batch::Length(Duration::from_secs(seconds));
        for (text, expected, written) in [
            ("list", Batch::List, "list"),
            ("auto", Batch::Auto, "auto"),
            ("1m", seconds(60), "60s"),
            (" 10s", seconds(10), "10s"),
            ("10", Batch::Tests(10), "10"),
        ] {
            let batch: Batch = text.parse().unwrap();
            assert_eq!((batch, batch.to_string().as_str()), (expected, written), "{text}");
        }
        for text in ["", "0", "0s", "-1", "lists", "1.5"] {
            let error = text.parse::<Batch>();
            assert!(
                error.as_ref().is_err_and(|error| error.contains("is no batch")),
                "{text} {error:?}"
            );
        }
    }

    #[test]
    fn limits_are_read_and_written() {
        for (text, expected, written) in [
            ("disabled", Limit::Disabled, "disabled"),
            ("", Limit::Disabled, "disabled"),
            ("Auto", Limit::Auto, "auto"),
            ("30s", Limit::After(Duration::from_secs(30)), "30s"),
            ("30", Limit::After(Duration::from_secs(30)), "30s"),
            ("5m", Limit::After(Duration::from_secs(300)), "300s"),
            ("1.5h", Limit::After(Duration::from_secs(5400)), "5400s"),
            ("1h30m", Limit::After(Duration::from_secs(5400)), "5400s"),
            ("1h 30", Limit::After(Duration::from_secs(3630)), "3630s"),
            ("250ms", Limit::After(Duration::from_millis(250)), "0.25s"),
        ] {
            let limit: Limit = text.parse().unwrap();
            assert_eq!(limit, expected, "{text}");
            assert_eq!(limit.to_string(), written);
        }
        for text in [
            "0",
            "0s",
            "-1",
            "5x",
            "m",
            "1.2.3s",
            "5 m",
            "1e3s",
            "nan",
            "é",
            "9".repeat(400).as_str(),
        ] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
    }

    #[test]
    fn orders_are_read_and_written() {
        for text in ["discovery", "slowest-first", "shuffle", "shuffle:7", "spread"] {
            assert_eq!(text.parse::<Order>().unwrap().to_string(), text);
        }
        for (text, expected) in [
            ("slowst_first", "`slowst_first` is no order; did you mean `slowest-first`?"),
            ("shuffle:x", "`x` is no seed; write a number"),
        ] {
            assert_eq!(text.parse::<Order>().unwrap_err(), expected);
        }
        assert!("backwards".parse::<Order>().unwrap_err().contains("there are discovery, "));
    }
}
