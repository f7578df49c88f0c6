//! What a writer that was killed has left is kept at the next opening.

use std::{fs, io::Read};

use subunit_history::NewRun;

use crate::support::{Place, Run};

const ONE: &str = "0f0f0f0f-0000-4000-8000-00000000000a";

#[test]
fn a_run_whose_writer_is_gone_is_kept_as_interrupted() {
    let place = Place::new();
    let run = Run { tests: "a. b! c.", ..Run::default() };
    let stream = run.stream();
    let mut store = place.store();
    let new = NewRun { series: Some("s".into()), partial: true, ..NewRun::default() };
    let mut writer = store.begin(new).unwrap();
    let cut = stream.len() - 3;
    writer.write(&stream[..cut]).unwrap();
    writer.pause().unwrap();
    // While it lives it is left alone.
    assert_eq!(place.store().take_notes(), [""; 0]);
    drop(writer);
    let notes = place.store().take_notes();
    assert_eq!(notes, ["a run that was cut short is kept as @1: 2 tests"]);
    let history = place.history();
    let row = history.last(None).unwrap().unwrap();
    assert!(row.is_interrupted && row.is_partial);
    assert_eq!(row.series, "s");
    let mut read = Vec::new();
    history.stream(&row).unwrap().read_to_end(&mut read).unwrap();
    assert!(read == stream[..cut]);
    assert_eq!(place.problems(), [""; 0]);
    assert_eq!(fs::read_dir(place.root().join("runs")).unwrap().count(), 1);
}

#[test]
fn what_came_is_in_the_file_when_the_input_pauses() {
    let place = Place::new();
    let mut store = place.store();
    let mut writer = store.begin(NewRun::default()).unwrap();
    let part = place.root().join(format!("runs/{}.part", writer.uuid()));
    writer.write(b"shown\n").unwrap();
    writer.pause().unwrap();
    assert_eq!(fs::read(&part).unwrap(), b"shown\n");
    writer.write(&[b'x'; 100_000]).unwrap();
    assert!(fs::metadata(&part).unwrap().len() > 100_000);
    writer.finish(&mut store).unwrap();
    assert!(!part.exists());
}

#[test]
fn a_run_without_anything_is_no_run() {
    let place = Place::new();
    drop(place.store().begin(NewRun::default()).unwrap());
    assert_eq!(place.store().take_notes(), [""; 0]);
    assert_eq!(place.history().runs(None).unwrap().len(), 0);
    assert_eq!(fs::read_dir(place.root().join("runs")).unwrap().count(), 0);
}

#[test]
fn run_files_of_others_are_taken_in_and_unknown_files_left_alone() {
    let (from, to) = (Place::new(), Place::new());
    from.load(Run { tests: "a. b!", uuid: ONE, ..Run::default() });
    drop(to.store());
    let name = format!("runs/{ONE}.sub.zst");
    fs::copy(from.root().join(&name), to.root().join(&name)).unwrap();
    fs::write(to.root().join("runs/notes.txt"), "mine").unwrap();
    let cut = "runs/0f0f0f0f-0000-4000-8000-00000000000b.sub.zst";
    fs::write(to.root().join(cut), "").unwrap();
    let notes = to.store().take_notes();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].contains("not the file of a run"), "{notes:?}");
    assert_eq!(to.history().last(None).unwrap().unwrap().uuid, ONE);
    assert!(to.root().join("runs/notes.txt").exists() && to.root().join(cut).exists());
}

#[test]
fn a_run_file_that_was_cut_is_a_run_as_far_as_it_goes() {
    let (from, to) = (Place::new(), Place::new());
    from.load(Run { tests: "a. b!", uuid: ONE, ..Run::default() });
    drop(to.store());
    let name = format!("runs/{ONE}.sub.zst");
    let bytes = fs::read(from.root().join(&name)).unwrap();
    fs::write(to.root().join(&name), &bytes[..bytes.len() - 1]).unwrap();
    drop(to.store());
    let row = to.history().last(None).unwrap().unwrap();
    assert!(row.is_interrupted);
    assert_eq!((row.counts.success, row.counts.fail), (1, 1));
    assert_eq!(to.problems(), [""; 0]);
}

#[test]
fn live_runs_follow_one_another_whatever_the_clock_says() {
    let place = Place::new();
    // In the future, as after a clock that ran back.
    place.load(Run { tests: "a.", day: 100_000 / 4, ..Run::default() });
    let mut store = place.store();
    let mut writer = store.begin(NewRun { live: true, ..NewRun::default() }).unwrap();
    writer.write(&Run { tests: "a!", ..Run::default() }.stream()).unwrap();
    writer.finish(&mut store).unwrap();
    assert_eq!(place.history().failing(None).unwrap().len(), 1);
    assert_eq!(place.problems(), [""; 0]);
}
