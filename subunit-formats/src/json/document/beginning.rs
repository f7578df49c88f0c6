//! Do these bytes begin a document?

/// How far the beginning of a document may reach.
const LONGEST: usize = 4096;

/// What bytes say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Begins {
    /// They begin a document.
    Yes,
    /// They may, with more after them.
    Perhaps,
    /// They do not.
    No,
}

/// Whether `bytes` begin a document by one of these patterns. A pattern is JSON without blanks, in which `#` stands for
/// digits, and `$` for a string.
pub(crate) fn begins(bytes: &[u8], patterns: &[&str]) -> Begins {
    let mut answer = Begins::No;
    for pattern in patterns {
        match begins_one(bytes, pattern.as_bytes()) {
            Begins::Yes => return Begins::Yes,
            Begins::Perhaps if bytes.len() < LONGEST => answer = Begins::Perhaps,
            _ => {}
        }
    }
    answer
}

fn begins_one(bytes: &[u8], pattern: &[u8]) -> Begins {
    let mut rest = bytes;
    let mut in_string = false;
    for &wanted in pattern {
        if !in_string {
            rest = rest.trim_ascii_start();
        }
        let matched = match wanted {
            b'#' => digits(rest),
            b'$' => string(rest),
            wanted => match rest.first() {
                None => Some(None),
                Some(found) => (*found == wanted).then_some(Some(&rest[1..])),
            },
        };
        match matched {
            Some(Some(after)) => rest = after,
            Some(None) => return Begins::Perhaps,
            None => return Begins::No,
        }
        in_string ^= wanted == b'"';
    }
    Begins::Yes
}

/// What follows digits: `Some(None)` where more bytes must tell, `None` where there are none.
fn digits(bytes: &[u8]) -> Option<Option<&[u8]>> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match digits {
        length if length == bytes.len() => Some(None),
        0 => None,
        length => Some(Some(&bytes[length..])),
    }
}

/// What follows a string, likewise.
fn string(bytes: &[u8]) -> Option<Option<&[u8]>> {
    let Some(first) = bytes.first() else { return Some(None) };
    if *first != b'"' {
        return None;
    }
    let mut escaped = false;
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(Some(&bytes[at + 1..])),
            _ => {}
        }
    }
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_documents_by_their_first_keys() {
        let patterns = ["{\"tests\":#,\"failures\":", "[{\"uri\":$,\"id\":"];
        for (bytes, expected) in [
            ("{ \"tests\" : 12,\n \"failures\": 1", Begins::Yes),
            ("{\"tests\":12", Begins::Perhaps),
            ("{", Begins::Perhaps),
            ("{\"tests\":[", Begins::No),
            ("{\"te sts\":1", Begins::No),
            ("[\n{\"uri\": \"a\\\"b\", \"id\":", Begins::Yes),
            ("[{\"uri\": \"a", Begins::Perhaps),
            ("[1", Begins::No),
        ] {
            assert_eq!(begins(bytes.as_bytes(), &patterns), expected, "{bytes}");
        }
    }
}
