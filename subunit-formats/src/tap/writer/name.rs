//! What a point can say on its line: ids and reasons without line ends and marks.

use crate::controls;

/// A test id as a description.
pub(super) struct Name {
    pub(super) text: String,
    /// Whether the id can be read back from it.
    pub(super) exact: bool,
}

impl Name {
    pub(super) fn new(test_id: &str) -> Self {
        let mut text = escape(test_id);
        let mut exact =
            text.trim_ascii() == text && !text.is_empty() && !test_id.contains(is_line_like);
        // `{` at the end would begin a block of children.
        if text.ends_with(" {") || text == "{" {
            text.push('.');
            exact = false;
        }
        text.truncate(text.trim_end().len());
        Self { text, exact }
    }
}

/// A text on one line, without anything that has a meaning in a point.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '#' => escaped.extend(['\\', c]),
            c if is_line_like(c) => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether a character could be taken for the end of a line, or does something to a terminal.
pub(super) fn is_line_like(c: char) -> bool {
    controls::is_control(c)
}
