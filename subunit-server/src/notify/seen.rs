//! Which runs were looked at?

use std::{collections::BTreeMap, fmt::Write as _, str::FromStr};

use subunit_history::query::RunRow;

/// The runs that were looked at: all up to a number, and of those that were kept as interrupted how much was there, as they may go
/// on under the same number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct SeenRuns {
    /// The number of the last one.
    last: i64,
    /// Their numbers, and how many bytes of their streams were there.
    interrupted: BTreeMap<i64, u64>,
}

impl SeenRuns {
    /// All of these, which are no news.
    pub(super) fn all(runs: &[RunRow]) -> Self {
        let last = runs.iter().map(|run| run.id).max().unwrap_or_default();
        let mut seen = Self { last, interrupted: BTreeMap::new() };
        runs.iter().for_each(|run| seen.add(run));
        seen
    }

    /// The number of the last one.
    pub(super) fn last(&self) -> i64 {
        self.last
    }

    /// Whether a run has come in, or gone on, since.
    pub(super) fn is_news(&self, run: &RunRow) -> bool {
        let went_on = |known: &u64| *known != run.raw_bytes || !run.is_interrupted;
        run.id > self.last || self.interrupted.get(&run.id).is_some_and(went_on)
    }

    /// It was looked at.
    pub(super) fn add(&mut self, run: &RunRow) {
        self.last = self.last.max(run.id);
        if run.is_interrupted {
            self.interrupted.insert(run.id, run.raw_bytes);
        } else {
            self.interrupted.remove(&run.id);
        }
    }

    /// Forgets what no run is like any more.
    pub(super) fn keep(&mut self, is_kept: impl Fn(i64) -> bool) {
        self.interrupted.retain(|run, _| is_kept(*run));
    }

    /// A line with the number, and one for each interrupted run with its length.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.last);
        for (run, length) in &self.interrupted {
            // A string takes all that is written to it.
            let _ = writeln!(text, "{run} {length}");
        }
        text
    }
}

impl FromStr for SeenRuns {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut lines = text.lines();
        let last = lines.next().unwrap_or_default().parse()?;
        let pairs = lines.filter_map(|line| line.split_once(' '));
        let read = |(run, length): (&str, &str)| Ok((run.parse()?, length.parse()?));
        Ok(Self { last, interrupted: pairs.map(read).collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_text_and_back() {
        let seen = SeenRuns { last: 9, interrupted: [(3, 100), (7, 0)].into() };
        assert_eq!(seen.to_text(), "9\n3 100\n7 0\n");
        assert_eq!(seen.to_text().parse(), Ok(seen));
        for wrong in ["", "x\n", "9\n3 x\n"] {
            assert!(wrong.parse::<SeenRuns>().is_err(), "{wrong}");
        }
    }
}
