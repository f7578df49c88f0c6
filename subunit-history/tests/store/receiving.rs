//! Runs that are received piece by piece, by a program that may be killed meanwhile.

use std::{
    fs::{self, File},
    io::Read,
    time::SystemTime,
};

use subunit_history::{
    NewRun,
    query::LiveRun,
    receive::{AWAITED, Overlap, ResumedRun, RunReceiver},
    run_file::RunArchive,
};

use crate::support::{Place, Run};

const ONE: &str = "0f0f0f0f-0000-4000-8000-00000000000a";
const OTHER: &str = "0f0f0f0f-0000-4000-8000-00000000000b";

fn stream() -> Vec<u8> {
    Run { tests: "a. b! c.", ..Run::default() }.stream()
}

fn open(place: &Place, uuid: &str) -> Option<RunReceiver> {
    let new = NewRun { series: Some("s".into()), partial: true, live: true };
    RunReceiver::open(&place.root(), uuid, new).unwrap()
}

/// The client was here for the last time a while ago.
fn stay_away(place: &Place, uuid: &str) {
    let part = File::options().append(true).open(part(place, uuid)).unwrap();
    part.set_modified(SystemTime::now() - AWAITED * 2).unwrap();
}

fn part(place: &Place, uuid: &str) -> std::path::PathBuf {
    place.root().join(format!("runs/{uuid}.part"))
}

fn stored(place: &Place, uuid: &str) -> Vec<u8> {
    let history = place.history();
    let mut bytes = Vec::new();
    let run = history.run_named(uuid).unwrap().unwrap();
    history.stream(&run).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_run_goes_on_after_its_receiver_was_killed() {
    let place = Place::new();
    let stream = stream();
    let (first, rest) = stream.split_at(stream.len() / 2);
    let mut receiver = open(&place, ONE).unwrap();
    receiver.append(first).unwrap();
    receiver.sync().unwrap();
    assert_eq!(LiveRun::all(&place.root()).unwrap().len(), 1);
    drop(receiver);
    // It is awaited: nobody takes it for one that was left.
    assert_eq!(place.store().take_notes(), [""; 0]);
    assert_eq!(RunReceiver::left(&place.root()).unwrap(), [ONE]);
    let ResumedRun::Ours(mut receiver) = RunReceiver::resume(&place.root(), ONE).unwrap() else {
        panic!("its receiver is gone")
    };
    assert_eq!(receiver.length(), first.len() as u64);
    assert_eq!(receiver.compare(3, &first[3..]).unwrap(), Overlap::Same);
    assert_eq!(receiver.compare(0, b"\xb3x").unwrap(), Overlap::Differs(1));
    let too_far = stream.get(first.len() - 1..).unwrap();
    let end = first.len() as u64;
    assert_eq!(receiver.compare(end - 1, too_far).unwrap(), Overlap::Differs(end - 1));
    receiver.append(rest).unwrap();
    let kept = receiver.finish(&mut place.store()).unwrap();
    assert_eq!((kept.uuid.as_str(), kept.series.as_str(), kept.is_known), (ONE, "s", false));
    let row = place.history().last(None).unwrap().unwrap();
    assert!(row.is_partial && !row.is_interrupted);
    assert!(stored(&place, ONE) == stream);
    assert_eq!(place.problems(), [""; 0]);
    assert_eq!(fs::read_dir(place.root().join("runs")).unwrap().count(), 1);
}

#[test]
fn a_run_is_received_by_one_only() {
    let place = Place::new();
    drop(place.store());
    let receiver = open(&place, ONE).unwrap();
    assert!(open(&place, ONE).is_none());
    let resumed = || RunReceiver::resume(&place.root(), ONE).unwrap();
    assert!(matches!(resumed(), ResumedRun::Busy));
    receiver.discard().unwrap();
    assert!(matches!(resumed(), ResumedRun::Missing));
    assert!(open(&place, ONE).is_some());
    // That of another writer is none to go on with.
    let writer = place.store().begin(NewRun::default()).unwrap();
    let uuid = writer.uuid().to_owned();
    assert!(open(&place, &uuid).is_none());
    drop(writer);
    assert!(open(&place, &uuid).is_none());
}

#[test]
fn the_same_stream_is_kept_once_under_the_name_of_the_client() {
    let place = Place::new();
    let stream = Run { tests: "a.", uuid: OTHER, ..Run::default() }.stream();
    for (nth, name) in [ONE, ONE, "0f0f0f0f-0000-4000-8000-00000000000c"].iter().enumerate() {
        let mut receiver = open(&place, name).unwrap();
        receiver.append(&stream).unwrap();
        let kept = receiver.finish(&mut place.store()).unwrap();
        assert_eq!(kept.is_known, nth == 1, "{name}");
        assert_eq!(&kept.uuid, name);
    }
    // Its own name is known: it is that run, whatever the client calls it.
    place.load(Run { tests: "a.", uuid: OTHER, ..Run::default() });
    let mut receiver = open(&place, "0f0f0f0f-0000-4000-8000-00000000000d").unwrap();
    receiver.append(&stream).unwrap();
    assert_eq!(receiver.finish(&mut place.store()).unwrap().uuid, OTHER);
    assert_eq!(place.problems(), [""; 0]);
}

#[test]
fn a_run_whose_client_stays_away_is_interrupted_and_may_go_on_later() {
    let place = Place::new();
    place.load(Run { tests: "a. b. c.", series: "s", ..Run::default() });
    let stream = stream();
    let (first, rest) = stream.split_at(stream.len() - 3);
    open(&place, ONE).unwrap().append(first).unwrap();
    stay_away(&place, ONE);
    assert_eq!(place.store().take_notes(), ["a run that was cut short is kept as @2: 2 tests"]);
    let row = place.history().last(None).unwrap().unwrap();
    assert!(row.is_interrupted && row.uuid == ONE);
    let archive = |place: &Place| {
        RunArchive::open(&place.root().join(format!("runs/{ONE}.sub.zst"))).unwrap()
    };
    let go_on = || {
        let stream = archive(&place).stream().unwrap();
        RunReceiver::go_on(&place.root(), ONE, stream).unwrap()
    };
    let mut receiver = go_on().unwrap();
    assert!(go_on().is_none());
    assert_eq!(receiver.length(), first.len() as u64);
    // It stays away again: what it had sent before is there.
    drop(receiver);
    stay_away(&place, ONE);
    assert_eq!(place.store().take_notes(), [""; 0]);
    assert!(!part(&place, ONE).exists());
    receiver = go_on().unwrap();
    receiver.append(rest).unwrap();
    let kept = receiver.finish(&mut place.store()).unwrap();
    assert_eq!((kept.id, kept.uuid.as_str()), (2, ONE));
    let after = place.history().last(None).unwrap().unwrap();
    assert_eq!((after.is_interrupted, after.seq, after.is_partial), (false, row.seq, true));
    assert_eq!(place.history().runs(None).unwrap().len(), 2);
    assert_eq!(place.history().failing(Some("s")).unwrap().len(), 1);
    assert!(stored(&place, ONE) == stream);
    assert_eq!(place.problems(), [""; 0]);
    assert_eq!(fs::read_dir(place.root().join("runs")).unwrap().count(), 2);
}
