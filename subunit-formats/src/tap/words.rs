//! What lines of TAP begin with: words and numbers.

/// The attachment that a YAML block becomes, and that is written as one.
pub(super) const DIAGNOSTIC: &str = "diagnostic.yaml";

/// The attachment of comments that belong to a point.
pub(super) const COMMENTS: &str = "comments";

/// What follows `word`, in whatever case, at the beginning of `text`.
pub(super) fn strip_word<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = text.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word).then_some(rest)
}

/// A number at the beginning of `text`, and what follows it.
pub(super) fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(digits);
    let value = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((value, rest))
}
