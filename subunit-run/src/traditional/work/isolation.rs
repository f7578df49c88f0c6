//! Which earlier test makes a test fail: what ran before it, halved again and again.

use std::{collections::HashMap, io::Read};

use subunit_core::{
    Event, Status,
    sink::{Flow, Records, Sink},
};

/// Which tests ran before which, on which worker.
#[derive(Debug, Default)]
pub(in crate::traditional) struct Order {
    records: Records,
    /// The tests of each worker, in the order in which they ended.
    workers: HashMap<Option<String>, Vec<String>>,
    /// The workers of each test.
    tests: HashMap<String, Vec<Option<String>>>,
}

impl Order {
    /// Reads a stored run.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(in crate::traditional) fn of(run: impl Read) -> std::io::Result<Self> {
        let mut order = Self::default();
        subunit_core::read(run, &mut order)?;
        Ok(order)
    }

    /// Whether a test ran.
    pub(in crate::traditional) fn has(&self, test_id: &str) -> bool {
        self.tests.contains_key(test_id)
    }

    /// The tests that ran before this one on the same worker.
    pub(in crate::traditional) fn before(&self, test_id: &str) -> Vec<String> {
        let workers = self.tests.get(test_id).into_iter().flatten();
        let lists = workers.filter_map(|worker| self.workers.get(worker));
        lists.flat_map(|list| list.iter().take_while(|other| *other != test_id).cloned()).collect()
    }
}

impl Sink for Order {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let Some(record) = self.records.note(event) else { return Flow::Continue };
        if record.status == Some(Status::Exists) {
            return Flow::Continue;
        }
        let tags = record.tags.as_tags();
        let mut workers: Vec<_> = tags
            .iter()
            .filter(|tag| tag.starts_with("worker-"))
            .map(|tag| Some(tag.to_owned()))
            .collect();
        if workers.is_empty() {
            workers.push(None);
        }
        for worker in &workers {
            self.workers.entry(worker.clone()).or_default().push(record.test_id.clone());
        }
        self.tests.entry(record.test_id).or_default().extend(workers);
        Flow::Continue
    }
}

/// The candidate that makes a test fail; none if it does not fail after any of them. `fails_after` runs the
/// test after some of the candidates.
///
/// # Errors
///
/// Those of `fails_after`.
pub(in crate::traditional) fn cause_of<E>(
    candidates: &[String],
    mut fails_after: impl FnMut(&[String]) -> Result<bool, E>,
) -> Result<Option<String>, E> {
    let mut range = candidates;
    while !range.is_empty() {
        let (first, second) = range.split_at(range.len().div_ceil(2));
        let failed = fails_after(first)?;
        if failed && first.len() == 1 && range.len() == 1 {
            return Ok(first.first().cloned());
        }
        range = if failed { first } else { second };
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use subunit_core::TagsBuf;

    use super::*;

    #[test]
    fn candidates_are_halved_until_one_is_left() {
        let candidates = ["a", "b", "c"].map(str::to_owned);
        for (culprit, expected, tried) in [
            ("a", Some("a"), &["ab", "a", "a"][..]),
            ("b", Some("b"), &["ab", "a", "b"]),
            ("c", Some("c"), &["ab", "c"]),
            ("x", None, &["ab", "c"]),
        ] {
            let mut runs = Vec::new();
            let cause = cause_of::<Infallible>(&candidates, |ids| {
                runs.push(ids.concat());
                Ok(ids.iter().any(|id| id == culprit))
            });
            assert_eq!(cause, Ok(expected.map(str::to_owned)), "{culprit}");
            assert_eq!(runs, tried, "{culprit}");
        }
    }

    #[test]
    fn only_tests_of_the_same_worker_ran_before() {
        let mut order = Order::default();
        for (id, worker) in [("a", "worker-0"), ("b", "worker-1"), ("c", "worker-0"), ("d", "x")] {
            let tags = TagsBuf::from([worker]);
            let _ = order.event(&Event::status(id, Status::Success).with_tags(&tags));
        }
        assert_eq!(order.before("c"), ["a"]);
        assert_eq!(order.before("b"), Vec::<String>::new());
        assert_eq!(order.before("nothing"), Vec::<String>::new());
        assert!(order.has("d") && !order.has("nothing"));
    }
}
