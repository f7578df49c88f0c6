use subunit_core::{Event, FileChunk, RouteCode, TagsBuf, Timestamp};

use super::*;

/// A test that ran for so many milliseconds, and what it left.
fn test(stream: &mut Vec<u8>, test_id: &str, millis: u32, status: Status) {
    let at = |millis: u32| {
        Some(Timestamp::new(1_000_000_000 + millis / 1000, millis % 1000 * 1_000_000))
    };
    let begin = Event { timestamp: at(0), ..Event::status(test_id, InProgress) };
    begin.encode(stream).unwrap();
    let file = Some(FileChunk { name: "log", bytes: test_id.as_bytes() });
    let log = Event { file, eof: true, test_id: Some(test_id), ..Event::default() };
    log.encode(stream).unwrap();
    Event { timestamp: at(millis), ..Event::status(test_id, status) }.encode(stream).unwrap();
}

fn stream(tests: &[(&str, u32, Status)]) -> Vec<u8> {
    let mut stream = Vec::new();
    tests.iter().for_each(|(test_id, millis, status)| test(&mut stream, test_id, *millis, *status));
    stream
}

fn open(project: &tempfile::TempDir) -> KeptRuns {
    KeptRuns::open(&project.path().join(KeptRuns::FOLDER))
}

fn run(memory: &mut KeptRuns, partial: bool, stream: &[u8]) {
    let mut recording = memory.begin(partial).unwrap();
    stream.chunks(7).for_each(|piece| recording.take(piece).unwrap());
    assert!(recording.finish().unwrap().is_some());
}

fn times(memory: &KeptRuns) -> Vec<(String, u128)> {
    let times = memory.times().unwrap().into_iter();
    let mut times: Vec<_> = times.map(|(id, time)| (id, (time.as_micros() + 500) / 1000)).collect();
    times.sort();
    times
}

fn owned(times: &[(&str, u128)]) -> Vec<(String, u128)> {
    times.iter().map(|(id, time)| ((*id).to_owned(), *time)).collect()
}

fn bytes(stream: Option<Box<dyn Read>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

use Status::{Fail, InProgress, Skip, Success};

#[test]
fn before_the_first_run_nothing_is_known_and_nothing_is_made() {
    let project = tempfile::tempdir().unwrap();
    let memory = open(&project);
    assert_eq!(memory.times().unwrap(), Times::new());
    assert_eq!(memory.failing().unwrap(), [""; 0]);
    assert_eq!(memory.listing().unwrap(), [""; 0]);
    assert!(memory.last().unwrap().is_none() && memory.failing_run().unwrap().is_none());
    assert_eq!(memory.count().unwrap(), 0);
    assert_eq!(fs::read_dir(project.path()).unwrap().count(), 0);
}

#[test]
fn a_run_is_kept_as_it_came_and_all_is_read_out_of_it() {
    let project = tempfile::tempdir().unwrap();
    let mut memory = open(&project);
    let mut told = b"text\n".to_vec();
    for test_id in ["b", "a", "b"] {
        Event::status(test_id, Status::Exists).encode(&mut told).unwrap();
    }
    told.extend(stream(&[("b", 1024, Fail), ("a", 20, Success), ("c", 0, Skip)]));
    Event::status("d", InProgress).encode(&mut told).unwrap();
    run(&mut memory, false, &told);

    let memory = open(&project);
    assert_eq!(bytes(memory.last().unwrap()), told);
    assert_eq!(times(&memory), owned(&[("a", 20), ("b", 1024)]));
    assert_eq!(memory.failing().unwrap(), ["b", "d"]);
    assert_eq!(memory.listing().unwrap(), ["b", "a"]);
    assert_eq!((memory.count().unwrap(), memory.run(1).unwrap().is_some()), (1, false));
    assert_eq!(bytes(memory.run(0).unwrap()), told);
    assert_eq!(fs::read_to_string(memory.folder.join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn what_failed_and_did_not_run_stays_failing_after_a_partial_run_only() {
    let project = tempfile::tempdir().unwrap();
    let mut memory = open(&project);
    run(&mut memory, false, &stream(&[("a", 1, Fail), ("b", 2, Fail), ("c", 3, Success)]));
    run(&mut memory, true, &stream(&[("b", 4, Success), ("d", 5, Fail)]));
    assert_eq!(memory.failing().unwrap(), ["a", "d"]);
    // With all that was said about them.
    let failing = stream(&[("a", 1, Fail), ("d", 5, Fail)]);
    assert_eq!(bytes(memory.failing_run().unwrap()), failing);
    // Again: now it is not the last run that says so.
    run(&mut memory, true, &stream(&[("d", 6, Success)]));
    assert_eq!(memory.failing().unwrap(), ["a"]);
    assert_eq!(bytes(memory.failing_run().unwrap()), stream(&[("a", 1, Fail)]));
    run(&mut memory, true, &stream(&[("a", 6, Fail)]));
    assert_eq!(bytes(memory.failing_run().unwrap()), stream(&[("a", 6, Fail)]));
    // A test that none of three whole runs has is gone.
    for _ in 0..2 {
        run(&mut memory, false, &stream(&[("c", 7, Fail)]));
    }
    assert_eq!(memory.failing().unwrap(), ["a", "c"]);
    run(&mut memory, false, &stream(&[("c", 7, Fail)]));
    assert_eq!(memory.failing().unwrap(), ["c"]);
}

#[test]
fn times_of_tests_that_did_not_run_survive() {
    let project = tempfile::tempdir().unwrap();
    let mut memory = open(&project);
    run(&mut memory, false, &stream(&[("a", 10, Success), ("b", 20, Fail)]));
    run(&mut memory, false, &stream(&[("c", 90, Success)]));
    assert_eq!(times(&memory), owned(&[("a", 10), ("b", 20), ("c", 90)]));
}

#[test]
fn a_later_attempt_takes_a_failure_back_and_another_result_does_not() {
    let project = tempfile::tempdir().unwrap();
    let mut memory = open(&project);
    let mut told = Vec::new();
    for (test_id, tag, status) in [
        ("a", "attempt-1", Fail),
        ("a", "attempt-2", Success),
        ("b", "x", Fail),
        ("b", "x", Success),
        ("c", "x", Fail),
        ("c", "attempt-2", Success),
    ] {
        let tags = TagsBuf::from([tag]);
        Event::status(test_id, status).with_tags(&tags).encode(&mut told).unwrap();
    }
    let layer = Event { runnable: false, ..Event::status("layer", Fail) };
    layer.encode(&mut told).unwrap();
    run(&mut memory, false, &told);
    assert_eq!(memory.failing().unwrap(), ["b"]);
}

#[test]
fn one_id_under_two_names_is_two_tests_and_the_number_of_a_worker_is_no_name() {
    let project = tempfile::tempdir().unwrap();
    let mut memory = open(&project);
    let routed = |route, status| {
        let mut stream = Vec::new();
        let route_code = Some(RouteCode::new(route));
        Event { route_code, ..Event::status("a", status) }.encode(&mut stream).unwrap();
        stream
    };
    run(&mut memory, false, &[routed("go/0", Fail), routed("py/0", Fail)].concat());
    assert_eq!(memory.failing().unwrap(), ["a"]);
    run(&mut memory, true, &routed("go/1", Success));
    assert_eq!(bytes(memory.failing_run().unwrap()), routed("py/0", Fail));
}

#[test]
fn what_a_killed_process_had_written_becomes_the_last_run() {
    let project = tempfile::tempdir().unwrap();
    let mut memory = open(&project);
    run(&mut memory, false, &stream(&[("a", 1, Fail), ("b", 2, Fail)]));
    let mut told = stream(&[("b", 3, Success), ("c", 4, Success)]);
    Event::status("d", InProgress).encode(&mut told).unwrap();
    told.extend_from_slice(b"\xb3\x29\x01");
    let mut killed = memory.begin(true).unwrap();
    killed.take(&told).unwrap();
    killed.save().unwrap();
    drop(killed);
    memory.begin(false).unwrap();

    let mut memory = open(&project);
    memory.warnings();
    assert_eq!(bytes(memory.last().unwrap()), told);
    assert_eq!(memory.failing().unwrap(), ["a", "d"]);
    assert_eq!(memory.count().unwrap(), 2);
}

#[test]
fn a_run_that_goes_on_is_left_to_its_process() {
    let project = tempfile::tempdir().unwrap();
    let mut memory = open(&project);
    let told = stream(&[("a", 1, Fail)]);
    let mut recording = memory.begin(false).unwrap();
    recording.take(&told).unwrap();
    assert!(open(&project).last().unwrap().is_none());
    recording.finish().unwrap();
    assert_eq!(bytes(memory.last().unwrap()), told);
}

#[test]
fn what_was_kept_before_the_history_becomes_its_first_runs() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path().join(KeptRuns::FOLDER);
    fs::create_dir(&folder).unwrap();
    let last = stream(&[("b", 4, Success), ("d", 5, Fail)]);
    fs::write(folder.join(LAST), &last).unwrap();
    fs::write(folder.join(FAILING), stream(&[("a", 1, Fail)])).unwrap();
    fs::write(folder.join(KNOWN), stream(&[("a", 1, Fail), ("b", 1, Success)])).unwrap();
    let memory = open(&project);
    assert_eq!(memory.failing().unwrap(), ["a", "d"]);
    assert_eq!(bytes(memory.last().unwrap()), last);
    assert!([LAST, FAILING, KNOWN].iter().all(|name| !folder.join(name).exists()));
    assert_eq!(open(&project).count().unwrap(), 2);
}

#[test]
fn a_damaged_index_is_told_and_made_anew() {
    let project = tempfile::tempdir().unwrap();
    let mut memory = open(&project);
    run(&mut memory, false, &stream(&[("a", 1, Fail)]));
    fs::write(memory.folder.join("history.db"), vec![b'x'; 5000]).unwrap();
    let mut memory = open(&project);
    assert_eq!(memory.failing().unwrap(), ["a"]);
    assert!(memory.warnings()[0].contains("made anew"));
}

#[test]
fn what_cannot_be_written_is_one_error_that_names_the_folder() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join(".subunit"), "").unwrap();
    let mut memory = open(&project);
    let error = memory.begin(false).err().unwrap().to_string();
    let folder = project.path().join(".subunit");
    assert!(error.starts_with(&format!("{}: ", folder.display())), "{error}");
    assert!(!error.contains('\n'), "{error}");
}
