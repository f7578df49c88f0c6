//! What a command line gave.

use super::option::{Opt, Takes};

/// The options that were given, with their values, and the arguments.
#[derive(Clone, Debug, Default)]
pub(in crate::traditional) struct Given {
    options: Vec<(&'static str, String)>,
    /// The arguments, in their order.
    pub(in crate::traditional) arguments: Vec<String>,
}

impl Given {
    /// Notes an option with its value, empty if it takes none.
    pub(super) fn note(&mut self, option: &Opt, value: &str) {
        if !matches!(option.takes, Takes::Several(_)) {
            self.options.retain(|(long, _)| *long != option.long);
        }
        self.options.push((option.long, value.to_owned()));
    }

    /// Whether an option was given.
    pub(in crate::traditional) fn has(&self, long: &str) -> bool {
        self.options.iter().any(|(given, _)| *given == long)
    }

    /// The value of an option.
    pub(in crate::traditional) fn text(&self, long: &str) -> Option<&str> {
        self.options.iter().find(|(given, _)| *given == long).map(|(_, value)| value.as_str())
    }

    /// The number of an option. The scan has refused what is none.
    pub(in crate::traditional) fn number(&self, long: &str) -> Option<i64> {
        self.text(long).and_then(|value| value.trim().parse().ok())
    }

    /// All values of an option.
    pub(in crate::traditional) fn all(&self, long: &str) -> Vec<String> {
        let mine = self.options.iter().filter(|(given, _)| *given == long);
        mine.map(|(_, value)| value.clone()).collect()
    }
}
