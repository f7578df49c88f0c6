//! A call that fails, or the last call of a process that is killed, at every place: nothing that was finished is lost, and
//! the next load puts it right.

use std::{
    collections::BTreeSet,
    fs::File,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use subunit_history::{
    Disk, FileCalls, Keep, NewRun, Store, Thinned,
    query::RunRow,
    receive::{Overlap, RunReceiver},
};

use crate::support::{Place, Run};

/// Lets one call fail, and all that follow if the process is to be dead.
#[derive(Debug)]
struct FailingCalls {
    left: AtomicI64,
    dies: bool,
}

impl FailingCalls {
    fn new(left: i64, dies: bool) -> Arc<Self> {
        Arc::new(Self { left: AtomicI64::new(left), dies })
    }

    fn call(&self) -> io::Result<()> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            0 => Err(io::Error::other("no more")),
            left if left < 0 && self.dies => Err(io::Error::other("dead")),
            _ => Ok(()),
        }
    }

    fn has_failed(&self) -> bool {
        self.left.load(Ordering::SeqCst) < 0
    }
}

impl FileCalls for FailingCalls {
    fn create(&self, path: &Path) -> io::Result<File> {
        self.call().and_then(|()| Disk.create(path))
    }

    /// Half of it is written before it fails.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let called = self.call();
        let some = if called.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        Disk.write(file, some).and(called)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.call().and_then(|()| Disk.sync(file))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.call().and_then(|()| Disk.sync_folder(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call().and_then(|()| Disk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call().and_then(|()| Disk.remove(path))
    }
}

const FIRST: &str = "0f0f0f0f-0000-4000-8000-000000000001";
const SECOND: &str = "0f0f0f0f-0000-4000-8000-000000000002";
const THIRD: &str = "0f0f0f0f-0000-4000-8000-000000000003";

fn run(uuid: &str) -> Run<'_> {
    Run { tests: "a. b! c.", uuid, ..Run::default() }
}

fn load(
    root: &Path,
    files: Arc<dyn FileCalls>,
    run: Run<'_>,
) -> Result<(), subunit_history::Error> {
    let mut store = Store::open_with(root, files)?;
    let mut writer = store.begin(NewRun::default())?;
    let stream = run.stream();
    let (one, other) = stream.split_at(stream.len() / 2);
    writer.write(one)?;
    writer.pause()?;
    writer.write(other)?;
    writer.finish(&mut store).map(drop)
}

fn uuids(place: &Place) -> BTreeSet<String> {
    place.history().runs(None).unwrap().into_iter().map(|run| run.uuid).collect()
}

/// Lets `work` fail at its first call, its second, and so on, until it comes to its end. After each, `look` has to hold.
fn at_every_call(
    work: impl Fn(&Place, Arc<dyn FileCalls>) -> bool,
    look: impl Fn(&Place, bool, &str),
) {
    for dies in [false, true] {
        for nth in 0.. {
            let place = Place::new();
            place.load(run(FIRST));
            let files = FailingCalls::new(nth, dies);
            let done = work(&place, files.clone());
            let at = format!("call {nth}, dies: {dies}");
            look(&place, done, &at);
            assert_eq!(place.problems(), [""; 0], "{at}");
            if !files.has_failed() {
                assert!(nth > 5 && done, "{at}");
                break;
            }
        }
    }
}

#[test]
fn a_load_that_fails_anywhere_loses_nothing() {
    let work = |place: &Place, files| load(&place.address(), files, run(SECOND)).is_ok();
    at_every_call(work, |place, done, at| {
        load(&place.address(), Arc::new(Disk), run(THIRD)).unwrap();
        let found = uuids(place);
        assert!(found.contains(FIRST) && found.contains(THIRD), "{at}: {found:?}");
        assert!(found.contains(SECOND) || !done, "{at}: {found:?}");
        let left: Vec<_> = std::fs::read_dir(place.root().join("runs")).unwrap().collect();
        assert_eq!(left.len(), found.len(), "{at}: {left:?}");
    });
}

#[test]
fn a_run_that_is_received_has_all_that_was_acknowledged_wherever_it_fails() {
    let stream = run(SECOND).stream();
    let (first, rest) = stream.split_at(stream.len() / 2);
    let acknowledged = AtomicI64::new(0);
    let receive = |place: &Place, files: Arc<dyn FileCalls>| {
        acknowledged.store(0, Ordering::SeqCst);
        let (root, new) = (place.root(), NewRun::default());
        let receiver = RunReceiver::open_with(&root, SECOND, new, files.clone())?;
        let mut receiver = receiver.expect("nobody else receives it");
        for piece in [first, rest] {
            receiver.append(piece)?;
            receiver.sync()?;
            acknowledged.fetch_add(piece.len() as i64, Ordering::SeqCst);
        }
        receiver.finish(&mut Store::open_with(&place.address(), files)?).map(drop)
    };
    let work = |place: &Place, files| receive(place, files).is_ok();
    at_every_call(work, |place, done, at| {
        drop(place.store());
        let is_kept = place.history().run_named(SECOND).unwrap().is_some();
        // What says of it that it is received may be gone, and not the stream: then it is kept.
        if !done && (!is_kept || RunReceiver::left(&place.root()).unwrap() == [SECOND]) {
            let mut again =
                RunReceiver::open(&place.root(), SECOND, NewRun::default()).unwrap().unwrap();
            let length = again.length() as usize;
            assert_eq!(length as i64, acknowledged.load(Ordering::SeqCst), "{at}");
            assert_eq!(again.compare(0, &stream[..length]).unwrap(), Overlap::Same, "{at}");
            again.append(&stream[length..]).unwrap();
            again.finish(&mut place.store()).unwrap();
        }
        let row = place.history().run_named(SECOND).unwrap().unwrap();
        assert_eq!((row.raw_bytes, row.is_interrupted), (stream.len() as u64, false), "{at}");
        assert_eq!(uuids(place).len(), 2, "{at}");
        let left = std::fs::read_dir(place.root().join("runs")).unwrap().count();
        assert_eq!(left, 2, "{at}");
    });
}

#[test]
fn of_a_stream_that_is_taken_in_whole_no_part_stays() {
    let take = |place: &Place, files: Arc<dyn FileCalls>| {
        let mut store = Store::open_with(&place.address(), files)?;
        store.take(NewRun::default(), &*run(SECOND).stream()).map(drop)
    };
    let work = |place: &Place, files| take(place, files).is_ok();
    at_every_call(work, |place, _, at| {
        drop(place.store());
        let runs = place.history().runs(None).unwrap();
        // Who dies can remove nothing.
        let is_whole = |run: &RunRow| run.counts.tests() == 3 || at.ends_with("dies: true");
        assert!(runs.iter().all(is_whole), "{at}: {runs:?}");
    });
}

#[test]
fn an_adoption_that_fails_anywhere_loses_nothing() {
    let stream = run(SECOND).stream();
    let work = |place: &Place, files| {
        let mut store = place.store();
        let mut writer = store.begin(NewRun::default()).unwrap();
        writer.write(&stream).unwrap();
        writer.pause().unwrap();
        drop(writer);
        Store::open_with(&place.address(), files).is_ok()
    };
    at_every_call(work, |place, _, at| {
        drop(place.store());
        let found = uuids(place);
        assert_eq!(found, [FIRST, SECOND].map(str::to_owned).into(), "{at}");
    });
}

#[test]
fn a_prune_that_fails_anywhere_is_done_or_not() {
    let keep = Keep { runs: Some(1), ..Keep::default() };
    for dies in [false, true] {
        for nth in 0.. {
            let place = Place::new();
            place.load_all(&[run(FIRST), run(SECOND), run(THIRD)]);
            let files = FailingCalls::new(nth, dies);
            let prune = || {
                let mut store = Store::open_with(&place.address(), files.clone())?;
                let pruned = store.to_prune(keep, |_| true)?;
                store.prune(&pruned)
            };
            let done = prune().is_ok();
            // What is left of it goes with the next load.
            drop(place.store());
            let found = uuids(&place);
            assert!(found.contains(THIRD) && found.len() != 2, "call {nth}: {found:?}");
            let left = std::fs::read_dir(place.root().join("runs")).unwrap().count();
            assert_eq!(left, found.len(), "call {nth}");
            assert_eq!(place.problems(), [""; 0]);
            if !files.has_failed() {
                assert!(done && found.len() == 1);
                break;
            }
        }
    }
}

#[test]
fn a_run_that_fails_to_become_smaller_is_whole_or_smaller() {
    let noise: Vec<u8> = (0..20_000_u32).map(|at| b'a' + (at * at / 7 % 23) as u8).collect();
    for dies in [false, true] {
        for nth in 0.. {
            let place = Place::new();
            place.load_all(&[run(FIRST)]);
            let mut writer = place.store();
            let mut second = writer.begin(NewRun::default()).unwrap();
            second.write(&noise).unwrap();
            second.write(&run(SECOND).stream()).unwrap();
            second.finish(&mut writer).unwrap();
            drop(writer);
            let row = place.history().last(None).unwrap().unwrap();
            let files = FailingCalls::new(nth, dies);
            let thin = || Store::open_with(&place.address(), files.clone())?.thin(&row);
            let done = thin();
            // What is left of it is put right with the next load.
            drop(place.store());
            let left = std::fs::read_dir(place.root().join("runs")).unwrap().count();
            assert_eq!((left, uuids(&place).len()), (2, 2), "call {nth}");
            assert_eq!(place.problems(), [""; 0], "call {nth}");
            if !files.has_failed() {
                assert!(matches!(done, Ok(Thinned::Smaller(..))), "{done:?}");
                break;
            }
        }
    }
}

/// Opens the history anew at every call, as another process may.
#[derive(Debug)]
struct Crowded {
    address: std::path::PathBuf,
    is_open: std::sync::atomic::AtomicBool,
}

impl Crowded {
    fn call(&self) {
        if !self.is_open.swap(true, Ordering::SeqCst) {
            drop(Store::open(&self.address).unwrap());
            self.is_open.store(false, Ordering::SeqCst);
        }
    }
}

impl FileCalls for Crowded {
    fn create(&self, path: &Path) -> io::Result<File> {
        self.call();
        Disk.create(path)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        self.call();
        Disk.write(file, bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.call();
        Disk.sync(file)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.call();
        Disk.sync_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call();
        Disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call();
        Disk.remove(path)
    }
}

#[test]
fn who_opens_the_history_meanwhile_leaves_a_run_to_its_writer() {
    for uuid in [SECOND, ""] {
        let place = Place::new();
        place.load(run(FIRST));
        let files = Arc::new(Crowded { address: place.address(), is_open: false.into() });
        load(&place.address(), files.clone(), run(uuid)).unwrap();
        // The same while what a killed writer left is kept.
        let mut store = place.store();
        let mut writer = store.begin(NewRun::default()).unwrap();
        writer.write(&run(THIRD).stream()).unwrap();
        writer.pause().unwrap();
        drop(writer);
        drop(Store::open_with(&place.address(), files).unwrap());
        assert_eq!(place.problems(), [""; 0]);
        let runs = place.history().runs(None).unwrap();
        let interrupted: Vec<bool> = runs.iter().map(|run| run.is_interrupted).collect();
        assert_eq!(interrupted, [true, false, false]);
    }
}
