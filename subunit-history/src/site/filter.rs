//! Which tests of a grid are wanted? A few words, the same in the address and in the box of the page.

use super::view::{RowKind, SiteTest};
use crate::package;

/// What the words of a filter mean. A page shows it.
pub(super) const WORDS: &[(&str, &str)] = &[
    ("word", "the id, or a message of one of the runs, has this text; case does not matter"),
    ("-word", "neither the id nor a message has this text"),
    ("package:NAME", "the test is in this package, or in one below it"),
    ("status:failing", "the last result is bad; also flaky, stale, fixed"),
    ("-status:flaky", "a minus before any word means: not these"),
];

/// A filter: all of its words must fit.
#[derive(Clone, Debug, Default)]
pub(super) struct GridFilter {
    words: Vec<FilterWord>,
}

#[derive(Clone, Debug)]
struct FilterWord {
    is_wanted: bool,
    what: Wanted,
}

#[derive(Clone, Debug)]
enum Wanted {
    /// In small letters.
    Text(String),
    Package(String),
    Status(RowKind),
}

impl GridFilter {
    /// Reads a filter. A word that is not known is text.
    pub(super) fn read(text: &str) -> Self {
        let word = |word: &str| {
            let bare = word.strip_prefix('-').filter(|bare| !bare.is_empty());
            let (is_wanted, word) = (bare.is_none(), bare.unwrap_or(word));
            let what = match word.split_once(':') {
                Some(("package", name)) if !name.is_empty() => Wanted::Package(name.to_owned()),
                Some(("status", name)) => match RowKind::of(name) {
                    Some(kind) => Wanted::Status(kind),
                    None => Wanted::Text(word.to_lowercase()),
                },
                _ => Wanted::Text(word.to_lowercase()),
            };
            FilterWord { is_wanted, what }
        };
        Self { words: text.split_whitespace().map(word).collect() }
    }

    pub(super) fn fits(&self, test: &SiteTest) -> bool {
        self.words.iter().all(|word| word.is_wanted == word.what.fits(test))
    }
}

impl Wanted {
    fn fits(&self, test: &SiteTest) -> bool {
        match self {
            Self::Text(text) => {
                let has = |other: &str| other.to_lowercase().contains(text);
                let messages = || test.cells.iter().filter_map(|cell| cell.message.as_deref());
                has(&test.test.id) || has(&test.test.scope) || messages().any(has)
            }
            Self::Package(name) => package::of(&test.test.id)
                .strip_prefix(name.as_str())
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')),
            Self::Status(kind) => test.kind() == *kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OutcomeCode, query::TestIdentity, site::view::TestCell};

    fn fits(filter: &str, id: &str, outcomes: &[OutcomeCode]) -> bool {
        let cell = |outcome: &OutcomeCode| TestCell {
            outcome: *outcome,
            message: outcome.is_bad().then(|| "Timeout after N s".into()),
            ..TestCell::default()
        };
        let test = TestIdentity { id: id.into(), scope: "go".into(), runnable: true };
        let cells = outcomes.iter().map(cell).collect();
        GridFilter::read(filter).fits(&SiteTest { test, anchor: String::new(), cells })
    }

    #[test]
    fn all_words_must_fit() {
        let bad = &[OutcomeCode::FAIL, OutcomeCode::SUCCESS];
        for (filter, wanted) in [
            ("", true),
            ("Login", true),
            ("login page", true),
            ("login nothing", false),
            ("timeout", true),
            ("-timeout", false),
            ("-nothing", true),
            ("go", true),
            ("package:web.ui", true),
            ("package:web", true),
            ("package:we", false),
            ("-package:web", false),
            ("status:failing", true),
            ("status:flaky", false),
            ("-status:flaky", true),
            // No status of a grid: text, which is nowhere.
            ("status:green", false),
            ("-", false),
        ] {
            assert_eq!(fits(filter, "web.ui.test_login.Page", bad), wanted, "{filter}");
        }
    }
}
