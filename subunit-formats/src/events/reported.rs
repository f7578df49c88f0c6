//! What a document reports of one test, and the events that say it.

use std::time::Duration;

use subunit_core::{
    Event, Status, TagsBuf, Timestamp,
    conventions::{INCOMPLETE, REASON, attempt_tag},
};

use super::{
    clock::SyntheticClock,
    emit::{TEXT, fit},
    ids::Ids,
    push::{MOST_TAGS, Push, some_tags},
};

/// What a document reports of one test, or of one attempt at it.
#[derive(Clone, Debug)]
pub(crate) struct Reported {
    id: String,
    status: Status,
    places: [String; 2],
    attempt: Option<u32>,
    /// When it started. Without a start, and with a duration, it started when the one before it ended.
    pub(crate) start: Option<Timestamp>,
    /// How long it took.
    pub(crate) duration: Option<Duration>,
    tags: TagsBuf,
    runnable: bool,
    files: Vec<ReportedFile>,
}

#[derive(Clone, Debug)]
struct ReportedFile {
    name: String,
    bytes: Vec<u8>,
    mime_type: String,
}

impl Reported {
    /// A test that ended so.
    pub(crate) fn new(id: impl Into<String>, status: Status) -> Self {
        Self {
            id: id.into(),
            status,
            places: [String::new(), String::new()],
            attempt: None,
            start: None,
            duration: None,
            tags: TagsBuf::new(),
            runnable: true,
            files: Vec::new(),
        }
    }

    /// A test whose status the document names. One that `known` does not know has failed, and says so.
    pub(crate) fn of_word(
        id: impl Into<String>,
        word: &str,
        known: impl Fn(&str) -> Option<Status>,
    ) -> Self {
        let status = known(word);
        let mut reported = Self::new(id, status.unwrap_or(Status::Fail));
        if status.is_none() {
            reported.file(REASON, format!("unknown status `{word}`"));
        }
        reported
    }

    /// A failure of something that is no test: a file, a suite, a hook, the run.
    pub(crate) fn beside(id: impl Into<String>) -> Self {
        Self { runnable: false, ..Self::new(id, Status::Fail) }
    }

    /// What tells the test from others of its id, each with what stands between it and the id.
    pub(crate) fn at(mut self, places: [String; 2]) -> Self {
        self.places = places;
        self
    }

    /// It is called otherwise after all.
    pub(crate) fn called(mut self, id: String) -> Self {
        self.id = id;
        self
    }

    /// It is the attempt of this number, from 1.
    pub(crate) fn attempt(mut self, number: u32) -> Self {
        self.attempt = Some(number);
        self
    }

    /// What is known so far of how it ended.
    pub(crate) fn status(&self) -> Status {
        self.status
    }

    /// It ended so after all.
    pub(crate) fn set_status(&mut self, status: Status) {
        self.status = status;
    }

    /// It cannot be run by itself.
    pub(crate) fn is_no_test(&mut self) {
        self.runnable = false;
    }

    /// The document ends before the test does.
    pub(crate) fn cut_off(&mut self) {
        self.status = Status::Fail;
        self.tags.insert(INCOMPLETE);
        self.file(REASON, "no result: the report is cut off");
    }

    /// Adds a text file, if it has content. What follows under the same name is a paragraph of it.
    pub(crate) fn file(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        let same = self.files.iter_mut().find(|file| file.name == name && file.mime_type == TEXT);
        match same {
            Some(file) if !bytes.is_empty() => {
                let gap: &[u8] = if file.bytes.ends_with(b"\n") { b"\n" } else { b"\n\n" };
                file.bytes.extend_from_slice(gap);
                file.bytes.extend_from_slice(&bytes);
            }
            _ => self.typed_file(name, bytes, TEXT),
        }
    }

    /// Adds a file of any type, if it has content. A name that is taken gets a number.
    pub(crate) fn typed_file(&mut self, name: &str, bytes: impl Into<Vec<u8>>, mime_type: &str) {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return;
        }
        let name = fit(if name.is_empty() { "file" } else { name });
        let is_taken = |free: &str| self.files.iter().any(|file| file.name == free);
        let mut free = name.clone().into_owned();
        // Those before it have the numbers up to theirs, mostly.
        let mut number = 1 + self.files.iter().filter(|file| file.name.starts_with(&*name)).count();
        while is_taken(&free) {
            free = format!("{name}-{number}");
            number += 1;
        }
        self.files.push(ReportedFile { name: free, bytes, mime_type: fit(mime_type).into_owned() });
    }

    /// Adds a tag.
    pub(crate) fn tag(&mut self, tag: &str) {
        if self.tags.as_tags().len() < MOST_TAGS {
            self.tags.insert(&fit(tag));
        }
    }

    /// What it is called.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether it says why it ended so.
    pub(crate) fn has_files(&self) -> bool {
        !self.files.is_empty()
    }
}

/// How many results a document has, by their kinds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct ReportedCounts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    pub(crate) expected: u64,
    pub(crate) unexpected: u64,
    /// Failures of what is no test.
    pub(crate) beside: u64,
}

impl ReportedCounts {
    fn note(&mut self, reported: &Reported) {
        let failed = if reported.runnable { &mut self.failed } else { &mut self.beside };
        *match reported.status {
            Status::Skip => &mut self.skipped,
            Status::ExpectedFailure => &mut self.expected,
            Status::UnexpectedSuccess => &mut self.unexpected,
            Status::Fail => failed,
            _ => &mut self.passed,
        } += 1;
    }

    /// How many tests there are.
    pub(crate) fn tests(&self) -> u64 {
        self.passed + self.failed + self.skipped + self.expected + self.unexpected
    }

    /// Whether nothing is red.
    pub(crate) fn is_green(&self) -> bool {
        self.failed + self.unexpected + self.beside == 0
    }
}

/// What is known between two results of a document, or of several that follow one another.
///
/// Memory: 16 bytes a test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    clock: SyntheticClock,
    ids: Ids,
    counts: ReportedCounts,
}

impl Ledger {
    /// The next results are another document's.
    pub(crate) fn next_document(&mut self) {
        self.counts = ReportedCounts::default();
    }
}

/// What a document says of one run, as events.
pub(crate) struct DocumentRun<'a, 's> {
    push: &'a mut Push<'s>,
    ledger: &'a mut Ledger,
}

impl<'a, 's> DocumentRun<'a, 's> {
    pub(crate) fn new(push: &'a mut Push<'s>, ledger: &'a mut Ledger) -> Self {
        Self { push, ledger }
    }

    /// How many results there are so far.
    pub(crate) fn counts(&self) -> ReportedCounts {
        self.ledger.counts
    }

    /// What follows without a time of its own started then.
    pub(crate) fn starts_at(&mut self, time: Option<Timestamp>) {
        if let Some(time) = time {
            self.ledger.clock = SyntheticClock::new(time);
        }
    }

    /// What follows is another document of the same run.
    pub(crate) fn next_document(&mut self) {
        self.ledger.next_document();
    }

    /// A test, or its last attempt.
    pub(crate) fn result(&mut self, reported: &Reported) {
        self.ledger.counts.note(reported);
        self.earlier(reported);
    }

    /// A test that is listed, and has no result.
    pub(crate) fn exists(&mut self, reported: &Reported) {
        let tags = some_tags(&reported.tags);
        self.push.event(&Event { tags, ..Event::status(&fit(&reported.id), Status::Exists) });
    }

    /// An attempt that another one follows.
    pub(crate) fn earlier(&mut self, reported: &Reported) {
        let id = fit(&reported.id);
        let [first, second] = &reported.places;
        let id = match reported.runnable {
            true => self.ledger.ids.of(id.into_owned(), [first.as_str(), second.as_str()]),
            false => id.into_owned(),
        };
        let (start, stop) = self.times(reported);
        let mut tags = reported.tags.clone();
        if let Some(number) = reported.attempt {
            tags.insert(&attempt_tag(number));
        }
        let of = |status, timestamp| Event {
            tags: some_tags(&tags),
            runnable: reported.runnable,
            timestamp,
            ..Event::status(&id, status)
        };
        self.push.event(&of(Status::InProgress, start));
        for file in &reported.files {
            self.push.typed_file(Some(&id), &file.name, &file.bytes, &file.mime_type, true);
        }
        self.push.event(&of(reported.status, stop));
    }

    fn times(&mut self, reported: &Reported) -> (Option<Timestamp>, Option<Timestamp>) {
        if reported.start.is_none() && reported.duration.is_none() {
            return (None, None);
        }
        self.starts_at(reported.start);
        let start = self.ledger.clock.now();
        (Some(start), Some(self.ledger.clock.advance(reported.duration.unwrap_or_default())))
    }

    /// Something that is no test has failed.
    pub(crate) fn failure(&mut self, id: &str, reason: &str) {
        let mut failed = Reported::beside(id);
        failed.file(REASON, reason);
        self.result(&failed);
    }

    /// The document, or what is in it, says more of itself than was read, or does not end.
    pub(crate) fn shortfall(&mut self, id: &str, reason: &str) {
        self.ledger.counts.beside += 1;
        self.push.shortfall(&fit(id), reason);
    }

    /// Output of no test.
    pub(crate) fn output(&mut self, name: &str, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.push.file(None, &fit(name), bytes, true);
        }
    }

    /// Bytes that are not the document's.
    pub(crate) fn text(&mut self, bytes: &[u8]) {
        self.push.text(bytes);
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::testing::Recorded;

    use super::*;

    #[test]
    fn an_unknown_status_is_red_and_named() {
        let (mut recorded, mut ledger) = (Recorded::default(), Ledger::default());
        let mut push = Push::new(&mut recorded);
        let known = |word: &str| (word == "passed").then_some(Status::Success);
        let mut run = DocumentRun::new(&mut push, &mut ledger);
        run.result(&Reported::of_word("a", "passed", known));
        run.result(&Reported::of_word("b", "odd", known));
        assert_eq!((run.counts().passed, run.counts().failed), (1, 1));
        let files = recorded.events.iter().filter_map(|event| event.file.as_ref());
        let said: Vec<_> = files.map(|file| String::from_utf8_lossy(&file.bytes)).collect();
        assert_eq!(said, ["unknown status `odd`"]);
    }
}
