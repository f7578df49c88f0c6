//! Which numbers may a value have? `1.9 +- 0.1`, `<= 2.0`, `>= 1`, `1.8 .. 2.0`.

use std::{fmt, str::FromStr};

/// A range of numbers, both ends included.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bounds {
    least: f64,
    most: f64,
    /// As the file of rules has it.
    text: String,
}

impl Bounds {
    /// Not a number is never inside.
    pub(super) fn contains(&self, value: f64) -> bool {
        self.least <= value && value <= self.most
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Which forms there are.
const FORMS: &str = "bounds are \"X +- Y\", \"<= X\", \">= X\" or \"X .. Y\"";

impl FromStr for Bounds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |digits: &str| {
            let read = digits.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            read.ok_or_else(|| FORMS.to_owned())
        };
        let text = text.trim();
        let (least, most) = if let Some(most) = text.strip_prefix("<=") {
            (f64::NEG_INFINITY, number(most)?)
        } else if let Some(least) = text.strip_prefix(">=") {
            (number(least)?, f64::INFINITY)
        } else if let Some((middle, tolerance)) = text.split_once("+-") {
            let (middle, tolerance) = (number(middle)?, number(tolerance)?);
            (middle - tolerance, middle + tolerance)
        } else if let Some((least, most)) = text.split_once("..") {
            (number(least)?, number(most)?)
        } else {
            return Err(FORMS.to_owned());
        };
        if least > most {
            return Err(format!("{text}: no number is in that range"));
        }
        Ok(Self { least, most, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_its_range() {
        for (text, inside, outside) in [
            ("1.9 +- 0.1", &[1.85, 1.9, 1.95][..], &[1.79, 2.01][..]),
            ("<= 2.0", &[2.0, -1e9], &[2.1, f64::NAN]),
            (">= -1e3", &[-1000.0, 5.0], &[-1001.0]),
            ("1.8 .. 2.0", &[1.8, 2.0], &[1.7, 2.1]),
        ] {
            let bounds: Bounds = text.parse().unwrap();
            assert!(inside.iter().all(|value| bounds.contains(*value)), "{text}");
            assert!(!outside.iter().any(|value| bounds.contains(*value)), "{text}");
        }
    }

    #[test]
    fn others_are_refused() {
        for text in ["", "2", "x .. 3", "3 .. 2", "1 +- -1", "<= nan", "<= inf"] {
            assert!(text.parse::<Bounds>().is_err(), "{text}");
        }
    }
}
