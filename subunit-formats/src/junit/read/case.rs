//! One test case on its way from a report to events.

use std::time::Duration;

use subunit_core::{Event, FileChunk, Status, TagsBuf, Timestamp, conventions::attempt_tag};

use super::attempt::{ARTIFACTS, Attempt, FILE_COST, File, HELD, Kind, push_marked};
use crate::events::{clock::SyntheticClock, clocked::ClockedPush, emit::fit, push::MOST_TAGS};

/// The size of the pieces in which goes out what is not held.
const PIECE: usize = 1 << 16;

/// A test case. Its parts come in the order of the report; its events go out attempt by attempt:
/// flaky failures, what the case says itself, reruns.
///
/// Memory: [`HELD`] bytes, where a file counts at least [`FILE_COST`]. A case that is larger goes out
/// as it comes; what its attempts have is then where the report has it, and still red or green.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) tags: TagsBuf,
    pub(crate) main: Attempt,
    /// The main attempt has failed, as far as is known.
    pub(crate) failed: bool,
    flaky: Vec<Attempt>,
    rerun: Vec<Attempt>,
    /// The attempt that is being read.
    kind: Kind,
    held: usize,
    /// The paths of files on disk, each with a newline after it.
    artifacts: Vec<u8>,
    /// What the current attempt has goes out as it comes.
    streaming: bool,
    /// The main attempt has gone out and ended.
    main_out: bool,
    /// Attempts that have begun to go out.
    attempts: u32,
    /// They carry their numbers: there is more than one, or there may be.
    numbered: bool,
    /// The last of these has not ended.
    begun: bool,
    /// When it is over.
    stop: Option<Timestamp>,
}

impl Case {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: fit(id).into_owned(), ..Self::default() }
    }

    pub(crate) fn has_room_for_tags(&self) -> bool {
        self.tags.as_tags().len() < MOST_TAGS
    }

    pub(crate) fn tag(&mut self, tag: &str) {
        self.tags.insert(&fit(tag));
    }

    /// An attempt other than the main one begins in the report. A rerun of what has not failed is
    /// taken for one before it.
    pub(crate) fn begin_attempt(
        &mut self,
        kind: Kind,
        start: Option<Timestamp>,
        duration: Option<Duration>,
        push: &mut ClockedPush<'_>,
    ) {
        self.kind = if kind == Kind::Rerun && !self.failed { Kind::Flaky } else { kind };
        self.streaming = false;
        self.numbered = true;
        if self.kind == Kind::Rerun && self.begun {
            self.end(Status::Fail, push);
            self.main_out = true;
        }
        let attempt = Attempt { start, duration, files: Vec::new() };
        match self.kind {
            Kind::Main => return,
            Kind::Flaky => self.flaky.push(attempt),
            Kind::Rerun => self.rerun.push(attempt),
        }
        self.held += FILE_COST;
        if self.held >= HELD {
            self.go_out(push);
        }
    }

    /// It ends; what follows is the main attempt's.
    pub(crate) fn end_attempt(&mut self, push: &mut ClockedPush<'_>) {
        // Where an attempt is going out already, this one's files become its, and its end this one's.
        if self.begun {
            let current = match self.kind {
                Kind::Main => None,
                Kind::Flaky => self.flaky.pop(),
                Kind::Rerun => self.rerun.pop(),
            };
            self.send(current.unwrap_or_default(), Status::Fail, push);
            self.count_held();
        }
        self.kind = Kind::Main;
        self.streaming = false;
    }

    /// A file of the current attempt begins: text belongs to it from now on. A name that is taken
    /// gets a number; the name is returned.
    pub(crate) fn begin_file(&mut self, name: &str, push: &mut ClockedPush<'_>) -> String {
        let files = &self.current().files;
        let taken = |name: &str| files.iter().any(|file| file.name == name);
        let mut free = fit(name).into_owned();
        for number in 2.. {
            if !taken(&free) {
                break;
            }
            free = format!("{name}-{number}");
        }
        self.held += FILE_COST + free.len();
        self.current().files.push(File { name: free.clone(), bytes: Vec::new() });
        if !self.streaming && self.held >= HELD {
            self.go_out(push);
        }
        free
    }

    pub(crate) fn text(&mut self, mut bytes: &[u8], push: &mut ClockedPush<'_>) {
        while !bytes.is_empty() {
            if !self.streaming && self.held >= HELD {
                self.go_out(push);
            }
            let (streaming, left) = (self.streaming, HELD.saturating_sub(self.held));
            let Some(file) = self.current().files.last_mut() else {
                return push.text(bytes);
            };
            let room = if streaming { PIECE.saturating_sub(file.bytes.len()) } else { left };
            let (taken, rest) = bytes.split_at(room.min(bytes.len()));
            file.bytes.extend_from_slice(taken);
            self.held += taken.len();
            bytes = rest;
            if taken.len() == room {
                self.go_out(push);
            }
        }
    }

    /// The content of the file that is being read; `None` where a part of it may be gone.
    pub(crate) fn content(&mut self) -> Option<&[u8]> {
        if self.streaming { None } else { Some(&self.current().files.last()?.bytes) }
    }

    /// Replaces the content of the file.
    pub(crate) fn replace(&mut self, bytes: &[u8], push: &mut ClockedPush<'_>) {
        if let Some(file) = self.current().files.last_mut() {
            file.bytes.clear();
        }
        self.text(bytes, push);
    }

    /// Gives the file that is being read another name, unless a part of it is gone.
    pub(crate) fn rename(&mut self, name: &str) {
        if !self.streaming
            && let Some(file) = self.current().files.last_mut()
        {
            name.clone_into(&mut file.name);
        }
    }

    /// Notes the path of a file on disk that belongs to the test.
    pub(crate) fn artifact(&mut self, path: &[u8]) {
        if self.held < HELD {
            self.artifacts.extend_from_slice(path);
            self.artifacts.push(b'\n');
            self.held += path.len() + 1;
        }
    }

    /// The file ends. One without content goes.
    pub(crate) fn end_file(&mut self, push: &mut ClockedPush<'_>) {
        if !self.streaming {
            self.current().files.pop_if(|file| file.bytes.is_empty());
            return;
        }
        if let Some(file) = self.current().files.pop() {
            self.file_event(&file, true, push);
            self.held = self.held.saturating_sub(file.cost());
        }
    }

    /// A whole file, if it has content.
    pub(crate) fn file(&mut self, name: &str, bytes: &[u8], push: &mut ClockedPush<'_>) {
        if bytes.is_empty() {
            return;
        }
        self.begin_file(name, push);
        self.text(bytes, push);
        self.end_file(push);
    }

    /// The case ends with `status`.
    pub(crate) fn finish(mut self, status: Status, push: &mut ClockedPush<'_>) {
        self.note_artifacts();
        if !self.begun {
            self.send_flaky(push);
        }
        if self.begun || !self.main_out || !self.main.files.is_empty() {
            let main = std::mem::take(&mut self.main);
            self.send(main, status, push);
        }
        self.send_reruns(push);
    }

    /// What was held goes out, up to the current attempt's last file, which stays open.
    fn go_out(&mut self, push: &mut ClockedPush<'_>) {
        if !self.begun {
            // Another attempt may follow.
            self.numbered = true;
            self.send_before_current(push);
            let (start, duration) = (self.current().start.take(), self.current().duration.take());
            self.begin(start, duration, push);
        }
        self.streaming = true;
        let mut files = std::mem::take(&mut self.current().files);
        let last = files.pop();
        for file in &files {
            self.file_event(file, true, push);
        }
        if let Some(mut file) = last {
            if !file.bytes.is_empty() {
                self.file_event(&file, false, push);
                file.bytes.clear();
            }
            self.current().files.push(file);
        }
        self.count_held();
    }

    fn send_before_current(&mut self, push: &mut ClockedPush<'_>) {
        match self.kind {
            Kind::Main => self.send_flaky(push),
            Kind::Flaky => {
                let current = self.flaky.pop();
                self.send_flaky(push);
                self.flaky.extend(current);
            }
            Kind::Rerun => {
                let current = self.rerun.pop();
                self.send_flaky(push);
                if !std::mem::replace(&mut self.main_out, true) {
                    let main = std::mem::take(&mut self.main);
                    self.send(main, Status::Fail, push);
                }
                self.send_reruns(push);
                self.rerun.extend(current);
            }
        }
    }

    fn send_flaky(&mut self, push: &mut ClockedPush<'_>) {
        for attempt in std::mem::take(&mut self.flaky) {
            self.send(attempt, Status::Fail, push);
        }
    }

    fn send_reruns(&mut self, push: &mut ClockedPush<'_>) {
        for attempt in std::mem::take(&mut self.rerun) {
            self.send(attempt, Status::Fail, push);
        }
    }

    fn send(&mut self, attempt: Attempt, status: Status, push: &mut ClockedPush<'_>) {
        if !self.begun {
            self.begin(attempt.start, attempt.duration, push);
        }
        for file in &attempt.files {
            self.file_event(file, true, push);
        }
        self.end(status, push);
    }

    fn begin(
        &mut self,
        start: Option<Timestamp>,
        duration: Option<Duration>,
        push: &mut ClockedPush<'_>,
    ) {
        self.attempts += 1;
        self.begun = true;
        if let Some(start) = start {
            *push.clock = SyntheticClock::new(start);
        }
        let start = push.clock.now();
        self.stop = Some(push.clock.advance(duration.unwrap_or_default()));
        let tags = self.tags_of_attempt();
        push.event(&Event {
            timestamp: Some(start),
            tags: tags.as_ref().map(TagsBuf::as_tags),
            ..Event::status(&self.id, Status::InProgress)
        });
    }

    fn end(&mut self, status: Status, push: &mut ClockedPush<'_>) {
        self.begun = false;
        let tags = self.tags_of_attempt();
        push.event(&Event {
            timestamp: self.stop,
            tags: tags.as_ref().map(TagsBuf::as_tags),
            ..Event::status(&self.id, status)
        });
    }

    fn file_event(&self, file: &File, eof: bool, push: &mut ClockedPush<'_>) {
        push.event(&Event {
            test_id: Some(&self.id),
            file: Some(FileChunk { name: &file.name, bytes: &file.bytes }),
            mime_type: Some(file.mime_type()),
            eof,
            ..Event::default()
        });
    }

    /// The test's tags, with the attempt's number.
    fn tags_of_attempt(&self) -> Option<TagsBuf> {
        let mut tags = self.tags.clone();
        if self.numbered {
            tags.insert(&attempt_tag(self.attempts));
        }
        (!tags.as_tags().is_empty()).then_some(tags)
    }

    fn current(&mut self) -> &mut Attempt {
        let list = match self.kind {
            Kind::Main => return &mut self.main,
            Kind::Flaky => &mut self.flaky,
            Kind::Rerun => &mut self.rerun,
        };
        list.last_mut().unwrap_or(&mut self.main)
    }

    fn count_held(&mut self) {
        let attempts = self.flaky.iter().chain(&self.rerun).chain([&self.main]);
        let files = |attempt: &Attempt| attempt.files.iter().map(File::cost).sum::<usize>();
        self.held = attempts.map(|attempt| FILE_COST + files(attempt)).sum();
    }

    /// Adds a file that names the artifacts on disk, those that its output names too.
    fn note_artifacts(&mut self) {
        let mut paths = std::mem::take(&mut self.artifacts);
        push_marked(&mut paths, &self.main.files);
        if !paths.is_empty() {
            self.main.files.push(File { name: ARTIFACTS.to_owned(), bytes: paths });
        }
    }
}
