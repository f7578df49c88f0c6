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

/// The ids in parts whose patterns are this long at most, if every letter is escaped.
pub(crate) fn in_parts(ids: &[String], longest: usize) -> impl Iterator<Item = &[String]> {
    in_parts_by(ids, longest, |id| id.len() * 2)
}

/// Tests in parts of this length at most; one that is longer has a part to itself.
pub(crate) fn in_parts_by<T>(
    mut tests: &[T],
    longest: usize,
    length_of: impl Fn(&T) -> usize,
) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let mut length = 0;
        let fits = |test: &&T| {
            length += length_of(test);
            length <= longest
        };
        let count = tests.iter().take_while(fits).count().max(1);
        let (part, rest) = tests.split_at_checked(count)?;
        tests = rest;
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
