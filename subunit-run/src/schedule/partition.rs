//! Which worker takes which list: the partition of testr and stestr, bit for bit.
//!
//! Users compare runs and pin failures to a worker's list, so the same listing and the same times must give
//! the lists that the originals give, ties and rounding included.

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::{HashMap, HashSet},
    time::Duration,
};

use crate::memory::Times;

/// Splits a listing over workers. A list may be empty: then there is nothing to start. Ids that are listed
/// twice stay twice.
///
/// Tests with the same group stay together; a test without a group, or with an empty one, is its own group
/// under its id. Fewer than one worker counts as one.
pub fn partition(
    ids: &[String],
    group: impl Fn(&str) -> Option<String>,
    times: &Times,
    workers: usize,
) -> Vec<Vec<String>> {
    partition_by(ids, group, |id| times.get(id).copied(), workers)
}

/// As [`partition`], with a function that knows the times. stestr looks them up by [`without_tags`].
pub fn partition_by(
    ids: &[String],
    group: impl Fn(&str) -> Option<String>,
    time: impl Fn(&str) -> Option<Duration>,
    workers: usize,
) -> Vec<Vec<String>> {
    let (mut timed, mut partial, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for group in groups(ids, group, time) {
        // A group of known times that are all zero is timed, one of a zero and an unknown is not.
        if group.all_known {
            timed.push(group);
        } else if group.seconds > 0.0 {
            partial.push(group);
        } else {
            unknown.push(group);
        }
    }
    let mut parts = Parts::new(workers.max(1));
    parts.take_longest_first(timed);
    parts.take_longest_first(partial);
    parts.take_round_robin(unknown);
    parts.lists.into_iter().map(|list| list.into_iter().map(String::from).collect()).collect()
}

/// The id as stestr stores times under it: without the first `[..]`, unless the id begins with it.
pub fn without_tags(id: &str) -> Cow<'_, str> {
    match (id.find('['), id.find(']')) {
        (Some(start), Some(end)) if start > 0 && end > start => {
            Cow::Owned(format!("{}{}", &id[..start], &id[end + 1..]))
        }
        _ => Cow::Borrowed(id),
    }
}

/// The double that Python computes for a number of microseconds: rounded once. `Duration::as_secs_f64` rounds
/// twice. Exact up to 104 days.
fn seconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e9
}

struct Group<'a> {
    ids: Vec<&'a str>,
    seconds: f64,
    all_known: bool,
}

/// The groups in order of first appearance. An id that appears twice is counted once in the sum, as the
/// originals sum over a set. Their order of summation is that of the set, which changes from run to run.
fn groups<'a>(
    ids: &'a [String],
    key: impl Fn(&str) -> Option<String>,
    time: impl Fn(&str) -> Option<Duration>,
) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut by_key: HashMap<Cow<'a, str>, usize> = HashMap::new();
    let mut summed = HashSet::with_capacity(ids.len());
    for id in ids {
        let key = match key(id).filter(|key| !key.is_empty()) {
            Some(key) => Cow::Owned(key),
            None => Cow::Borrowed(id.as_str()),
        };
        let index = *by_key.entry(key).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Group { ids: Vec::new(), seconds: 0.0, all_known: true });
        }
        let group = &mut groups[index];
        group.ids.push(id);
        if !summed.insert(id) {
            continue;
        }
        match time(id) {
            Some(time) => group.seconds += seconds(time),
            None => group.all_known = false,
        }
    }
    groups
}

struct Parts<'a> {
    lists: Vec<Vec<&'a str>>,
    /// Sum of times and index of the list; least time first, then the fewest tests.
    by_load: Vec<(f64, usize)>,
}

impl<'a> Parts<'a> {
    fn new(workers: usize) -> Self {
        Self {
            lists: vec![Vec::new(); workers],
            by_load: (0..workers).map(|index| (0.0, index)).collect(),
        }
    }

    fn take_longest_first(&mut self, mut groups: Vec<Group<'a>>) {
        groups.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        for group in groups {
            let (load, index) = self.by_load[0];
            self.by_load[0].0 = load + group.seconds;
            self.lists[index].extend(group.ids);
            self.sink_first();
        }
    }

    /// What the originals reach by a stable sort: the first one moves before those that are not less.
    fn sink_first(&mut self) {
        let (load, index) = self.by_load[0];
        let tests = self.lists[index].len();
        let less = self.by_load[1..].partition_point(|&(other_load, other)| {
            let by_load = other_load.total_cmp(&load);
            by_load.then(self.lists[other].len().cmp(&tests)) == Ordering::Less
        });
        self.by_load[..=less].rotate_left(1);
    }

    fn take_round_robin(&mut self, groups: Vec<Group<'a>>) {
        let workers = self.lists.len();
        for (turn, group) in groups.into_iter().enumerate() {
            self.lists[turn % workers].extend(group.ids);
        }
    }
}
