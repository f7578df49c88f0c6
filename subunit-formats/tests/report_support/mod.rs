//! What the tests of reports share: one run that means harm, and readers of what was written that are not ours.

#![allow(dead_code, clippy::unwrap_used, reason = "each test uses a part; a test may panic")]

use std::{cell::RefCell, io, rc::Rc};

use serde_json::Value;
use subunit_core::{
    Event, EventBuf, FileChunk, RouteCode, Status, TagsBuf, Timestamp,
    sink::{Counts, Flow, Sink, Summary},
};
use subunit_formats::{Format, REPORTS, report::Report};

/// Ids that mean harm to one format or another.
pub(crate) const IDS: [&str; 9] = [
    "]]>&<x>\"'",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a\n::error::id\r\n##teamcity[x]",
    "ok 1 - fake # SKIP",
    "\x1b[31mred\x1b[0m\x1b]0;t\x07",
    "`` ``` <details> | **x** [y](javascript:z)",
    "\x1b[0Ksection_end:0:subunit_1\r\x1b[0K",
    "=cmd(),\"x\"\t%0A%25\u{202e}\u{1}\u{ffff}",
];

/// Output that means harm to one format or another.
pub(crate) const OUTPUT: &[u8] = b"</pre></script><b>\n::error::out\n::stop-commands::x\n\
    ##teamcity[testFailed name='x']\n1..0\nBail out!\nnot ok 3\n]]>\x00\xff\xfe\x1b[1;31mred\x1b[0m\
    \x1b[2J\r\n```\n~~~~\n</details>\n\x1b[0Ksection_end:0:subunit_1\r\x1b[0K\n{\"type\":\"event\"}\n";

/// An event of a test.
pub(crate) fn event(id: &str, status: Option<Status>, second: u32) -> EventBuf {
    let timestamp = Some(Timestamp::new(1_700_000_000 + second, 5000));
    Event { test_id: Some(id), status, timestamp, ..Event::default() }.to_buf()
}

/// A file of a test.
pub(crate) fn file(id: &str, name: &str, bytes: &[u8], mime_type: &str) -> EventBuf {
    let file = Some(FileChunk { name, bytes });
    let mime_type = Some(mime_type);
    Event { test_id: Some(id), file, mime_type, eof: true, ..Event::default() }.to_buf()
}

/// A run in which every id and all output means harm: each test fails once, and half of them pass then.
pub(crate) fn hostile() -> Vec<EventBuf> {
    run(&IDS, OUTPUT)
}

/// A run of these tests, each of which prints this and fails; every other one passes then.
pub(crate) fn run(ids: &[&str], output: &[u8]) -> Vec<EventBuf> {
    let mut events = Vec::new();
    for (nth, id) in ids.iter().enumerate() {
        let second = nth as u32 * 10;
        let tags: TagsBuf = ["worker-1", id].into_iter().filter(|tag| !tag.is_empty()).collect();
        let started = event(id, Some(Status::InProgress), second);
        let route_code = Some(RouteCode::new("0/</b>"));
        let tags = Some(tags.as_tags());
        events.push(Event { tags, ..started.as_event() }.to_buf());
        for (name, mime) in [("traceback", "text/plain"), ("<b>", "image/png"), ("s", "text/x")] {
            events.push(file(id, name, output, mime));
        }
        events.push(event(id, Some(Status::Fail), second + 1));
        if nth % 2 == 1 {
            events.push(event(id, Some(Status::InProgress), second + 2));
            events.push(event(id, Some(Status::Success), second + 3));
        }
        let routed = event(id, Some(Status::Skip), second + 4);
        events.push(Event { route_code, ..routed.as_event() }.to_buf());
    }
    events
}

/// What a summary counts.
pub(crate) fn counts(events: &[EventBuf]) -> Counts {
    let mut summary = Summary::new();
    for event in events {
        summary.event(&event.as_event());
    }
    summary.counts()
}

/// An output to look at.
#[derive(Clone, Default)]
pub(crate) struct Page(Rc<RefCell<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    pub(crate) fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

/// Every report there is, by name.
pub(crate) fn reports<W: io::Write + Clone + 'static>(
    out: &W,
) -> Vec<(&'static str, Box<dyn Report>)> {
    REPORTS.iter().map(|row| (row.name(), (row.open)(Box::new(out.clone())))).collect()
}

/// What a report makes of these events, with text in their midst.
pub(crate) fn written(name: &str, events: &[EventBuf], text: &[u8]) -> Vec<u8> {
    let page = Page::default();
    let mut reports = reports(&page).into_iter();
    let (_, mut report) = reports.find(|(known, _)| *known == name).unwrap();
    for (nth, event) in events.iter().enumerate() {
        assert!(report.event(&event.as_event()).is_continue());
        if nth % 3 == 1 && !text.is_empty() {
            assert!(report.text(text).is_continue());
        }
    }
    report.finish();
    report.result().unwrap();
    page.take()
}

/// What one of our readers finds in a report.
pub(crate) fn read(format: Format, report: &[u8]) -> Counts {
    /// Keeps the text too, which must hold nothing.
    #[derive(Default)]
    struct Found(Summary);
    impl Sink for Found {
        fn event(&mut self, event: &Event<'_>) -> Flow {
            self.0.event(event)
        }
    }
    let (mut reader, mut found) = (format.reader().unwrap(), Found::default());
    reader.feed(report, &mut found);
    reader.finish(&mut found);
    found.0.counts()
}

/// The numbers of final statuses.
pub(crate) fn finals(counts: &Counts) -> [u64; 5] {
    [counts.success, counts.fail, counts.skip, counts.xfail, counts.uxsuccess]
}

/// The lines of a report, each an object.
pub(crate) fn json_lines(report: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(report).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Checks a page of HTML by a reader that knows only what our pages have, and what its script puts into it. Gives back
/// the words of its tests.
pub(crate) fn check_html(page: &str) -> Vec<String> {
    let page = page.strip_prefix("<!DOCTYPE html>").unwrap();
    let mut words = Vec::new();
    for (tag, content) in check_elements(page) {
        if tag.contains("class=\"rows\"") {
            let rows: Vec<Value> = serde_json::from_str(content).unwrap();
            words.extend(rows.iter().map(|row| row[0].as_str().unwrap().to_owned()));
        } else if tag.contains("class=\"bodies\"") {
            let bodies: Vec<String> = serde_json::from_str(content).unwrap();
            bodies.iter().for_each(|body| assert!(check_elements(body).is_empty()));
        }
    }
    words
}

/// Checks that elements are known and closed. Gives back scripts and styles.
fn check_elements(html: &str) -> Vec<(&str, &str)> {
    const VOID: [&str; 3] = ["meta", "input", "img"];
    const KNOWN: &str = " html head meta title style script body header h1 p div input button output main \
                         details summary ol li time b i code span h2 h3 pre img a section dl dt dd svg rect \
                         select option ";
    let (mut open, mut scripts, mut rest) = (Vec::new(), Vec::new(), html);
    while let Some((_, behind)) = rest.split_once('<') {
        let (tag, behind) = behind.split_once('>').unwrap();
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "before {behind:.80}");
            continue;
        }
        let name = tag.split(' ').next().unwrap();
        assert!(KNOWN.contains(&format!(" {name} ")), "<{tag}>");
        assert!(!tag.contains(" on"), "<{tag}>");
        if matches!(name, "style" | "script") {
            let (content, behind) = rest.split_once(&format!("</{name}>")).unwrap();
            scripts.push((tag, content));
            rest = behind;
        } else if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert_eq!(open, [""; 0]);
    scripts
}
