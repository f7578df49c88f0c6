//! `--shard N/M`: which part of a listing this machine runs, where M machines know nothing of each other.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
    fmt,
    str::FromStr,
    time::Duration,
};

use crate::memory::Times;

/// One of M parts, counted from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shard {
    number: usize,
    of: usize,
}

/// The text is not a shard.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no shard; write N/M with N from 1 to M, as in `2/5`")]
pub struct BadShard(String);

impl FromStr for Shard {
    type Err = BadShard;

    fn from_str(text: &str) -> Result<Self, BadShard> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err(BadShard(text.into())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// The part of the listing that is this shard's, in listing order. Groups stay together.
    ///
    /// All shards together are the listing, and take about as long each, if all machines have the same ids
    /// and the same times; the order of the ids may differ. A test without a time counts as the mean.
    pub fn of(
        self,
        ids: &[String],
        group: impl Fn(&str) -> Option<String>,
        times: &Times,
    ) -> Vec<String> {
        let mean = mean(ids, times);
        let length = |id| times.get(id).map_or(mean, Duration::as_nanos);
        let key =
            |id: &str| group(id).filter(|key| !key.is_empty()).unwrap_or_else(|| id.to_owned());
        let mut groups: HashMap<String, u128> = HashMap::new();
        for id in ids {
            *groups.entry(key(id)).or_default() += length(id);
        }
        let mut longest: Vec<(Reverse<u128>, &str)> =
            groups.iter().map(|(key, &length)| (Reverse(length), &**key)).collect();
        longest.sort_unstable();

        let mut loads: BinaryHeap<Reverse<(u128, usize, usize)>> =
            (1..=self.of).map(|number| Reverse((0, 0, number))).collect();
        let mut own = HashSet::new();
        for (Reverse(length), key) in longest {
            let Some(mut least) = loads.peek_mut() else { break };
            let Reverse((load, groups, number)) = &mut *least;
            *load += length;
            *groups += 1;
            if *number == self.number {
                own.insert(key);
            }
        }
        ids.iter().filter(|id| own.contains(&*key(id))).cloned().collect()
    }

    /// What decides who runs which test, in a number: machines whose numbers are equal divide the tests alike.
    pub fn plan(ids: &[String], group: impl Fn(&str) -> Option<String>, times: &Times) -> u32 {
        let mut all: Vec<&String> = ids.iter().collect();
        all.sort_unstable();
        let mut sum = crc32fast::Hasher::new();
        for id in all {
            let group = group(id).unwrap_or_default();
            let time = times.get(id).map_or(u128::MAX, Duration::as_nanos);
            for part in [id.as_bytes(), b"\0", group.as_bytes(), b"\0", &time.to_le_bytes()] {
                sum.update(part);
            }
        }
        sum.finalize()
    }
}

/// In whole nanoseconds, so that no machine rounds differently.
fn mean(ids: &[String], times: &Times) -> u128 {
    let distinct: HashSet<&String> = ids.iter().collect();
    let known = distinct.into_iter().filter_map(|id| times.get(id));
    let (sum, count) = known.fold((0, 0), |(sum, count), time| (sum + time.as_nanos(), count + 1));
    sum.checked_div(count).unwrap_or(0)
}
