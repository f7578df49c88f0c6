//! What is left of a message when all is taken out that differs from run to run: failures of one cause have
//! one fingerprint.

use twox_hash::XxHash3_128;

/// The longest fingerprint, in characters.
const LONGEST: usize = 200;

/// Which rules made it: it is a part of the number, so that rules may change.
const RULES: u64 = 1;

/// Makes a fingerprint of a message: digits become `N`, hexadecimal numbers and UUIDs `X`, paths their last
/// part, quoted text of more than 40 characters `S`, and blanks are squeezed.
pub(crate) fn text(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message.trim();
    while let Some(first) = rest.chars().next() {
        if out.chars().count() >= LONGEST {
            break;
        }
        rest = match first {
            _ if first.is_whitespace() => {
                out.push(' ');
                rest.trim_start()
            }
            '"' | '\'' | '`' => quoted(rest, first, &mut out),
            _ if is_of_word(first) => word(rest, &mut out),
            _ => {
                out.push(first);
                rest.get(first.len_utf8()..).unwrap_or_default()
            }
        };
    }
    out
}

/// The number of a fingerprint.
pub(crate) fn number(text: &str) -> i64 {
    XxHash3_128::oneshot_with_seed(RULES, text.as_bytes()) as i64
}

/// Takes quoted text off the front, if it is long.
fn quoted<'a>(text: &'a str, quote: char, out: &mut String) -> &'a str {
    const SHORT: usize = 40;
    out.push(quote);
    let inner = text.get(1..).unwrap_or_default();
    match inner.split_once(quote) {
        Some((said, rest)) if said.chars().count() > SHORT => {
            out.push('S');
            out.push(quote);
            rest
        }
        _ => inner,
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '/' | '\\' | '_' | '.' | '-')
}

/// Takes a word, a number or a path off the front.
fn word<'a>(text: &'a str, out: &mut String) -> &'a str {
    let end = text.find(|c| !is_of_word(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let last = word.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(word);
    let name = if word.contains(['/', '\\']) && last.len() < word.len() { last } else { word };
    if is_hexadecimal(name) {
        out.push('X');
        return rest;
    }
    let mut is_number = false;
    for c in name.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !is_number {
            out.push('N');
        }
        is_number = c.is_ascii_digit();
    }
    rest
}

/// `0x7f`, a hash or a UUID: of eight digits or more, some of which are letters and some are not.
fn is_hexadecimal(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(number) = word.strip_prefix("0x") {
        return digits(number);
    }
    let has = |is: fn(&u8) -> bool| word.as_bytes().iter().any(is);
    let is_long = word.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    is_long && word.split('-').all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_taken_out() {
        for (message, expected) in [
            ("  expected 12,  got 345 ", "expected N, got N"),
            ("AssertionError: 1 != 2", "AssertionError: N != N"),
            ("no such file: /tmp/a-17/data.txt", "no such file: data.txt"),
            ("object at 0x7ffe12ab", "object at X"),
            ("id 0f0f0f0f-0000-4000-8000-00000000000a", "id X"),
            ("commit deadbeef01", "commit X"),
            ("C:\\Users\\me\\x.cs failed", "C:x.cs failed"),
            ("took 1.5s", "took N.Ns"),
            (
                "said 'short' and \"this one is much longer than forty characters are\"!",
                "said 'short' and \"S\"!",
            ),
            ("it's broken", "it's broken"),
            ("a / b", "a / b"),
            ("", ""),
            ("größe 7", "größe N"),
        ] {
            assert_eq!(text(message), expected, "{message}");
        }
        assert!(text(&"a ".repeat(1000)).chars().count() <= 2 * LONGEST);
    }

    #[test]
    fn equal_texts_have_equal_numbers() {
        assert_eq!(number("a"), number("a"));
        assert_ne!(number("a"), number("b"));
    }
}
