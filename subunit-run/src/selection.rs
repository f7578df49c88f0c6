//! Which of the tests run.

use std::collections::HashSet;

use fancy_regex::Regex;

/// Which of the tests run: all conditions hold.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// One of these is found in the id; any id if there is none.
    pub filters: Vec<Regex>,
    /// None of these is.
    pub excluded: Vec<Regex>,
    /// Only these ids, if there is a list.
    pub only: Option<HashSet<String>>,
    /// Not these.
    pub without: HashSet<String>,
}

impl Selection {
    /// Whether a test of this id runs. A regex that gives up on an id does not match it.
    pub fn takes(&self, test_id: &str) -> bool {
        let found = |regex: &Regex| regex.is_match(test_id).unwrap_or(false);
        (self.filters.is_empty() || self.filters.iter().any(found))
            && !self.excluded.iter().any(found)
            && self.only.as_ref().is_none_or(|only| only.contains(test_id))
            && !self.without.contains(test_id)
    }

    /// Whether all tests run.
    pub fn is_all(&self) -> bool {
        self.filters.is_empty()
            && self.excluded.is_empty()
            && self.only.is_none()
            && self.without.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_conditions_hold() {
        let regex = |text: &str| Regex::new(text).unwrap();
        let all = Selection::default();
        assert!(all.takes("a") && all.is_all());
        let selection = Selection {
            filters: vec![regex("^m1"), regex("two")],
            excluded: vec![regex(r"(?<=B\.)slow")],
            only: None,
            without: HashSet::from(["m1.A.one".to_owned()]),
        };
        let taken: Vec<_> = ["m1.A.one", "m1.A.two", "m1.B.slow", "m2.two", "m2.three"]
            .into_iter()
            .filter(|test_id| selection.takes(test_id))
            .collect();
        assert_eq!(taken, ["m1.A.two", "m2.two"]);
        let only = Selection { only: Some(HashSet::from(["b".to_owned()])), ..all };
        assert!(only.takes("b") && !only.takes("a") && !only.is_all());
    }
}
