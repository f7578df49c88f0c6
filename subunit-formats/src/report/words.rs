//! What reports for people say: words for results, numbers, times, and what is left of long texts.

use std::time::Duration;

use subunit_core::{
    Status,
    run::{cause::cut, counted},
    sink::{Counts, TestRecord},
};

/// The word for how the attempt ended.
pub(crate) fn word(record: &TestRecord) -> &'static str {
    match record.status {
        Some(Status::Success) => "passed",
        Some(Status::Fail) => "failed",
        Some(Status::Skip) => "skipped",
        Some(Status::ExpectedFailure) => "failed as expected",
        Some(Status::UnexpectedSuccess) => "unexpectedly passed",
        Some(Status::Exists | Status::InProgress) | None => "unfinished",
    }
}

/// The same for people who look for what is new: `failed (new)`.
pub(crate) fn marked_word(record: &TestRecord) -> String {
    match record.mark {
        Some(mark) => format!("{} ({})", word(record), mark.word()),
        None => word(record).to_owned(),
    }
}

/// Results that are not among the tests, such as those of layers: `1 other`, `2 others`.
pub fn others(counts: &Counts) -> String {
    counted(counts.others(), "other")
}

/// `1 more failure`, `2 more failures`.
pub(crate) fn more_failures(count: u64) -> String {
    counted(count, "more failure")
}

/// The beginning and the end of a text of more than `longest` bytes.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let first = cut(text, longest / 2);
    let mut from = text.len() - (longest - longest / 2);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let left_out = from - first.len();
    format!("{first}\n... {left_out} bytes left out ...\n{}", &text[from..])
}

/// Displays seconds with three digits; longer times as hours, minutes and seconds.
pub(crate) struct Seconds(pub(crate) Duration);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (minutes, seconds) = (self.0.as_secs() / 60, self.0.as_secs() % 60);
        match (minutes / 60, minutes % 60) {
            (0, 0) => write!(f, "{:.3} s", self.0.as_secs_f64()),
            (0, minutes) => write!(f, "{minutes} min {seconds:02} s"),
            (hours, minutes) => write!(f, "{hours} h {minutes:02} min {seconds:02} s"),
        }
    }
}

/// A word that nobody who wrote the input can have known.
pub(crate) fn secret() -> String {
    use std::hash::{BuildHasher, RandomState};
    // The keys of std's hasher are random, and new ones come with every state.
    let half = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", half(), half())
}
