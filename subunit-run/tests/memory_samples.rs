//! Repositories that testr and stestr have written, each with what must be read in it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use serde_json::Value;
use subunit_core::{Event, Status, Timestamp, sink::Recorder};
use subunit_run::memory::{Memory, Repository, Tool};

/// A copy of a sample that may be written to.
struct Sample {
    folder: tempfile::TempDir,
    tool: Tool,
    expected: Value,
}

impl Sample {
    fn new(name: &str) -> Self {
        let tool = if name.starts_with("stestr") { Tool::Stestr } else { Tool::Testr };
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/repositories").join(name);
        let expected = fs::read_to_string(data.join("expected.json")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(data.join(tool.folder())).unwrap() {
            let entry = entry.unwrap();
            fs::write(folder.path().join(entry.file_name()), fs::read(entry.path()).unwrap())
                .unwrap();
        }
        Self { folder, tool, expected: serde_json::from_str(&expected).unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self) -> Repository {
        Repository::open(self.folder.path(), self.tool).unwrap()
    }

    /// The times as text, as `repr` writes them.
    fn times(&self) -> BTreeMap<String, f64> {
        let times = self.expected["times"].as_object().unwrap().iter();
        times.map(|(id, time)| (id.clone(), time.as_str().unwrap().parse().unwrap())).collect()
    }
}

fn read_times(repository: &Repository) -> BTreeMap<String, f64> {
    let times = repository.times().unwrap().into_iter();
    times.map(|(id, time)| (id, time.as_secs_f64())).collect()
}

/// `[id, status, [tags]]` of each result of a stream.
fn results(stream: impl Read) -> Value {
    let mut results = Vec::new();
    let mut recorder = Recorder::new(|record: subunit_core::sink::TestRecord| {
        let tags: Vec<_> = record.tags.as_tags().iter().collect();
        results.push(serde_json::json!([record.test_id, record.status.unwrap().name(), tags]));
    });
    subunit_core::read(stream, &mut recorder).unwrap();
    results.into()
}

fn check(name: &str) {
    let sample = Sample::new(name);
    let mut repository = sample.open();
    let expected = &sample.expected;
    assert_eq!(
        repository.count().unwrap().to_string(),
        expected["next"].as_str().unwrap(),
        "{name}"
    );
    assert_eq!(repository.numbers().unwrap(), [0, 1], "{name}");
    for number in [0, 1] {
        let run = results(repository.stored(number).unwrap());
        assert_eq!(run, expected["runs"][number.to_string()], "{name}");
    }
    let failing = results(repository.failing_run().unwrap().unwrap());
    assert_eq!(failing, expected["runs"]["failing"], "{name}");
    let list: Value = repository.failing().unwrap().into();
    assert_eq!(list, expected["failing_list"], "{name}");
    assert_eq!(read_times(&repository), sample.times(), "{name}");
    assert_eq!(repository.warnings(), [""; 0], "{name}");
    assert_eq!(repository.note(0), None);
}

#[test]
fn all_of_a_repository_is_read() {
    for name in ["testr-dumb", "stestr-dumb", "testr-gdbm", "testr-ndbm", "testr-sqlite-by-hand"] {
        check(name);
    }
}

fn push(stream: &mut Vec<u8>, test_id: &str, micros: u32, status: Status) {
    let timestamp = Some(Timestamp::new(1_700_000_000, micros * 1000));
    Event { timestamp, ..Event::status(test_id, status) }.encode(stream).unwrap();
}

/// The same bytes as Python has written for the same run.
#[test]
fn a_stored_run_that_is_stored_again_is_the_same() {
    for name in ["testr-dumb", "stestr-dumb"] {
        let sample = Sample::new(name);
        let mut repository = sample.open();
        for number in [0, 1] {
            let mut stream = Vec::new();
            repository.stored(number).unwrap().read_to_end(&mut stream).unwrap();
            let mut recording = repository.begin(false).unwrap();
            stream.chunks(100).for_each(|piece| recording.take(piece).unwrap());
            assert_eq!(recording.finish().unwrap(), Some((number + 2).to_string()));
        }
        // A test that had not ended has the same time twice now.
        let again = fs::read_to_string(sample.path("3")).unwrap();
        let time = "time: 2026-01-01 00:00:00.650000Z\n";
        let again = again.replace(&format!("{time}failure: d.new"), "failure: d.new");
        assert_eq!(again, fs::read_to_string(sample.path("1")).unwrap());
        let run = |number: &str| {
            String::from_utf8_lossy(&fs::read(sample.path(number)).unwrap()).into_owned()
        };
        assert_eq!(run("2"), run("0"));
        assert_eq!(fs::read(sample.path("next-stream")).unwrap(), b"4\n");
        assert_eq!(repository.failing().unwrap(), ["d.new"]);
        assert_eq!(read_times(&repository), sample.times());
    }
}

#[test]
fn a_new_run_changes_the_times_of_its_tests() {
    for name in ["testr-dumb", "stestr-dumb", "testr-gdbm", "testr-ndbm", "testr-sqlite-by-hand"] {
        let sample = Sample::new(name);
        let mut repository = sample.open();
        let mut stream = Vec::new();
        for test_id in ["a.one", "\u{fc}.x y", "new"] {
            push(&mut stream, test_id, 0, Status::InProgress);
            push(&mut stream, test_id, 123_456, Status::Success);
        }
        let mut recording = repository.begin(true).unwrap();
        recording.take(&stream).unwrap();
        recording.finish().unwrap();
        let mut times = sample.times();
        times.extend(["a.one", "\u{fc}.x y", "new"].map(|id| (id.to_owned(), 0.123456)));
        assert_eq!(read_times(&sample.open()), times, "{name}");
        // Every Python can open this form, and finds no other one before it.
        let forms = ["", ".db", ".pag", ".dat", ".dir"].map(|end| format!("times.dbm{end}"));
        let there = forms.map(|name| sample.path(&name).exists());
        assert_eq!(there, [false, false, false, true, true], "{name}");
        assert_eq!(repository.warnings(), [""; 0]);
    }
}
