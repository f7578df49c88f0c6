//! Regular expressions from the command line, as in Python.

use regex::{Regex, RegexSet, RegexSetBuilder};

use crate::exit::Error;

/// What does any of the expressions find in a text; `^` and `$` stand at the ends of lines too.
pub(in crate::commands) fn any_of(patterns: &[String]) -> Result<RegexSet, Error> {
    patterns.iter().try_for_each(|pattern| one(pattern).map(drop))?;
    RegexSetBuilder::new(patterns.iter().map(|pattern| adapted(pattern)))
        .multi_line(true)
        .build()
        .map_err(|error| Error::Usage(format!("bad regular expressions: {}", last_line(&error))))
}

/// One expression; `^` and `$` stand at the ends of the text.
pub(in crate::commands) fn one(pattern: &str) -> Result<Regex, Error> {
    Regex::new(&adapted(pattern)).map_err(|error| {
        let last = last_line(&error);
        Error::Usage(format!("bad regular expression '{}': {last}", pattern.escape_debug()))
    })
}

/// Python's `\Z` is `\z` here.
fn adapted(pattern: &str) -> String {
    let mut adapted = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        adapted.push(character);
        if character == '\\'
            && let Some(escaped) = characters.next()
        {
            adapted.push(if escaped == 'Z' { 'z' } else { escaped });
        }
    }
    adapted
}

/// The reason, without the picture of the place.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// A change of ids: every match of the expression is replaced.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Rename {
    from: Regex,
    to: String,
}

impl Rename {
    /// In `to`, `\1` and `\g<1>` stand for what the first group found, `\g<name>` for a named one, and
    /// `\\` for a backslash, as in Python's `re.sub`.
    pub(in crate::commands) fn new(from: &str, to: &str) -> Result<Self, Error> {
        let bad =
            |why: &str| Error::Usage(format!("bad replacement '{}': {why}", to.escape_debug()));
        let from = one(from)?;
        let mut template = String::new();
        let mut rest = to;
        while let Some((text, behind)) = rest.split_once('\\') {
            template += &text.replace('$', "$$");
            let (group, behind) = group(behind).ok_or_else(|| bad("nothing known follows a \\"))?;
            match group {
                Group::Text(text) => template.push(text),
                Group::Name(name) => {
                    let known = match name.parse::<usize>() {
                        Ok(number) => number < from.captures_len(),
                        Err(_) => from.capture_names().flatten().any(|known| known == name),
                    };
                    if !known {
                        return Err(bad(&format!("there is no group {name}")));
                    }
                    template += &format!("${{{name}}}");
                }
            }
            rest = behind;
        }
        template += &rest.replace('$', "$$");
        Ok(Self { from, to: template })
    }

    /// The id afterwards.
    pub(in crate::commands) fn apply(&self, id: &mut String) {
        if let std::borrow::Cow::Owned(changed) = self.from.replace_all(id, &self.to) {
            *id = changed;
        }
    }
}

/// What a backslash begins.
enum Group<'a> {
    Text(char),
    Name(&'a str),
}

/// What follows a backslash, and the rest.
fn group(text: &str) -> Option<(Group<'_>, &str)> {
    if let Some(named) = text.strip_prefix("g<") {
        let (name, rest) = named.split_once('>')?;
        return Some((Group::Name(name), rest));
    }
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let (number, rest) = text.split_at_checked(digits)?;
        return Some((Group::Name(number.trim_start_matches('0')), rest))
            .filter(|(group, _)| !matches!(group, Group::Name("")));
    }
    let first = text.chars().next()?;
    let character = match first {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        _ if first.is_alphanumeric() => return None,
        _ => first,
    };
    Some((Group::Text(character), &text[first.len_utf8()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(from: &str, to: &str, id: &str) -> String {
        let mut id = id.to_owned();
        Rename::new(from, to).unwrap().apply(&mut id);
        id
    }

    #[test]
    fn replacements_are_those_of_python() {
        assert_eq!(renamed(r"p(k)g\.(\w+)", r"\2.\1", "pkg.t.ok"), "t.k.ok");
        assert_eq!(renamed(r"(?P<a>x)", r"\g<a>\g<1>$1\\", "x"), r"xx$1\");
        assert_eq!(renamed("^pkg", "PK", "pkg.pkg"), "PK.pkg");
        assert_eq!(renamed("no", "yes", "ok"), "ok");
        assert_eq!(renamed("^b", "c", "a\nb"), "a\nb");
    }

    #[test]
    fn what_is_wrong_is_said_on_one_line() {
        for (from, to, expected) in [
            ("(", "x", "bad regular expression '(': unclosed group"),
            ("(?<!a)b", "", "bad regular expression '(?<!a)b': look-around"),
            ("a", r"\1", r"bad replacement '\\1': there is no group 1"),
            ("a", r"\g<x>", r"bad replacement '\\g<x>': there is no group x"),
            ("a", "\\", r"bad replacement '\\': nothing known"),
        ] {
            let message = Rename::new(from, to).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
            assert_eq!(message.lines().count(), 1);
        }
        assert!(any_of(&[r"a\Z".into()]).unwrap().is_match("a"));
        assert!(any_of(&["^b$".into()]).unwrap().is_match("a\nb\nc"));
    }
}
