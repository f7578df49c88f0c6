//! Runs that become smaller, go elsewhere, or are packed: what they say of their tests stays.

use std::{fs, io::Read};

use subunit_core::{Event, FileChunk, Status, Writer};
use subunit_history::{Error, NewRun, Store, Thinned, query::RunRow};

use crate::support::{Place, Run, Tables, load};

/// A run with much output: of `a`, which passes, of `b`, which fails, of `c1! c2.` and of none.
fn noisy() -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    let noise = |seed: u64| -> String {
        (0..4000_u64).map(|at| format!("{:x} ", at * at * 7919 * seed)).collect()
    };
    let mut end = |id: &str, status, tag: Option<&str>| {
        let tags = tag.map(|tag| [tag].into_iter().collect::<subunit_core::TagsBuf>());
        let tags = tags.as_ref().map(subunit_core::TagsBuf::as_tags);
        let seed = id.bytes().map(u64::from).sum();
        let said = format!("{id} says\n{}", noise(seed));
        let file = Some(FileChunk { name: "stdout", bytes: said.as_bytes() });
        let mime_type = Some("text/plain;charset=utf8");
        let test_id = Some(id);
        let event = Event { test_id, file, mime_type, tags, eof: true, ..Event::default() };
        writer.event(&Event { tags, ..Event::status(id, Status::InProgress) }).unwrap();
        writer.event(&event).unwrap();
        writer.event(&Event { tags, ..Event::status(id, status) }).unwrap();
    };
    end("a", Status::Success, None);
    end("b", Status::Fail, None);
    end("c", Status::Fail, Some("attempt-1"));
    end("c", Status::Success, Some("attempt-2"));
    let mut bytes = writer.close().unwrap();
    bytes.extend_from_slice(noise(7).as_bytes());
    bytes
}

fn keep(store: &mut Store, bytes: &[u8]) {
    let mut writer = store.begin(NewRun::default()).unwrap();
    writer.write(bytes).unwrap();
    writer.finish(store).unwrap();
}

fn last(place: &Place) -> RunRow {
    place.history().last(None).unwrap().unwrap()
}

fn stream(place: &Place, run: &RunRow) -> String {
    let mut bytes = Vec::new();
    place.history().stream(run).unwrap().read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_thin_run_says_the_same_of_its_tests() {
    let place = Place::new();
    keep(&mut place.store(), &noisy());
    let run = last(&place);
    let before = place.tables();
    let Thinned::Smaller(was, is) = place.store().thin(&run).unwrap() else {
        panic!("not thinner")
    };
    assert!(is * 4 < was * 3, "{was} to {is}");
    assert_eq!(place.problems(), [""; 0]);
    let same = |tables: &Tables| -> Vec<_> {
        // Of a failure only its place in the stream is another one.
        tables.iter().filter(|(name, _)| !matches!(&**name, "run" | "failure")).cloned().collect()
    };
    assert_eq!(same(&place.tables()), same(&before));
    let thin = last(&place);
    assert_eq!((thin.counts.results(), thin.counts.flaky), (run.counts.results(), 1));
    assert_eq!(thin.stored_bytes, is);
    let said = stream(&place, &thin);
    assert!(said.contains("b says") && said.contains("c says") && !said.contains("a says"));
    assert_eq!(place.store().thin(&thin).unwrap(), Thinned::Whole("it is thin"));
    let thinned = place.tables();
    place.store().reindex().unwrap();
    assert_eq!(place.tables(), thinned);
}

#[test]
fn a_run_that_would_say_something_else_stays_whole() {
    let place = Place::new();
    let mut bytes = noisy();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    keep(&mut place.store(), &bytes);
    let run = last(&place);
    assert_eq!(place.store().thin(&run).unwrap(), Thinned::Whole("it is damaged"));
    let small = place.load(Run { tests: "a. b!", ..Run::default() });
    let run = place.history().run(small.id).unwrap().unwrap();
    assert_eq!(place.store().thin(&run).unwrap(), Thinned::Whole("it would not be smaller"));
    assert_eq!(place.problems(), [""; 0]);
}

#[test]
fn what_was_left_of_a_run_that_became_smaller_is_put_right() {
    let place = Place::new();
    keep(&mut place.store(), &noisy());
    let run = last(&place);
    let path = place.root().join(format!("runs/{}.sub.zst", run.uuid));
    let thin = path.with_file_name(format!("{}.thin", run.uuid));
    let whole = fs::read(&path).unwrap();
    // Given up before the index knew.
    fs::write(&thin, "half").unwrap();
    drop(place.store());
    assert!(!thin.exists() && fs::read(&path).unwrap() == whole);
    // Given up after that.
    place.store().thin(&run).unwrap();
    let small = fs::read(&path).unwrap();
    fs::rename(&path, &thin).unwrap();
    fs::write(&path, &whole).unwrap();
    drop(place.store());
    assert!(!thin.exists() && fs::read(&path).unwrap() == small);
    assert_eq!(place.problems(), [""; 0]);
}

#[test]
fn a_run_moves_and_what_it_says_stays_known() {
    let (from, to) = (Place::new(), Place::new());
    from.load_all(&[
        Run { tests: "a. b.", ..Run::default() },
        Run { tests: "a! b.", ..Run::default() },
        Run { tests: "a! b.", ..Run::default() },
    ]);
    let history = from.history();
    let moved = history.run(2).unwrap().unwrap();
    from.store().pin(&moved.uuid, true).unwrap();
    let moved = [moved];
    from.store().move_to(&moved, &mut to.store()).unwrap();
    let [moved] = moved;
    let here = from.history().runs(None).unwrap();
    let error = from.store().move_to(&here, &mut from.store()).unwrap_err().to_string();
    assert!(error.ends_with(" is the history that the runs are in"), "{error}");
    assert_eq!(history.failing(None).unwrap()[0].since, Some(2));
    assert_eq!(from.history().runs(None).unwrap().len(), 2);
    assert_eq!(
        stream(&to, &last(&to)),
        String::from_utf8_lossy(&Run { tests: "a! b.", day: 1, ..Run::default() }.stream())
    );
    assert!(to.store().is_pinned(&moved.uuid));
    assert_eq!((from.problems(), to.problems()), (vec![], vec![]));
}

/// Fifteen runs of ten tests: `a` breaks in the tenth, `f` is flaky, the others pass.
fn fill(place: &Place) {
    let mut store = place.store();
    for day in 0..15 {
        let a = if day < 10 { "a." } else { "a!" };
        let f = if day % 5 == 2 { "f1! f2." } else { "f." };
        // It fails, and is gone since the twelfth run.
        let gone = if day < 12 { "gone!" } else { "" };
        let tests = format!("{a} {f} c. d. e. g. h. i. j. k. {gone}");
        load(&mut store, Run { tests: &tests, day, revision: "r", ..Run::default() });
    }
}

#[test]
fn a_packed_history_answers_as_the_whole_one() {
    let (from, to) = (Place::new(), Place::new());
    fill(&from);
    let mut packed = Vec::new();
    let said = from.history().pack(13, |_| true, &mut packed).unwrap();
    assert_eq!((said.runs, said.bytes), (13, packed.len() as u64));
    let file = from.root().join("packed");
    fs::write(&file, &packed).unwrap();
    let unpacked = to.store().unpack(&file).unwrap();
    assert_eq!((unpacked.runs, unpacked.new), (13, 13));
    assert_eq!(to.store().unpack(&file).unwrap().new, 0);
    assert_eq!(to.problems(), [""; 0]);
    let answers = |place: &Place| {
        let history = place.history();
        let uuid = |id: Option<i64>| id.map(|id| history.run(id).unwrap().unwrap().uuid);
        let failing = history.failing(None).unwrap().into_iter();
        let failing: Vec<_> = failing.map(|one| (one.test, uuid(one.since))).collect();
        let broken = history.broken(None).unwrap().into_iter();
        let uuid = |run: Option<RunRow>| run.map(|run| run.uuid);
        let broken: Vec<_> =
            broken.map(|one| (one.test, uuid(one.first_bad), uuid(one.last_good))).collect();
        let flaky = history.flaky(None).unwrap().into_iter();
        let flaky: Vec<_> = flaky.map(|one| (one.test, one.proof, one.retried)).collect();
        let mut times = history.times(None).unwrap();
        times.retain(|(id, _)| id != "gone");
        times.sort();
        (failing, broken, flaky, times.len())
    };
    assert_eq!(answers(&to), answers(&from));
    assert_eq!(last(&to).counts.results(), 10);
    // The others have what is worth knowing.
    let first = to.history().run(1).unwrap().unwrap();
    assert_eq!((first.counts.results(), first.is_partial), (2, true));
}

#[test]
fn two_packed_histories_merge() {
    let (one, other, both) = (Place::new(), Place::new(), Place::new());
    one.load(Run { tests: "a. b.", series: "main", ..Run::default() });
    other.load(Run { tests: "a! b.", series: "main", day: 1, ..Run::default() });
    for (place, name) in [(&one, "1"), (&other, "2")] {
        let mut packed = Vec::new();
        place.history().pack(5, |_| true, &mut packed).unwrap();
        let file = both.root().with_file_name(name);
        fs::write(&file, packed).unwrap();
        assert_eq!(both.store().unpack(&file).unwrap().new, 1);
    }
    let failing = both.history().failing(Some("main")).unwrap();
    assert_eq!((failing.len(), failing[0].is_born_broken), (1, false));
}

#[test]
fn what_is_no_packed_file_is_refused() {
    let place = Place::new();
    fill(&place);
    let file = place.root().join("packed");
    let mut packed = Vec::new();
    place.history().pack(3, |_| true, &mut packed).unwrap();
    let to = Place::new();
    let said = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        to.store().unpack(&file).map_err(|error| error.to_string())
    };
    assert!(said(b"").unwrap_err().ends_with("not a file of `subunit history pack`"));
    assert!(said(b"noise").unwrap_err().ends_with("not a file of `subunit history pack`"));
    assert!(said(&packed[..packed.len() - 10]).unwrap_err().ends_with("it ends early"));
    let mut newer = Vec::new();
    newer.extend_from_slice(&0x184D_2A55_u32.to_le_bytes());
    newer.extend_from_slice(&20_u32.to_le_bytes());
    newer.extend_from_slice(b"{\"pack\":9,\"runs\":[]}");
    fs::write(&file, &newer).unwrap();
    let refused = to.store().unpack(&file).unwrap_err();
    assert!(matches!(refused, Error::NewerRunFile { found: 9, known: 1, .. }), "{refused}");
    // What was whole is kept.
    assert_eq!(to.history().runs(None).unwrap().len(), 2);
    assert_eq!(to.problems(), [""; 0]);
}
