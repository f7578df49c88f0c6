//! What a report counts of itself, beside what was read of it.

use std::fmt::Write as _;

/// What a report counts and nobody has read, in words: of each kind its name, how many it counts, and how
/// many were read. `None` where all of it was read.
pub(crate) fn shortfall<'a>(
    kinds: impl IntoIterator<Item = (&'a str, u64, u64)>,
) -> Option<String> {
    let mut words = String::new();
    for (name, counted, read) in kinds.into_iter().filter(|(_, counted, read)| counted > read) {
        words.push_str(if words.is_empty() { "it counts " } else { "; " });
        // Writing to a string never fails.
        let _ = write!(words, "{counted} {name}, of which {read} were read");
    }
    (!words.is_empty()).then_some(words)
}

/// What a report counts otherwise than it was read, in words: of each kind its name, how many it counts, if it says so,
/// and how many were read. `None` where all agree.
pub(crate) fn difference<'a>(
    kinds: impl IntoIterator<Item = (&'a str, Option<u64>, u64)>,
) -> Option<String> {
    let mut words = String::new();
    for (name, counted, read) in kinds {
        let Some(counted) = counted.filter(|counted| *counted != read) else { continue };
        words.push_str(if words.is_empty() { "it counts " } else { "; " });
        // Writing to a string never fails.
        let _ = write!(words, "{counted} {name}, {read} were read");
    }
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::{difference, shortfall};

    #[test]
    fn names_what_differs_either_way() {
        let kinds = [("a", Some(2), 1), ("b", Some(1), 1), ("c", Some(0), 3), ("d", None, 1)];
        let expected = "it counts 2 a, 1 were read; 0 c, 3 were read";
        assert_eq!(difference(kinds).as_deref(), Some(expected));
        assert_eq!(difference([("a", Some(1), 1), ("b", None, 9)]), None);
    }

    #[test]
    fn names_what_is_missing_and_nothing_else() {
        let words = shortfall([("a", 2, 1), ("b", 1, 1), ("c", 0, 3), ("d", 1, 0)]);
        let expected = "it counts 2 a, of which 1 were read; 1 d, of which 0 were read";
        assert_eq!(words.as_deref(), Some(expected));
        assert_eq!(shortfall([("a", 1, 1)]), None);
    }
}
