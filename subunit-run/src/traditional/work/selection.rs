//! Which tests are meant: regexes of Python, files of them, and files of ids.

use std::{collections::HashSet, path::Path};

use fancy_regex::Regex;

use crate::{
    config::regex::{BadRegex, python_regex},
    memory::{Memory, Repository},
    traditional::{arguments::Given, error::VerbError},
};

/// Compiles regexes.
///
/// # Errors
///
/// The first that is none.
pub(in crate::traditional) fn compiled<S: AsRef<str>>(
    patterns: impl IntoIterator<Item = S>,
) -> Result<Vec<Regex>, BadRegex> {
    patterns.into_iter().map(|pattern| python_regex(pattern.as_ref())).collect()
}

/// The regexes of a file: one a line, `#` begins a comment.
pub(in crate::traditional) fn patterns_of(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty())
}

/// The tests that the options name: those that failed, those of a list, or what is in both. None if they
/// name none.
///
/// # Errors
///
/// If the list or the repository cannot be read.
pub(in crate::traditional) fn named_by(
    given: &Given,
    repository: &Repository,
) -> Result<Option<Vec<String>>, VerbError> {
    let only_failing = given.has("failing") || given.has("analyze-isolation");
    let failing = if only_failing { Some(repository.failing()?) } else { None };
    let Some(path) = given.text("load-list").map(Path::new) else { return Ok(failing) };
    let bytes = std::fs::read(path).map_err(|error| VerbError::file(path, &error))?;
    let listed = ids_of(&String::from_utf8_lossy(&bytes));
    Ok(Some(match failing {
        None => listed,
        Some(failing) => {
            let listed: HashSet<_> = listed.into_iter().collect();
            failing.into_iter().filter(|id| listed.contains(id)).collect()
        }
    }))
}

/// The ids of a file: one a line, in any order, each once.
fn ids_of(text: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let lines = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
    lines.filter(|line| seen.insert(*line)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_that_is_none_is_told_in_the_words_of_python() {
        assert_eq!(compiled(["^a", r"(?<!x)y"]).unwrap().len(), 2);
        let error = compiled(["a", "("]).unwrap_err();
        assert_eq!(error.to_string(), "missing ), unterminated subpattern at position 0");
    }

    #[test]
    fn files_of_regexes_have_comments_and_files_of_ids_have_none() {
        let text = "^a\\.one$ # bug 7\n\n# only\n six\n";
        assert!(patterns_of(text).eq(["^a\\.one$", "six"]));
        assert_eq!(ids_of("\n a.two \r\n\na # b\na.two\n"), ["a.two", "a # b"]);
    }
}
