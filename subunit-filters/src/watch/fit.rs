//! What fits into so many columns of a terminal.

use unicode_width::UnicodeWidthChar;

/// How many columns a character takes.
fn width_of(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// How many columns a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// As much of the text as fits into this many columns; `...` at the end where something is missing.
pub(super) fn cut(text: &str, width: usize) -> String {
    const DOTS: &str = "...";
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(DOTS.len());
    let fitting = text.chars().take_while(|character| {
        let fits = width_of(*character) <= left;
        left = left.saturating_sub(width_of(*character));
        fits
    });
    let fitting: String = fitting.collect();
    fitting + &DOTS[..DOTS.len().min(width)]
}
