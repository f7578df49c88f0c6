//! A run that goes on, as its pages show it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use subunit_core::Status::{Fail, Success};
use subunit_history::{NewRun, RunWriter, Store};
use support::{Served, add_run, place::Place, stream};

const TESTS: [support::Told<'static>; 4] =
    [("a", Success, ""), ("<b>", Fail, "broke"), ("c", Success, ""), ("d", Fail, "too")];

/// Begins a run, and writes its stream up to this part of it.
fn begin(store: &mut Store, part: f64) -> (RunWriter, Vec<u8>) {
    let mut writer = store.begin(NewRun { live: true, ..NewRun::default() }).unwrap();
    let mut bytes = stream(100, &TESTS);
    let rest = bytes.split_off((bytes.len() as f64 * part) as usize);
    writer.write(&bytes).unwrap();
    writer.pause().unwrap();
    (writer, rest)
}

#[test]
fn a_run_is_seen_while_it_goes_on_and_ends_with_the_counts() {
    let place = Place::new();
    add_run(place.path(), "main", 0, &[("a", Success, "")]);
    let mut store = Store::open(place.path()).unwrap();
    let served = Served::start(place.path());
    let (mut writer, rest) = begin(&mut store, 0.6);
    let uuid = writer.uuid().to_owned();
    assert!(served.get("/").body.contains(&format!("href=\"live/{uuid}\"")));
    let page = served.get(&format!("/live/{uuid}"));
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("<td>&lt;b&gt;</td>") && !page.body.contains("<b>\""), "{page:?}");
    let packed = [("Accept-Encoding", "gzip")];
    let mut events = served.follow(&format!("/live/{uuid}/events"), &packed);
    let (name, id, said) = events.next().unwrap();
    assert_eq!(name, "state");
    assert!(said["html"].as_str().unwrap().contains("&lt;b&gt;"), "{said}");
    writer.write(&rest).unwrap();
    let kept = writer.finish(&mut store).unwrap();
    let (name, _, said) = events.find(|(name, ..)| name == "ended").unwrap();
    assert_eq!((name.as_str(), said["run"].as_str()), ("ended", Some(kept.uuid.as_str())));
    assert!(said["html"].as_str().unwrap().contains(">4 tests</p>"), "{said}");
    assert!(said["html"].as_str().unwrap().contains("<dt>failed</dt> <dd>2</dd>"), "{said}");
    assert!(events.next().is_none(), "the stream ends");
    // A page that lost its connection before the end learns the same when it comes back.
    let again = served.follow(&format!("/live/{uuid}/events"), &[("Last-Event-ID", &id)]);
    let (name, _, last) = again.last().unwrap();
    assert_eq!((name.as_str(), &last), ("ended", &said));
    assert_eq!(served.get(&format!("/live/{uuid}")).status, 303);
    assert!(!served.get("/").body.contains("Running now"));
}

#[test]
fn a_hundred_runs_that_end_while_their_page_loads_end_with_their_counts() {
    let place = Place::new();
    add_run(place.path(), "main", 0, &[("a", Success, "")]);
    let mut store = Store::open(place.path()).unwrap();
    let served = Served::start(place.path());
    for nth in 0..100 {
        let (mut writer, rest) = begin(&mut store, f64::from(nth) / 100.0);
        let path = format!("/live/{}", writer.uuid());
        assert_eq!(served.get(&path).status, 200, "{nth}");
        writer.write(&rest).unwrap();
        // By turns the end comes before and after the stream of events begins.
        let events = if nth % 2 == 0 {
            let events = served.follow(&format!("{path}/events"), &[]);
            writer.finish(&mut store).unwrap();
            events
        } else {
            writer.finish(&mut store).unwrap();
            served.follow(&format!("{path}/events"), &[])
        };
        let (name, _, said) = events.last().unwrap();
        let html = said["html"].as_str().unwrap();
        assert_eq!(name, "ended", "{nth}");
        assert!(
            html.contains(">4 tests</p>") && html.contains("<dt>failed</dt> <dd>2</dd>"),
            "{nth}: {html}"
        );
    }
}

#[test]
fn a_run_that_does_not_go_on_is_not_followed() {
    let place = Place::new();
    let run = add_run(place.path(), "main", 0, &[("a", Success, "")]);
    let served = Served::start(place.path());
    // It is known: its own page has all of it.
    let known = served.get(&format!("/live/{run}"));
    assert_eq!(known.header("location"), Some(format!("../run/{run}").as_str()));
    for path in ["/live/none", "/live/none/events", "/live/..%2f..%2fx/events"] {
        assert_eq!(served.get(path).status, 404, "{path}");
    }
}
