//! Which characters terminals, editors and browsers obey instead of showing.

/// Whether a character is a control character of any kind. Such a character must not be in untrusted text
/// that is shown to people: it moves the cursor, ends a line, changes the direction of writing, or is
/// invisible and makes one text look like another.
///
/// Facts: Unicode 16, general categories Cc, Zl, Zp and Cf. Of Cf it leaves out what spelling needs: the soft
/// hyphen, the joiners U+200C and U+200D, and visible signs.
pub fn is_control(character: char) -> bool {
    if character < '\u{a0}' {
        return character.is_control();
    }
    is_beyond(character)
}

/// As [`is_control`], beyond C0, DEL and C1.
fn is_beyond(character: char) -> bool {
    matches!(character,
        '\u{61c}' // Arabic letter mark
        | '\u{180e}' // Mongolian vowel separator
        | '\u{200b}' // zero width space
        | '\u{200e}'..='\u{200f}' // marks of direction
        | '\u{2028}'..='\u{202e}' // ends of lines and paragraphs, embeddings and overrides
        | '\u{2060}'..='\u{206f}' // word joiner, invisible signs, isolates, and what is deprecated
        | '\u{feff}' // byte order mark
        | '\u{fff9}'..='\u{fffb}' // annotations between lines
        | '\u{e0000}'..='\u{e007f}' // tags, which spell text that nobody sees
    )
}

/// Whether an encoding in UTF-8 that begins with this byte may be that of a control character beyond ASCII.
pub fn may_begin(byte: u8) -> bool {
    matches!(byte, 0xC2 | 0xD8 | 0xE1 | 0xE2 | 0xEF | 0xF3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_begins_otherwise_than_is_said() {
        for character in (char::MIN..=char::MAX).filter(|character| is_control(*character)) {
            let first = character.to_string().as_bytes()[0];
            assert!(first < 0x80 || may_begin(first), "{character:?}");
        }
    }

    #[test]
    fn what_is_spelled_with_is_no_control_character() {
        for character in ['a', ' ', '\u{a0}', '\u{ad}', '\u{200c}', '\u{200d}', '\u{fe0f}', '漢'] {
            assert!(!is_control(character), "{character:?}");
        }
        for character in ['\0', '\x7f', '\u{9b}', '\u{202e}', '\u{2067}', '\u{feff}', '\u{e0041}'] {
            assert!(is_control(character), "{character:?}");
        }
    }
}
