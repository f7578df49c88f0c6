//! A mistake in a configuration: which file, which line, which key, and the nearest right one.

use std::fmt;

/// A mistake in a configuration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake {
    /// The file, as it is to be named.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The key, with the tables it is in; empty if the file as a whole is meant.
    pub key: String,
    /// What is wrong.
    pub what: String,
}

impl Mistake {
    /// A mistake at a key in a line.
    #[must_use]
    pub fn new(file: &str, line: usize, key: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: Some(line), key: key.to_owned(), what: what.into() }
    }

    /// A mistake in a file as a whole.
    #[must_use]
    pub fn in_file(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, key: String::new(), what: what.into() }
    }
}

impl std::error::Error for Mistake {}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.what)
    }
}

/// The name that is nearest to this one, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(name, 1 + name.chars().count() / 4, names)
}

/// The name that is nearest to this one, if no more than so many characters are wrong; the first of several.
pub(crate) fn nearest_within<'a>(
    name: &str,
    allowed: usize,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = plain(name);
    names
        .into_iter()
        .map(|candidate| (distance(&wanted, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Case and the kind of dash are no difference.
fn plain(name: &str) -> Vec<char> {
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|character| if character == '-' { '_' } else { character })
        .collect()
}

/// How many characters must be put in, taken out or replaced, or neighbours swapped.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(a != b);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *a == other[column - 1] && one[row - 1] == *b {
                best = best.min(before[column - 1] + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut last, current);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let names = ["test_command", "test_id_option", "retries", "max"];
        for (name, expected) in [
            ("test_comand", Some("test_command")),
            ("test-command", Some("test_command")),
            ("Test_Command", Some("test_command")),
            ("test_ocmmand", Some("test_command")),
            ("retrys", Some("retries")),
            ("retires", Some("retries")),
            ("mxa", Some("max")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, names), expected, "{name}");
        }
    }

    #[test]
    fn a_mistake_names_its_place() {
        let mistake = Mistake::new("subunit.toml", 3, "retrys", "unknown key");
        assert_eq!(mistake.to_string(), "subunit.toml:3: retrys: unknown key");
        let mistake = Mistake::in_file("subunit.toml", "is not UTF-8");
        assert_eq!(mistake.to_string(), "subunit.toml: is not UTF-8");
    }
}
