//! Which of the listed tests are meant: regexes of Python, searched in their ids.

use fancy_regex::Regex;

use crate::config::regex::{BadRegex, python_regex};

/// Regexes, of which one must be found.
#[derive(Debug, Default)]
pub(in crate::traditional) struct Filters(Vec<Regex>);

impl Filters {
    /// Compiles regexes.
    ///
    /// # Errors
    ///
    /// The first that is none.
    pub(in crate::traditional) fn new<S: AsRef<str>>(
        patterns: impl IntoIterator<Item = S>,
    ) -> Result<Self, BadRegex> {
        let compiled = patterns.into_iter().map(|pattern| python_regex(pattern.as_ref()));
        Ok(Self(compiled.collect::<Result<_, _>>()?))
    }

    /// These as well.
    pub(in crate::traditional) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Whether there is none.
    pub(in crate::traditional) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them is found in the id. A search that is given up finds nothing.
    pub(in crate::traditional) fn find_in(&self, id: &str) -> bool {
        self.0.iter().any(|regex| regex.is_match(id).unwrap_or(false))
    }
}

/// The regexes of a file: one a line, `#` begins a comment.
pub(in crate::traditional) fn patterns_of(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty())
}

/// The ids of a file: one a line, in any order, each once.
pub(in crate::traditional) fn ids_of(text: &str) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let lines = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
    lines.filter(|line| seen.insert(*line)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_the_regexes_must_be_found() {
        let filters = Filters::new(["^a", r"t.o$", r"(?<!x)y"]).unwrap();
        for (id, expected) in [("a.b", true), ("b.a", false), ("b.two", true), ("xy", false)] {
            assert_eq!(filters.find_in(id), expected, "{id}");
        }
        assert!(!Filters::default().find_in("a"));
        assert_eq!(
            Filters::new(["("]).unwrap_err().to_string(),
            "missing ), unterminated subpattern at position 0"
        );
    }

    #[test]
    fn files_of_regexes_have_comments_and_files_of_ids_have_none() {
        let text = "^a\\.one$ # bug 7\n\n# only\n six\n";
        assert!(patterns_of(text).eq(["^a\\.one$", "six"]));
        assert_eq!(ids_of("\n a.two \r\n\na # b\na.two\n"), ["a.two", "a # b"]);
    }
}
