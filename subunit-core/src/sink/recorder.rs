//! Puts the events of a test together.

use hashbrown::HashMap;

use super::{Attachment, Flow, Sink, TestMap, TestRecord};
use crate::{Event, FileChunk, RouteCode, RouteCodeBuf, Status};

/// Puts the events of each test together into [`TestRecord`]s.
///
/// Tests are told apart by route code and test id. Events after a final status belong to the next attempt at
/// the test, which is a record of its own. `exists` ends a test that has not started, and leaves a started
/// one open. Events without a test id are ignored.
///
/// Use [`Records::note`]. For millions of tests there is [`Records::lend`], which allocates nothing for most
/// of them.
///
/// Memory grows with the tests that are open at one time, and for each of them up to the limit that
/// [`Records::with_limit`] sets for its files.
#[derive(Clone, Debug)]
pub struct Records {
    limit: usize,
    open: TestMap<Box<Open>>,
    /// The test that ended last, until the next event.
    lent: Option<Box<Open>>,
    /// Tests that ended before: their memory is used again, box and all.
    #[expect(clippy::vec_box, reason = "the boxes go to and fro")]
    spare: Vec<Box<Open>>,
}

/// A test that has not ended, or has just now.
#[derive(Clone, Debug, Default)]
struct Open {
    record: TestRecord,
    /// Where the files are that have not come to their eof, by name.
    files: HashMap<Box<str>, usize>,
    room: usize,
}

/// Memory of a file besides its name and content.
const FILE_COST: usize = 128;

impl Default for Records {
    fn default() -> Self {
        Self::with_limit(Self::LIMIT)
    }
}

impl Records {
    /// How many bytes of files are kept for each test unless told otherwise: 64 MiB.
    pub const LIMIT: usize = 64 << 20;

    /// Keeps at most `limit` bytes of files for each test: content, names, types and 128 bytes for each file.
    /// Bytes beyond that are counted in [`TestRecord::omitted`].
    pub fn with_limit(limit: usize) -> Self {
        Self { limit, open: TestMap::new(), lent: None, spare: Vec::new() }
    }

    /// Takes an event. Returns the test if the event ended it.
    pub fn note(&mut self, event: &Event<'_>) -> Option<TestRecord> {
        self.lend(event).map(std::mem::take)
    }

    /// As [`Records::note`], but faster: it only lends the record, and reuses its memory for later tests, so
    /// that nothing is allocated for most of them. Take the record to keep it. If the borrow is in the way,
    /// [`Records::note`] and [`Records::reuse`] do the same.
    pub fn lend(&mut self, event: &Event<'_>) -> Option<&mut TestRecord> {
        if let Some(lent) = self.lent.take() {
            self.keep(lent);
        }
        let ended = self.take(event)?;
        Some(&mut self.lent.insert(ended).record)
    }

    /// Takes an event. Returns the test if the event ended it.
    fn take(&mut self, event: &Event<'_>) -> Option<Box<Open>> {
        let (test_id, route_code) = (event.test_id?, event.route_code);
        let new = || {
            let mut open = self.spare.pop().unwrap_or_default();
            open.renew(event, test_id, self.limit);
            open
        };
        if event.status.is_some_and(Status::is_final) {
            let mut open = self.open.remove(route_code, test_id).unwrap_or_else(new);
            open.take(event);
            return Some(open);
        }
        if !self.open.find_or_insert_with(route_code, test_id, new).take(event) {
            return None;
        }
        self.open.remove(route_code, test_id)
    }

    /// Takes back a record of [`Records::note`], and reuses its memory for later tests.
    pub fn reuse(&mut self, record: TestRecord) {
        let mut open = self.lent.take().unwrap_or_default();
        open.record = record;
        self.keep(open);
    }

    /// Keeps the memory of a test that has ended, unless it is large.
    fn keep(&mut self, mut open: Box<Open>) {
        const MOST: usize = 64;
        /// The largest memory that is kept, in bytes.
        const LARGE: usize = 4096;
        let record = &mut open.record;
        let route = record.route_code.as_ref().map_or(0, RouteCodeBuf::capacity);
        let sizes = [record.test_id.capacity(), record.tags.capacity(), route];
        if self.spare.len() < MOST && sizes.iter().sum::<usize>() <= LARGE {
            record.attachments.clear();
            record.attachments.shrink_to(4);
            open.files.clear();
            open.files.shrink_to(4);
            self.spare.push(open);
        }
    }

    /// How many tests are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Returns the open tests, in the order in which they began, and forgets them.
    pub fn take_open(&mut self) -> Vec<TestRecord> {
        self.open.take_all().map(|open| open.record).collect()
    }
}

/// A sink that hands over a [`TestRecord`] when a test ends. [`Records`] puts it together.
///
/// Tests that never end are handed over by [`Sink::finish`], in the order in which they began. Text and
/// damage are ignored.
#[derive(Clone, Debug)]
pub struct Recorder<F> {
    on_record: F,
    records: Records,
}

impl<F: FnMut(TestRecord)> Recorder<F> {
    /// Calls `on_record` with every record when the final status of its test arrives.
    pub fn new(on_record: F) -> Self {
        Self { on_record, records: Records::default() }
    }

    /// With a limit for the files of a test: see [`Records::with_limit`].
    pub fn with_limit(on_record: F, limit: usize) -> Self {
        Self { on_record, records: Records::with_limit(limit) }
    }

    /// How many tests are open.
    pub fn open(&self) -> usize {
        self.records.open()
    }
}

impl<F: FnMut(TestRecord)> Sink for Recorder<F> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(record) = self.records.note(event) {
            (self.on_record)(record);
        }
        Flow::Continue
    }

    fn finish(&mut self) {
        self.records.take_open().into_iter().for_each(&mut self.on_record);
    }
}

impl Open {
    /// Begins a record, in the memory of one that has no files any more.
    fn renew(&mut self, event: &Event<'_>, test_id: &str, room: usize) {
        self.room = room;
        let record = &mut self.record;
        record.status = None;
        record.runnable = event.runnable;
        record.start = event.timestamp;
        record.stop = None;
        record.omitted = 0;
        record.test_id.clear();
        record.test_id.push_str(test_id);
        record.tags.clear();
        match (event.route_code, &mut record.route_code) {
            (Some(route_code), Some(kept)) => kept.assign(route_code),
            (route_code, kept) => *kept = route_code.map(RouteCode::to_buf),
        }
    }

    /// Takes an event. True if the test has ended with it.
    fn take(&mut self, event: &Event<'_>) -> bool {
        let record = &mut self.record;
        let started = record.status == Some(Status::InProgress);
        let status = event.status.filter(|status| !(started && *status == Status::Exists));
        let ended = status.is_some_and(|status| status != Status::InProgress);
        record.status = status.or(record.status);
        record.runnable = event.runnable;
        if let Some(tags) = event.tags
            && tags.wire() != record.tags.as_tags().wire()
        {
            record.tags.assign(tags);
        }
        if ended {
            record.stop = event.timestamp;
        } else {
            record.start = record.start.or(event.timestamp);
        }
        if let Some(file) = event.file {
            self.attach(file, event);
        }
        ended
    }

    fn attach(&mut self, file: FileChunk<'_>, event: &Event<'_>) {
        let Some(index) = self.files.get(file.name).copied().or_else(|| self.begin(file.name))
        else {
            self.record.omitted += file.bytes.len() as u64;
            return;
        };
        let Some(attachment) = self.record.attachments.get_mut(index) else {
            return;
        };
        if let Some(mime_type) = event.mime_type
            && attachment.mime_type.is_none()
            && mime_type.len() <= self.room
        {
            self.room -= mime_type.len();
            attachment.mime_type = Some(mime_type.to_owned());
        }
        let (kept, omitted) = file.bytes.split_at(file.bytes.len().min(self.room));
        self.room -= kept.len();
        attachment.bytes.extend_from_slice(kept);
        attachment.omitted += omitted.len() as u64;
        self.record.omitted += omitted.len() as u64;
        if event.eof {
            attachment.eof = true;
            self.files.remove(file.name);
        }
    }

    /// Begins a file, if there is room for one.
    fn begin(&mut self, name: &str) -> Option<usize> {
        let cost = name.len() + FILE_COST;
        self.room = self.room.checked_sub(cost)?;
        let index = self.record.attachments.len();
        self.record.attachments.push(Attachment { name: name.to_owned(), ..Attachment::default() });
        self.files.insert(name.into(), index);
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TagsBuf, Timestamp};

    fn recorded(limit: usize, events: &[Event<'_>]) -> Vec<TestRecord> {
        let mut records = Vec::new();
        let mut recorder = Recorder::with_limit(|record| records.push(record), limit);
        for event in events {
            recorder.event(event);
        }
        recorder.finish();
        records
    }

    fn file<'a>(name: &'a str, bytes: &'a [u8], eof: bool) -> Event<'a> {
        let file = Some(FileChunk { name, bytes });
        Event { test_id: Some("a"), file, eof, ..Event::default() }
    }

    #[test]
    fn pieces_are_joined_by_name_up_to_eof() {
        let events = [
            file("f", b"1", false),
            file("g", b"x", true),
            file("f", b"2", true),
            file("f", b"3", false),
            Event::status("a", Status::Fail),
        ];
        let records = recorded(1 << 20, &events);
        let files: Vec<_> = records[0]
            .attachments
            .iter()
            .map(|file| (file.name.as_str(), &file.bytes[..], file.eof))
            .collect();
        assert_eq!(files, [("f", &b"12"[..], true), ("g", b"x", true), ("f", b"3", false)]);
        assert_eq!(records[0].attachment("f").unwrap().bytes, b"12");
    }

    #[test]
    fn many_attempts_are_many_records() {
        let at = |seconds, status| Event {
            timestamp: Some(Timestamp::new(seconds, 0)),
            ..Event::status("a", status)
        };
        let events = [
            at(1, Status::InProgress),
            at(2, Status::Fail),
            at(3, Status::InProgress),
            at(4, Status::Success),
        ];
        let records = recorded(1 << 20, &events);
        let attempts: Vec<_> = records
            .iter()
            .map(|record| (record.status.unwrap(), record.start.unwrap().seconds()))
            .collect();
        assert_eq!(attempts, [(Status::Fail, 1), (Status::Success, 3)]);
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let events = [
            file("f", b"12345", false),
            file("f", b"67890", false),
            file("other", b"abc", true),
            Event::status("a", Status::Fail),
        ];
        let record = recorded(128 + 1 + 7, &events).remove(0);
        assert_eq!(record.attachments.len(), 1);
        assert_eq!(
            (&record.attachments[0].bytes[..], record.attachments[0].omitted),
            (&b"1234567"[..], 3)
        );
        assert_eq!(record.omitted, 6);
        assert_eq!(record.status, Some(Status::Fail));
    }

    #[test]
    fn nothing_of_a_record_that_was_given_back_is_in_a_later_one() {
        let route_code = Some(RouteCode::new("0/1"));
        let tags: TagsBuf = ["x", "y", "z"].into_iter().collect();
        let events = [
            Event { timestamp: Some(Timestamp::new(1, 0)), ..file("f", b"12345678", false) },
            Event { tags: Some(tags.as_tags()), route_code, ..Event::status("a", Status::Skip) },
            Event { runnable: false, ..Event::status("long", Status::Fail) },
            Event::status("a", Status::Success),
        ];
        let [mut records, mut again, mut lending] = [const { 132 }; 3].map(Records::with_limit);
        for event in events.iter().cycle().take(40) {
            let record = records.note(event);
            assert_eq!(again.note(event), record);
            assert_eq!(lending.lend(event).cloned(), record);
            record.into_iter().for_each(|record| again.reuse(record));
        }
        let open = records.take_open();
        assert_eq!((again.take_open(), lending.take_open()), (open.clone(), open));
        assert_eq!((again.spare.len(), lending.spare.len()), (2, 1));
    }

    #[test]
    fn records_that_take_much_room_or_are_too_many_are_not_kept() {
        let mut records = Records::default();
        records.reuse(TestRecord { test_id: "a".repeat(10_000), ..TestRecord::default() });
        assert_eq!(records.spare.len(), 0);
        let tags = [&*"x".repeat(10_000)].into_iter().collect();
        records.reuse(TestRecord { tags, ..TestRecord::default() });
        assert_eq!(records.spare.len(), 0);
        (0..1000).for_each(|_| records.reuse(TestRecord::default()));
        assert_eq!(records.spare.len(), 64);
    }

    #[test]
    fn the_unfinished_come_last_in_order_and_incomplete() {
        let events = [
            Event::status("b", Status::InProgress),
            file("f", b"x", false),
            Event::status("c", Status::InProgress),
            Event::status("c", Status::Exists),
            Event::status("d", Status::Success),
        ];
        let records = recorded(1 << 20, &events);
        let seen: Vec<_> = records
            .iter()
            .map(|record| (record.test_id.as_str(), record.status, record.is_complete()))
            .collect();
        let running = Some(Status::InProgress);
        assert_eq!(
            seen,
            [
                ("d", Some(Status::Success), true),
                ("b", running, false),
                ("a", None, false),
                ("c", running, false)
            ]
        );
    }

    #[test]
    fn a_test_that_was_listed_is_a_record() {
        let records = recorded(1 << 20, &[Event::status("a", Status::Exists)]);
        assert_eq!((records[0].status, records[0].is_complete()), (Some(Status::Exists), true));
    }
}
