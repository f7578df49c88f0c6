//! Which earlier test makes a test fail: what ran before it, halved again and again.

use std::{
    collections::HashMap,
    io::{Read, Write},
};

use subunit_core::{
    Event, Status,
    sink::{Flow, Records, Sink},
};

use crate::traditional::{error::VerbError, show::table::write_table};

/// Which tests ran before which, on which worker.
#[derive(Debug, Default)]
pub(in crate::traditional) struct RunOrder {
    records: Records,
    /// The tests of each worker, in the order in which they ended.
    workers: HashMap<Option<String>, Vec<String>>,
    /// The workers of each test.
    tests: HashMap<String, Vec<Option<String>>>,
}

impl RunOrder {
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

    /// The tests that ran before this one on the same worker.
    pub(in crate::traditional) fn before(&self, test_id: &str) -> Vec<String> {
        let workers = self.tests.get(test_id).into_iter().flatten();
        let lists = workers.filter_map(|worker| self.workers.get(worker));
        lists.flat_map(|list| list.iter().take_while(|other| *other != test_id).cloned()).collect()
    }
}

impl Sink for RunOrder {
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
fn cause_of<E>(
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

/// What an analysis of isolation tries.
pub(in crate::traditional) trait Trials {
    /// Runs a test by itself. Returns whether it ran and passed.
    ///
    /// # Errors
    ///
    /// If it cannot be run.
    fn passes_alone(&mut self, id: &str) -> Result<bool, VerbError>;

    /// Runs a test after others. Returns whether it failed.
    ///
    /// # Errors
    ///
    /// If they cannot be run.
    fn fails_after(&mut self, id: &str, before: &[String]) -> Result<bool, VerbError>;
}

/// Finds, for each failing test that passes by itself, the test that makes it fail: prints a table, and
/// returns whether there was such a test.
///
/// # Errors
///
/// If tests cannot be run.
pub(in crate::traditional) fn analyze(
    failing: &[String],
    order: &RunOrder,
    trials: &mut impl Trials,
    out: &mut impl Write,
) -> Result<bool, VerbError> {
    let mut spurious = Vec::new();
    for id in failing {
        if trials.passes_alone(id)? {
            spurious.push(id);
        }
    }
    let mut rows = Vec::new();
    for id in spurious {
        let cause = cause_of(&order.before(id), |before| trials.fails_after(id, before))?;
        rows.push([id.clone(), cause.unwrap_or_else(|| "unknown - no conflicts".into())]);
    }
    if !rows.is_empty() {
        write_table(["failing test", "caused by test"], &rows, out)?;
    }
    Ok(!rows.is_empty())
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
        let mut order = RunOrder::default();
        for (id, worker) in [("a", "worker-0"), ("b", "worker-1"), ("c", "worker-0"), ("d", "x")] {
            let tags = TagsBuf::from([worker]);
            let _ = order.event(&Event::status(id, Status::Success).with_tags(&tags));
        }
        assert_eq!(order.before("c"), ["a"]);
        assert_eq!(order.before("b"), Vec::<String>::new());
        assert_eq!(order.before("nothing"), Vec::<String>::new());
    }

    /// Tests of which `b` fails after `a`, and `c` by itself.
    struct Recorded(Vec<String>);

    impl Trials for Recorded {
        fn passes_alone(&mut self, id: &str) -> Result<bool, VerbError> {
            self.0.push(id.to_owned());
            Ok(id != "c")
        }

        fn fails_after(&mut self, id: &str, before: &[String]) -> Result<bool, VerbError> {
            self.0.push(format!("{}>{id}", before.concat()));
            Ok(id == "b" && before.contains(&"a".to_owned()))
        }
    }

    #[test]
    fn only_tests_that_pass_alone_are_looked_into() {
        let mut order = RunOrder::default();
        for id in ["a", "b", "c", "d"] {
            let _ = order.event(&Event::status(id, Status::Success));
        }
        let (mut trials, mut out) = (Recorded(Vec::new()), Vec::new());
        let failing = ["b", "c", "d"].map(str::to_owned);
        let found = analyze(&failing, &order, &mut trials, &mut out).unwrap();
        assert!(found);
        assert_eq!(trials.0, ["b", "c", "d", "a>b", "ab>d", "c>d"]);
        let expected = "failing test  caused by test\n\
                        ------------  ----------------------\n\
                        b             a\n\
                        d             unknown - no conflicts\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let failing = ["c".to_owned()];
        let mut out = Vec::new();
        assert!(!analyze(&failing, &order, &mut trials, &mut out).unwrap());
        assert_eq!(out, b"");
    }
}
