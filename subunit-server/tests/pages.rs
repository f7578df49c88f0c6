//! What the pages say, and that nothing of a test is markup.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use subunit_core::{
    Event, FileChunk, RouteCode, Status,
    Status::{Fail, Skip, Success},
    TagsBuf, Timestamp, Writer, conventions,
};
use subunit_history::{NewRun, Store};
use support::{Served, add_run, place::Place};

/// Ends what it stands in, if it is not escaped.
const EVIL: &str = "\"'></pre></script><img src=x onerror=alert(1)>&lt;\u{1}\u{1b}[31m`";

/// A run whose every field is hostile.
fn evil_stream() -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    let aside = |name, content: &serde_json::Value, writer: &mut Writer<Vec<u8>>| {
        let bytes = serde_json::to_vec(content).unwrap();
        let file = Some(FileChunk { name, bytes: &bytes });
        let mime_type = Some(conventions::MIME_TYPE);
        let event = Event { file, mime_type, eof: true, runnable: false, ..Event::default() };
        writer.event(&event).unwrap();
    };
    let about = serde_json::json!({
        "command": EVIL, "arguments": [EVIL], "host": EVIL, "branch": EVIL, "author": EVIL, "variant": EVIL,
        "revision": EVIL, "series": EVIL,
    });
    aside(conventions::RUN, &about, &mut writer);
    aside(conventions::ENVIRONMENT, &serde_json::json!({ EVIL: EVIL }), &mut writer);
    let tags = TagsBuf::from([EVIL]);
    let route_code = Some(RouteCode::new(EVIL));
    for (second, status) in [(0, Status::InProgress), (1, Fail)] {
        let timestamp = Some(Timestamp::new(1_700_000_000 + second, 0));
        let event = Event { timestamp, route_code, ..Event::status(EVIL, status) }.with_tags(&tags);
        if status == Fail {
            for (name, mime_type) in [("traceback", "text/html"), (EVIL, EVIL)] {
                let file = Some(FileChunk { name, bytes: EVIL.as_bytes() });
                let said = Event { status: None, file, mime_type: Some(mime_type), ..event };
                writer.event(&Event { eof: true, ..said }).unwrap();
            }
        }
        writer.event(&event).unwrap();
    }
    writer.close().unwrap()
}

#[test]
fn nothing_of_a_test_is_markup() {
    let place = Place::new();
    for _ in 0..2 {
        let mut store = Store::open(place.path()).unwrap();
        store.take(NewRun::default(), &evil_stream()[..]).unwrap();
        add_run(place.path(), EVIL, 50, &[(EVIL, Fail, EVIL), ("calm", Success, "")]);
    }
    let served = Served::start(place.path());
    let pages = served.crawl();
    // A test in its runs, its files, the grid, the series.
    assert!(pages.len() > 10, "{:?}", pages.keys());
    let search = served.get("/search?q=%22%27%3E%3C%2Fpre%3E%3Cimg");
    for (path, answer) in pages.iter().chain([(&"/search".to_owned(), &search)]) {
        let kind = answer.header("content-type").unwrap_or_default();
        if !kind.starts_with("text/html") {
            // A file is never a page, whatever it says that it is.
            let is_ours = path.ends_with(".css") || path.ends_with(".js");
            assert!(is_ours || kind.starts_with("text/plain"), "{path}: {kind}");
            continue;
        }
        assert!(!answer.body.contains("<img src=x"), "{path}: {}", answer.body);
        assert!(!answer.body.contains(['\u{1}', '\u{1b}']), "{path}: {}", answer.body);
        assert!(!answer.body.contains("</pre></script>"), "{path}: {}", answer.body);
    }
}

#[test]
fn a_failure_has_its_log_with_an_address_for_each_line() {
    let place = Place::new();
    let log = "one\ntwo <b>\n\u{1b}[31mAssertionError: three\u{1b}[0m\n";
    let run = add_run(place.path(), "main", 0, &[("a b&c", Fail, log), ("good", Success, "")]);
    let served = Served::start(place.path());
    let page = served.get(&format!("/run/{run}/test?id=a%20b%26c"));
    assert_eq!(page.status, 200, "{page:?}");
    for wanted in [
        "<span id=\"L2\"><a href=\"#L2\">2</a> two &lt;b&gt;\n</span>",
        "<a href=\"#L3\">3</a> AssertionError: three\n</span>",
        "<h1>a b&amp;c</h1>",
        ">fail</h2>",
        "href=\"../../test/main?id=a%20b%26c\"",
    ] {
        assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
    }
    let raw = served.get(&format!("/run/{run}/file?id=a%20b%26c&n=0"));
    assert_eq!((raw.status, raw.body.as_str()), (200, log));
    assert_eq!(raw.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(served.get(&format!("/run/{run}/file?id=a%20b%26c&n=1")).status, 404);
    assert_eq!(served.get(&format!("/run/{run}/test?id=none")).status, 404);
    // A test that passed has a page, too.
    assert_eq!(served.get(&format!("/run/{run}/test?id=good")).status, 200);
    assert_eq!(served.get("/test/main?id=good").status, 200);
}

/// The ids in the rows of a grid, in their order.
fn rows(page: &str) -> Vec<&str> {
    let rows = page.split("<th scope=\"row\">").skip(1);
    rows.map(|row| row.split("</a>").next().unwrap().rsplit('>').next().unwrap()).collect()
}

#[test]
fn a_grid_has_a_filter_and_pages_of_columns() {
    let place = Place::new();
    let mut runs = Vec::new();
    for nth in 0..12_u32 {
        // One test broke, one changes, one was fixed, one went away.
        let of = |is_bad: bool| if is_bad { Fail } else { Success };
        let mut tests = vec![
            ("web.ui.broken", of(nth >= 9), "Timeout of the page"),
            ("web.ui.flaky", of(nth % 2 == 0), "odd"),
            ("db.fixed", of(nth == 3), "no table"),
            ("db.skipped", Skip, ""),
        ];
        if nth == 0 {
            tests.push(("db.gone", Fail, "gone"));
        }
        runs.push(add_run(place.path(), "main", nth * 100, &tests));
    }
    let served = Served::start(place.path());
    let grid = |query: &str| {
        let page = served.get(&format!("/grid/main{query}"));
        assert_eq!(page.status, 200, "{query}: {page:?}");
        page.body
    };
    assert_eq!(rows(&grid("")), ["web.ui.broken", "web.ui.flaky", "db.gone", "db.fixed"]);
    for (filter, wanted) in [
        ("status:failing", &["web.ui.broken"][..]),
        ("status:flaky", &["web.ui.flaky"]),
        ("status:stale", &["db.gone"]),
        ("-package:web", &["db.gone", "db.fixed"]),
        ("package:web.ui+-timeout", &["web.ui.flaky"]),
        ("nothing", &[]),
    ] {
        let page = grid(&format!("?q={filter}"));
        assert_eq!(rows(&page), wanted, "{filter}");
        assert!(page.contains(&format!("value=\"{}\"", filter.replace('+', " "))), "{filter}");
    }
    // Five columns from the last run, then five before them, and back.
    let first = grid("?columns=5");
    assert_eq!(first.matches("type=\"checkbox\"").count(), 5);
    assert!(!first.contains("newer runs"));
    let older = format!("?q=&amp;from={}&amp;columns=5", runs[6]);
    assert!(first.contains(&older), "{first}");
    let second = grid(&older.replace("&amp;", "&"));
    assert!(second.contains(&format!("?q=&amp;from={}&amp;columns=5", runs[11])), "{second}");
    assert_eq!(rows(&second), ["web.ui.flaky", "db.fixed"]);
    assert_eq!(served.get("/grid/main?from=none").status, 404);
}

#[test]
fn two_runs_are_compared_in_their_order() {
    let place = Place::new();
    let old =
        add_run(place.path(), "main", 0, &[("a", Success, ""), ("b", Fail, "x"), ("c", Fail, "y")]);
    let new = add_run(
        place.path(),
        "main",
        9,
        &[("a", Fail, "z"), ("b", Success, ""), ("d", Success, "")],
    );
    let served = Served::start(place.path());
    let page = served.get(&format!("/diff?run={old}&run={new}"));
    assert_eq!(page.status, 200);
    for (heading, id) in
        [("Newly failing", "a"), ("Fixed", "b"), ("Only after", "d"), ("Only before", "c")]
    {
        let part =
            page.body.split("<section>").find(|part| part.contains(&format!(">{heading}</h2>")));
        let part = part.unwrap_or_else(|| panic!("{heading}: {}", page.body));
        assert_eq!(part.matches("<tr><td>").count(), 1, "{part}");
        assert!(part.contains(&format!(">{id}</a></td>")), "{part}");
    }
    // Whichever is named first.
    assert_eq!(served.get(&format!("/diff?run={new}&run={old}")).body, page.body);
    assert_eq!(served.get(&format!("/diff?run={new}")).status, 400);
    assert_eq!(served.get(&format!("/diff?run={new}&run=none")).status, 404);
}

#[test]
fn ids_and_messages_are_searched() {
    let place = Place::new();
    add_run(
        place.path(),
        "main",
        0,
        &[("login", Fail, "Error: no table users"), ("b", Success, "")],
    );
    let served = Served::start(place.path());
    let found = |text: &str| served.get(&format!("/search?q={text}")).body;
    assert!(found("ogi").contains(">login</a>"), "{}", found("ogi"));
    assert!(found("table+us").contains("<code>Error: no table users</code>"), "{}", found("table"));
    assert!(found("nothing").contains("No id and no message"));
    assert_eq!(served.get("/search").status, 200);
    assert!(served.get("/help").body.contains("id=\"grid\""));
}
