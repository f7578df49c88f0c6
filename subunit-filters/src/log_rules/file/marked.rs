//! What is wrong with a part of a text, before it is known which line that is.

use std::ops::Range;

use crate::cli::mistake::Mistake;

/// A mistake, and which bytes of the text it is about.
pub(super) struct Marked {
    pub(super) span: Option<Range<usize>>,
    pub(super) what: String,
}

impl Marked {
    pub(super) fn in_file(self, file: &str, text: &str) -> Mistake {
        let before = self.span.and_then(|span| text.get(..span.start));
        match before.map(|before| 1 + before.matches('\n').count()) {
            Some(line) => Mistake::new(file, line, "", self.what),
            None => Mistake::in_file(file, self.what),
        }
    }
}
