//! References to characters.

use quick_xml::escape::resolve_predefined_entity;

/// What a reference such as `&lt;` or `&#x1b;` stands for; `None` for names that XML does not know.
///
/// Names that a document declares itself are never resolved. Characters that XML forbids but writers
/// refer to all the same, such as ESC, are given; what is no character at all is U+FFFD.
pub(super) fn resolve(reference: &str) -> Option<char> {
    let name = reference.strip_prefix('&')?.strip_suffix(';')?;
    let Some(number) = name.strip_prefix('#') else {
        return resolve_predefined_entity(name)?.chars().next();
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) if !hex.starts_with('+') => u32::from_str_radix(hex, 16).ok()?,
        None if !number.starts_with('+') => number.parse().ok()?,
        _ => return None,
    };
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Appends `text` to `out`, every reference that is one resolved and all else as it is.
pub(super) fn resolve_into(out: &mut String, mut text: &str) {
    while let Some(at) = memchr::memchr(b'&', text.as_bytes()) {
        out.push_str(&text[..at]);
        text = &text[at..];
        let end = text.bytes().take(16).position(|byte| byte == b';').map(|end| end + 1);
        match end.and_then(|end| Some((end, resolve(&text[..end])?))) {
            Some((end, character)) => {
                out.push(character);
                text = &text[end..];
            }
            None => {
                out.push('&');
                text = &text[1..];
            }
        }
    }
    out.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_what_is_known_and_keeps_the_rest() {
        let mut out = String::new();
        resolve_into(&mut out, "&lt;&#65;&#x42;&amp;lt; & &bomb; &#; &#27;&#xD800;&#x110000;é&");
        assert_eq!(out, "<AB&lt; & &bomb; &#; \u{1b}\u{fffd}\u{fffd}é&");
    }
}
