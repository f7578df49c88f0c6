use std::fs;

use Status::{Exists, Fail, InProgress, Skip, Success, UnexpectedSuccess};
use subunit_core::{Event, FileChunk, Status, TagsBuf, Timestamp};

use super::*;
use crate::memory::{Memory, dbm, results::StatusIds};

fn init() -> (tempfile::TempDir, Repository) {
    let project = tempfile::tempdir().unwrap();
    let repository = Repository::init(&project.path().join(".testrepository"), Tool::Testr);
    (project, repository.unwrap())
}

fn stream(events: &[(&str, Status)]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (nth, (test_id, status)) in events.iter().enumerate() {
        let timestamp = Some(Timestamp::new(1_000_000_000, 1_000_000 * nth as u32));
        Event { timestamp, ..Event::status(test_id, *status) }.encode(&mut stream).unwrap();
    }
    stream
}

fn run(repository: &mut Repository, partial: bool, events: &[(&str, Status)]) -> String {
    let mut recording = repository.begin(partial).unwrap();
    recording.take(&stream(events)).unwrap();
    recording.finish().unwrap().unwrap()
}

fn text(repository: &Repository, name: &str) -> String {
    String::from_utf8_lossy(&fs::read(repository.path(name)).unwrap()).into_owned()
}

fn names(repository: &Repository) -> Vec<String> {
    let entries = fs::read_dir(&repository.folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_new_repository_is_empty() {
    let (_project, repository) = init();
    assert_eq!(text(&repository, "format"), "1\n");
    assert_eq!(text(&repository, "next-stream"), "0\n");
    assert_eq!(names(&repository), ["format", "next-stream"]);
    let repository = Repository::open(&repository.folder, Tool::Testr).unwrap();
    assert_eq!((repository.count().unwrap(), repository.failing().unwrap().len()), (0, 0));
    assert_eq!((repository.times().unwrap().len(), repository.listing().unwrap().len()), (0, 0));
    assert!(repository.last().unwrap().is_none() && repository.failing_run().unwrap().is_none());
    assert_eq!(repository.latest().unwrap_err().to_string(), "'No tests in repository'");
    assert_eq!(repository.stored(0).err().unwrap().to_string(), "'No such run.'");
}

#[test]
fn errors_are_in_the_words_of_the_originals() {
    let (project, repository) = init();
    let folder = &repository.folder;
    let path = project.path().display();
    let text = |tool| Repository::init(folder, tool).unwrap_err().to_string();
    assert_eq!(text(Tool::Testr), format!("[Errno 17] File exists: '{path}/.testrepository'"));
    let exists = format!(
        "The specified repository directory {path}/.testrepository already exists. Please check if \
         the repository already exists or select a different path"
    );
    assert_eq!(text(Tool::Stestr), exists);

    let open =
        |tool: Tool| Repository::open(&project.path().join("none"), tool).unwrap_err().to_string();
    let missing = format!("No repository found in {path}. Create one by running \"testr init\".");
    assert_eq!(open(Tool::Testr), missing);
    let missing = missing.replace("testr init", "stestr init");
    assert_eq!(open(Tool::Stestr), missing);

    fs::write(repository.path("format"), "2\n").unwrap();
    let error = Repository::open(folder, Tool::Testr).unwrap_err().to_string();
    let format = "its format is '2\\n', and only format '1\\n' is known";
    assert_eq!(error, format!("{}: {format}", folder.display()));
}

#[test]
fn a_number_that_cannot_be_read_is_told_before_the_run() {
    let (_project, mut repository) = init();
    for content in ["x\n", "", "-1\n", "18446744073709551615\n", "99999999999999999999\n"] {
        fs::write(repository.path("next-stream"), content).unwrap();
        let expected = format!("Corrupt next-stream file: {}", dbm::repr(content));
        assert_eq!(repository.begin(false).err().unwrap().to_string(), expected);
        assert_eq!(repository.count().unwrap_err().to_string(), expected);
        assert_eq!(repository.last().err().unwrap().to_string(), expected);
    }
    fs::remove_file(repository.path("next-stream")).unwrap();
    let error = repository.begin(false).err().unwrap().to_string();
    assert!(error.contains("next-stream: "), "{error}");
    assert_eq!(names(&repository), ["format"]);
}

#[test]
fn a_run_is_stored_as_python_stores_it() {
    let (_project, mut repository) = init();
    let mut recording = repository.begin(false).unwrap();
    let tags = TagsBuf::from(["worker-0"]);
    recording.take(b"text\n").unwrap();
    recording.take(&stream(&[("a", Exists)])).unwrap();
    let file = |test_id, name, bytes| {
        let mut stream = Vec::new();
        let file = Some(FileChunk { name, bytes });
        let mime_type = Some("text/plain;charset=utf8");
        let event = Event { test_id, file, mime_type, eof: true, ..Event::default() };
        event.encode(&mut stream).unwrap();
        stream
    };
    recording.take(&file(None, "stdout", b"of no test")).unwrap();
    recording.take(&stream(&[("a\nb", InProgress)])).unwrap();
    // By name, without the empty one.
    for (name, bytes) in [("reason", &b"later"[..]), ("empty", b""), ("log", b"1")] {
        recording.take(&file(Some("a\nb"), name, bytes)).unwrap();
    }
    let mut end = Vec::new();
    let timestamp = Some(Timestamp::new(1_000_000_002, 250_000_000));
    let skipped = Event { timestamp, ..Event::status("a\nb", Skip) };
    skipped.with_tags(&tags).encode(&mut end).unwrap();
    recording.take(&end).unwrap();
    recording.take(&stream(&[("open", InProgress), ("later", InProgress)])).unwrap();
    assert_eq!(recording.finish().unwrap().as_deref(), Some("0"));

    let expected = "time: 2001-09-09 01:46:40.000000Z\n\
        tags: worker-0\n\
        test: a\\nb\n\
        time: 2001-09-09 01:46:42.250000Z\n\
        skip: a\\nb [ multipart\n\
        Content-Type: text/plain;charset=utf8\nlog\n1\r\n10\r\n\
        Content-Type: text/plain;charset=utf8\nreason\n5\r\nlater0\r\n]\n\
        tags: -worker-0\n\
        time: 2001-09-09 01:46:40.001000Z\ntest: later\nfailure: later [ multipart\n]\n\
        time: 2001-09-09 01:46:40.000000Z\ntest: open\nfailure: open [ multipart\n]\n";
    assert_eq!(text(&repository, "0"), expected);
    let failing = &expected[expected.find("time: 2001-09-09 01:46:40.001").unwrap()..];
    assert_eq!(text(&repository, "failing"), failing);
    assert_eq!(repository.failing().unwrap(), ["later", "open"]);
    let times = repository.times().unwrap();
    assert_eq!(times["a\\nb"].as_millis(), 2250);
    assert_eq!((times["later"].as_millis(), times["open"].as_millis(), times.len()), (0, 0, 3));
    assert_eq!(text(&repository, "next-stream"), "1\n");
    let files = ["0", "failing", "format", "next-stream", "times.dbm.dat", "times.dbm.dir"];
    assert_eq!(names(&repository), files);
}

#[test]
fn a_full_run_forgets_other_failures_and_a_partial_one_keeps_them() {
    let (_project, mut repository) = init();
    let failures = [("b", Fail), ("a", Fail), ("c", Fail), ("d", Success)];
    assert_eq!(run(&mut repository, false, &failures), "0");
    assert_eq!(repository.failing().unwrap(), ["b", "a", "c"]);
    // An unexpected success counts as a pass.
    run(&mut repository, true, &[("d", Fail), ("c", Fail), ("a", UnexpectedSuccess)]);
    assert_eq!(repository.failing().unwrap(), ["b", "c", "d"]);
    let failing = text(&repository, "failing");
    // What is said about `c` is what the last run said.
    assert_eq!(failing.matches("time: 2001-09-09 01:46:40.001000Z\n").count(), 2, "{failing}");
    run(&mut repository, true, &[("b", Success), ("b", Fail)]);
    assert_eq!(repository.failing().unwrap(), ["c", "d", "b"]);
    assert_eq!(run(&mut repository, false, &[("d", Fail)]), "3");
    assert_eq!(repository.failing().unwrap(), ["d"]);
    run(&mut repository, true, &[]);
    assert_eq!(repository.failing().unwrap(), ["d"]);
    run(&mut repository, false, &[]);
    assert_eq!(
        (text(&repository, "failing"), text(&repository, "5")),
        (String::new(), String::new())
    );
    assert_eq!(repository.count().unwrap(), 6);
}

#[test]
fn runs_are_found_by_number_and_can_be_removed() {
    let (_project, mut repository) = init();
    run(&mut repository, false, &[("a", Success)]);
    run(&mut repository, false, &[("b", Success)]);
    for name in ["01", "+1", "7x"] {
        fs::write(repository.path(name), "").unwrap();
    }
    assert_eq!(repository.numbers().unwrap(), [0, 1]);
    assert!(repository.run(0).unwrap().is_some() && repository.run(2).unwrap().is_none());
    repository.remove(1).unwrap();
    assert_eq!(repository.remove(1).unwrap_err().to_string(), "'No such run.'");
    assert_eq!(repository.last().err().unwrap().to_string(), "'No such run.'");
    assert_eq!(run(&mut repository, false, &[("c", Success)]), "2");
    assert_eq!(repository.numbers().unwrap(), [0, 2]);
}

#[test]
fn a_run_is_never_overwritten() {
    let (_project, mut repository) = init();
    run(&mut repository, false, &[("a", Success)]);
    let first = text(&repository, "0");
    fs::write(repository.path("next-stream"), "0\n").unwrap();
    assert_eq!(run(&mut repository, false, &[("b", Success)]), "1");
    assert_eq!(
        (text(&repository, "0"), text(&repository, "next-stream")),
        (first, "2\n".to_owned())
    );
}

#[test]
fn results_can_be_added_to_those_of_an_earlier_run() {
    let (_project, mut repository) = init();
    run(&mut repository, false, &[("a", Fail), ("b", Fail)]);
    let before = text(&repository, "0");
    let mut recording = repository.begin_after(0, false).unwrap();
    recording.take(&stream(&[("b", Success)])).unwrap();
    assert_eq!(recording.finish().unwrap().as_deref(), Some("0"));
    let after = text(&repository, "0");
    assert!(after.strip_prefix(&before).is_some_and(|added| added.contains("successful: b")));
    assert_eq!(repository.failing().unwrap(), ["a"]);
    assert_eq!(repository.count().unwrap(), 1);
    let error = repository.begin_after(7, false).err().unwrap();
    assert_eq!(error.to_string(), "'No such run.'");
}

#[test]
fn stestr_keeps_times_without_the_tags_in_ids() {
    let project = tempfile::tempdir().unwrap();
    for (tool, expected) in [(Tool::Testr, "a.b[smoke]"), (Tool::Stestr, "a.b")] {
        let folder = project.path().join(tool.folder());
        let mut repository = Repository::init(&folder, tool).unwrap();
        run(&mut repository, false, &[("a.b[smoke]", InProgress), ("a.b[smoke]", Fail)]);
        let times = repository.times().unwrap();
        assert_eq!(times.keys().collect::<Vec<_>>(), [expected]);
        assert_eq!(repository.failing().unwrap(), ["a.b[smoke]"]);
    }
}

#[test]
fn notes_about_runs_are_read() {
    let (_project, mut repository) = init();
    let notes = [("0", "nightly"), ("10", "\u{fc}")];
    let pairs = notes.map(|(number, note)| (number.into(), note.into()));
    dbm::update(&repository.path("meta.dbm"), &pairs).unwrap();
    let found = [0, 1, 10].map(|number| repository.note(number));
    assert_eq!(found, [Some("nightly".to_owned()), None, Some("\u{fc}".to_owned())]);
    fs::write(repository.path("meta.dbm.dir"), "?").unwrap();
    assert_eq!(repository.note(0), None);
    assert!(repository.warnings()[0].ends_with("meta.dbm.dir: line 1: not an entry"));
}

#[test]
fn a_run_that_cannot_take_its_place_is_kept_beside_it() {
    let (_project, mut repository) = init();
    let next = repository.path("next-stream");
    let mut recording = repository.begin(false).unwrap();
    recording.take(&stream(&[("a", Fail)])).unwrap();
    fs::write(next, "x").unwrap();
    let error = recording.finish().unwrap_err().to_string();
    let (why, path) = error.split_once("; the run is kept as ").unwrap();
    assert_eq!(why, "Corrupt next-stream file: 'x'");
    assert!(fs::read_to_string(path).unwrap().contains("failure: a"), "{path}");
}

#[test]
fn a_run_that_is_given_up_leaves_nothing() {
    let (_project, mut repository) = init();
    repository.begin(false).unwrap().take(b"text").unwrap();
    assert_eq!(names(&repository), ["format", "next-stream"]);
}

#[test]
fn times_that_cannot_be_read_or_kept_are_a_warning() {
    let (_project, mut repository) = init();
    fs::write(repository.path("times.dbm.dir"), "'a', (0, 3)\n'b', (512, 3)\n").unwrap();
    fs::write(repository.path("times.dbm.dat"), "0.5").unwrap();
    assert_eq!(repository.times().unwrap().len(), 1);
    let warnings = repository.warnings();
    assert!(warnings[0].starts_with("not all times of earlier runs are known: "), "{warnings:?}");
    assert_eq!((warnings.len(), repository.warnings().len()), (1, 0));

    fs::remove_file(repository.path("times.dbm.dat")).unwrap();
    fs::create_dir(repository.path("times.dbm.dat")).unwrap();
    run(&mut repository, false, &[("a", Fail)]);
    assert_eq!(repository.failing().unwrap(), ["a"]);
    let warnings = repository.warnings();
    assert!(warnings[0].starts_with("the times of this run are not kept: "), "{warnings:?}");
}

#[test]
fn damaged_runs_are_read_as_far_as_they_can_be() {
    let (_project, mut repository) = init();
    run(&mut repository, false, &[("a", Fail), ("b", Fail)]);
    let whole = text(&repository, "failing");
    for length in 0..whole.len() {
        fs::write(repository.path("failing"), &whole[..length]).unwrap();
        fs::write(repository.path("0"), &whole[..length]).unwrap();
        let failing = repository.failing().unwrap();
        assert!(["a", "b"].starts_with(&failing.iter().map(String::as_str).collect::<Vec<_>>()));
        StatusIds::read(Fail, repository.last().unwrap().unwrap()).unwrap();
    }
    fs::write(repository.path("failing"), "\0\u{fffd}[ multipart\n").unwrap();
    run(&mut repository, true, &[("c", Fail)]);
    assert_eq!(repository.failing().unwrap(), ["c"]);
}

#[test]
fn a_folder_that_cannot_be_read_is_one_error_that_names_it() {
    let project = tempfile::tempdir().unwrap();
    let file = project.path().join("file");
    fs::write(&file, "").unwrap();
    for error in [
        Repository::open(&file, Tool::Testr).unwrap_err(),
        Repository::init(&file.join("x"), Tool::Testr).unwrap_err(),
    ] {
        let error = error.to_string();
        assert!(error.starts_with(&file.display().to_string()) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn stestr_takes_a_folder_that_is_empty() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path().join("r");
    fs::create_dir(&folder).unwrap();
    assert!(Repository::init(&folder, Tool::Testr).is_err());
    Repository::init(&folder, Tool::Stestr).unwrap();
    assert!(Repository::init(&folder, Tool::Stestr).is_err());
}
