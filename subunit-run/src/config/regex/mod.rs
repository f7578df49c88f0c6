//! Regexes of Python: in groups and selections they mean what Python's `re` makes of them.

mod class;
mod glob;
mod group;
mod literal;
mod translate;

use fancy_regex::Regex;

pub use self::glob::{is_glob, of_glob};

/// A regex that is none.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{what}")]
pub struct BadRegex {
    /// The regex.
    pub pattern: String,
    /// What is wrong with it, in the words of Python where Python has some.
    pub what: String,
}

/// Compiles a regex of Python. It is searched; see [`GroupKey`] for one that must match at the start.
///
/// # Errors
///
/// If it is none, or has something that only Python has: `\N{..}`, and a quantifier after what is always
/// empty.
pub fn python_regex(pattern: &str) -> Result<Regex, BadRegex> {
    compile(pattern, |translated| translated)
}

fn compile(pattern: &str, around: impl Fn(String) -> String) -> Result<Regex, BadRegex> {
    let bad = |what| BadRegex { pattern: pattern.to_owned(), what };
    let translated = translate::translate(pattern).map_err(bad)?;
    Regex::new(&around(translated)).map_err(|error| bad(error.to_string()))
}

/// What tests have in common that run in one worker.
#[derive(Clone, Debug)]
pub struct GroupKey {
    regex: Regex,
}

impl GroupKey {
    /// Takes a `group_regex`.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn new(pattern: &str) -> Result<Self, BadRegex> {
        Ok(Self { regex: compile(pattern, |translated| format!("\\A(?:{translated})"))? })
    }

    /// The part of the id that matches from its start; all of it if none does.
    #[must_use]
    pub fn of<'a>(&self, test_id: &'a str) -> &'a str {
        match self.regex.find(test_id) {
            Ok(Some(found)) if !found.as_str().is_empty() => found.as_str(),
            _ => test_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(pattern: &str, text: &str) -> Option<(usize, usize)> {
        let found = python_regex(pattern).unwrap().find(text).unwrap()?;
        Some((found.start(), found.end()))
    }

    #[test]
    fn regexes_mean_what_they_mean_in_python() {
        for (pattern, text, expected) in [
            ("(?P<a>x)(?P=a)", "xx", Some((0, 2))),
            (r"a\Z", "ba", Some((1, 2))),
            (r"a\Z", "a\n", None),
            (r"\Aa", "ba", None),
            ("(?i)ABC", "xabc", Some((1, 4))),
            (r"(?<!\.)two", "a.two two", Some((6, 9))),
            ("a(?=b)", "ab", Some((0, 1))),
            ("[[a]", "[", Some((0, 1))),
            ("[]a]+", "]a", Some((0, 2))),
            ("[^]]", "]x", Some((1, 2))),
            ("[a&&b]+", "b&a", Some((0, 3))),
            ("[a~~b,--]+", "-~b,", Some((0, 4))),
            (r"[\w.-]+", "é.-", Some((0, 4))),
            (r"[\]\\^]+", "^\\]", Some((0, 3))),
            (r"[a\-z]+", "b-", Some((1, 2))),
            ("[+--]+", "+,-", Some((0, 3))),
            ("x{,2}y", "xxy", Some((0, 3))),
            ("x{", "x{", Some((0, 2))),
            ("{}", "{}", Some((0, 2))),
            ("x{a}", "x{a}", Some((0, 4))),
            ("x{,}y", "xxxy", Some((0, 4))),
            (r"\<a\>", "<a>", Some((0, 3))),
            (r"\x41\u00e9\101\0", "AéA\0", Some((0, 5))),
            (r"(?P<a>x)(y)\2(?P=a)\1", "xyyxx", Some((0, 5))),
            (r"\/\ \-\_", "/ -_", Some((0, 4))),
            ("(?x) a b # c (\n c", "abc", Some((0, 3))),
            ("(?s)(?x) a .", "a\n", Some((0, 2))),
            ("(?x) (?-x: a)", "x a", Some((1, 3))),
            ("(?x)[ ]", "a ", Some((1, 2))),
            ("a(?#c ()b", "ab", Some((0, 2))),
            ("(?a)\\w+", "éa", Some((2, 3))),
            ("(?a:\\w)\\w", "aé", Some((0, 3))),
            ("(?s:.)(?-i:a)", "\na", Some((0, 2))),
            ("(a)?(?(1)b|c)", "ab", Some((0, 2))),
            ("(?P<g>a)?(?(g)b|c)", "c", Some((0, 1))),
            ("(?>a+)b", "aab", Some((0, 3))),
            ("a*+b", "aab", Some((0, 3))),
            ("a+?", "aa", Some((0, 1))),
            ("one|two", "a.two", Some((2, 5))),
            ("", "a", Some((0, 0))),
            ("]}", "]}", Some((0, 2))),
            ("(?:a|b){2}", "ab", Some((0, 2))),
        ] {
            assert_eq!(finds(pattern, text), expected, "{pattern:?} in {text:?}");
        }
    }

    #[test]
    fn errors_have_the_texts_of_python() {
        for (pattern, expected) in [
            ("(", "missing ), unterminated subpattern at position 0"),
            ("a(b(c)", "missing ), unterminated subpattern at position 1"),
            ("a)", "unbalanced parenthesis at position 1"),
            ("é[a", "unterminated character set at position 1"),
            ("[", "unterminated character set at position 0"),
            ("[]", "unterminated character set at position 0"),
            ("*", "nothing to repeat at position 0"),
            ("a|*", "nothing to repeat at position 2"),
            ("(?:*)", "nothing to repeat at position 3"),
            ("^*", "nothing to repeat at position 1"),
            (r"\b*", "nothing to repeat at position 2"),
            ("a**", "multiple repeat at position 2"),
            ("a?*", "multiple repeat at position 2"),
            ("x{1}{2}", "multiple repeat at position 4"),
            ("a{2,1}", "min repeat greater than max repeat at position 2"),
            ("\\", "bad escape (end of pattern) at position 0"),
            (r"a\q", "bad escape \\q at position 1"),
            (r"[\q]", "bad escape \\q at position 1"),
            (r"\xg", "incomplete escape \\x at position 0"),
            (r"\u12", "incomplete escape \\u12 at position 0"),
            ("[b-a]", "bad character range b-a at position 1"),
            (r"[z-\d]", "bad character range z-\\d at position 1"),
            ("(?x", "missing -, : or ) at position 3"),
            ("a(?i)", "global flags not at the start of the expression at position 1"),
            ("(?z)", "unknown extension ?z at position 1"),
            ("(?<a)", "unknown extension ?<a at position 1"),
            ("(?P>a)", "unknown extension ?P> at position 1"),
            ("(?", "unexpected end of pattern at position 2"),
            ("(?P<a", "missing >, unterminated name at position 4"),
            ("(?P=a)", "unknown group name 'a' at position 4"),
            ("(?P<1>x)", "bad character in group name '1' at position 4"),
            (
                "(?P<a>x)(?P<a>y)",
                "redefinition of group name 'a' as group 2; was group 1 at position 12",
            ),
            (r"(a)\11", "invalid group reference 11 at position 4"),
            (r"\1", "invalid group reference 1 at position 1"),
            ("(?#a", "missing ), unterminated comment at position 0"),
            ("a\n(", "missing ), unterminated subpattern at position 2 (line 2, column 1)"),
        ] {
            let error = python_regex(pattern).map(|_| ()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{pattern:?}");
            assert_eq!(error.pattern, pattern);
        }
    }

    #[test]
    fn groups_are_what_matches_at_the_start() {
        for (pattern, id, expected) in [
            (r"m\d", "m1.A.one", "m1"),
            (r"m\d", "xm1.z", "xm1.z"),
            (r"([^\.]*\.)*", "a.b.c", "a.b."),
            (r"([^\.]*\.)*", "abc", "abc"),
            ("a|b", "ba", "b"),
            ("x*", "a", "a"),
            ("(?i)M", "m1", "m"),
            (r"(?P<g>\w+)\.(?P=g)", "aa.aa.b", "aa.aa"),
        ] {
            assert_eq!(GroupKey::new(pattern).unwrap().of(id), expected, "{pattern} {id}");
        }
        assert!(GroupKey::new("(").is_err());
        assert!(GroupKey::new("a)(b").is_err());
    }

    #[test]
    fn a_regex_that_never_ends_its_search_matches_nothing() {
        let key = GroupKey::new(r"(?:(a+)+)+\1$").unwrap();
        let id = format!("{}!", "a".repeat(40));
        assert_eq!(key.of(&id), id);
    }

    #[test]
    fn deep_regexes_are_refused_or_taken() {
        for (open, close) in [("(", ")"), ("(?:", ")"), ("(?=", ")"), ("(?i:", ")"), ("(a|", ")?")]
        {
            let pattern = open.repeat(20_000) + &close.repeat(20_000);
            assert!(GroupKey::new(&pattern).is_err(), "{open}");
        }
        assert!(GroupKey::new(&"a|".repeat(1_000)).is_ok());
    }

    proptest! {
        #[test]
        fn nothing_panics(pattern in "([a-c()\\[\\]{}?*+|^$\\\\<>=!:#,.0-9PixuN \n&~-]|é){0,24}", any in any::<String>()) {
            for pattern in [&pattern, &any] {
                let _ = GroupKey::new(pattern).map(|key| key.of("abc.é").len());
            }
        }
    }
}
