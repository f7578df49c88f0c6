//! Text as comments, of which none is read as more.

use std::fmt::Write as _;

use super::name::is_line_like;
use crate::tap::line::Line;

/// Writes text as comments that no reader takes for more.
pub(super) fn push_comment(out: &mut String, text: &str) {
    for line in text.lines() {
        out.push_str("#| ");
        push_line(out, line);
    }
}

/// Writes a comment that was one, unless a reader would take it for more.
pub(super) fn push_own_comment(out: &mut String, line: &str) {
    let inner = Line::new(line.trim_start().as_bytes(), true);
    let whole = format!("# {line}");
    let is_plain = matches!(inner, Line::Other | Line::Blank)
        && matches!(Line::new(whole.as_bytes(), true), Line::Comment(_))
        && !line.starts_with("selftests: ");
    out.push_str(if is_plain { "# " } else { "#| " });
    push_line(out, line);
}

/// A line whose control characters, a carriage return among them, are shown and not sent.
fn push_line(out: &mut String, line: &str) {
    for c in line.chars() {
        match c {
            '\t' | '\u{1b}' => out.push(c),
            c if is_line_like(c) => {
                let _ = write!(out, "{}", c.escape_default());
            }
            c => out.push(c),
        }
    }
    out.push('\n');
}
