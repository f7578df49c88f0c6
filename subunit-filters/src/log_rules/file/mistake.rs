//! What is wrong with a file of rules: the file, the line, and what it is.

use std::{fmt, ops::Range};

/// A mistake in a file of rules.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RuleMistake {
    file: String,
    line: Option<usize>,
    what: String,
}

impl RuleMistake {
    pub(super) fn at_line(file: &str, line: usize, what: &str) -> Self {
        Self { file: file.to_owned(), line: Some(line), what: what.to_owned() }
    }

    /// A mistake of the file as a whole.
    pub(super) fn of_file(file: &str, what: &str) -> Self {
        Self { file: file.to_owned(), line: None, what: what.to_owned() }
    }
}

impl fmt::Display for RuleMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// A mistake, and which bytes of the text it is about.
pub(super) struct Marked {
    pub(super) span: Option<Range<usize>>,
    pub(super) what: String,
}

impl Marked {
    pub(super) fn in_file(self, file: &str, text: &str) -> RuleMistake {
        let before = self.span.and_then(|span| text.get(..span.start));
        let line = before.map(|before| 1 + before.matches('\n').count());
        RuleMistake { file: file.to_owned(), line, what: self.what }
    }
}
