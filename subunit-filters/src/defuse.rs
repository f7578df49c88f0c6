//! Logs of CI services are obeyed: a line of a test's output must not be a command there.
//!
//! GitHub's runner takes a line that begins with `::` for a command, and `##[` anywhere in one; Azure Pipelines
//! take `##vso[`, TeamCity takes `##teamcity[`. What is passed on gets a blank where such a thing would be whole.
//! `to-github`, which has commands of its own to write after the text, stops GitHub's from being obeyed
//! meanwhile; see [`GithubWriter`](subunit_formats::ci::github::GithubWriter).

use std::io::{self, Write};

/// Whether what we write goes to a log that is obeyed.
pub(crate) fn log_is_obeyed() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"].into_iter().any(is_set)
}

/// What comes before the bracket of a command.
const WORDS: [&[u8]; 3] = [b"##", b"##vso", b"##teamcity"];

/// Writes text so that nobody obeys it.
#[derive(Debug)]
pub(crate) struct Defused<W> {
    out: W,
    /// The end of the line so far, as long as the longest of [`WORDS`].
    end: Vec<u8>,
    /// What the line began with.
    begin: Begin,
}

/// What a line begins with, but for what is trimmed from it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Begin {
    /// Nothing yet.
    Blank,
    /// One colon.
    Colon,
    /// Anything else.
    Text,
}

impl<W: Write> Defused<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, end: Vec::new(), begin: Begin::Blank }
    }

    /// Whether this byte would make a command whole.
    fn completes(&self, byte: u8) -> bool {
        match byte {
            b':' => self.begin == Begin::Colon,
            b'[' => WORDS.iter().any(|word| self.end.to_ascii_lowercase().ends_with(word)),
            _ => false,
        }
    }

    fn note(&mut self, byte: u8) {
        if matches!(byte, b'\n' | b'\r') {
            self.end.clear();
            self.begin = Begin::Blank;
            return;
        }
        if self.end.len() == WORDS[2].len() {
            self.end.remove(0);
        }
        self.end.push(byte);
        self.begin = match (self.begin, byte) {
            // Blanks of any alphabet are trimmed.
            (Begin::Blank, byte) if !byte.is_ascii_graphic() => Begin::Blank,
            (Begin::Blank, b':') => Begin::Colon,
            _ => Begin::Text,
        };
    }
}

impl<W: Write> Write for Defused<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut defused = Vec::with_capacity(bytes.len() + 16);
        for byte in bytes {
            if self.completes(*byte) {
                defused.push(b' ');
            }
            self.note(*byte);
            defused.push(*byte);
        }
        self.out.write_all(&defused)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn defused(text: &[u8], size: usize) -> Vec<u8> {
        let mut defused = Defused::new(Vec::new());
        for piece in text.chunks(size) {
            defused.write_all(piece).unwrap();
        }
        defused.out
    }

    #[test]
    fn what_would_be_obeyed_is_not() {
        for (text, expected) in [
            ("::error::x\n", ": :error::x\n"),
            ("a\n \t::add-mask::x", "a\n \t: :add-mask::x"),
            ("\u{a0}::debug::\r::stop::", "\u{a0}: :debug::\r: :stop::"),
            ("x ##vso[task.complete]", "x ##vso [task.complete]"),
            ("##VSO[a] ##[group]", "##VSO [a] ## [group]"),
            ("'##teamcity[testFailed name='a']", "'##teamcity [testFailed name='a']"),
            ("std::vec a[1] # [ ## x[\n: :\n", "std::vec a[1] # [ ## x[\n: :\n"),
        ] {
            for size in 1..=text.len() {
                let shown = defused(text.as_bytes(), size);
                assert_eq!(String::from_utf8_lossy(&shown), expected, "pieces of {size}");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_but_blanks_is_added(text in "[ :#\\[vsoteamcity\n\r\\PC]{0,60}", size in 1..9usize) {
            let shown = String::from_utf8(defused(text.as_bytes(), size)).unwrap();
            let without = |text: &str| text.replace(' ', "");
            prop_assert_eq!(without(&shown), without(&text));
            for line in shown.split(['\n', '\r']) {
                prop_assert!(!line.trim().starts_with("::"), "{}", line);
                for word in ["##[", "##vso[", "##teamcity["] {
                    prop_assert!(!line.contains(word), "{}", line);
                }
            }
        }
    }
}
