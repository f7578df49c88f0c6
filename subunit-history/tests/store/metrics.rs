//! Numbers that tests report: kept, and compared over many runs.

use subunit_core::{Event, Status, Timestamp, Writer};
use subunit_history::{NewRun, Thinned};

use crate::support::Place;

const TEXT: &str = "text/plain;charset=utf8";

/// Loads a run of one test, with these files.
fn load(place: &Place, series: &str, files: &[(&str, &str)]) {
    let mut writer = Writer::new(Vec::new());
    let timestamp = Some(Timestamp::new(1_700_000_000, 0));
    let begin = Event { timestamp, ..Event::status("a", Status::InProgress) };
    writer.event(&begin).unwrap();
    for (name, content) in files {
        writer.attach("a", name, TEXT, content.as_bytes()).unwrap();
    }
    writer.end("a", Status::Success).unwrap();
    let new = NewRun { series: Some(series.to_owned()), ..NewRun::default() };
    place.store().take(new, &writer.close().unwrap()[..]).unwrap();
}

#[test]
fn numbers_that_grow_are_found() {
    let place = Place::new();
    for run in 0..24 {
        let peak = if run < 12 { "100" } else { "151" };
        let properties = format!("steady={run}0\nrate=2\ncolour=red\n");
        load(&place, "main", &[("metric/peak", peak), ("properties", &properties)]);
        // Of another series: it is not compared.
        load(&place, "other", &[("metric/peak", "900")]);
    }
    let trends = place.history().trends(Some("main"), 26, 10).unwrap();
    let said = |one: &subunit_history::query::GrownMetric| {
        format!("{} {} {} {} {}", one.test.id, one.name, one.before, one.now, one.since)
    };
    let grown: Vec<String> = trends.metrics.iter().map(said).collect();
    // Of what grows all the time, the last ten runs before which it was less.
    assert_eq!(grown, ["a steady 90 190 29", "a peak 100 151 25"]);
    assert_eq!(place.history().trends(Some("other"), 26, 10).unwrap().metrics.len(), 0);
    assert_eq!(place.history().trends(Some("main"), 26, 1).unwrap().metrics.len(), 1);
    assert_eq!(place.problems(), [""; 0]);
    let before = place.tables();
    place.store().reindex().unwrap();
    assert_eq!(place.tables(), before);
}

#[test]
fn a_run_that_becomes_smaller_keeps_its_numbers() {
    let place = Place::new();
    let mut state = 7_u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(33 + (state >> 24) as u8 % 90)
    };
    let noise: String = (0..50_000).map(|_| letter()).collect();
    let files = [("stdout", &*noise), ("metric/a", "1\n2\n"), ("properties", "b=3\nc=x\n")];
    load(&place, "main", &files);
    let run = place.history().last(None).unwrap().unwrap();
    let thinned = place.store().thin(&run).unwrap();
    assert!(matches!(thinned, Thinned::Smaller(..)), "{thinned:?}");
    let metrics = || {
        let found = place.history().metrics("a", None, None).unwrap();
        found.into_iter().map(|one| (one.name, one.values[0].1)).collect::<Vec<_>>()
    };
    assert_eq!(metrics(), [("a".to_owned(), 2.0), ("b".to_owned(), 3.0)]);
    place.store().reindex().unwrap();
    assert_eq!(metrics().len(), 2);
    assert_eq!(place.problems(), [""; 0]);
}
