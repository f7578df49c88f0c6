//! Ids in the regexes that runners choose tests by.

/// A name in a regex, in which these letters mean something.
pub(crate) fn escaped(name: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for letter in name.chars() {
        if special.contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// The ids in parts whose patterns are this long at most, if every letter is escaped; one that is longer has a part to
/// itself.
pub(crate) fn in_parts(mut ids: &[String], longest: usize) -> impl Iterator<Item = &[String]> {
    std::iter::from_fn(move || {
        let mut length = 0;
        let fits = |id: &&String| {
            length += id.len() * 2;
            length <= longest
        };
        let count = ids.iter().take_while(fits).count().max(1);
        let (part, rest) = ids.split_at_checked(count)?;
        ids = rest;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_escaped_and_parts_are_short() {
        assert_eq!(escaped("a.b[1]+c", ".[]+"), r"a\.b\[1\]\+c");
        let ids = ["aa", "b", "cccc", "d"].map(str::to_owned);
        let parts: Vec<String> = in_parts(&ids, 6).map(|part| part.join(" ")).collect();
        assert_eq!(parts, ["aa b", "cccc", "d"]);
        assert_eq!(in_parts(&[], 6).count(), 0);
    }
}
