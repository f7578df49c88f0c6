//! Names of files by globs, as regexes: `*` and `?` within a name, `**` through folders, `[a-z]`, `[!a]`. What is found by
//! one and what a key counts for by the other are the same files.

use fancy_regex::escape;

/// The regex of Python of all paths that fit a glob.
#[must_use]
pub fn of_glob(glob: &str) -> String {
    let mut regex = String::from("^");
    let mut rest = glob;
    while let Some(letter) = rest.chars().next() {
        let (part, length) = match letter {
            '*' if rest.starts_with("**/") => ("(?:[^/]+/)*".to_owned(), 3),
            '*' if rest.starts_with("**") => (".+".to_owned(), 2),
            '*' => ("[^/]*".to_owned(), 1),
            '?' => ("[^/]".to_owned(), 1),
            '[' => class(rest).unwrap_or_else(|| (escape("[").into_owned(), 1)),
            _ => (escape(&rest[..letter.len_utf8()]).into_owned(), letter.len_utf8()),
        };
        regex.push_str(&part);
        rest = &rest[length..];
    }
    if !is_glob(glob) {
        // It may be a folder.
        regex.push_str("(?:/.+)?");
    }
    regex.push('$');
    regex
}

/// Whether it means more than one name.
#[must_use]
pub fn is_glob(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// A class at the start, such as `[!a-z]`, and its length. None if it does not end.
fn class(text: &str) -> Option<(String, usize)> {
    let inner = text.strip_prefix('[')?;
    let (negation, inner) = match inner.strip_prefix('!') {
        Some(inner) => ("^/", inner),
        None => ("", inner),
    };
    // A `]` that comes first is a letter.
    let first = inner.chars().next()?.len_utf8();
    let end = first + inner[first..].find(']')?;
    let mut letters = String::new();
    for letter in inner[..end].chars() {
        if letter.is_ascii_punctuation() && letter != '-' {
            letters.push('\\');
        }
        letters.push(letter);
    }
    let length = text.len() - inner.len() + end + 1;
    Some((format!("[{negation}{letters}]"), length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::regex::python_regex;

    #[test]
    fn globs_mean_names_of_files() {
        for (glob, fits, others) in [
            ("t/*.sh", &["t/a.sh", "t/.sh"][..], &["t/a.shx", "t/b/a.sh", "at/a.sh", "t/a-sh"][..]),
            ("t/**/*.sh", &["t/a.sh", "t/b/c/a.sh"], &["a.sh", "x/t/a.sh"]),
            ("t/**", &["t/a", "t/b/c"], &["t", "u/a"]),
            ("t/?[ab]", &["t/xa", "t/\u{e9}b"], &["t/xc", "t/a", "t//a"]),
            ("t/[!a-c]x", &["t/dx"], &["t/ax", "t//x"]),
            ("t/[]^]", &["t/]", "t/^"], &["t/a"]),
            ("t/a[b", &["t/a[b"], &["t/ab"]),
            ("a+(b)", &["a+(b)", "a+(b)/x"], &["aab", "a+(b)x"]),
            ("\u{e9} x", &["\u{e9} x"], &["e x"]),
        ] {
            let regex = python_regex(&of_glob(glob)).unwrap();
            for name in fits {
                assert!(regex.is_match(name).unwrap(), "{glob} {name}");
            }
            for name in others {
                assert!(!regex.is_match(name).unwrap(), "{glob} {name}");
            }
        }
    }
}
