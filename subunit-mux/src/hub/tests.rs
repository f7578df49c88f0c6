//! The hub's rules.

use proptest::prelude::*;
use subunit_core::{
    Event, EventBuf, FileChunk, InputReader, Item, RouteCode, Status, TagsBuf, TextReader,
    Timestamp,
    conventions::{CLOCK, Capabilities, ToldDamage},
    items,
    sink::{Sink, Summary, Verdict},
};

use super::*;
use crate::{CAPABILITIES, UNDELIVERED};

fn at(millis: u64) -> Moment {
    Moment { elapsed: Duration::from_millis(millis), time: None }
}

fn packet(event: &Event<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    event.encode(&mut out).unwrap();
    out
}

/// The events of a stream that holds nothing else.
fn events(stream: &[u8]) -> Vec<EventBuf> {
    let event = |item| match item {
        Item::Packet(packet) => packet.event().to_buf(),
        other => panic!("{other:?}"),
    };
    items(stream).map(event).collect()
}

fn taken(out: &mut Outbox) -> Vec<EventBuf> {
    let all = events(out.as_bytes());
    out.clear();
    all
}

fn route_of(event: &EventBuf) -> &str {
    event.route_code.as_ref().map_or("none", |route| route.as_route().as_str())
}

fn content(event: &EventBuf) -> (&str, &[u8]) {
    event.file.as_ref().map_or(("", b""), |file| (&file.name, &file.bytes))
}

fn order(route: &str, bytes: &[u8], eof: bool) -> Vec<u8> {
    let file = Some(FileChunk { name: "stdin", bytes });
    packet(&Event { file, eof, route_code: Some(RouteCode::new(route)), ..Event::default() })
}

fn text_event(name: &str, bytes: &[u8], eof: bool, route: &str) -> EventBuf {
    let file = Some(FileChunk { name, bytes });
    Event { file, eof, route_code: Some(RouteCode::new(route)), ..Event::default() }.to_buf()
}

#[test]
fn text_waits_for_more_and_a_prompt_is_text() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("0").unwrap();
    hub.feed(id, Stream::Stdout, b"hello\n", at(0), &mut out);
    hub.feed(id, Stream::Stdout, b"(Pdb) ", at(3), &mut out);
    assert_eq!(hub.due(), Some(Duration::from_millis(8)));
    hub.tick(at(7), &mut out);
    assert!(out.is_empty());
    hub.tick(at(8), &mut out);
    assert_eq!(taken(&mut out), [text_event("stdout", b"hello\n(Pdb) ", false, "0")]);
    assert_eq!(hub.due(), None);
    hub.detach(id, Ending::Read, at(9), &mut out);
    assert_eq!(taken(&mut out), [text_event("stdout", b"", true, "0")]);
}

#[test]
fn text_that_never_pauses_is_sent_all_the_same() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("0").unwrap();
    for time in 0..60 {
        hub.feed(id, Stream::Stdout, b".", at(time), &mut out);
        hub.tick(at(time), &mut out);
    }
    assert_eq!(taken(&mut out), [text_event("stdout", &[b'.'; 51], false, "0")]);
}

#[test]
fn outputs_and_packets_keep_their_order() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("w").unwrap();
    hub.feed(id, Stream::Stdout, b"one", at(0), &mut out);
    hub.feed(id, Stream::Stderr, b"two", at(0), &mut out);
    let done = packet(&Event::status("t", Status::Success));
    hub.feed(id, Stream::Stdout, &done, at(0), &mut out);
    hub.feed(id, Stream::Stdout, b"three", at(0), &mut out);
    hub.detach(id, Ending::Read, at(0), &mut out);
    let all = taken(&mut out);
    let mut told: Vec<_> = all.iter().map(content).collect();
    assert_eq!(
        told.drain(..4).collect::<Vec<_>>(),
        [("stdout", &b"one"[..]), ("stderr", b"two"), ("", b""), ("stdout", b"three")]
    );
    assert!(all[4].eof && all[5].eof && all.iter().all(|event| route_of(event) == "w"));
    assert_eq!(hub.verdict(), Verdict::Passed);
}

#[test]
fn chatter_costs_little() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("0").unwrap();
    let line = b"a line of chatter that says next to nothing\n";
    for _ in 0..40_000 {
        hub.feed(id, Stream::Stdout, line, at(0), &mut out);
    }
    hub.detach(id, Ending::Read, at(0), &mut out);
    assert!(out.len() < line.len() * 40_000 * 101 / 100, "{}", out.len());
    assert!(items(out.as_bytes()).all(|item| item.bytes().len() <= 4096));
}

/// Reads lines such as `ok a` and `not ok a`. A line that has not ended is text when the input pauses, and
/// is held back until it falls silent where it begins with `#`.
#[derive(Default)]
struct Lines {
    room: Vec<u8>,
    line: Vec<u8>,
}

impl Lines {
    fn end_line(&mut self, sink: &mut dyn Sink) {
        let line = std::mem::take(&mut self.line);
        let text = std::str::from_utf8(&line).unwrap().trim_end();
        let (status, test_id) = match (text.strip_prefix("ok "), text.strip_prefix("not ok ")) {
            (Some(id), _) => (Status::Success, id),
            (_, Some(id)) => (Status::Fail, id),
            _ => {
                sink.text(&line);
                return;
            }
        };
        sink.event(&Event::status(test_id, status));
    }
}

impl InputReader for Lines {
    fn space(&mut self, length: usize) -> &mut [u8] {
        self.room.resize(length, 0);
        &mut self.room
    }

    fn filled(&mut self, length: usize, sink: &mut dyn Sink) {
        let room = std::mem::take(&mut self.room);
        for byte in room.into_iter().take(length) {
            self.line.push(byte);
            if byte == b'\n' {
                self.end_line(sink);
            }
        }
    }

    fn is_waiting(&self) -> bool {
        !self.line.is_empty()
    }

    fn pause(&mut self, sink: &mut dyn Sink) {
        if !self.line.starts_with(b"#") {
            self.end_line(sink);
        }
    }

    fn settle(&mut self, sink: &mut dyn Sink) {
        self.end_line(sink);
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> bool {
        self.end_line(sink);
        true
    }
}

#[test]
fn two_outputs_of_an_input_are_read_each_for_itself() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let at = |millis| Moment { elapsed: Duration::from_millis(millis), time: None };
    let id = hub.attach_reader("w", Box::new(TextReader::new())).unwrap();
    hub.add_results(id, Box::<Lines>::default());
    let results = |hub: &mut Hub, bytes: &[u8], now, out: &mut Outbox| {
        hub.results_space(id, bytes.len()).unwrap()[..bytes.len()].copy_from_slice(bytes);
        hub.results_filled(id, bytes.len(), now, out);
    };
    hub.feed(id, Stream::Stdout, b"ok text\n", at(0), &mut out);
    results(&mut hub, b"ok a\nnot o", at(10), &mut out);
    hub.feed(id, Stream::Stdout, b"more", at(20), &mut out);
    results(&mut hub, b"k b\nok c", at(21), &mut out);
    // Only the results hold something back, until they pause.
    assert!(hub.due().is_some());
    hub.tick(at(100), &mut out);
    assert_eq!(hub.due(), None);
    let all = taken(&mut out);
    let said = all.iter().map(|event| match event.test_id.as_deref() {
        Some(test_id) => test_id.to_owned(),
        None => String::from_utf8_lossy(content(event).1).into_owned(),
    });
    let said: Vec<_> = said.collect();
    assert_eq!(said, ["ok text\n", "a", "more", "b", "c"]);
    assert!(all.iter().all(|event| route_of(event) == "w"));
    hub.detach(id, Ending::Read, at(100), &mut out);
    assert_eq!(hub.verdict(), Verdict::Failed);
}

#[test]
fn what_a_reader_of_another_format_says_becomes_packets_of_its_input() {
    let tags: TagsBuf = ["ci"].into_iter().collect();
    let annotations = Annotations { timestamps: true, tags };
    let mut hub = Hub::new(Options { annotations, watch_tests: false });
    let mut out = Outbox::new();
    let id = hub.attach_reader("w", Box::<Lines>::default()).unwrap();
    let arrival = Some(Timestamp::new(100, 0));
    let now = Moment { elapsed: Duration::ZERO, time: arrival };
    hub.feed(id, Stream::Stdout, b"words\nok a\nnot o", now, &mut out);
    hub.feed(id, Stream::Stdout, b"k b", now, &mut out);
    hub.detach(id, Ending::Read, now, &mut out);
    let all = taken(&mut out);
    assert_eq!(content(&all[0]), ("stdout", &b"words\n"[..]));
    let tests: Vec<_> = all.iter().filter(|event| event.test_id.is_some()).collect();
    let told: Vec<_> =
        tests.iter().map(|test| (test.test_id.as_deref().unwrap(), test.status)).collect();
    assert_eq!(told, [("a", Some(Status::Success)), ("b", Some(Status::Fail))]);
    assert!(tests.iter().all(|test| route_of(test) == "w" && test.timestamp == arrival));
    assert!(tests.iter().all(|test| test.tags.as_ref().unwrap().as_tags().contains("ci")));
    assert_eq!(hub.verdict(), Verdict::Failed);
}

#[test]
fn a_reader_is_told_when_its_input_pauses_and_when_it_falls_silent() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach_reader("0", Box::<Lines>::default()).unwrap();
    hub.feed(id, Stream::Stdout, b"(Pdb) ", at(0), &mut out);
    assert_eq!(hub.due(), Some(Duration::from_millis(20)));
    hub.tick(at(20), &mut out);
    hub.tick(at(25), &mut out);
    assert_eq!(taken(&mut out), [text_event("stdout", b"(Pdb) ", false, "0")]);
    assert_eq!(hub.due(), None);
    hub.feed(id, Stream::Stdout, b"# held", at(30), &mut out);
    hub.tick(at(50), &mut out);
    assert_eq!(hub.due(), Some(Duration::from_millis(230)));
    hub.tick(at(230), &mut out);
    hub.tick(at(235), &mut out);
    assert_eq!(taken(&mut out), [text_event("stdout", b"# held", false, "0")]);
    assert_eq!(hub.due(), None);
}

#[test]
fn what_was_read_and_cannot_be_written_is_a_failure() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach_reader("0", Box::<Lines>::default()).unwrap();
    hub.feed(id, Stream::Stdout, b"ok a\0b\n", at(0), &mut out);
    let all = taken(&mut out);
    assert_eq!((all.len(), all[0].status, all[0].runnable), (1, Some(Status::Fail), false));
    let reason = String::from_utf8_lossy(content(&all[0]).1).into_owned();
    assert_eq!(reason, "what was read cannot be a packet: test id holds a NUL byte\n");
    assert_eq!((hub.verdict(), hub.take_reports().len()), (Verdict::Failed, 1));
}

#[test]
fn damage_stays_damage_of_its_input_and_is_reported() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let (torn, whole) = (hub.attach("torn").unwrap(), hub.attach("whole").unwrap());
    let done = packet(&Event::status("t", Status::Success));
    let stream = [&done[..done.len() - 3], &done].concat();
    hub.feed(torn, Stream::Stdout, &stream, at(0), &mut out);
    hub.feed(whole, Stream::Stdout, &done, at(0), &mut out);
    assert_eq!(hub.counts(whole).unwrap().verdict(), Verdict::Passed);
    hub.detach(torn, Ending::Read, at(0), &mut out);
    hub.detach(whole, Ending::Read, at(0), &mut out);
    let stream_out = out.as_bytes().to_vec();
    let all = taken(&mut out);
    assert_eq!(content(&all[0]), ("damaged-bytes", &done[..done.len() - 3]));
    let told = ToldDamage::of(&all[1].as_event()).unwrap();
    assert_eq!(told.to_string(), "damaged packet at byte 0 of input torn: checksum");
    assert_eq!(told.length, done.len() as u64 - 3);
    let mut summary = Summary::new();
    items(&stream_out).for_each(|item| _ = summary.item(&item));
    assert_eq!((summary.counts().damage, summary.counts().success), (1, 2));
    assert_eq!(all.iter().filter(|event| event.test_id.is_some()).count(), 2);
    let reports = hub.take_reports();
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].route_code.as_deref(), Some("torn"));
    assert_eq!(hub.verdict(), Verdict::Failed);
}

#[test]
fn damage_stays_damage_through_several_levels() {
    let (mut top, mut middle) = (Hub::default(), Hub::default());
    let (mut out, mut below) = (Outbox::new(), Outbox::new());
    let (one, zero) = (top.attach("1").unwrap(), middle.attach("0").unwrap());
    let done = packet(&Event::status("t", Status::Success));
    let torn = [&done[..], &done[..done.len() - 3]].concat();
    middle.feed(zero, Stream::Stdout, &torn, at(0), &mut below);
    middle.detach(zero, Ending::Read, at(0), &mut below);
    top.feed(one, Stream::Stdout, below.as_bytes(), at(0), &mut out);
    top.detach(one, Ending::Read, at(0), &mut out);
    let all = taken(&mut out);
    let told: Vec<_> = all
        .iter()
        .filter_map(|event| ToldDamage::of(&event.as_event()).map(|told| told.to_string()))
        .collect();
    assert_eq!(told, [format!("damaged packet at byte {} of input 1/0: truncated", done.len())]);
    assert_eq!((top.verdict(), middle.verdict()), (Verdict::Failed, Verdict::Failed));
    assert_eq!(top.take_reports().len(), 1);
}

#[test]
fn a_packet_that_stopped_halfway_does_not_hold_back_the_next_for_ever() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("0").unwrap();
    let file = Some(FileChunk { name: "f", bytes: &[b'x'; 1000] });
    let long = packet(&Event { file, ..Event::default() });
    let done = packet(&Event::status("t", Status::Success));
    hub.feed(id, Stream::Stdout, &[&long[..500], &done[..]].concat(), at(0), &mut out);
    hub.tick(at(100), &mut out);
    assert!(out.is_empty());
    assert_eq!(hub.due(), Some(Duration::from_millis(200)));
    hub.tick(at(200), &mut out);
    assert!(out.is_empty(), "its writer may be slow");
    assert_eq!(hub.due(), Some(Duration::from_secs(5)));
    hub.tick(at(5000), &mut out);
    assert!(taken(&mut out).iter().any(|event| event.test_id.as_deref() == Some("t")));
}

#[test]
fn input_finds_its_way_down_two_levels() {
    let (mut top, mut middle) = (Hub::default(), Hub::default());
    let (mut out, mut below) = (Outbox::new(), Outbox::new());
    let one = top.attach("1").unwrap();
    let zero = middle.attach("0").unwrap();
    top.receive(&order("1/0", b"print(40+2)\n", true), &mut out);
    let inbox = top.inbox(one).to_vec();
    assert_eq!(events(&inbox), events(&order("0", b"print(40+2)\n", true)));
    middle.receive(&inbox, &mut below);
    assert_eq!(middle.inbox(zero), b"print(40+2)\n");
    assert!(middle.inbox_ends(zero) && !top.inbox_ends(one));
    middle.consumed(zero, 6);
    assert_eq!(middle.inbox(zero), b"40+2)\n");
    assert!(out.is_empty() && below.is_empty());
}

#[test]
fn what_finds_nobody_is_reported_back() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("0").unwrap();
    let listed = packet(&Event {
        route_code: Some(RouteCode::new("0")),
        ..Event::status("pkg.test", Status::Exists)
    });
    hub.receive(&order("7/1", b"lost", false), &mut out);
    hub.receive(&listed, &mut out);
    hub.receive(&packet(&Event::status("unrouted", Status::Exists)), &mut out);
    hub.receive(b"just text", &mut out);
    hub.tick(at(0), &mut out);
    hub.tick(at(9_999), &mut out);
    let mut all = taken(&mut out);
    assert_eq!((all.len(), hub.due()), (2, Some(Duration::from_secs(10))));
    hub.tick(at(10_000), &mut out);
    all.extend(taken(&mut out));
    let routes: Vec<_> = all.iter().map(route_of).collect();
    assert_eq!(routes, ["7/1", "none", "0", "none"]);
    let (tests, others): (Vec<_>, Vec<_>) = all.iter().partition(|event| event.test_id.is_some());
    assert!(others.iter().all(|event| content(event).0 == UNDELIVERED && !event.runnable));
    let first = String::from_utf8_lossy(content(others[0]).1).into_owned();
    let message = "`stdin` of 4 bytes was not delivered: there is no such route";
    assert_eq!(first, format!("{{\"message\":\"{message}\"}}"));
    assert!(others.iter().all(|event| subunit_core::conventions::is_aside(&event.as_event())));
    let reasons: Vec<_> = tests.iter().map(|event| never_run(event)).collect();
    let nobody = "it has no route code, and no input takes tests";
    assert_eq!(
        reasons,
        [("pkg.test", "it has not said that it takes tests"), ("unrouted", nobody)]
            .map(|(test_id, why)| (test_id.to_owned(), format!("never run: {why}\n")))
    );
    assert_eq!((hub.undelivered(), hub.tests_never_run(), hub.take_reports().len()), (2, 2, 4));
    assert!(hub.inbox(id).is_empty());
    assert_eq!(hub.verdict(), Verdict::Failed);
}

/// The id and the reason of a test that nobody ran.
fn never_run(event: &EventBuf) -> (String, String) {
    assert_eq!((event.status, event.runnable), (Some(Status::Fail), true));
    assert!(event.tags.as_ref().unwrap().as_tags().contains(NEVER_RUN));
    let (name, bytes) = content(event);
    assert_eq!(name, "reason");
    (event.test_id.clone().unwrap(), String::from_utf8(bytes.to_vec()).unwrap())
}

#[test]
fn a_test_for_a_route_that_is_not_there_is_a_failure_by_name() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    hub.attach("0").unwrap();
    let listed = Event::status("pkg.test", Status::Exists);
    let route_code = Some(RouteCode::new("O/1"));
    hub.receive(&packet(&Event { route_code, ..listed }), &mut out);
    let all = taken(&mut out);
    let reason = "never run: there is no such route\n".to_owned();
    assert_eq!((all.len(), route_of(&all[0])), (1, "O/1"));
    assert_eq!(never_run(&all[0]), ("pkg.test".into(), reason));
    assert_eq!(hub.verdict(), Verdict::Failed);
}

#[test]
fn tests_go_down_to_those_who_asked() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("0").unwrap();
    let file = Some(FileChunk { name: CAPABILITIES, bytes: b"tests\n" });
    let asks = packet(&Event { file, eof: true, ..Event::default() });
    hub.feed(id, Stream::Stdout, &asks, at(0), &mut out);
    assert_eq!(route_of(&taken(&mut out)[0]), "0");
    let listed = Event::status("pkg.test", Status::Exists);
    let sent = packet(&Event { route_code: Some(RouteCode::new("0")), ..listed });
    hub.receive(&sent, &mut out);
    assert_eq!(hub.inbox(id), packet(&listed));
    assert!(out.is_empty());
}

#[test]
fn tests_wait_for_an_input_to_say_that_it_takes_tests() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let (late, deaf) = (hub.attach("late").unwrap(), hub.attach("deaf").unwrap());
    let listed = Event::status("pkg.test", Status::Exists);
    for route in ["late", "deaf"] {
        let sent = Event { route_code: Some(RouteCode::new(route)), ..listed };
        hub.receive(&packet(&sent), &mut out);
    }
    hub.receive_end(&mut out);
    assert!(!hub.inbox_ends(late) && hub.inbox(late).is_empty() && out.is_empty());
    let file = Some(FileChunk { name: CAPABILITIES, bytes: b"tests" });
    let asks = packet(&Event { file, eof: true, ..Event::default() });
    hub.feed(late, Stream::Stdout, &asks, at(9_000), &mut out);
    assert_eq!(hub.inbox(late), packet(&listed));
    assert!(hub.inbox_ends(late) && hub.undelivered() == 0);
    out.clear();
    hub.close_stdin(deaf, &mut out);
    let all = taken(&mut out);
    let expected = "never run: it has not said that it takes tests\n".to_owned();
    assert_eq!((all.len(), never_run(&all[0])), (1, ("pkg.test".into(), expected)));
    assert!(hub.inbox_ends(deaf));
}

#[test]
fn a_full_inbox_takes_no_more_and_others_do() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let (deaf, good) = (hub.attach("deaf").unwrap(), hub.attach("good").unwrap());
    for _ in 0..40 {
        hub.receive(&order("deaf", &[b'x'; 50_000], false), &mut out);
    }
    hub.receive(&order("good", b"y", false), &mut out);
    assert!(hub.inbox(deaf).len() <= 1024 * 1024 && hub.is_backlogged());
    assert_eq!(hub.inbox(good), b"y");
    assert_eq!(hub.undelivered(), 20);
    assert_eq!(taken(&mut out).len(), 20);
    hub.close_stdin(deaf, &mut out);
    assert_eq!(route_of(&taken(&mut out)[0]), "deaf");
    assert!(!hub.is_backlogged());
}

#[test]
fn a_lost_input_ends_its_tests_honestly() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("2").unwrap();
    for event in [
        Event::status("done", Status::InProgress),
        Event::status("done", Status::Success),
        Event {
            route_code: Some(RouteCode::new("5")),
            ..Event::status("running", Status::InProgress)
        },
    ] {
        hub.feed(id, Stream::Stdout, &packet(&event), at(0), &mut out);
    }
    hub.feed(id, Stream::Stderr, b"Segmentation\nfault\n", at(0), &mut out);
    out.clear();
    let cause = "killed by signal 9 (SIGKILL)";
    hub.detach(id, Ending::Broken { cause, crashed: true }, at(0), &mut out);
    let all = taken(&mut out);
    let failed: Vec<_> = all.iter().filter(|event| event.status == Some(Status::Fail)).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].test_id.as_deref(), route_of(failed[0])), (Some("running"), "2/5"));
    let reason = String::from_utf8_lossy(content(failed[0]).1).into_owned();
    assert!(reason.starts_with(cause) && reason.ends_with("Segmentation\nfault\n"), "{reason}");
    // How it ended is reported too, and is not a second failure.
    let last = all.last().unwrap();
    assert_eq!((last.runnable, last.status, route_of(last)), (false, None, "2"));
    assert_eq!(hub.verdict(), Verdict::Failed);
}

#[test]
fn a_status_that_failed_tests_explain_is_no_second_failure() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("0").unwrap();
    let failed = packet(&Event::status("t", Status::Fail));
    hub.feed(id, Stream::Stdout, &failed, at(0), &mut out);
    let ending = Ending::Broken { cause: "exit status 1", crashed: false };
    hub.detach(id, ending, at(0), &mut out);
    let all = taken(&mut out);
    assert_eq!(all.len(), 2);
    assert_eq!((all[1].status, all[1].test_id.as_deref(), all[1].runnable), (None, None, false));
}

#[test]
fn adds_times_and_tags_where_they_are_missing() {
    let tags: TagsBuf = ["ci"].into_iter().collect();
    let annotations = Annotations { timestamps: true, tags };
    let mut hub = Hub::new(Options { annotations, watch_tests: false });
    let mut out = Outbox::new();
    let id = hub.attach("0").unwrap();
    let own: TagsBuf = ["slow"].into_iter().collect();
    let arrival = Some(Timestamp::new(1_700_000_100, 0));
    let said = Some(Timestamp::new(1_700_000_050, 0));
    for event in [
        Event { timestamp: said, ..Event::status("t", Status::InProgress) },
        Event { tags: Some(own.as_tags()), ..Event::status("t", Status::InProgress) },
        Event::status("t", Status::Success),
    ] {
        let now = Moment { elapsed: Duration::ZERO, time: arrival };
        hub.feed(id, Stream::Stdout, &packet(&event), now, &mut out);
    }
    let all = taken(&mut out);
    let times: Vec<_> = all.iter().map(|event| event.timestamp).collect();
    assert_eq!(times, [said, arrival, arrival]);
    let tags: Vec<Vec<&str>> = all
        .iter()
        .map(|event| event.tags.iter().flat_map(|tags| tags.as_tags().iter()).collect())
        .collect();
    assert_eq!(tags, [vec!["ci"], vec!["slow", "ci"], vec![]]);
}

/// This many seconds after the hub began, by its clock.
fn second(seconds: u32) -> Moment {
    let time = Some(Timestamp::new(1_700_000_000 + seconds, 0));
    Moment { elapsed: Duration::from_secs(seconds.into()), time }
}

/// What an input says whose clock differs by this many seconds: the time of `now`, for a status.
fn said_at(test_id: &str, status: Status, now: Moment, differs: i64) -> Vec<u8> {
    let seconds = now.time.unwrap().seconds().cast_signed() + differs;
    let timestamp = Some(Timestamp::new(u32::try_from(seconds).unwrap(), 0));
    packet(&Event { timestamp, ..Event::status(test_id, status) })
}

#[test]
fn inputs_an_hour_apart_run_at_the_same_time() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    hub.begin(second(0));
    let (behind, ours) = (hub.attach("behind").unwrap(), hub.attach("ours").unwrap());
    let ahead = hub.attach("ahead").unwrap();
    let clock = Some(Timestamp::new(1_700_000_000 - 3600, 0));
    let said = Capabilities { takes_tests: true, clock, ..Capabilities::default() }.content();
    let said = packet(&Capabilities::event(&said));
    hub.feed(behind, Stream::Stdout, &said, second(0), &mut out);
    for (id, test_id, began, differs) in
        [(ours, "a", 1, 0), (behind, "b", 2, -3600), (ahead, "c", 3, 3600)]
    {
        let ended = second(began + 4);
        let (began, done) = (second(began), Status::Success);
        let begun = said_at(test_id, Status::InProgress, began, differs);
        hub.feed(id, Stream::Stdout, &begun, began, &mut out);
        hub.feed(id, Stream::Stdout, &said_at(test_id, done, ended, differs), ended, &mut out);
    }
    let mut summary = Summary::new();
    items(out.as_bytes()).for_each(|item| _ = summary.item(&item));
    let elapsed = summary.stop().unwrap().since(summary.start().unwrap());
    assert_eq!(elapsed, Some(Duration::from_secs(6)));
    let all = taken(&mut out);
    let starts = all.iter().filter(|event| event.status == Some(Status::InProgress));
    let starts: Vec<_> = starts.map(|event| event.timestamp).collect();
    assert_eq!(starts, [second(1).time, second(2).time, second(3).time]);
    let clocks = all.iter().filter(|event| content(event).0 == CLOCK);
    let clocks: Vec<_> = clocks.map(|event| (route_of(event), content(event).1)).collect();
    assert_eq!(
        clocks,
        [
            ("behind", &b"{\"offset\":3600.000000000,\"by\":\"clock\"}"[..]),
            ("ahead", b"{\"offset\":-3600.000000000,\"by\":\"arrival\"}"),
        ]
    );
    let reports: Vec<_> =
        hub.take_reports().into_iter().map(|report| report.kind.to_string()).collect();
    let words = "ours; its times are moved by that";
    assert_eq!(
        reports,
        [
            format!("its clock is 3600.0 s behind {words}"),
            format!("its clock is 3600.0 s ahead of {words}"),
        ]
    );
}

#[test]
fn a_recording_that_a_command_plays_keeps_its_times_byte_for_byte() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    hub.begin(second(100_000));
    let (command, file) = (hub.attach("command").unwrap(), hub.attach("file").unwrap());
    hub.keep_times(file);
    // With what a worker said first, whose output was recorded.
    let clock = second(0).time;
    let said = Capabilities { takes_tests: true, clock, ..Capabilities::default() }.content();
    let mut recording = packet(&Capabilities::event(&said));
    recording.extend(said_at("a", Status::InProgress, second(1), 0));
    recording.extend(said_at("a", Status::Success, second(3), 0));
    for id in [command, file] {
        hub.feed(id, Stream::Stdout, &recording, second(100_000), &mut out);
    }
    let mut all = taken(&mut out);
    let marks: Vec<_> = all.iter().filter(|event| content(event).0 == CLOCK).cloned().collect();
    assert_eq!(marks.len(), 1);
    assert_eq!((route_of(&marks[0]), content(&marks[0]).1), ("command", &b"{\"offset\":null}"[..]));
    all.retain(|event| content(event).0 != CLOCK);
    for event in &mut all {
        event.route_code = None;
    }
    let written: Vec<u8> = all.iter().flat_map(|event| packet(&event.as_event())).collect();
    assert!(written == recording.repeat(2));
    assert!(hub.take_reports().is_empty());
}

#[test]
fn times_that_are_no_dates_leave_no_hub() {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    hub.begin(second(0));
    let id = hub.attach("0").unwrap();
    for (seconds, status) in [(0, Status::InProgress), (2, Status::Success)] {
        let timestamp = Some(Timestamp::new(seconds, 0));
        let event = packet(&Event { timestamp, ..Event::status("a", status) });
        hub.feed(id, Stream::Stdout, &event, second(5), &mut out);
    }
    let all = taken(&mut out);
    assert_eq!(content(&all[0]).0, CLOCK);
    let times: Vec<_> = all[1..].iter().map(|event| event.timestamp).collect();
    assert_eq!(times, [second(5).time, second(7).time]);
}

#[test]
fn knows_since_when_tests_run() {
    let mut hub = Hub::new(Options { watch_tests: true, ..Options::default() });
    let mut out = Outbox::new();
    let id = hub.attach("0").unwrap();
    let limit = Duration::from_secs(1);
    assert_eq!(hub.overdue_at(id, limit), None);
    for (time, test_id) in [(0, "slow"), (600, "later")] {
        let begun = packet(&Event::status(test_id, Status::InProgress));
        hub.feed(id, Stream::Stdout, &begun, at(time), &mut out);
    }
    assert_eq!(hub.overdue_at(id, limit), Some(limit));
    assert!(hub.overdue(id, limit, at(999)).is_empty());
    let hung = hub.overdue(id, limit, at(1500));
    assert_eq!(hung.len(), 1);
    assert_eq!(hung[0].test_id, "slow");
    assert_eq!(hung[0].running_for, Duration::from_millis(1500));
    let ended = packet(&Event::status("slow", Status::Success));
    hub.feed(id, Stream::Stdout, &ended, at(1500), &mut out);
    assert!(hub.overdue(id, limit, at(1550)).is_empty());
    assert_eq!(hub.overdue_at(id, limit), Some(Duration::from_millis(1600)));
}

#[test]
fn names_are_single_segments_and_each_is_there_once() {
    let mut hub = Hub::default();
    let id = hub.attach("a").unwrap();
    assert_eq!(hub.attach("a"), Err(AttachError::Taken("a".into())));
    for name in ["a/b", "\0", &"x".repeat(300)] {
        assert_eq!(hub.attach(name), Err(AttachError::Name(name.into())));
    }
    hub.detach(id, Ending::Read, at(0), &mut Outbox::new());
    hub.attach("a").unwrap();
}

/// A piece of what a child might write.
#[derive(Clone, Debug)]
enum Piece {
    Packet(Vec<u8>),
    Text(Vec<u8>),
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Packet(bytes) | Self::Text(bytes) => bytes,
        }
    }
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let route = proptest::option::of("[0-2]?(/[0-2]){0,2}");
    let file = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..9000));
    let one_packet = (route, file, "[a-c]{0,3}").prop_map(|(route, file, test_id)| {
        let file = file.as_ref().map(|bytes| FileChunk { name: "log", bytes });
        let route_code = route.as_deref().map(RouteCode::new);
        Piece::Packet(packet(&Event {
            route_code,
            file,
            ..Event::status(&test_id, Status::InProgress)
        }))
    });
    // Bytes that no packet begins with.
    let text = proptest::collection::vec(0u8..0x80, 1..6000).prop_map(Piece::Text);
    proptest::collection::vec(prop_oneof![3 => one_packet, 1 => text], 0..12)
}

/// What comes out for an input that is fed in `cuts`.
fn through_hub(stream: &[u8], cuts: &[usize]) -> Vec<EventBuf> {
    let (mut hub, mut out) = (Hub::default(), Outbox::new());
    let id = hub.attach("p").unwrap();
    let mut rest = stream;
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at((*cut).min(rest.len()));
        hub.feed(id, Stream::Stdout, now, at(0), &mut out);
        rest = later;
    }
    hub.detach(id, Ending::Read, at(0), &mut out);
    events(out.as_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_packet_arrives_once_in_order_under_its_prefix(
        pieces in pieces(),
        cuts in proptest::collection::vec(1usize..5000, 1..8),
    ) {
        let stream: Vec<u8> = pieces.iter().flat_map(|piece| piece.bytes().to_vec()).collect();
        let whole = through_hub(&stream, &[usize::MAX]);
        prop_assert_eq!(&whole, &through_hub(&stream, &cuts));

        let is_text = |event: &&EventBuf| event.test_id.is_none();
        let text: Vec<u8> = whole.iter().filter(is_text).flat_map(|e| content(e).1.to_vec()).collect();
        let written = pieces.iter().filter(|piece| matches!(piece, Piece::Text(_)));
        let written: Vec<u8> = written.flat_map(|piece| piece.bytes().to_vec()).collect();
        prop_assert_eq!(text, written);

        let passed: Vec<_> = whole.into_iter().filter(|event| event.test_id.is_some()).collect();
        let sent = pieces.iter().filter(|piece| matches!(piece, Piece::Packet(_)));
        let expected: Vec<_> = sent
            .flat_map(|piece| events(piece.bytes()))
            .map(|mut event| {
                let route = event.route_code.as_ref().map(|route| route.as_route());
                event.route_code = Some(RouteCodeBuf::new("p").join(route));
                event
            })
            .collect();
        prop_assert_eq!(passed, expected);
    }

    #[test]
    fn inputs_do_not_mix(
        streams in proptest::collection::vec(pieces(), 2..5),
        turns in proptest::collection::vec((0usize..5, 1usize..3000), 1..200),
    ) {
        let (mut hub, mut out) = (Hub::default(), Outbox::new());
        let joined = |pieces: &Vec<Piece>| pieces.iter().map(Piece::bytes).collect::<Vec<_>>().concat();
        let streams: Vec<Vec<u8>> = streams.iter().map(joined).collect();
        let mut inputs: Vec<_> = (0..streams.len())
            .map(|n| (hub.attach(&n.to_string()).unwrap(), &streams[n][..]))
            .collect();
        let count = inputs.len();
        for (turn, length) in turns {
            let (id, rest) = &mut inputs[turn % count];
            let (now, later) = rest.split_at(length.min(rest.len()));
            hub.feed(*id, Stream::Stdout, now, at(0), &mut out);
            *rest = later;
        }
        for (id, rest) in inputs {
            hub.feed(id, Stream::Stdout, rest, at(0), &mut out);
            hub.detach(id, Ending::Read, at(0), &mut out);
        }
        let all = events(out.as_bytes());
        for (n, stream) in streams.iter().enumerate() {
            let name = n.to_string();
            let of_input = |event: &&EventBuf| route_of(event).split('/').next() == Some(&name);
            let mut mixed: Vec<_> = all.iter().filter(of_input).cloned().collect();
            let mut alone = through_hub(stream, &[usize::MAX]);
            for event in mixed.iter_mut().chain(&mut alone) {
                let route = event.route_code.take().unwrap();
                let below = route.as_route().split_first().1;
                event.route_code = below.map(RouteCode::to_buf);
            }
            prop_assert_eq!(mixed, alone);
        }
    }

    #[test]
    fn nothing_that_comes_in_breaks_a_hub(
        bytes in proptest::collection::vec(prop_oneof![Just(0xb3u8), Just(0x29), any::<u8>()], 0..2000),
        orders in proptest::collection::vec(prop_oneof![Just(0xb3u8), Just(0x29), any::<u8>()], 0..500),
    ) {
        let (mut hub, mut out) = (Hub::default(), Outbox::new());
        let id = hub.attach("p").unwrap();
        hub.feed(id, Stream::Stdout, &bytes, at(0), &mut out);
        hub.receive(&orders, &mut out);
        hub.receive_end(&mut out);
        hub.detach(id, Ending::Gone { cause: "gone" }, at(0), &mut out);
        for event in events(out.as_bytes()) {
            let refused = event.test_id.is_some() && content(&event).0 == "reason";
            let ours = refused || content(&event).0 == UNDELIVERED;
            prop_assert!(ours || route_of(&event) == "p");
        }
    }
}
