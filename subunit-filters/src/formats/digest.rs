//! What reports for people know of a run: all counts, and as much of the tests as there is room for.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use subunit_core::{
    Damage, Event, RouteCodeBuf, Status, Timestamp,
    run::cause::cut,
    sink::{Attachment, Counts, Flow, Records, Sink, Summary, TestRecord, Verdict},
};

/// How much is kept, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of the files of one test.
    pub(crate) record: usize,
    /// Of tests that failed, flaky ones among them. Beyond that they are kept without their files up to
    /// half as much more, then counted.
    pub(crate) bad: usize,
    /// Of all others, in the same way.
    pub(crate) other: usize,
}

/// So many of the slowest tests are known.
const SLOWEST: usize = 10;

/// What a test takes up besides its id and files.
const RECORD_COST: usize = 512;

/// Collects what a report tells. Memory: the tests that run, and what [`Limits`] says.
#[derive(Debug)]
pub(crate) struct Digest {
    limits: Limits,
    summary: Summary,
    records: Records,
    /// Attempts at tests the last of which failed, the first to fail first.
    bad: BTreeMap<u64, Vec<TestRecord>>,
    by_test: HashMap<Key, u64>,
    bad_seen: u64,
    bad_bytes: usize,
    other_bytes: usize,
    first_damage: Option<String>,
    /// Tests that passed after they had failed, with all attempts.
    pub(crate) flaky: Vec<Vec<TestRecord>>,
    /// How many flaky tests there are.
    pub(crate) flaky_count: u64,
    /// All others that ended, in their order.
    pub(crate) others: Vec<TestRecord>,
    /// Attempts that failed and were not kept.
    pub(crate) bad_left_out: u64,
    /// Tests that did not fail and were not kept.
    pub(crate) others_left_out: u64,
    /// The slowest tests, the slowest first.
    pub(crate) slowest: Vec<(Duration, String)>,
}

type Key = (Option<RouteCodeBuf>, String);

impl Digest {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            summary: Summary::new(),
            records: Records::with_limit(limits.record),
            bad: BTreeMap::new(),
            by_test: HashMap::new(),
            bad_seen: 0,
            bad_bytes: 0,
            other_bytes: 0,
            first_damage: None,
            flaky: Vec::new(),
            flaky_count: 0,
            others: Vec::new(),
            bad_left_out: 0,
            others_left_out: 0,
            slowest: Vec::new(),
        }
    }

    /// The attempts at each test that failed last, the first to fail first.
    pub(crate) fn bad(&self) -> impl Iterator<Item = &[TestRecord]> {
        self.bad.values().map(Vec::as_slice)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.summary.counts()
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.summary.verdict()
    }

    /// From the first to the last time of any event.
    pub(crate) fn elapsed(&self) -> Option<Duration> {
        self.summary.elapsed()
    }

    /// The time of the last event, in seconds since 1970.
    pub(crate) fn stop_seconds(&self) -> u64 {
        self.summary.stop().map_or(0, Timestamp::seconds)
    }

    /// What is wrong and is no test.
    pub(crate) fn damage_text(&self) -> Option<String> {
        let first = self.first_damage.as_deref()?;
        let count = self.counts().damage;
        Some(if count == 1 { first.to_owned() } else { format!("{first}; {count} places in all") })
    }

    /// The verdict and the numbers that are not zero: `FAILED: 3 tests, 1 passed, 2 failed in 0.5 s`.
    pub(crate) fn headline(&self) -> String {
        let counts = self.counts();
        let word = match self.verdict() {
            Verdict::Passed => "PASSED",
            Verdict::Failed => "FAILED",
            Verdict::NoTests => "NO TESTS",
        };
        let tests = counts.tests() + counts.unfinished;
        let plural = if tests == 1 { "" } else { "s" };
        let mut line = format!("{word}: {tests} test{plural}");
        if counts.others() > 0 {
            line += &format!(" and {}", others(&counts));
        }
        for (name, count) in self.numbers() {
            line += &format!(", {count} {name}");
        }
        if let Some(elapsed) = self.elapsed() {
            line += &format!(" in {}", Seconds(elapsed));
        } else if let Some(time) = self.summary.test_time() {
            line += &format!(", test time {}", Seconds(time));
        }
        line
    }

    /// The numbers that are not zero, and their names.
    pub(crate) fn numbers(&self) -> Vec<(&'static str, u64)> {
        let counts = self.counts();
        let all = [
            ("passed", counts.success),
            ("failed", counts.fail),
            ("unfinished", counts.unfinished),
            ("unexpectedly passed", counts.uxsuccess),
            ("flaky", self.flaky_count),
            ("skipped", counts.skip),
            ("failed as expected", counts.xfail),
            ("damaged", counts.damage),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn take(&mut self, record: TestRecord) {
        if record.status == Some(Status::Exists) {
            return;
        }
        if let Some(duration) = duration(&record) {
            self.note_slow(duration, &record.test_id);
        }
        if is_bad(&record) {
            return self.take_bad(record);
        }
        if record.status == Some(Status::Success)
            && !self.by_test.is_empty()
            && let Some(ordinal) = self.by_test.remove(&key(&record))
            && let Some(mut attempts) = self.bad.remove(&ordinal)
        {
            self.flaky_count += 1;
            attempts.push(record);
            return self.flaky.push(attempts);
        }
        match kept(record, &mut self.other_bytes, self.limits.other) {
            Some(record) => self.others.push(record),
            None => self.others_left_out += 1,
        }
    }

    fn take_bad(&mut self, record: TestRecord) {
        let Some(record) = kept(record, &mut self.bad_bytes, self.limits.bad) else {
            self.bad_left_out += 1;
            return;
        };
        let ordinal = *self.by_test.entry(key(&record)).or_insert(self.bad_seen);
        self.bad_seen = self.bad_seen.max(ordinal + 1);
        self.bad.entry(ordinal).or_default().push(record);
    }

    fn note_slow(&mut self, duration: Duration, test_id: &str) {
        let at = self.slowest.partition_point(|(slower, _)| *slower >= duration);
        if at < SLOWEST {
            self.slowest.truncate(SLOWEST - 1);
            self.slowest.insert(at, (duration, cut(test_id, 1024).to_owned()));
        }
    }
}

impl Sink for Digest {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let _ = self.summary.event(event);
        if event.test_id.is_none() && event.status.is_some_and(Status::is_failure) {
            let attachment = event.file.map(|file| Attachment {
                name: file.name.to_owned(),
                bytes: file.bytes.get(..self.limits.record).unwrap_or(file.bytes).to_vec(),
                ..Attachment::default()
            });
            self.take(TestRecord {
                test_id: "(no test id)".to_owned(),
                status: event.status,
                attachments: attachment.into_iter().collect(),
                ..TestRecord::default()
            });
        }
        if let Some(record) = self.records.note(event) {
            self.take(record);
        }
        Flow::Continue(())
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.first_damage.get_or_insert_with(|| damage.to_string());
        self.summary.damage(damage)
    }

    fn finish(&mut self) {
        for record in self.records.take_open() {
            self.take(record);
        }
    }
}

fn key(record: &TestRecord) -> Key {
    (record.route_code.clone(), record.test_id.clone())
}

/// The record, as much of it as there is room for.
fn kept(mut record: TestRecord, bytes: &mut usize, limit: usize) -> Option<TestRecord> {
    let tags: usize = record.tags.as_tags().iter().map(|tag| tag.len() + 8).sum();
    let bare = record.test_id.len() + tags + RECORD_COST;
    let files: usize =
        record.attachments.iter().map(|file| file.name.len() + file.bytes.len() + 128).sum();
    if *bytes + bare + files <= limit {
        *bytes += bare + files;
        return Some(record);
    }
    if *bytes + bare > limit + limit / 2 {
        return None;
    }
    *bytes += bare;
    record.omitted += record.attachments.iter().map(|file| file.bytes.len() as u64).sum::<u64>();
    record.attachments = Vec::new();
    Some(record)
}

/// Whether the attempt failed, or never ended.
pub(crate) fn is_bad(record: &TestRecord) -> bool {
    record.status.is_none_or(|status| !status.is_final() || status.is_failure())
}

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

pub(crate) fn duration(record: &TestRecord) -> Option<Duration> {
    record.stop?.since(record.start?)
}

/// Results that are not among the tests, such as those of layers: `1 other`, `2 others`.
pub(crate) fn others(counts: &Counts) -> String {
    match counts.others() {
        1 => "1 other".to_owned(),
        others => format!("{others} others"),
    }
}

/// `1 more failure`, `2 more failures`.
pub(crate) fn more_failures(count: u64) -> String {
    format!("{count} more failure{}", if count == 1 { "" } else { "s" })
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
