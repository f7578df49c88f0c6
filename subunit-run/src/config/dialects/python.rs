//! What Python does with text: what counts as blank, and how it is shown in an error.

/// Whether Python's `str.isspace` counts this character.
pub(crate) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// As Python's `str.strip`.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// As Python's `str.split`.
pub(crate) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// As `ConfigParser.getboolean`.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// As Python's `repr` of a string.
pub(crate) fn repr(text: &str) -> String {
    use std::fmt::Write as _;

    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut shown = String::with_capacity(text.len() + 2);
    shown.push(quote);
    for character in text.chars() {
        let code = u32::from(character);
        let hidden = is_hidden(character);
        let _ = match character {
            '\\' => shown.write_str("\\\\"),
            '\n' => shown.write_str("\\n"),
            '\r' => shown.write_str("\\r"),
            '\t' => shown.write_str("\\t"),
            _ if character == quote => write!(shown, "\\{character}"),
            _ if hidden && code < 0x100 => write!(shown, "\\x{code:02x}"),
            _ if hidden => write!(shown, "\\u{code:04x}"),
            _ => shown.write_char(character),
        };
    }
    shown.push(quote);
    shown
}

/// Characters that show nothing: controls, blanks, and those that only format.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || (character != ' ' && is_space(character))
        || matches!(
            character,
            '\u{ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_python_shows_it() {
        for (text, expected) in [
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("it's \"x\"", "'it\\'s \"x\"'"),
            ("a\\b\n\t\r", "'a\\\\b\\n\\t\\r'"),
            ("\u{feff}\u{200b}", "'\\ufeff\\u200b'"),
            ("\u{1}\u{7f}\u{a0}é\u{2003}", "'\\x01\\x7f\\xa0é\\u2003'"),
        ] {
            assert_eq!(repr(text), expected);
        }
    }
}
