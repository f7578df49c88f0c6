//! Characters that stand for themselves.

use std::borrow::Cow;

/// Writes a character so that it stands for itself, in a class or out of it.
pub(super) fn literal(character: char) -> Cow<'static, str> {
    if character.is_ascii_alphanumeric() || !character.is_ascii() {
        return Cow::Owned(character.to_string());
    }
    Cow::Owned(format!("\\x{:02X}", u32::from(character)))
}
