//! How often may a rule match? `=5`, `>=1`, `<=3`, `2..4`.

use std::{fmt, str::FromStr};

/// A range of numbers, both ends included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Count {
    least: u64,
    most: u64,
}

impl Count {
    pub(super) const AT_LEAST_ONE: Self = Self { least: 1, most: u64::MAX };
    pub(super) const NONE: Self = Self { least: 0, most: 0 };

    pub(super) fn allows(self, number: u64) -> bool {
        (self.least..=self.most).contains(&number)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (least, most) if least == most => write!(f, "{least}"),
            (least, u64::MAX) => write!(f, "at least {least}"),
            (0, most) => write!(f, "at most {most}"),
            (least, most) => write!(f, "{least} to {most}"),
        }
    }
}

/// Which forms there are.
const FORMS: &str = "a count is \"=N\", \">=N\", \"<=N\" or \"N..M\"";

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |digits: &str| digits.trim().parse::<u64>().map_err(|_| FORMS.to_owned());
        let text = text.trim();
        let (least, most) = if let Some(least) = text.strip_prefix(">=") {
            (number(least)?, u64::MAX)
        } else if let Some(most) = text.strip_prefix("<=") {
            (0, number(most)?)
        } else if let Some(exactly) = text.strip_prefix('=') {
            (number(exactly)?, number(exactly)?)
        } else if let Some((least, most)) = text.split_once("..") {
            (number(least)?, number(most)?)
        } else {
            return Err(FORMS.to_owned());
        };
        if least > most {
            return Err(format!("{least} is more than {most}: no count is in that range"));
        }
        Ok(Self { least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_allows_its_range() {
        for (text, allowed, refused) in [
            ("=5", &[5][..], &[4, 6][..]),
            (">=1", &[1, u64::MAX], &[0]),
            ("<=3", &[0, 3], &[4]),
            ("2..4", &[2, 4], &[1, 5]),
            (" >= 2 ", &[2], &[1]),
        ] {
            let count: Count = text.parse().unwrap();
            assert!(allowed.iter().all(|number| count.allows(*number)), "{text}");
            assert!(!refused.iter().any(|number| count.allows(*number)), "{text}");
        }
    }

    #[test]
    fn others_are_refused() {
        for text in ["", "5", "=", "=x", "4..2", "..", "=-1", ">5"] {
            assert!(text.parse::<Count>().is_err(), "{text}");
        }
    }
}
