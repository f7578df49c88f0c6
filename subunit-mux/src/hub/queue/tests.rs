//! Tests that are handed out, and how they end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use proptest::prelude::*;
use subunit_core::{Item, items, sink::Verdict};

use super::*;
use crate::{Annotations, CAPABILITIES, Ending, Options, Stream};

fn at(seconds: u64) -> Moment {
    Moment { elapsed: Duration::from_secs(seconds), time: None }
}

fn packet(event: &Event<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    event.encode(&mut out).unwrap();
    out
}

fn listed(test_id: &str, route: Option<&str>) -> Vec<u8> {
    let route_code = route.map(RouteCode::new);
    packet(&Event { route_code, ..Event::status(test_id, Status::Exists) })
}

/// A hub, and what it has said of tests: by id, the route, the status, and the reason where there is one.
struct Bench {
    hub: Hub,
    out: Outbox,
    now: Moment,
    said: Vec<(String, String, Status, String)>,
}

impl Bench {
    fn new() -> Self {
        Self { hub: Hub::new(Options::default()), out: Outbox::new(), now: at(0), said: Vec::new() }
    }

    /// A worker that takes tests.
    fn worker(&mut self, name: &str) -> InputId {
        let id = self.hub.attach(name).unwrap();
        let file = Some(FileChunk { name: CAPABILITIES, bytes: b"tests" });
        self.feed(id, &Event { file, eof: true, ..Event::default() });
        id
    }

    fn feed(&mut self, id: InputId, event: &Event<'_>) {
        self.hub.feed(id, Stream::Stdout, &packet(event), self.now, &mut self.out);
        self.collect();
    }

    fn says(&mut self, id: InputId, test_id: &str, status: Status) {
        self.feed(id, &Event::status(test_id, status));
    }

    /// What `subunit worker` says of a test that its command did not take.
    fn gives_back(&mut self, id: InputId, test_id: &str) {
        let tags = Annotations::default().never_run();
        self.feed(
            id,
            &Event { tags: Some(tags.as_tags()), ..Event::status(test_id, Status::Fail) },
        );
    }

    fn ask(&mut self, route: Option<&str>, tests: impl IntoIterator<Item = impl AsRef<str>>) {
        for test_id in tests {
            self.hub.receive(&listed(test_id.as_ref(), route), &mut self.out);
        }
        self.collect();
    }

    fn no_more(&mut self) {
        self.hub.receive_end(&mut self.out);
        self.collect();
    }

    /// The ids that a worker has received since it last read.
    fn reads(&mut self, id: InputId) -> Vec<String> {
        let inbox = self.hub.inbox(id).to_vec();
        self.hub.consumed(id, inbox.len());
        let test_id = |item| match item {
            Item::Packet(packet) => packet.event().test_id.unwrap().to_owned(),
            other => panic!("{other:?}"),
        };
        items(&inbox).map(test_id).collect()
    }

    fn ends(&mut self, id: InputId, ending: Ending<'_>) {
        self.hub.detach(id, ending, self.now, &mut self.out);
        self.collect();
    }

    fn dies(&mut self, id: InputId) {
        self.ends(id, Ending::Broken { cause: "killed by signal 9 (SIGKILL)", crashed: true });
    }

    fn exits(&mut self, id: InputId) {
        self.ends(id, Ending::Gone { cause: "exit status 0" });
    }

    fn tick(&mut self, seconds: u64) {
        self.now = at(seconds);
        self.hub.tick(self.now, &mut self.out);
        self.collect();
    }

    fn collect(&mut self) {
        for item in items(self.out.as_bytes()) {
            let Item::Packet(packet) = item else { panic!("{item:?}") };
            let event = packet.event();
            let (Some(test_id), Some(status)) = (event.test_id, event.status) else { continue };
            let route = event.route_code.map_or("none", |route| route.as_str());
            let reason = event.file.map_or(&b""[..], |file| file.bytes);
            let reason = String::from_utf8_lossy(reason).into_owned();
            self.said.push((test_id.into(), route.into(), status, reason));
        }
        self.out.clear();
    }

    /// The results so far, without their reasons.
    fn results(&self) -> Vec<(&str, &str, Status)> {
        let ended = self.said.iter().filter(|(_, _, status, _)| status.is_final());
        ended.map(|(test_id, route, status, _)| (&**test_id, &**route, *status)).collect()
    }

    fn reason(&self, test_id: &str) -> &str {
        let (.., reason) = self.said.iter().rfind(|(said, ..)| said == test_id).unwrap();
        reason
    }
}

#[test]
fn tests_without_a_route_go_to_whoever_is_idle_one_at_a_time() {
    let mut bench = Bench::new();
    let (a, b) = (bench.worker("a"), bench.worker("b"));
    bench.ask(None, ["1", "2", "3", "4"]);
    assert_eq!((bench.reads(a), bench.reads(b)), (vec!["1".into()], vec!["2".into()]));
    bench.says(b, "2", Status::InProgress);
    assert!(bench.reads(a).is_empty() && bench.reads(b).is_empty());
    bench.says(b, "2", Status::Success);
    assert_eq!(bench.reads(b), ["3"]);
    bench.says(b, "3", Status::Success);
    assert_eq!((bench.reads(b), bench.hub.tests_waiting()), (vec!["4".into()], 0));
    assert!(bench.reads(a).is_empty());
}

#[test]
fn as_many_as_the_depth_are_handed_out_evenly() {
    let mut bench = Bench::new();
    bench.hub.set_depth(NonZeroUsize::new(3).unwrap());
    let (a, b) = (bench.worker("a"), bench.worker("b"));
    bench.ask(None, ["1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(
        (bench.reads(a), bench.reads(b)),
        (vec!["1".into(), "3".into(), "5".into()], vec!["2".into(), "4".into(), "6".into()],)
    );
}

#[test]
fn an_input_that_hands_tests_out_itself_gets_one_for_each_below_it() {
    let mut bench = Bench::new();
    let id = bench.worker("inner");
    let file = Some(FileChunk { name: CAPABILITIES, bytes: b"tests" });
    for below in ["0", "1", "2/0"] {
        let route_code = Some(RouteCode::new(below));
        bench.feed(id, &Event { file, route_code, ..Event::default() });
    }
    bench.ask(None, ["1", "2", "3", "4"]);
    assert_eq!(bench.reads(id), ["1", "2", "3"]);
}

#[test]
fn what_an_input_leaves_goes_to_the_others_first() {
    let mut bench = Bench::new();
    let (a, b) = (bench.worker("a"), bench.worker("b"));
    bench.ask(None, ["1", "2", "3"]);
    bench.no_more();
    bench.exits(a);
    assert_eq!(bench.reads(b), ["2"]);
    bench.says(b, "2", Status::Success);
    assert_eq!(bench.reads(b), ["1"]);
    bench.says(b, "1", Status::Success);
    bench.says(b, "3", Status::Success);
    bench.exits(b);
    let passed = |test_id| (test_id, "b", Status::Success);
    assert_eq!(bench.results(), ["2", "1", "3"].map(passed));
    assert_eq!(bench.hub.verdict(), Verdict::Passed);
}

#[test]
fn a_worker_that_gives_a_test_back_has_not_failed_it() {
    let mut bench = Bench::new();
    let (a, b) = (bench.worker("a"), bench.worker("b"));
    bench.ask(None, ["1", "2"]);
    bench.no_more();
    bench.gives_back(a, "1");
    // `subunit worker` ends with 1 where tests are left.
    bench.ends(a, Ending::Broken { cause: "exit status 1", crashed: false });
    bench.says(b, "2", Status::Success);
    bench.says(b, "1", Status::Success);
    bench.exits(b);
    assert_eq!(bench.results(), [("2", "b", Status::Success), ("1", "b", Status::Success)]);
    assert_eq!(bench.hub.verdict(), Verdict::Passed);
}

#[test]
fn a_test_that_was_meant_for_one_input_is_not_given_to_another() {
    let mut bench = Bench::new();
    let (a, b) = (bench.worker("a"), bench.worker("b"));
    bench.ask(Some("a"), ["1", "2"]);
    bench.ask(Some("a/9"), ["1"]);
    bench.no_more();
    bench.says(a, "1", Status::Success);
    bench.gives_back(a, "2");
    bench.exits(a);
    assert!(bench.reads(b).is_empty() && bench.hub.inbox_ends(b));
    let expected =
        [("1", "a", Status::Success), ("2", "a", Status::Fail), ("1", "a/9", Status::Fail)];
    assert_eq!(bench.results(), expected);
    assert_eq!(bench.reason("1"), "never run: exit status 0\n");
    assert_eq!(bench.hub.verdict(), Verdict::Failed);
}

#[test]
fn a_test_for_an_input_that_has_ended_says_so() {
    let mut bench = Bench::new();
    let a = bench.worker("a");
    bench.exits(a);
    bench.ask(Some("a"), ["1"]);
    assert_eq!(bench.reason("1"), "never run: its input has ended\n");
    assert_eq!(bench.results(), [("1", "a", Status::Fail)]);
}

#[test]
fn what_was_running_is_the_one_failure_of_a_worker_that_died() {
    let mut bench = Bench::new();
    bench.hub.set_depth(NonZeroUsize::new(2).unwrap());
    let a = bench.worker("a");
    bench.ask(None, ["1", "2"]);
    let b = bench.worker("b");
    bench.no_more();
    assert!(!bench.hub.inbox_ends(b), "what the other one leaves would find nobody");
    bench.says(a, "1", Status::InProgress);
    bench.dies(a);
    assert_eq!(bench.reads(b), ["2"]);
    assert!(bench.hub.inbox_ends(b));
    bench.says(b, "2", Status::Success);
    bench.exits(b);
    assert_eq!(bench.results(), [("1", "a", Status::Fail), ("2", "b", Status::Success)]);
    assert!(bench.reason("1").contains("while this test was running"));
}

#[test]
fn with_no_worker_left_the_rest_are_failures() {
    let mut bench = Bench::new();
    let a = bench.worker("a");
    let plain = bench.hub.attach("plain").unwrap();
    bench.ask(None, ["1", "2", "3"]);
    bench.says(a, "1", Status::Success);
    bench.exits(a);
    assert_eq!(bench.results().len(), 1, "the other one may yet say that it takes tests");
    bench.tick(10);
    let never = |test_id| (test_id, "none", Status::Fail);
    assert_eq!(bench.results()[1..], ["2", "3"].map(never));
    assert_eq!(bench.reason("3"), "never run: no worker is left that takes tests\n");
    bench.exits(plain);
    assert_eq!((bench.hub.verdict(), bench.hub.tests_never_run()), (Verdict::Failed, 2));
}

#[test]
fn tests_wait_for_inputs_that_are_yet_to_come() {
    let mut bench = Bench::new();
    bench.hub.expect_inputs(true, bench.now, &mut bench.out);
    bench.ask(None, ["1", "2"]);
    bench.no_more();
    bench.tick(1000);
    assert!(bench.said.is_empty());
    let a = bench.worker("a");
    assert_eq!(bench.reads(a), ["1"]);
    bench.says(a, "1", Status::Success);
    bench.exits(a);
    bench.hub.expect_inputs(false, bench.now, &mut bench.out);
    bench.collect();
    assert_eq!(bench.results()[1..], [("2", "none", Status::Fail)]);
}

#[test]
fn a_test_that_every_worker_dies_of_does_not_go_round_for_ever() {
    let mut bench = Bench::new();
    bench.ask(None, Vec::<&str>::new());
    bench.hub.expect_inputs(true, bench.now, &mut bench.out);
    bench.ask(None, ["poison", "good"]);
    for nth in 0..3 {
        let worker = bench.worker(&nth.to_string());
        assert_eq!(bench.reads(worker), ["poison"]);
        bench.dies(worker);
    }
    let last = bench.worker("last");
    assert_eq!(bench.reads(last), ["good"]);
    let expected = "never run: 3 workers died before they said that it had begun\n";
    assert_eq!(bench.reason("poison"), expected);
}

#[test]
fn a_worker_that_reads_all_before_it_runs_any_gets_all_and_the_end() {
    let mut bench = Bench::new();
    let a = bench.worker("a");
    bench.ask(None, ["1", "2", "3", "4"]);
    bench.no_more();
    assert_eq!(bench.reads(a), ["1"]);
    bench.tick(10);
    assert_eq!(bench.reads(a), ["2"]);
    bench.tick(20);
    assert_eq!(bench.reads(a), ["3", "4"]);
    assert!(bench.hub.inbox_ends(a));
    bench.exits(a);
    assert_eq!(bench.results().len(), 4);
}

#[test]
fn two_workers_that_wait_for_the_end_do_not_wait_for_each_other() {
    let mut bench = Bench::new();
    let (a, b) = (bench.worker("a"), bench.worker("b"));
    bench.ask(None, ["1", "2"]);
    bench.no_more();
    assert!(!bench.hub.inbox_ends(a) && !bench.hub.inbox_ends(b));
    bench.tick(10);
    assert!(bench.hub.inbox_ends(a) && bench.hub.inbox_ends(b));
}

#[test]
fn nothing_is_handed_out_after_an_interrupt() {
    let mut bench = Bench::new();
    let (a, b) = (bench.worker("a"), bench.worker("b"));
    bench.ask(None, ["1", "2", "3"]);
    bench.hub.stop_handing_out("interrupted", bench.now, &mut bench.out);
    bench.collect();
    assert_eq!(bench.results(), [("3", "none", Status::Fail)]);
    bench.exits(a);
    assert_eq!(bench.reads(b), ["2"]);
    bench.exits(b);
    let mut all = bench.results();
    all.sort_unstable();
    assert_eq!(all, ["1", "2", "3"].map(|test_id| (test_id, "none", Status::Fail)));
    assert_eq!(bench.reason("1"), "never run: interrupted\n");
}

#[test]
fn more_tests_than_an_inbox_holds_wait_for_their_input() {
    let mut bench = Bench::new();
    let a = bench.worker("a");
    let long = "x".repeat(1000);
    let tests: Vec<_> = (0..3000).map(|nth| format!("{long}{nth}")).collect();
    bench.ask(Some("a"), &tests);
    bench.no_more();
    let mut read = Vec::new();
    while !bench.hub.inbox_ends(a) || !bench.hub.inbox(a).is_empty() {
        assert!(bench.hub.inbox(a).len() < 128 * 1024);
        read.extend(bench.reads(a));
    }
    assert!(read == tests && bench.said.is_empty());
}

#[test]
fn a_result_counts_for_the_input_that_was_handed_the_test() {
    let mut bench = Bench::new();
    let (a, b) = (bench.worker("a"), bench.worker("b"));
    bench.ask(Some("a"), ["1"]);
    bench.says(b, "1", Status::Success);
    bench.exits(a);
    assert_eq!(bench.results(), [("1", "b", Status::Success), ("1", "a", Status::Fail)]);
}

/// What happens to workers.
#[derive(Clone, Copy, Debug)]
enum Step {
    Begin(usize),
    End(usize),
    GiveBack(usize),
    Exit(usize),
    Die(usize),
    Come,
    Ask(Option<u8>),
    Wait,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let one = prop_oneof![
        4 => (0usize..4).prop_map(Step::Begin),
        8 => (0usize..4).prop_map(Step::End),
        1 => (0usize..4).prop_map(Step::GiveBack),
        1 => (0usize..4).prop_map(Step::Exit),
        1 => (0usize..4).prop_map(Step::Die),
        1 => Just(Step::Come),
        4 => proptest::option::of(0u8..6).prop_map(Step::Ask),
        1 => Just(Step::Wait),
    ];
    proptest::collection::vec(one, 0..120)
}

/// Workers and what they have read and not ended.
struct Crew {
    bench: Bench,
    workers: Vec<(InputId, Vec<String>)>,
    begun: BTreeSet<(InputId, String)>,
    came: usize,
    asked: usize,
    seconds: u64,
}

impl Crew {
    fn step(&mut self, step: Step) {
        match step {
            Step::Come => {
                let name = self.came.to_string();
                self.came += 1;
                let id = self.bench.worker(&name);
                self.workers.push((id, Vec::new()));
            }
            Step::Ask(route) => {
                let test_id = self.asked.to_string();
                self.asked += 1;
                let route = route.map(|route| route.to_string());
                self.bench.ask(route.as_deref(), [test_id]);
            }
            Step::Wait => {
                self.seconds += 7;
                self.bench.tick(self.seconds);
            }
            Step::Begin(nth) | Step::End(nth) | Step::GiveBack(nth) => self.act(nth, step),
            Step::Exit(nth) | Step::Die(nth) if nth < self.workers.len() => {
                let (id, _) = self.workers.remove(nth);
                match step {
                    Step::Die(_) => self.bench.dies(id),
                    _ => self.bench.exits(id),
                }
            }
            Step::Exit(_) | Step::Die(_) => {}
        }
    }

    fn act(&mut self, nth: usize, step: Step) {
        let Some((id, held)) = self.workers.get_mut(nth) else { return };
        held.extend(self.bench.reads(*id));
        let Some(test_id) = held.first().cloned() else { return };
        match step {
            Step::Begin(_) => {
                self.begun.insert((*id, test_id.clone()));
                self.bench.says(*id, &test_id, Status::InProgress);
            }
            Step::End(_) => {
                held.remove(0);
                self.bench.says(*id, &test_id, Status::Success);
            }
            _ if self.begun.contains(&(*id, test_id.clone())) => {}
            _ => {
                held.remove(0);
                self.bench.gives_back(*id, &test_id);
            }
        }
    }
}

proptest! {
    #[test]
    fn every_test_that_was_asked_for_ends_once(steps in steps(), depth in 1usize..4) {
        let mut bench = Bench::new();
        bench.hub.set_depth(NonZeroUsize::new(depth).unwrap());
        bench.hub.expect_inputs(true, bench.now, &mut bench.out);
        let mut crew = Crew {
            bench,
            workers: Vec::new(),
            begun: BTreeSet::new(),
            came: 0,
            asked: 0,
            seconds: 0,
        };
        for step in steps {
            crew.step(step);
        }
        crew.bench.no_more();
        crew.bench.hub.expect_inputs(false, crew.bench.now, &mut crew.bench.out);
        // The workers that are left run all tests, and end when there are no more.
        while !crew.workers.is_empty() {
            let before = crew.bench.said.len();
            for nth in 0..crew.workers.len() {
                crew.act(nth, Step::End(nth));
            }
            let ends = |(id, held): &(InputId, Vec<String>)| {
                held.is_empty() && crew.bench.hub.inbox(*id).is_empty() && crew.bench.hub.inbox_ends(*id)
            };
            let ended = crew.workers.iter().position(ends);
            if let Some(nth) = ended {
                crew.step(Step::Exit(nth));
            }
            prop_assert!(ended.is_some() || crew.bench.said.len() > before, "nobody goes on");
        }
        crew.bench.collect();
        let mut ends = BTreeMap::<_, usize>::new();
        for (test_id, ..) in crew.bench.results() {
            if test_id != "command" {
                *ends.entry(test_id.parse::<usize>().unwrap()).or_default() += 1;
            }
        }
        prop_assert_eq!(ends, (0..crew.asked).map(|nth| (nth, 1)).collect());
    }
}

#[test]
fn what_is_sent_to_an_input_reaches_it_and_nobody_else() {
    let mut bench = Bench::new();
    let (a, b) = (bench.worker("a"), bench.worker("b"));
    let mut send = |id, event: &Event<'_>| bench.hub.send(id, event);
    assert_eq!(send(b, &Event::status("1", Status::Exists)), Ok(()));
    let file = Some(FileChunk { name: "stdin", bytes: b"text\n" });
    let stdin = Event { file, eof: true, ..Event::default() };
    assert_eq!(send(b, &Event::status("2", Status::Success)), Err(Undelivered::NotForAnInput));
    let below =
        Event { route_code: Some(RouteCode::new("0/x")), ..Event::status("3", Status::Exists) };
    assert_eq!(send(b, &below), Ok(()));
    let inbox = bench.hub.inbox(b).to_vec();
    let mut expected = listed("1", None);
    expected.extend_from_slice(&listed("3", Some("0/x")));
    assert_eq!(inbox, expected);
    assert!(bench.hub.inbox(a).is_empty());
    assert_eq!(bench.hub.send(a, &stdin), Ok(()));
    assert_eq!(bench.hub.inbox(a), b"text\n");
    assert_eq!(bench.hub.send(a, &stdin), Err(Undelivered::Closed));
    assert_eq!(bench.hub.send(a, &Event::status("4", Status::Exists)), Err(Undelivered::Closed));
    assert_eq!(bench.hub.tests_asked(), 2);
    bench.exits(b);
    assert_eq!(
        bench.results(),
        [("1", "b", Status::Fail), ("3", "b/0/x", Status::Fail)],
        "each test that was sent ends"
    );
    assert_eq!(bench.hub.send(b, &stdin), Err(Undelivered::NoSuchRoute));
}

#[test]
fn a_test_that_is_enqueued_goes_to_an_input_that_takes_tests() {
    let mut bench = Bench::new();
    let mute = bench.hub.attach("mute").unwrap();
    let taker = bench.worker("taker");
    assert!(bench.hub.takes_tests(taker) && !bench.hub.takes_tests(mute));
    bench.hub.enqueue("1", bench.now, &mut bench.out).unwrap();
    assert_eq!(bench.reads(taker), ["1"]);
    bench.exits(taker);
    assert!(!bench.hub.takes_tests(taker));
    assert_eq!(bench.hub.enqueue("a\0b", bench.now, &mut bench.out), Err(Undelivered::Unwritable));
}
