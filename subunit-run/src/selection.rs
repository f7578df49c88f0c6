//! Which of the tests run.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use fancy_regex::Regex;

/// Which of the tests run: all conditions hold.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// One of these is found in the id, or it is one of `ids`; any id if there is none of either.
    pub filters: Vec<Regex>,
    /// These ids, whatever a regex of the same text finds.
    pub ids: HashSet<String>,
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
        (self.has_no_filter() || self.ids.contains(test_id) || self.filters.iter().any(found))
            && !self.excluded.iter().any(found)
            && self.only.as_ref().is_none_or(|only| only.contains(test_id))
            && !self.without.contains(test_id)
    }

    fn has_no_filter(&self) -> bool {
        self.filters.is_empty() && self.ids.is_empty()
    }

    /// Whether all tests run.
    pub fn is_all(&self) -> bool {
        self.has_no_filter()
            && self.excluded.is_empty()
            && self.only.is_none()
            && self.without.is_empty()
    }
}

/// The tags that tests are known to have, by id.
pub type KnownTags = Arc<HashMap<String, Vec<String>>>;

/// Which of the tests run, by all that may be asked of a test.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// By its id.
    pub selection: Selection,
    /// The test has one of these tags, if there are any.
    pub tags: Vec<String>,
    /// The tags that tests had in earlier runs.
    pub known_tags: KnownTags,
    /// The tests that belong to what changed, if that is asked for.
    pub changed: Option<NamedTests>,
}

/// Tests that a command of the configuration names, each by its id or by a regex.
#[derive(Clone, Debug, Default)]
pub struct NamedTests {
    ids: HashSet<String>,
    regexes: Vec<Regex>,
}

impl NamedTests {
    /// Takes a line. `regex` makes regexes of lines; what is none is an id.
    pub fn add<E>(&mut self, line: &str, regex: impl FnOnce(&str) -> Result<Regex, E>) {
        self.regexes.extend(regex(line).ok());
        self.ids.insert(line.to_owned());
    }

    fn has(&self, test_id: &str) -> bool {
        let found = |regex: &Regex| regex.is_match(test_id).unwrap_or(false);
        self.ids.contains(test_id) || self.regexes.iter().any(found)
    }
}

impl Choice {
    /// Whether a test of this id runs, which has these tags beside those that are known.
    pub fn takes<'t>(&self, test_id: &str, tags: impl IntoIterator<Item = &'t str>) -> bool {
        self.selection.takes(test_id)
            && self.has_tag(test_id, tags)
            && self.changed.as_ref().is_none_or(|changed| changed.has(test_id))
    }

    fn has_tag<'t>(&self, test_id: &str, tags: impl IntoIterator<Item = &'t str>) -> bool {
        let is_asked_for = |tag: &str| self.tags.iter().any(|wanted| wanted == tag);
        let known = || self.known_tags.get(test_id).into_iter().flatten();
        self.tags.is_empty()
            || tags.into_iter().any(is_asked_for)
            || known().any(|tag| is_asked_for(tag))
    }

    /// Whether all tests run.
    pub fn is_all(&self) -> bool {
        self.selection.is_all() && self.tags.is_empty() && self.changed.is_none()
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
            ids: HashSet::new(),
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

    #[test]
    fn a_filter_that_is_an_id_takes_its_test() {
        let id = "test_many[1]";
        let selection = Selection {
            filters: vec![Regex::new(id).unwrap()],
            ids: HashSet::from([id.to_owned()]),
            ..Selection::default()
        };
        let taken = [id, "test_many1", "test_many[2]"].map(|id| selection.takes(id));
        assert_eq!((taken, selection.is_all()), ([true, true, false], false));
    }

    #[test]
    fn tags_are_those_of_the_listing_and_of_earlier_runs() {
        let known = HashMap::from([("a".to_owned(), vec!["slow".to_owned()])]);
        let choice = Choice {
            tags: vec!["slow".to_owned(), "db".to_owned()],
            known_tags: Arc::new(known),
            ..Choice::default()
        };
        assert!(choice.takes("a", []) && !choice.takes("b", []) && !choice.is_all());
        assert!(choice.takes("b", ["x", "db"]) && !choice.takes("b", ["x"]));
    }

    #[test]
    fn what_changed_is_named_by_ids_and_regexes() {
        let mut named = NamedTests::default();
        for line in ["m1.a[x", "^m2"] {
            named.add(line, Regex::new);
        }
        let choice = Choice { changed: Some(named), ..Choice::default() };
        let taken = ["m1.a[x", "m1.a", "m2.b", "x.m2"].map(|id| choice.takes(id, []));
        assert_eq!((taken, choice.is_all()), ([true, false, true, false], false));
    }
}
