//! What does a runner's process say of its tests? Passed on under the ids by which they were handed out, at the
//! times at which it happens.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    io::{self, Write},
    time::Duration,
};

use subunit_core::{
    Damage, Event, EventBuf, FileChunk, Status, Timestamp,
    conventions::{self, INCOMPLETE},
    sink::{Flow, Sink},
};
use subunit_mux::ending::Tail;

use super::{named_output::named_output, results::ResultWriter, runner_process::RunnerProcess};

/// Takes what the reader of a process says.
pub(super) struct ProcessTold<'r> {
    results: &'r mut ResultWriter,
    /// The ids of the tests that were asked for, by the names that the process has for them.
    ids: Option<HashMap<String, String>>,
    /// What stands after the name of a test in those of its parts.
    parts: Option<&'static str>,
    /// Makes the names that are asked for out of those of the source.
    renames: Option<fn(&str) -> String>,
    around: Option<fn(&str) -> bool>,
    /// What names the output of a test, where the source repeats the console.
    output: Option<&'static str>,
    /// What is attached to such a name, until it is known whether that has failed.
    held_around: Vec<EventBuf>,
    /// Where one test runs after the other: when the last one ended, or the process began.
    free_since: Option<Timestamp>,
    begun: HashMap<String, Begun>,
    /// The tests that have not begun, where they run in order.
    later: VecDeque<String>,
    /// The test that is thought to run, as it is next.
    guess: Option<String>,
    /// What is no test, has begun, and must come to its end, such as a file.
    groups: Vec<String>,
    pub(super) ended: HashSet<String>,
    /// How many failures it has told.
    pub(super) failures: u64,
    /// Whether a test has failed that was not asked for.
    pub(super) others_failed: bool,
    /// What the reader says of the run of the process: it counts if nothing else explains it.
    of_the_run: Vec<EventBuf>,
    pub(super) tail: Tail,
    error: Option<io::Error>,
}

/// A test that runs.
#[derive(Default)]
struct Begun {
    /// The time that was said; nothing while it is held back.
    said: Option<Timestamp>,
    /// When it began, by the source.
    at: Option<Timestamp>,
    /// Its process has no other, and will say when it begins.
    is_awaited: bool,
    /// What is attached to it before it is known when it began; no more than is read at once.
    held: Vec<EventBuf>,
}

impl Begun {
    /// How long it ran until this event, by the source.
    fn took_until(&self, event: &Event<'_>) -> Option<Duration> {
        event.timestamp?.since(self.at?)
    }
}

impl<'r> ProcessTold<'r> {
    pub(super) fn new(results: &'r mut ResultWriter, process: &RunnerProcess) -> Self {
        // That one test has begun needs no sign.
        let is_in_turn = |tests: &&Vec<_>| process.in_order && tests.len() > 1;
        let in_turn = process.tests.iter().filter(is_in_turn).flatten();
        Self {
            results,
            ids: process.tests.as_ref().map(|tests| tests.iter().cloned().collect()),
            parts: process.parts,
            renames: process.renames,
            around: process.around,
            output: process.output,
            held_around: Vec::new(),
            free_since: Timestamp::now().filter(|_| process.is_serial),
            begun: HashMap::new(),
            later: in_turn.map(|(_, id)| id.clone()).collect(),
            guess: None,
            groups: Vec::new(),
            ended: HashSet::new(),
            failures: 0,
            others_failed: false,
            of_the_run: Vec::new(),
            tail: Tail::default(),
            error: None,
        }
    }

    /// The tests that have begun and not ended, for all that was said.
    pub(super) fn running(&self) -> HashSet<String> {
        let is_known = |id: &&String| self.guess.as_ref() != Some(*id);
        self.begun.keys().filter(is_known).cloned().collect()
    }

    /// What has begun and not ended, and is no test.
    pub(super) fn open_groups(&mut self) -> Vec<String> {
        std::mem::take(&mut self.groups)
    }

    /// This test runs, as the process has no other.
    pub(super) fn begin(&mut self, id: &str) {
        self.begun.insert(id.to_owned(), Begun::default());
        self.say_begun(id, Duration::ZERO);
    }

    /// The same, of a process that says when its tests begin: its start is no time of theirs.
    pub(super) fn expect(&mut self, id: &str) {
        self.begun.insert(id.to_owned(), Begun { is_awaited: true, ..Begun::default() });
    }

    /// Whether it counts when tests end, so that ends are not to be held back.
    pub(super) fn counts_ends(&self) -> bool {
        self.guess.is_some()
    }

    /// The test that runs now, where they run in order.
    pub(super) fn begin_next(&mut self) {
        self.guess = self.later.pop_front();
        if let Some(id) = self.guess.clone() {
            self.begin(&id);
        }
    }

    /// Nothing more is there for now: tests that have begun are said to run.
    pub(super) fn pause(&mut self) {
        let held = self.begun.iter().filter(|(_, begun)| begun.said.is_none() && !begun.is_awaited);
        let held: Vec<String> = held.map(|(id, _)| id.clone()).collect();
        held.iter().for_each(|id| self.say_begun(id, Duration::ZERO));
    }

    /// Says that a test has begun, so long ago, if that was held back.
    fn say_begun(&mut self, id: &str, ago: Duration) {
        self.say_begun_at(id, Timestamp::now().and_then(|now| now.checked_sub(ago)));
    }

    fn is_held_back(&self, id: &str) -> bool {
        self.begun.get(id).is_some_and(|begun| begun.said.is_none())
    }

    fn say_begun_at(&mut self, id: &str, timestamp: Option<Timestamp>) {
        let held = self.begun.get_mut(id).filter(|begun| begun.said.is_none());
        let Some(begun) = held else { return };
        begun.said = timestamp;
        let held = std::mem::take(&mut begun.held);
        self.say(&Event { timestamp, ..Event::status(id, Status::InProgress) });
        held.iter().for_each(|event| self.say(&event.as_event()));
    }

    /// What the reader said of the run, of which nothing else has told.
    pub(super) fn tell_of_the_run(&mut self) {
        for event in std::mem::take(&mut self.of_the_run) {
            self.failures += 1;
            self.say(&Event { timestamp: None, ..event.as_event() });
        }
    }

    /// Ends what was said.
    ///
    /// # Errors
    ///
    /// If results could not be written.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.error.take().map_or(Ok(()), Err)
    }

    fn say(&mut self, event: &Event<'_>) {
        if let Err(error) = self.results.say(event) {
            self.error.get_or_insert(error);
        }
    }

    fn end(&mut self, id: &str, status: Status, event: &Event<'_>) {
        let now = Timestamp::now();
        let took = self.begun.entry(id.to_owned()).or_default().took_until(event);
        match (took, self.free_since) {
            (None, Some(last)) => self.say_begun_at(id, Some(last)),
            (took, _) => {
                let ago = took.unwrap_or_default();
                self.say_begun_at(id, now.and_then(|now| now.checked_sub(ago)));
            }
        }
        let said = self.begun.remove(id).and_then(|begun| begun.said);
        // What is told late, such as a failure with all its output, ended when the source says.
        let late = said.zip(took).and_then(|(said, took)| now?.since(said)?.checked_sub(took));
        let timestamp = now.and_then(|now| now.checked_sub(late.unwrap_or_default()));
        self.free_since = self.free_since.and(timestamp);
        self.failures += u64::from(status.is_failure());
        self.ended.insert(id.to_owned());
        self.say(&Event { test_id: Some(id), timestamp, ..*event });
        match self.begun.is_empty() {
            true => self.begin_next(),
            // Another one was thought to run.
            false => self.later.clear(),
        }
    }

    /// Whether this is a part of a test that was asked for.
    fn is_part(&self, name: &str) -> bool {
        let Some((ids, mark)) = self.ids.as_ref().zip(self.parts) else { return false };
        name.match_indices(mark).any(|(at, _)| ids.contains_key(&name[..at]))
    }

    /// What runs around the tests of each process: told where it fails.
    fn around(&mut self, event: &Event<'_>, test_id: &str) {
        match event.status {
            None if event.file.is_some() => self.held_around.push(event.to_buf()),
            Some(status) if status.is_failure() => {
                for held in std::mem::take(&mut self.held_around) {
                    self.say(&Event { timestamp: None, runnable: false, ..held.as_event() });
                }
                self.beside(&Event { runnable: false, ..*event }, test_id);
            }
            _ => self.held_around.clear(),
        }
    }

    /// What is no test of its own.
    fn beside(&mut self, event: &Event<'_>, test_id: &str) {
        match event.status {
            Some(Status::InProgress) => return self.groups.push(test_id.to_owned()),
            Some(Status::Exists) => return self.groups.retain(|group| group != test_id),
            _ => {}
        }
        if event.status.is_some_and(Status::is_failure) {
            if conventions::tells_of_the_run(test_id, event.runnable, event.tags) {
                return self.of_the_run.push(event.to_buf());
            }
            self.failures += 1;
        }
        self.say(&Event { timestamp: None, ..*event });
    }
}

impl Sink for ProcessTold<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if conventions::is_aside(event) {
            return Flow::Continue;
        }
        let Some(test_id) = event.test_id else {
            self.say(&Event { timestamp: None, ..*event });
            return Flow::Continue;
        };
        let renamed = self.renames.map(|renames| renames(test_id));
        let test_id = renamed.as_deref().unwrap_or(test_id);
        let event = &Event { test_id: Some(test_id), ..*event };
        let output = named_output(event, self.output);
        let event = &match &output {
            Some(bytes) => Event {
                file: Some(FileChunk { name: conventions::STDOUT, bytes }),
                mime_type: Some(conventions::TEXT),
                ..*event
            },
            None => *event,
        };
        let asked = self.ids.as_ref().and_then(|ids| ids.get(test_id)).cloned();
        let id = match (asked, &self.ids) {
            // Points of TAP are not runnable by themselves; what was asked for is.
            (Some(id), _) => id,
            (None, None) if event.runnable => test_id.to_owned(),
            (None, ids) => {
                if ids.is_some() && self.around.is_some_and(|around| around(test_id)) {
                    self.around(event, test_id);
                } else if ids.is_none() || !event.runnable || self.is_part(test_id) {
                    self.beside(&Event { runnable: false, ..*event }, test_id);
                } else {
                    // It was not asked for, such as what a pattern takes beside it.
                    self.others_failed |= event.status.is_some_and(Status::is_failure);
                }
                return Flow::Continue;
            }
        };
        let event = &Event { runnable: true, ..*event };
        let is_incomplete = event.tags.is_some_and(|tags| tags.contains(INCOMPLETE));
        match event.status {
            // Who has started the process knows how it ended.
            Some(_) if is_incomplete => _ = self.begun.entry(id).or_default(),
            Some(Status::InProgress) => {
                let begun = self.begun.entry(id).or_default();
                (begun.at, begun.is_awaited) = (event.timestamp, false);
            }
            Some(status) if status.is_final() => self.end(&id, status, event),
            Some(_) => {}
            // A reader that knows how long a test took says so when it began.
            None if event.file.is_none() => self.begun.entry(id).or_default().at = event.timestamp,
            None if event.timestamp.is_none() && self.is_held_back(&id) => {
                let event = Event { test_id: Some(&id), ..*event }.to_buf();
                self.begun.entry(id).or_default().held.push(event);
            }
            None => {
                let ago = self.begun.get(&id).and_then(|begun| begun.took_until(event));
                self.say_begun(&id, ago.unwrap_or_default());
                self.say(&Event { test_id: Some(&id), timestamp: None, ..*event });
            }
        }
        Flow::Continue
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.text(damage.bytes)
    }

    /// Output, of the test that runs if that is one.
    fn text(&mut self, bytes: &[u8]) -> Flow {
        if self.output.is_some() {
            return Flow::Continue;
        }
        self.tail.take(bytes);
        let mut running = self.begun.keys();
        match (running.next().cloned(), running.next()) {
            (Some(id), None) => {
                let file = Some(FileChunk { name: conventions::STDOUT, bytes });
                let mime_type = Some(conventions::TEXT);
                self.say(&Event { test_id: Some(&id), file, mime_type, ..Event::default() });
            }
            // Nobody reads it any more; results are what counts.
            _ => _ = io::stdout().write_all(bytes),
        }
        Flow::Continue
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use subunit_core::{Item, items};
    use subunit_formats::Format;

    use super::*;
    use crate::adapters::worker::ResultSource;

    type Said = (String, Option<Status>, Option<Timestamp>, bool);

    /// What is said when a process of these tests tells so.
    fn said(
        makes: impl Fn(RunnerProcess) -> RunnerProcess,
        tells: impl Fn(&mut ProcessTold<'_>),
    ) -> Vec<Said> {
        let mut file = tempfile::tempfile().unwrap();
        let mut results = ResultWriter::to(file.try_clone().unwrap());
        let ids = ["a", "b"].map(str::to_owned);
        let process = RunnerProcess::new(Vec::new(), ResultSource::Output(Format::Tap));
        let mut told = ProcessTold::new(&mut results, &makes(process.with_ids(Some(&ids))));
        tells(&mut told);
        told.finish().unwrap();
        let mut stream = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut stream).unwrap();
        let packets = items(&stream).map(|item| match item {
            Item::Packet(packet) => {
                let event = packet.event();
                let test_id = event.test_id.unwrap_or_default().to_owned();
                (test_id, event.status, event.timestamp, event.runnable)
            }
            other => panic!("{other:?}"),
        });
        packets.collect()
    }

    #[test]
    fn one_test_after_the_other_begins_when_the_one_before_it_has_ended() {
        let said = said(RunnerProcess::serial, |told| {
            for id in ["a", "b"] {
                let _ = told.event(&Event::status(id, Status::Success));
            }
        });
        let [_, a, b, _] = &said[..] else { panic!("{said:?}") };
        assert_eq!((a.1, b.1), (Some(Status::Success), Some(Status::InProgress)));
        assert_eq!((a.2, a.2.is_some()), (b.2, true));
    }

    #[test]
    fn what_is_told_late_took_as_long_as_its_source_says() {
        let at = Some(Timestamp::new(10, 0));
        let said = said(
            |process| process,
            |told| {
                let _ =
                    told.event(&Event { test_id: Some("a"), timestamp: at, ..Event::default() });
                let file = Some(FileChunk { name: "traceback", bytes: b"line" });
                let attached =
                    Event { test_id: Some("a"), file, timestamp: at, ..Event::default() };
                let _ = told.event(&attached);
                let _ = told.event(&Event { timestamp: at, ..Event::status("a", Status::Fail) });
            },
        );
        let [begun, file, ended] = &said[..] else { panic!("{said:?}") };
        assert_eq!(
            (begun.1, file.1, ended.1),
            (Some(Status::InProgress), None, Some(Status::Fail))
        );
        assert_eq!((begun.2, begun.2.is_some()), (ended.2, true));
    }

    #[test]
    fn what_is_attached_before_a_test_ends_is_not_its_begin() {
        let at = |seconds| Some(Timestamp::new(seconds, 0));
        let said = said(
            |process| process,
            |told| {
                let begun = Event { timestamp: at(10), ..Event::status("a", Status::InProgress) };
                let _ = told.event(&begun);
                let file = Some(FileChunk { name: "stdout", bytes: b"line" });
                let _ = told.event(&Event { test_id: Some("a"), file, ..Event::default() });
                let _ =
                    told.event(&Event { timestamp: at(12), ..Event::status("a", Status::Fail) });
            },
        );
        let [begun, file, ended] = &said[..] else { panic!("{said:?}") };
        assert_eq!(
            (begun.1, file.1, ended.1),
            (Some(Status::InProgress), None, Some(Status::Fail))
        );
        assert_eq!(ended.2.unwrap().since(begun.2.unwrap()), Some(Duration::from_secs(2)));
    }

    #[test]
    fn the_start_of_a_process_that_says_begins_is_no_time_of_its_test() {
        for is_expected in [false, true] {
            let said = said(
                |process| process,
                |told| {
                    match is_expected {
                        true => told.expect("a"),
                        false => told.begin("a"),
                    }
                    told.pause();
                    assert_eq!(told.begun["a"].said.is_none(), is_expected);
                    // It is blamed for the end of its process all the same.
                    assert!(told.running().contains("a"));
                    let _ = told.event(&Event::status("a", Status::InProgress));
                    told.pause();
                },
            );
            let [(_, Some(Status::InProgress), ..)] = &said[..] else { panic!("{said:?}") };
        }
    }

    #[test]
    fn what_runs_around_tests_is_told_where_it_fails() {
        let said = said(
            |process| process.around(|id| id == "init"),
            |told| {
                for status in [Status::Success, Status::Fail] {
                    let file = Some(FileChunk { name: "log", bytes: b"line" });
                    let attached = Event { test_id: Some("init"), file, ..Event::default() };
                    let _ = told.event(&attached);
                    let _ = told.event(&Event::status("init", status));
                }
                assert_eq!((told.failures, told.others_failed), (1, false));
            },
        );
        let [file, failed] = &said[..] else { panic!("{said:?}") };
        assert_eq!((file.1, failed.1, failed.3), (None, Some(Status::Fail), false));
    }
}
