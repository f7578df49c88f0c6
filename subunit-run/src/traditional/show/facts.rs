//! What is shown of one test: its worker, and how long it ran.

use subunit_core::{Timestamp, sink::TestRecord};

/// The number of the worker that ran a test, by its tags; 0 if they do not say.
pub(super) fn worker_of(record: &TestRecord) -> u64 {
    let mut tags = record.tags.as_tags().iter();
    tags.find_map(|tag| tag.strip_prefix("worker-")?.parse().ok()).unwrap_or(0)
}

/// How long a test ran, in microseconds. One that never ended has no end.
pub(super) fn micros(record: &TestRecord) -> Option<i128> {
    record.start.zip(record.stop).map(|(start, stop)| micros_between(start, stop))
}

/// The seconds between two times, with six digits.
pub(in crate::traditional) fn duration_text(start: Timestamp, stop: Timestamp) -> String {
    let micros = micros_between(start, stop);
    let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    format!("{seconds}.{rest:06}s")
}

pub(super) fn micros_between(start: Timestamp, stop: Timestamp) -> i128 {
    let micros = |time: Timestamp| {
        i128::from(time.seconds()) * 1_000_000 + i128::from(time.nanoseconds() / 1000)
    };
    micros(stop) - micros(start)
}
