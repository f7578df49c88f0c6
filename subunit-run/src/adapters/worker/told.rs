//! What does a runner's process say of its tests? Passed on under the ids by which they were handed out, at the
//! times at which it happens.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Write},
    time::Duration,
};

use subunit_core::{
    Damage, Event, EventBuf, FileChunk, Status, Timestamp,
    conventions::{self, INCOMPLETE},
    sink::{Flow, Sink},
};
use subunit_mux::ending::Tail;

use super::{results::ResultWriter, runner_process::RunnerProcess};

/// Takes what the reader of a process says.
pub(super) struct ProcessTold<'r> {
    results: &'r mut ResultWriter,
    /// The ids of the tests that were asked for, by the names that the process has for them.
    ids: Option<HashMap<String, String>>,
    /// What stands after the name of a test in those of its parts.
    parts: Option<&'static str>,
    /// Makes the names that are asked for out of those of the source.
    renames: Option<fn(&str) -> String>,
    begun: HashMap<String, Begun>,
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
    /// When that was said; nothing while it is held back.
    said: bool,
    /// When it began, by the source.
    at: Option<Timestamp>,
}

impl<'r> ProcessTold<'r> {
    pub(super) fn new(results: &'r mut ResultWriter, process: &RunnerProcess) -> Self {
        Self {
            results,
            ids: process.tests.as_ref().map(|tests| tests.iter().cloned().collect()),
            parts: process.parts,
            renames: process.renames,
            begun: HashMap::new(),
            groups: Vec::new(),
            ended: HashSet::new(),
            failures: 0,
            others_failed: false,
            of_the_run: Vec::new(),
            tail: Tail::default(),
            error: None,
        }
    }

    /// The tests that have begun and not ended.
    pub(super) fn running(&self) -> HashSet<String> {
        self.begun.keys().cloned().collect()
    }

    /// What has begun and not ended, and is no test.
    pub(super) fn open_groups(&mut self) -> Vec<String> {
        std::mem::take(&mut self.groups)
    }

    /// This test runs, as the process has no other.
    pub(super) fn begin(&mut self, id: &str) {
        self.begun.insert(id.to_owned(), Begun { said: true, at: None });
        self.say(&Event::status(id, Status::InProgress));
    }

    /// Nothing more is there for now: tests that have begun are said to run.
    pub(super) fn pause(&mut self) {
        let held = self.begun.iter_mut().filter(|(_, begun)| !begun.said);
        let held: Vec<String> = held
            .map(|(id, begun)| {
                begun.said = true;
                id.clone()
            })
            .collect();
        held.iter().for_each(|id| self.say(&Event::status(id, Status::InProgress)));
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
        let begun = self.begun.remove(id).unwrap_or_default();
        if !begun.said {
            let took = begun.at.and_then(|at| event.timestamp?.since(at));
            let now = Timestamp::now();
            let timestamp = now.and_then(|now| now.checked_sub(took.unwrap_or(Duration::ZERO)));
            self.say(&Event { timestamp, ..Event::status(id, Status::InProgress) });
        }
        self.failures += u64::from(status.is_failure());
        self.ended.insert(id.to_owned());
        self.say(&Event { test_id: Some(id), timestamp: None, ..*event });
    }

    /// Whether this is a part of a test that was asked for.
    fn is_part(&self, name: &str) -> bool {
        let Some((ids, mark)) = self.ids.as_ref().zip(self.parts) else { return false };
        name.match_indices(mark).any(|(at, _)| ids.contains_key(&name[..at]))
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
        let asked = self.ids.as_ref().and_then(|ids| ids.get(test_id)).cloned();
        let id = match (asked, &self.ids) {
            // Points of TAP are not runnable by themselves; what was asked for is.
            (Some(id), _) => id,
            (None, None) if event.runnable => test_id.to_owned(),
            (None, ids) => {
                if ids.is_none() || !event.runnable || self.is_part(test_id) {
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
                self.begun.insert(id, Begun { said: false, at: event.timestamp });
            }
            Some(status) if status.is_final() => self.end(&id, status, event),
            Some(_) => {}
            // A reader that knows how long a test took says so when it began.
            None if event.file.is_none() => self.begun.entry(id).or_default().at = event.timestamp,
            None => self.say(&Event { test_id: Some(&id), timestamp: None, ..*event }),
        }
        Flow::Continue
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.text(damage.bytes)
    }

    /// Output, of the test that runs if that is one.
    fn text(&mut self, bytes: &[u8]) -> Flow {
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
