//! The slowest tests of a run, by the times that are kept.

use std::io::{self, Read};

use subunit_core::{
    Event, Status,
    sink::{Flow, Records, Sink, TestRecord},
};

use crate::memory::Times;

/// How many are shown unless told otherwise.
pub(in crate::traditional) const SHOWN: usize = 10;

/// The slowest tests of a run, each with its seconds, the slowest first. `key` is the id under which a time
/// is kept.
pub(in crate::traditional) fn slowest_of(
    run: impl Read,
    times: &Times,
    key: fn(&str) -> String,
    shown: usize,
) -> io::Result<Vec<[String; 2]>> {
    let known = RunIds::of(run)?.into_iter().filter_map(|id| Some((*times.get(&key(&id))?, id)));
    let mut timed: Vec<_> = known.collect();
    timed.sort_by(|(one, _), (other, _)| other.cmp(one));
    timed.truncate(shown);
    // All numbers are as wide as the greatest.
    let seconds = |time: std::time::Duration| format!("{:.3}", time.as_secs_f64());
    let width = timed.first().map_or(0, |(time, _)| seconds(*time).len());
    Ok(timed.into_iter().map(|(time, id)| [id, format!("{:>width$}", seconds(time))]).collect())
}

/// The ids of a run's tests, each once.
#[derive(Debug, Default)]
pub(in crate::traditional) struct RunIds {
    records: Records,
    seen: std::collections::HashSet<String>,
    ids: Vec<String>,
}

impl RunIds {
    /// Reads a run.
    pub(in crate::traditional) fn of(run: impl Read) -> io::Result<Vec<String>> {
        let mut ids = Self::default();
        subunit_core::read(run, &mut ids)?;
        Ok(ids.ids)
    }

    fn note(&mut self, record: TestRecord) {
        if record.status != Some(Status::Exists) && self.seen.insert(record.test_id.clone()) {
            self.ids.push(record.test_id);
        }
    }
}

impl Sink for RunIds {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(record) = self.records.note(event) {
            self.note(record);
        }
        Flow::Continue
    }

    fn finish(&mut self) {
        for record in self.records.take_open() {
            self.note(record);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_tests_of_the_run_that_have_a_time_are_shown() {
        let mut run = Vec::new();
        for id in ["a", "b", "b", "c[x]", "new"] {
            Event::status(id, Status::Success).encode(&mut run).unwrap();
        }
        let times = [("a", 500), ("b", 12_000), ("c", 12_250), ("other", 90_000)];
        let times = times.map(|(id, millis)| (id.to_owned(), Duration::from_millis(millis))).into();
        let key = |id: &str| id.replace("[x]", "");
        let rows = |shown| slowest_of(run.as_slice(), &times, key, shown).unwrap();
        let all = [["c[x]", "12.250"], ["b", "12.000"], ["a", " 0.500"]];
        assert_eq!(rows(SHOWN), all);
        assert_eq!(rows(1), all[..1]);
    }
}
