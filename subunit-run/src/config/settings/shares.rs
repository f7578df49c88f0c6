//! The groups and overrides of a suite, as a schedule takes them.

use std::collections::BTreeSet;

use crate::{
    config::overrides::{Overrides, Share, TestSettings},
    schedule::{GroupLimit, GroupLimits},
};

impl Overrides {
    /// What may run at once on so many slots. `tags` says which tags a test has.
    ///
    /// A schedule knows groups only, of which the greatest weight counts, while an override may also take
    /// away. So each weight is a group of its own, and what is exclusive is one.
    #[must_use]
    pub fn limits(
        &self,
        slots: usize,
        tags: impl Fn(&str) -> Vec<String> + Send + 'static,
    ) -> GroupLimits {
        let suite = self.suite();
        if suite.groups.is_empty() && suite.overrides.is_empty() {
            return GroupLimits::default();
        }
        let of_groups = suite.groups.iter().map(|group| (group.max, group.weight));
        let of_overrides = suite.overrides.iter().map(|one| (one.max, one.weight));
        let all: Vec<_> = of_groups.chain(of_overrides).collect();
        let weights: BTreeSet<usize> = all.iter().filter_map(|(_, weight)| *weight).collect();
        let shared = |(max, _)| GroupLimit { max, ..GroupLimit::default() };
        let weighted = |weight: &usize| GroupLimit { weight: *weight, ..GroupLimit::default() };
        let alone = GroupLimit { exclusive: true, ..GroupLimit::default() };
        let groups: Vec<GroupLimit> = all
            .iter()
            .copied()
            .map(shared)
            .chain(weights.iter().map(weighted))
            .chain([alone])
            .collect();
        let overrides = self.clone();
        GroupLimits::new(groups, slots, move |test_id| {
            let settings = overrides.test(test_id, &tags(test_id));
            places(&settings, overrides.suite().groups.len(), all.len(), &weights)
        })
    }
}

/// The groups of a test: first those of the suite, then its overrides, the weights, and that of the tests
/// that run alone.
fn places(
    settings: &TestSettings,
    groups: usize,
    shares: usize,
    weights: &BTreeSet<usize>,
) -> Vec<usize> {
    let mut places: Vec<usize> = settings
        .shares
        .iter()
        .map(|(share, _)| match share {
            Share::Group(place) => *place,
            Share::Override(place) => groups + place,
        })
        .collect();
    places
        .extend(weights.iter().position(|weight| *weight == settings.weight).map(|at| shares + at));
    places.extend(settings.exclusive.then_some(shares + weights.len()));
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::toml::tests::read,
        schedule::{Next, Order, Queue, TestSource, Worker},
    };

    /// The tests that begin when three workers ask in turn.
    fn begin(text: &str, ids: &[&str]) -> Vec<String> {
        let overrides = Overrides::new(&read(text).unwrap(), None, None).unwrap();
        let tags =
            |id: &str| if id.ends_with("tagged") { vec!["t".to_owned()] } else { Vec::new() };
        let mut queue = Queue::new(Order::Discovery).limits(overrides.limits(3, tags));
        queue.add(ids.iter().map(|id| (*id).to_owned()));
        queue.end_of_listing();
        let next = |name| {
            let worker = Worker { name: String::from(name), instance: String::new() };
            match queue.next(&worker) {
                Next::Test(id) => Some(id),
                _ => None,
            }
        };
        ["0", "1", "2"].map(next).into_iter().flatten().collect()
    }

    #[test]
    fn a_schedule_keeps_to_groups_and_overrides() {
        let ids = ["db.a", "db.b", "x", "y"];
        let group = "[[group]]\nmatch = '^db'\n";
        for (text, ids, expected) in [
            ("", &ids[..], &["db.a", "db.b", "x"][..]),
            (&format!("{group}max = 1\n"), &ids, &["db.a", "x", "y"]),
            (&format!("{group}weight = 2\n"), &["db.a", "x", "y"], &["db.a", "x"]),
            (&format!("{group}exclusive = true\n"), &ids, &["db.a"]),
            (
                &format!("{group}exclusive = true\n[[override]]\nexclusive = false\n"),
                &ids,
                &["db.a", "db.b", "x"],
            ),
            (
                &format!("{group}weight = 3\n[[override]]\ntests = 'a$'\nweight = 1\n"),
                &["db.a", "x", "y"],
                &["db.a", "x", "y"],
            ),
            (
                &format!("{group}weight = 3\n[[override]]\ntests = 'a$'\nweight = 2\n"),
                &["db.b", "x"],
                &["db.b"],
            ),
            (
                "[[override]]\ntag = 't'\nmax = 1\n",
                &["a.tagged", "b.tagged", "c"],
                &["a.tagged", "c"],
            ),
            (
                &format!("{group}max = 2\n[[override]]\ntests = 'b$'\nmax = 1\n"),
                &["db.b", "db.bb", "db.c"],
                &["db.b", "db.c"],
            ),
        ] {
            assert_eq!(begin(text, ids), expected, "{text}");
        }
    }
}
