//! `--sample TIME`: which tests run where there is time for some of them only.

use std::{collections::HashSet, fmt, str::FromStr, time::Duration};

use subunit_filters::cli::duration;

use super::order::shuffled;
use crate::memory::Times;

/// How long a sample may take, and which one it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SampleSize {
    /// As it was written.
    written: String,
    time: Duration,
    seed: Option<u64>,
}

/// The text is no size of a sample.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write a time more than 0, such as 5m, or with a seed 5m:42")]
pub struct BadSample;

impl FromStr for SampleSize {
    type Err = BadSample;

    fn from_str(text: &str) -> Result<Self, BadSample> {
        let (time, seed) = match text.split_once(':') {
            Some((time, seed)) => (time, Some(seed.parse().map_err(|_| BadSample)?)),
            None => (text, None),
        };
        let parsed = duration::parse(time).map_err(|_| BadSample)?;
        if parsed.is_zero() {
            return Err(BadSample);
        }
        Ok(Self { written: time.to_owned(), time: parsed, seed })
    }
}

impl SampleSize {
    /// A size without a seed gets this one.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed: self.seed.or(Some(seed)), ..self }
    }

    /// The part of it that is for one of so many suites.
    #[must_use]
    pub fn divided(self, by: usize) -> Self {
        let by = u32::try_from(by).unwrap_or(u32::MAX).max(1);
        Self { time: self.time / by, ..self }
    }
}

/// `5m:42`, as an option takes it.
impl fmt::Display for SampleSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.written, self.seed.unwrap_or_default())
    }
}

/// A sample of the tests.
#[derive(Clone, Debug)]
pub struct Sample {
    /// How long it may take.
    pub size: SampleSize,
    /// The tests that run in any case: those that fail, and flaky ones.
    pub first: HashSet<String>,
}

impl Sample {
    /// The tests that run, in the order of the listing, on so many workers. What fails, is flaky or has no known time runs
    /// in any case; of the others as many as there is time for besides, in an order that only seed and name decide.
    pub fn of(&self, ids: &[String], times: &Times, workers: usize) -> Vec<String> {
        let is_first = |id: &String| self.first.contains(id) || !times.contains_key(id);
        let time = |id: &String| times.get(id).copied().unwrap_or_default();
        let workers = u32::try_from(workers).unwrap_or(u32::MAX).max(1);
        let mut left = self.size.time.saturating_mul(workers);
        for id in ids.iter().filter(|id| is_first(id)) {
            left = left.saturating_sub(time(id));
        }
        let mut others: Vec<&String> = ids.iter().filter(|id| !is_first(id)).collect();
        let seed = self.size.seed.unwrap_or_default();
        others.sort_by_cached_key(|id| (shuffled(seed, id), *id));
        let mut taken = HashSet::new();
        for id in others {
            // What is too long for the rest of the time leaves room for shorter ones.
            if let Some(rest) = left.checked_sub(time(id)) {
                left = rest;
                taken.insert(id);
            }
        }
        ids.iter().filter(|id| is_first(id) || taken.contains(id)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(size: &str, first: &[&str]) -> Sample {
        let first = first.iter().map(|id| (*id).to_owned()).collect();
        Sample { size: size.parse().unwrap(), first }
    }

    #[test]
    fn what_fails_or_is_new_runs_and_others_as_far_as_there_is_time() {
        let ids: Vec<String> = (0..100).map(|n| format!("t{n}")).collect();
        let times: Times =
            ids.iter().skip(1).map(|id| (id.clone(), Duration::from_secs(1))).collect();
        let taken = |size: &str, workers| sample(size, &["t7", "t8"]).of(&ids, &times, workers);
        // A new one, two that fail, and eight seconds of others.
        let ten = taken("10s:1", 1);
        assert_eq!(ten.len(), 11);
        assert!(["t0", "t7", "t8"].iter().all(|id| ten.contains(&(*id).to_owned())), "{ten:?}");
        assert_eq!(taken("5s:1", 2), ten);
        assert_ne!(taken("10s:2", 1), ten, "another seed is another sample");
        assert_eq!(taken("1s:1", 1), ["t0", "t7", "t8"], "there is no time left");
        assert_eq!(taken("99s", 1), ids);
        // A smaller sample is a part of a larger one where tests take equally long.
        let five = taken("5s:1", 1);
        assert!(five.iter().all(|id| ten.contains(id)), "{five:?} {ten:?}");
    }

    #[test]
    fn a_test_that_is_too_long_leaves_room_for_others() {
        let ids = ["long", "short"].map(str::to_owned);
        let times = Times::from([
            ("long".to_owned(), Duration::from_secs(60)),
            ("short".to_owned(), Duration::from_secs(1)),
        ]);
        for seed in 0..8 {
            assert_eq!(sample(&format!("30s:{seed}"), &[]).of(&ids, &times, 1), ["short"]);
        }
    }

    #[test]
    fn sizes_are_read_and_written() {
        for (text, written) in [("5m", "5m:0"), ("5m:42", "5m:42"), ("1.5h:7", "1.5h:7")] {
            assert_eq!(text.parse::<SampleSize>().unwrap().to_string(), written);
        }
        assert_eq!("5m".parse::<SampleSize>().unwrap().seeded(3).to_string(), "5m:3");
        assert_eq!("5m:1".parse::<SampleSize>().unwrap().seeded(3).to_string(), "5m:1");
        for text in ["", "0s", "5m:", "5m:x", ":1", "soon"] {
            assert_eq!(text.parse::<SampleSize>(), Err(BadSample), "{text}");
        }
    }
}
