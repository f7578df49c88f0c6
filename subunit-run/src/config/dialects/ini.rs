//! Files of Python's `ConfigParser`, with its rules and its texts of errors.

use std::collections::HashMap;

use crate::config::python::{is_space, repr, strip};

/// The section whose keys all others have too.
pub const DEFAULT: &str = "DEFAULT";

/// How deep a value may refer to others.
const DEPTH: usize = 10;

/// What is wrong with a file, in the words of `configparser`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IniError {
    /// There is a line before the first section.
    #[error(
        "File contains no section headers.\nfile: {}, line: {line}\n{}",
        repr(file),
        repr(text)
    )]
    NoSection {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What stands there, with its newline.
        text: String,
    },
    /// A section is there twice.
    #[error(
        "While reading from {} [line {line:2}]: section {} already exists",
        repr(file),
        repr(section)
    )]
    DuplicateSection {
        /// The file.
        file: String,
        /// The line of the second one.
        line: usize,
        /// The section.
        section: String,
    },
    /// A key is there twice.
    #[error(
        "While reading from {} [line {line:2}]: option {} in section {} already exists",
        repr(file),
        repr(key),
        repr(section)
    )]
    DuplicateKey {
        /// The file.
        file: String,
        /// The line of the second one.
        line: usize,
        /// The section.
        section: String,
        /// The key.
        key: String,
    },
    /// Lines that are neither a section nor a key.
    #[error("Source contains parsing errors: {}{}", repr(file), bad_lines(lines))]
    Lines {
        /// The file.
        file: String,
        /// The lines, with their numbers.
        lines: Vec<(usize, String)>,
    },
    /// A percent sign that begins nothing.
    #[error("'%' must be followed by '%' or '(', found: {}", repr(rest))]
    Percent {
        /// The key that was read.
        key: String,
        /// The value from the percent sign on.
        rest: String,
    },
    /// A `%(` that does not end.
    #[error("bad interpolation variable reference {}", repr(rest))]
    Reference {
        /// The key that was read.
        key: String,
        /// The value from the percent sign on.
        rest: String,
    },
    /// A value refers to a key that is not there.
    #[error(
        "Bad value substitution: option {} in section {} contains an interpolation key {} which is not a \
         valid option name. Raw value: {}",
        repr(key),
        repr(section),
        repr(reference),
        repr(raw)
    )]
    Unknown {
        /// The key that was read.
        key: String,
        /// Its section.
        section: String,
        /// The key it refers to.
        reference: String,
        /// The value as it stands in the file.
        raw: String,
    },
    /// Values refer to each other without an end.
    #[error(
        "Recursion limit exceeded in value substitution: option {} in section {} contains an interpolation \
         key which cannot be substituted in 10 steps. Raw value: {}",
        repr(key),
        repr(section),
        repr(raw)
    )]
    Depth {
        /// The key that was read.
        key: String,
        /// Its section.
        section: String,
        /// The value as it stands in the file.
        raw: String,
    },
    /// The file is not UTF-8.
    #[error("'utf-8' codec can't decode byte 0x{byte:02x} in position {position}: {}", if *end { "unexpected end of data" } else { "invalid start byte" })]
    Encoding {
        /// The first byte that does not belong there.
        byte: u8,
        /// Where it is, counted from 0.
        position: usize,
        /// Whether the file ends within a character.
        end: bool,
    },
}

fn bad_lines(lines: &[(usize, String)]) -> String {
    lines.iter().map(|(line, text)| format!("\n\t[line {line:2}]: {}", repr(text))).collect()
}

/// A value, and the line its key is in.
#[derive(Clone, Debug)]
struct Raw {
    value: String,
    line: usize,
}

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct Ini {
    sections: HashMap<String, HashMap<String, Raw>>,
}

impl Ini {
    /// Reads a file. `file` is what errors call it.
    ///
    /// # Errors
    ///
    /// What Python says of it.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, IniError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let position = error.valid_up_to();
            let end = error.error_len().is_none();
            IniError::Encoding { byte: bytes.get(position).copied().unwrap_or(0), position, end }
        })?;
        let mut reader = Reader { file, ..Reader::default() };
        for (index, line) in lines(text).enumerate() {
            reader.take(index + 1, line)?;
        }
        reader.finish()
    }

    /// Whether there is this section. `DEFAULT` always is.
    #[must_use]
    pub fn has_section(&self, section: &str) -> bool {
        section == DEFAULT || self.sections.contains_key(section)
    }

    /// The value of a key, with all that it refers to.
    ///
    /// # Errors
    ///
    /// If it refers to something that is not there, or has a lone percent sign.
    pub fn get(&self, section: &str, key: &str) -> Result<Option<String>, IniError> {
        let Some(raw) = self.raw(section, key).filter(|_| self.has_section(section)) else {
            return Ok(None);
        };
        let mut text = String::with_capacity(raw.value.len());
        Interpolation { ini: self, section, key, raw: &raw.value }.add(&mut text, &raw.value, 1)?;
        Ok(Some(text))
    }

    /// The line of a key, counted from 1.
    #[must_use]
    pub fn line(&self, section: &str, key: &str) -> Option<usize> {
        self.raw(section, key).map(|raw| raw.line)
    }

    fn raw(&self, section: &str, key: &str) -> Option<&Raw> {
        let of = |section| self.sections.get(section).and_then(|keys| keys.get(key));
        of(section).or_else(|| of(DEFAULT))
    }
}

/// The lines of a text. Each of the three ends of a line counts, as in a file that Python opened.
fn lines(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(end) = rest.find(['\n', '\r']) else {
            return Some((std::mem::take(&mut rest), false));
        };
        let (line, tail) = rest.split_at(end);
        rest = tail.strip_prefix("\r\n").unwrap_or_else(|| &tail[1..]);
        Some((line, true))
    })
}

/// A value while its lines are read.
struct Lines {
    lines: Vec<String>,
    line: usize,
}

#[derive(Default)]
struct Reader<'a> {
    file: &'a str,
    sections: HashMap<String, HashMap<String, Lines>>,
    /// The section and the key that continuation lines belong to.
    section: Option<String>,
    key: Option<String>,
    indent: usize,
    bad: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn take(&mut self, number: usize, (line, ended): (&str, bool)) -> Result<(), IniError> {
        let value = strip(line);
        if value.starts_with(['#', ';']) {
            return Ok(());
        }
        if value.is_empty() {
            if let Some(open) = self.open() {
                open.lines.push(String::new());
            }
            return Ok(());
        }
        let indent = line.chars().take_while(|character| is_space(*character)).count();
        if indent > self.indent
            && let Some(open) = self.open()
        {
            open.lines.push(value.to_owned());
            return Ok(());
        }
        self.indent = indent;
        let whole = || format!("{line}{}", if ended { "\n" } else { "" });
        if let Some(header) = header(value) {
            return self.begin(number, header);
        }
        let Some(section) = &self.section else {
            let file = self.file.to_owned();
            return Err(IniError::NoSection { file, line: number, text: whole() });
        };
        let Some(at) = value.find(['=', ':']) else {
            self.bad.push((number, whole()));
            return Ok(());
        };
        let key = strip(&value[..at]).to_lowercase();
        if key.is_empty() {
            self.bad.push((number, whole()));
        }
        let keys = self.sections.entry(section.clone()).or_default();
        let first = strip(&value[at + 1..]).to_owned();
        let before = keys.insert(key.clone(), Lines { lines: vec![first], line: number });
        if before.is_some() {
            let (file, section) = (self.file.to_owned(), section.clone());
            return Err(IniError::DuplicateKey { file, line: number, section, key });
        }
        self.key = Some(key);
        Ok(())
    }

    /// A section begins. `DEFAULT` may do so more than once.
    fn begin(&mut self, line: usize, header: &str) -> Result<(), IniError> {
        if header != DEFAULT && self.sections.contains_key(header) {
            let (file, section) = (self.file.to_owned(), header.to_owned());
            return Err(IniError::DuplicateSection { file, line, section });
        }
        self.sections.entry(header.to_owned()).or_default();
        self.section = Some(header.to_owned());
        self.key = None;
        Ok(())
    }

    /// The value that a continuation line belongs to.
    fn open(&mut self) -> Option<&mut Lines> {
        let key = self.key.as_deref().filter(|key| !key.is_empty())?;
        self.sections.get_mut(self.section.as_deref()?)?.get_mut(key)
    }

    fn finish(self) -> Result<Ini, IniError> {
        if !self.bad.is_empty() {
            return Err(IniError::Lines { file: self.file.to_owned(), lines: self.bad });
        }
        let joined = |value: Lines| Raw {
            value: value.lines.join("\n").trim_end_matches(is_space).to_owned(),
            line: value.line,
        };
        let keys = |keys: HashMap<String, Lines>| {
            keys.into_iter().map(|(key, value)| (key, joined(value))).collect()
        };
        let sections = self.sections.into_iter().map(|(name, section)| (name, keys(section)));
        Ok(Ini { sections: sections.collect() })
    }
}

/// The name of a section: all up to the last bracket.
fn header(value: &str) -> Option<&str> {
    let rest = value.strip_prefix('[')?;
    let header = &rest[..rest.rfind(']')?];
    Some(header).filter(|header| !header.is_empty())
}

/// The value of a key that refers to others.
struct Interpolation<'a> {
    ini: &'a Ini,
    section: &'a str,
    key: &'a str,
    raw: &'a str,
}

impl Interpolation<'_> {
    fn add(&self, text: &mut String, mut rest: &str, depth: usize) -> Result<(), IniError> {
        let (key, section) = (|| self.key.to_owned(), || self.section.to_owned());
        if depth > DEPTH {
            return Err(IniError::Depth {
                key: key(),
                section: section(),
                raw: self.raw.to_owned(),
            });
        }
        while let Some(at) = rest.find('%') {
            text.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("%%") {
                text.push('%');
                rest = after;
                continue;
            }
            if !rest.starts_with("%(") {
                return Err(IniError::Percent { key: key(), rest: rest.to_owned() });
            }
            let Some((name, after)) = reference(rest) else {
                return Err(IniError::Reference { key: key(), rest: rest.to_owned() });
            };
            let name = name.to_lowercase();
            let Some(value) = self.ini.raw(self.section, &name) else {
                let (reference, raw) = (name, self.raw.to_owned());
                return Err(IniError::Unknown { key: key(), section: section(), reference, raw });
            };
            self.add(text, &value.value, depth + 1)?;
            rest = after;
        }
        text.push_str(rest);
        Ok(())
    }
}

/// What `%(name)s` refers to, and what follows it.
fn reference(rest: &str) -> Option<(&str, &str)> {
    let (name, after) = rest.strip_prefix("%(")?.split_once(')')?;
    let after = after.strip_prefix('s')?;
    (!name.is_empty()).then_some((name, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str, key: &str) -> Result<Option<String>, String> {
        let ini = Ini::parse("x.conf", text.as_bytes()).map_err(|error| error.to_string())?;
        ini.get(DEFAULT, key).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_read_as_python_reads_them() {
        for (text, expected) in [
            ("[DEFAULT]\na=1\n", "1"),
            ("[DEFAULT]\nA : 1 \n", "1"),
            ("[DEFAULT]\r\na=1\r\n", "1"),
            ("[DEFAULT]\ra=1\rb=2", "1"),
            ("# c\n; c\n[DEFAULT]\na=1", "1"),
            ("[DEFAULT]\na=1 # c ; d\n", "1 # c ; d"),
            ("[DEFAULT]\na=1\n  2\n", "1\n2"),
            ("[DEFAULT]\na=1\n # c\n\n  2\n\n\nb=3\n", "1\n\n2"),
            ("[DEFAULT]\n  a=1\n  b=2\n", "1"),
            ("[DEFAULT]\na=\n  [x]\n", "\n[x]"),
            ("[DEFAULT]\na==1:2\n", "=1:2"),
            ("[DEFAULT]\na\u{a0}=\u{2003}1\u{1c}\n", "1"),
            ("[DEFAULT]\nx=1\n[DEFAULT]\na=2\n", "2"),
            ("[DEFAULT] and more\na=1\n", "1"),
            ("[DEFAULT]\na=5%%\n", "5%"),
            ("[DEFAULT]\na=%(B)s-%(b)s\nb=2\n", "2-2"),
            ("[DEFAULT]\na=%(b)s\nb=%(c)s%%\nc=3\n", "3%"),
            ("[DEFAULT]\na=1\n\u{b}2\n", "1\n2"),
        ] {
            assert_eq!(value(text, "a"), Ok(Some(expected.to_owned())), "{text:?}");
        }
    }

    #[test]
    fn errors_have_the_texts_of_python() {
        for (text, expected) in [
            ("a=1\n", "File contains no section headers.\nfile: 'x.conf', line: 1\n'a=1\\n'"),
            ("\n\n a", "File contains no section headers.\nfile: 'x.conf', line: 3\n' a'"),
            (
                "[DEFAULT]\na=1\nA=2\n",
                "While reading from 'x.conf' [line  3]: option 'a' in section 'DEFAULT' already exists",
            ),
            ("[x]\n[x]\n", "While reading from 'x.conf' [line  2]: section 'x' already exists"),
            (
                "[DEFAULT]\na\n=b\n",
                "Source contains parsing errors: 'x.conf'\n\t[line  2]: 'a\\n'\n\t[line  3]: '=b\\n'",
            ),
            ("[DEFAULT]\na=date +%s '\n", "'%' must be followed by '%' or '(', found: \"%s '\""),
            ("[DEFAULT]\na=1%\n", "'%' must be followed by '%' or '(', found: '%'"),
            ("[DEFAULT]\na=%(b\n", "bad interpolation variable reference '%(b'"),
            ("[DEFAULT]\na=%(b)d\n", "bad interpolation variable reference '%(b)d'"),
            (
                "[DEFAULT]\na=1 %(b)s\n",
                "Bad value substitution: option 'a' in section 'DEFAULT' contains an interpolation key 'b' which is not a valid option name. Raw value: '1 %(b)s'",
            ),
            (
                "[DEFAULT]\na=%(a)s\n",
                "Recursion limit exceeded in value substitution: option 'a' in section 'DEFAULT' contains an interpolation key which cannot be substituted in 10 steps. Raw value: '%(a)s'",
            ),
        ] {
            assert_eq!(value(text, "a"), Err(expected.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn a_percent_sign_counts_only_in_the_key_that_is_read() {
        let text = "[DEFAULT]\na=1\nb=%s\n";
        assert_eq!(value(text, "a"), Ok(Some("1".to_owned())));
        assert!(value(text, "b").is_err());
    }

    #[test]
    fn other_sections_have_the_keys_of_default_too() {
        let ini = Ini::parse("x", b"[DEFAULT]\na=1\nc=%(b)s\n[s]\nb=2\n").unwrap();
        assert_eq!(ini.get("s", "a"), Ok(Some("1".to_owned())));
        assert_eq!(ini.get("s", "c"), Ok(Some("2".to_owned())));
        assert_eq!(ini.get("t", "a"), Ok(None));
        assert_eq!(ini.line("s", "b"), Some(5));
        let ini = Ini::parse("x", b"[a]b]\n").unwrap();
        assert!(ini.has_section("a]b") && ini.has_section(DEFAULT) && !ini.has_section("a"));
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error() {
        let error = Ini::parse("x", b"[DEFAULT]\na=\xff").unwrap_err();
        let text = "'utf-8' codec can't decode byte 0xff in position 12: invalid start byte";
        assert_eq!(error.to_string(), text);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(\\[?[a%()s]{0,4}\\]?[=: \t\r\n#;\u{a0}é]{0,3}){0,12}", bytes in any::<Vec<u8>>()) {
            for bytes in [text.as_bytes(), &bytes] {
                if let Ok(ini) = Ini::parse("x", bytes) {
                    for key in ["a", "aa", "s", ""] {
                        let _ = ini.get(DEFAULT, key);
                        let _ = ini.get("a", key);
                    }
                }
            }
        }
    }
}
