//! What a prompt looks like: a debugger's, or a question.

use fancy_regex::Regex;

/// How much of a line is kept, in bytes.
const MAX_LINE: usize = 1024;

/// Prompts that are known: pdb, ipdb, gdb, lldb, byebug, pry, irb, node, delve, jdb, a shell's `read -p`
/// that asks for a word that opens something.
const KNOWN: &str = r"(?ix)
    ^ \( (Pdb|ipdb|gdb|lldb|byebug|rdb|rdbg|dlv|jdb) \+* \) \s* $
    | ^ (ipdb|debug|dlv|lldb|jdb|perl\ \ DB<\d+) > \s* $
    | ^ (>>>|\.\.\.) \s* $
    | ^ \[\d+\] \s* pry \( .* \) [>*] \s* $
    | pass (word|phrase|code) [^:]* : \s* $
    | \( y (es)? / n (o)? \) \s* [:?]? \s* $
    | \[ y (es)? / n (o)? \] \s* [:?]? \s* $";

/// The line of a worker that has not ended.
#[derive(Debug, Default)]
pub(in crate::supervise) struct OpenLine(Vec<u8>);

impl OpenLine {
    /// Takes more of what the worker prints.
    pub(in crate::supervise) fn take(&mut self, bytes: &[u8]) {
        let last = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        if last > 0 {
            self.0.clear();
        }
        let room = MAX_LINE.saturating_sub(self.0.len());
        let rest = bytes.get(last..).unwrap_or_default();
        self.0.extend_from_slice(&rest[..rest.len().min(room)]);
    }

    pub(in crate::supervise) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    pub(in crate::supervise) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Tells prompts from other lines that have not ended.
#[derive(Debug)]
pub struct PromptPatterns {
    known: Option<Regex>,
    /// The suite's own.
    own: Option<Regex>,
}

impl PromptPatterns {
    /// With the regex of a suite, which is searched in the line.
    pub fn new(own: Option<Regex>) -> Self {
        Self { known: Regex::new(KNOWN).ok(), own }
    }

    /// Whether a worker that ends its output with this line waits for an answer.
    pub fn is_prompt(&self, line: &str) -> bool {
        let found = |regex: &Regex| regex.is_match(line).unwrap_or(false);
        !line.is_empty() && [&self.known, &self.own].into_iter().flatten().any(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debuggers_ask_and_progress_does_not() {
        let own = Regex::new(r"^\(a\.ask\) $").unwrap();
        let prompts = PromptPatterns::new(Some(own));
        for line in [
            "(Pdb) ",
            "(Pdb++) ",
            "ipdb> ",
            "(gdb) ",
            "(byebug) ",
            "[1] pry(main)> ",
            ">>> ",
            "Enter passphrase for key: ",
            "root's password: ",
            "Go on? (y/n) ",
            "(a.ask) ",
        ] {
            assert!(prompts.is_prompt(line), "{line}");
        }
        for line in ["", ".", "tests/a.py ...", "12%", "[1/4]", "error: ", "done>", "(b.ask) "] {
            assert!(!prompts.is_prompt(line), "{line}");
        }
    }

    #[test]
    fn only_the_line_that_has_not_ended_counts() {
        let mut line = OpenLine::default();
        line.take(b"one\ntw");
        line.take(b"o");
        assert_eq!(line.text(), "two");
        line.take(b"\n");
        assert_eq!(line.text(), "");
        line.take(&[b'x'; 5000]);
        assert_eq!(line.text().len(), MAX_LINE);
    }
}
