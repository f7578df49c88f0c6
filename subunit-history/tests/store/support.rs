//! Streams in few letters, and a history in a folder of its own.

use std::path::PathBuf;

use subunit_core::{
    Event, FileChunk, RouteCode, Status, TagsBuf, Timestamp, Writer,
    conventions::{MIME_TYPE, RUN, attempt_tag},
};
use subunit_history::{History, KeptRun, NewRun, Store};
use tempfile::TempDir;

use crate::engine;

/// A day, in seconds.
pub(crate) const DAY: u32 = 24 * 3600;

/// When the first run is, in seconds since 1970.
const FIRST: u32 = 1_700_000_000;

/// What a run is made of. `tests` are words: `a.` passed, `a!` failed, `a-` was skipped, `a?` never ended, `ax` failed
/// as expected, `au` passed unexpectedly, `a+` was listed; `a1!` and `a2.` are attempts; `x/a.` came by the route `x`;
/// `(a!` cannot be run by itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run<'a> {
    pub(crate) tests: &'a str,
    /// After the first run.
    pub(crate) day: u32,
    pub(crate) revision: &'a str,
    pub(crate) partial: bool,
    pub(crate) series: &'a str,
    pub(crate) uuid: &'a str,
}

impl Run<'_> {
    /// The stream.
    pub(crate) fn stream(&self) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        let dirty = self.revision.ends_with('+');
        let mut said = serde_json::json!({ "host": "h", "dirty": dirty });
        for (key, value) in [("revision", self.revision.trim_end_matches('+')), ("uuid", self.uuid)]
        {
            if !value.is_empty() {
                said[key] = value.into();
            }
        }
        let content = serde_json::to_vec(&said).unwrap();
        let file = Some(FileChunk { name: RUN, bytes: &content });
        let aside = Event { file, mime_type: Some(MIME_TYPE), eof: true, ..Event::default() };
        writer.event(&Event { runnable: false, ..aside }).unwrap();
        let mut seconds = FIRST + self.day * DAY;
        for word in self.tests.split_whitespace() {
            push(word, seconds, &mut writer);
            seconds += 2;
        }
        writer.close().unwrap()
    }
}

fn push(word: &str, seconds: u32, writer: &mut Writer<Vec<u8>>) {
    let (runnable, word) = (!word.starts_with('('), word.trim_start_matches('('));
    let (route, name) =
        word.rsplit_once('/').map_or((None, word), |(route, name)| (Some(route), name));
    let (name, end) = name.split_at(name.len() - 1);
    let id = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let tag = name[id.len()..].parse().map(attempt_tag);
    let tags: TagsBuf = tag.iter().map(String::as_str).collect();
    let at = |after| Some(Timestamp::new(seconds + after, 0));
    let event = |status, timestamp| Event {
        route_code: route.map(RouteCode::new),
        tags: Some(tags.as_tags()),
        runnable,
        timestamp,
        ..Event::status(id, status)
    };
    let status = match end {
        "." => Status::Success,
        "!" => Status::Fail,
        "-" => Status::Skip,
        "x" => Status::ExpectedFailure,
        "u" => Status::UnexpectedSuccess,
        "+" => return writer.event(&event(Status::Exists, at(0))).unwrap(),
        _ => return writer.event(&event(Status::InProgress, at(0))).unwrap(),
    };
    writer.event(&event(Status::InProgress, at(0))).unwrap();
    if status == Status::Fail {
        let message = format!("{id} broke at {seconds}");
        let file = Some(FileChunk { name: "reason", bytes: message.as_bytes() });
        let said = Event { status: None, file, eof: true, ..event(status, at(1)) };
        writer.event(&Event { mime_type: Some("text/plain;charset=utf8"), ..said }).unwrap();
    }
    writer.event(&event(status, at(1))).unwrap();
}

/// A history of its own.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    address: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = engine::address(&folder.path().join(".subunit"));
        Self { folder, address }
    }

    /// Where the history is: what [`Store::open`] takes.
    pub(crate) fn address(&self) -> PathBuf {
        self.address.clone()
    }

    /// The folder of its run files.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join(".subunit")
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.address).unwrap()
    }

    pub(crate) fn history(&self) -> History {
        History::open(&self.address).unwrap().unwrap()
    }

    pub(crate) fn load(&self, run: Run<'_>) -> KeptRun {
        load(&mut self.store(), run)
    }

    /// Loads runs, a day apart.
    pub(crate) fn load_all(&self, runs: &[Run<'_>]) {
        let mut store = self.store();
        for (run, day) in runs.iter().zip(0..) {
            load(&mut store, Run { day: if run.day == 0 { day } else { run.day }, ..*run });
        }
    }

    /// What is wrong.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.history().check(|_| true).unwrap().problems
    }

    /// All rows of all tables, but for what is of this very database: each as text.
    pub(crate) fn tables(&self) -> Tables {
        engine::tables(&self.address)
    }

    /// Changes the index as no program does.
    pub(crate) fn change(&self, sql: &str) {
        engine::change(&self.address, sql);
    }
}

/// The rows of tables, in an order of their own.
pub(crate) type Tables = Vec<(String, Vec<String>)>;

pub(crate) fn load(store: &mut Store, run: Run<'_>) -> KeptRun {
    let series = (!run.series.is_empty()).then(|| run.series.to_owned());
    let new = NewRun { series, partial: run.partial, ..NewRun::default() };
    let mut writer = store.begin(new).unwrap();
    for piece in run.stream().chunks(100) {
        writer.write(piece).unwrap();
    }
    writer.finish(store).unwrap()
}
