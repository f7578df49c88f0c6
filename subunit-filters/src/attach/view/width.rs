//! How many columns of a terminal something takes.

use unicode_width::UnicodeWidthChar;

/// The columns of what was written to a terminal: a line with tabs and colours in it. `from` is the column
/// that it begins in.
pub(super) fn columns(shown: &[u8], from: usize) -> usize {
    let text = String::from_utf8_lossy(shown);
    let (mut column, mut rest) = (from, &*text);
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '\x1b' => rest = rest.split_once('m').map_or("", |(_, behind)| behind),
            '\t' => column = (column / TAB + 1) * TAB,
            _ => column += character.width().unwrap_or(0),
        }
    }
    column - from
}

const TAB: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_no_room_and_tabs_take_what_there_is() {
        assert_eq!(columns("0| \x1b[31mé漢\x1b[0m>".as_bytes(), 0), 7);
        assert_eq!((columns(b"\t", 0), columns(b"a\tb", 3)), (8, 6));
    }
}
