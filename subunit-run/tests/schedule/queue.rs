//! The queue, case by case.

use std::time::Duration;

use subunit_core::Status;
use subunit_run::{
    memory::Times,
    schedule::{GroupLimit, GroupLimits, Next, Order, Queue, TestEnd, TestSource, Worker},
};

use crate::sim::Sim;

pub(crate) fn ids(names: &str) -> Vec<String> {
    names.split_whitespace().map(String::from).collect()
}

pub(crate) fn seconds(of: &[(&str, f64)]) -> Times {
    of.iter().map(|&(id, seconds)| (id.into(), Duration::from_secs_f64(seconds))).collect()
}

pub(crate) fn worker(name: &str) -> Worker {
    Worker { name: name.into(), instance: String::new() }
}

/// The part before the dot; none without one.
pub(crate) fn before_dot(id: &str) -> Option<String> {
    id.split_once('.').map(|(group, _)| group.into())
}

fn test(id: &str) -> Next {
    Next::Test(id.into())
}

fn passed(seconds: f64) -> TestEnd {
    TestEnd { status: Status::Success, duration: Some(Duration::from_secs_f64(seconds)) }
}

/// The order in which one worker gets these tests.
fn order(queue: Queue, listing: &str) -> String {
    let mut queue = queue;
    queue.add(ids(listing));
    queue.end_of_listing();
    Sim::new(&[1.0], |_| 1.0).run(&mut queue).began().join(" ")
}

#[test]
fn each_order_has_its_first() {
    let queue = |order| {
        let times = seconds(&[("a.x", 1.0), ("b.x", 3.0), ("b.y", 2.0), ("c.x", 0.5)]);
        Queue::new(order).times(times).failing(ids("c.x b.y"))
    };
    let listing = "b.x new.z a.x c.x b.y new.a";
    for (name, expected) in [
        ("discovery", "b.x new.z a.x c.x b.y new.a"),
        ("alphabetical", "a.x b.x b.y c.x new.a new.z"),
        ("failing-first", "b.y c.x new.z new.a b.x a.x"),
        ("slowest-first", "new.z new.a b.x b.y a.x c.x"),
        ("fastest-first", "c.x a.x b.y b.x new.z new.a"),
        ("new-first", "new.z new.a b.x a.x c.x b.y"),
        ("spread", "b.x new.z a.x c.x b.y new.a"),
        ("shuffle:1", "b.x c.x new.a new.z b.y a.x"),
    ] {
        assert_eq!(order(queue(name.parse().unwrap()), listing), expected, "{name}");
    }
    assert_eq!(order(queue(Order::Spread), "b.x b.y b.z a.x a.y"), "b.x a.x b.y a.y b.z");
}

#[test]
fn groups_are_ordered_by_their_sum_and_run_in_listing_order() {
    let times = seconds(&[("a.x", 1.0), ("b.x", 3.0), ("a.y", 2.5), ("c", 2.0)]);
    let queue = Queue::new(Order::SlowestFirst).times(times).groups(before_dot);
    assert_eq!(order(queue, "a.x b.x a.y c"), "a.x a.y b.x c");
}

#[test]
fn a_priority_goes_before_the_order() {
    let priority = |id: &str| match id {
        "a.y" => 1,
        "c" => -1,
        _ => 0,
    };
    let queue = || Queue::new(Order::Alphabetical).priorities(priority);
    assert_eq!(order(queue(), "c a.x a.y b"), "a.y a.x b c");
    assert_eq!(order(queue().groups(before_dot), "c b a.x a.y"), "a.x a.y b c");
    // What came back goes first all the same.
    let mut queue = queue();
    queue.add(ids("c a.y"));
    queue.end_of_listing();
    let one = worker("0");
    assert_eq!([queue.next(&one), queue.next(&worker("1"))], [test("a.y"), test("c")]);
    queue.lost(&worker("1"), "c");
    queue.lost(&one, "a.y");
    assert_eq!(queue.next(&one), test("c"));
}

#[test]
fn tests_are_handed_out_while_the_listing_goes_on() {
    let mut queue = Queue::new(Order::SlowestFirst).groups(before_dot);
    let [one, two] = [worker("0"), worker("1")];
    assert_eq!(queue.next(&one), Next::Wait);
    queue.add(ids("a.x"));
    assert_eq!(queue.next(&one), test("a.x"));
    queue.ended(&one, "a.x", passed(1.0));
    // The group has its worker, though it has no test at the moment.
    queue.add(ids("a.y"));
    assert_eq!(queue.next(&two), Next::Wait);
    assert_eq!(queue.next(&one), test("a.y"));
    queue.end_of_listing();
    assert_eq!(queue.next(&two), Next::Done);
    queue.ended(&one, "a.y", passed(1.0));
    assert_eq!(queue.next(&one), Next::Done);
    // One more attempt, for whoever asks.
    queue.add(ids("a.x"));
    assert_eq!(queue.next(&two), test("a.x"));
}

#[test]
fn orders_of_the_whole_list_wait_for_its_end() {
    for name in ["alphabetical", "shuffle", "spread"] {
        let mut queue = Queue::new(name.parse().unwrap());
        queue.add(ids("a"));
        assert_eq!(queue.next(&worker("0")), Next::Wait, "{name}");
        queue.end_of_listing();
        assert_eq!(queue.next(&worker("0")), test("a"), "{name}");
    }
}

#[test]
fn a_worker_has_two_tests_only_if_they_are_short() {
    let times = seconds(&[("short", 0.009), ("long", 0.011)]);
    let mut queue = Queue::new(Order::FastestFirst).times(times);
    let [one, two] = [worker("0"), worker("1")];
    queue.add(ids("short long new"));
    queue.end_of_listing();
    assert_eq!(queue.depth(&one), 1);
    assert_eq!(queue.next(&one), test("short"));
    assert_eq!(queue.depth(&one), 2);
    assert_eq!(queue.next(&one), test("long"));
    assert_eq!(queue.next(&one), Next::Wait);
    queue.ended(&one, "short", passed(0.009));
    assert_eq!(queue.depth(&one), 1);
    assert_eq!(queue.next(&one), Next::Wait);
    assert_eq!(queue.next(&two), test("new"));
    assert_eq!(queue.depth(&two), 1);
}

#[test]
fn short_tests_are_learnt_where_no_times_are_known() {
    let mut queue = Queue::new(Order::Discovery);
    let one = worker("0");
    queue.add((0..9).map(|n| n.to_string()));
    for n in 0..3 {
        assert_eq!(queue.next(&one), test(&n.to_string()));
        assert_eq!(queue.depth(&one), 1);
        queue.ended(&one, &n.to_string(), passed(0.001));
    }
    assert_eq!(queue.next(&one), test("3"));
    assert_eq!(queue.depth(&one), 2);
}

#[test]
fn skipped_tests_teach_nothing_about_times() {
    let mut queue = Queue::new(Order::Discovery);
    let one = worker("0");
    queue.add((0..9).map(|n| n.to_string()));
    for n in 0..3 {
        assert_eq!(queue.next(&one), test(&n.to_string()));
        queue.ended(&one, &n.to_string(), TestEnd { status: Status::Skip, ..passed(0.001) });
    }
    assert_eq!(queue.next(&one), test("3"));
    assert_eq!(queue.depth(&one), 1);
}

#[test]
fn a_group_that_was_taken_back_goes_as_a_whole() {
    for listing in [false, true] {
        let times = seconds(&[("a", 0.001), ("b.x", 0.001), ("b.y", 0.001), ("b.z", 0.001)]);
        let mut queue = Queue::new(Order::Discovery).times(times).groups(before_dot);
        let [one, two] = [worker("0"), worker("1")];
        queue.add(ids("a b.x b.y"));
        if !listing {
            queue.end_of_listing();
        }
        assert_eq!([queue.next(&one), queue.next(&one)], [test("a"), test("b.x")]);
        queue.taken_back(&one, "b.x");
        assert_eq!([queue.next(&two), queue.next(&one)], [test("b.x"), queue_end(listing)]);
        assert_eq!(queue.next(&two), test("b.y"));
        queue.add(ids("b.z"));
        queue.ended(&two, "b.x", passed(0.001));
        assert_eq!(queue.next(&two), test("b.z"));
    }
}

fn queue_end(listing: bool) -> Next {
    if listing { Next::Wait } else { Next::Done }
}

#[test]
fn what_was_taken_back_is_the_next_test_of_another_worker() {
    let times = seconds(&[("a", 0.004), ("b", 0.003), ("c", 0.002)]);
    let mut queue = Queue::new(Order::SlowestFirst).times(times);
    let [one, two] = [worker("0"), worker("1")];
    queue.add(ids("a b c"));
    queue.end_of_listing();
    assert_eq!([queue.next(&one), queue.next(&one)], [test("a"), test("b")]);
    queue.taken_back(&one, "b");
    assert_eq!([queue.next(&two), queue.next(&two)], [test("b"), test("c")]);
}

#[test]
fn a_second_test_is_not_blamed_for_the_loss_of_its_worker() {
    let times = seconds(&[("a", 0.004), ("b", 0.003)]);
    let mut queue = Queue::new(Order::SlowestFirst).times(times);
    let one = worker("0");
    queue.add(ids("a b"));
    queue.end_of_listing();
    for _ in 0..3 {
        assert_eq!([queue.next(&one), queue.next(&one)], [test("a"), test("b")]);
        queue.lost(&one, "a");
        queue.lost(&one, "b");
    }
    assert_eq!(queue.take_given_up(), [("a".into(), 3)]);
    for _ in 0..2 {
        assert_eq!(queue.next(&one), test("b"));
        queue.lost(&one, "b");
    }
    assert_eq!(queue.take_given_up(), []);
    assert_eq!(queue.next(&one), test("b"));
}

#[test]
fn a_test_that_three_workers_were_lost_with_is_given_up() {
    let mut queue = Queue::new(Order::Discovery).groups(before_dot);
    let one = worker("0");
    queue.add(ids("a.bad a.good a.bad a.last"));
    queue.end_of_listing();
    for loss in 1..=3 {
        assert_eq!(queue.take_given_up(), [], "{loss}");
        assert_eq!(queue.next(&one), test("a.bad"));
        queue.lost(&one, "a.bad");
    }
    assert_eq!(queue.take_given_up(), [("a.bad".into(), 3), ("a.bad".into(), 3)]);
    assert_eq!(queue.next(&one), test("a.good"));
    assert_eq!(queue.next(&one), Next::Wait);
    queue.ended(&one, "a.good", passed(1.0));
    assert_eq!(queue.next(&one), test("a.last"));
    queue.ended(&one, "a.last", passed(1.0));
    assert_eq!(queue.next(&one), Next::Done);
    assert_eq!(queue.take_given_up(), []);
}

#[test]
fn the_group_of_a_worker_that_is_gone_goes_to_another() {
    for crash in [false, true] {
        let mut queue = Queue::new(Order::Discovery).groups(before_dot);
        let [one, two] = [worker("0"), worker("1")];
        queue.add(ids("a.x a.y a.z"));
        queue.end_of_listing();
        assert_eq!(queue.next(&one), test("a.x"));
        queue.ended(&one, "a.x", passed(1.0));
        assert_eq!(queue.next(&two), Next::Done);
        if crash {
            assert_eq!(queue.next(&one), test("a.y"));
            queue.lost(&one, "a.y");
        } else {
            queue.gone(&one);
        }
        assert_eq!(queue.next(&two), test("a.y"));
        assert_eq!(queue.next(&one), Next::Done);
        assert_eq!(queue.take_rest(), ["a.z"]);
    }
}

#[test]
fn more_of_a_group_does_not_wait_for_a_worker_that_is_gone() {
    let mut queue = Queue::new(Order::Discovery).groups(before_dot);
    let [one, two] = [worker("0"), worker("1")];
    queue.add(ids("a.x"));
    assert_eq!(queue.next(&one), test("a.x"));
    queue.ended(&one, "a.x", passed(1.0));
    queue.gone(&one);
    queue.add(ids("a.y"));
    assert_eq!(queue.next(&two), test("a.y"));
}

#[test]
fn an_id_that_is_listed_twice_runs_twice_but_not_at_once() {
    let mut queue = Queue::new(Order::Discovery);
    let [one, two] = [worker("0"), worker("1")];
    queue.add(ids("a a"));
    queue.end_of_listing();
    assert_eq!([queue.next(&one), queue.next(&two)], [test("a"), Next::Done]);
    queue.ended(&one, "a", passed(1.0));
    // Results of tests that the worker was not given say nothing about it.
    queue.ended(&one, "other", passed(1.0));
    assert_eq!(queue.next(&one), test("a"));
}

#[test]
fn a_slow_instance_does_not_keep_the_run() {
    let forty: Vec<String> = (0..40).map(|n| format!("t{n}")).collect();
    let makespan = |slow: &[f64], known: bool, tests: usize, clock: bool| {
        let mut queue = Queue::new(Order::SlowestFirst);
        if known {
            queue = queue
                .times(forty.iter().map(|id| (id.clone(), Duration::from_millis(250))).collect());
        }
        queue.add(forty[..tests].to_vec());
        queue.end_of_listing();
        let sim = Sim::new(slow, |_| 0.25);
        let sim = if clock { sim } else { sim.without_clock() };
        sim.run(&mut queue).makespan()
    };
    for known in [false, true] {
        assert!(makespan(&[1.0, 4.0], known, 40, true) <= 8.0 + 1e-9);
        // The slow one is free at 7.8 and would need another 1.3.
        assert!(makespan(&[1.0, 5.2], known, 40, false) > 9.0);
        assert!(makespan(&[1.0, 5.2], known, 40, true) <= 8.5 + 1e-9);
    }
}

#[test]
fn a_slow_worker_gets_a_short_test_near_the_end() {
    let times = seconds(&[("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 1.0), ("e", 1.0), ("f", 0.2)]);
    let mut queue = Queue::new(Order::SlowestFirst).times(times.clone());
    queue.add(ids("a b c d e f"));
    queue.end_of_listing();
    // At 2.5 the slow one has ended its first. `e` would take it until 5.0, and the fast one until 4.0.
    let report = Sim::new(&[1.0, 2.5], |id| times[id].as_secs_f64()).run(&mut queue);
    let short = report.ran.iter().find(|ran| ran.id == "f").unwrap();
    assert_eq!((short.worker, short.start), (1, 2_500_000_000));
    assert!((report.makespan() - 4.0).abs() < 1e-6, "{report:?}");
}

#[test]
fn the_last_test_waits_for_a_faster_worker() {
    let times = seconds(&[("first", 0.5), ("a", 1.6), ("b", 2.5), ("last", 10.0)]);
    let mut queue = Queue::new(Order::Discovery).times(times.clone());
    queue.add(ids("first a b last"));
    queue.end_of_listing();
    // At 2.4 the slow one would need 15 s; the fast one is free at 3.0 and needs 10 s.
    let report = Sim::new(&[1.0, 1.5], |id| times[id].as_secs_f64()).run(&mut queue);
    assert!((report.makespan() - 13.0).abs() < 1e-6, "{report:?}");
}

#[test]
fn a_hanging_test_of_the_fast_worker_does_not_hold_the_rest() {
    let mut queue = Queue::new(Order::Discovery);
    let [fast, slow] =
        ["fast", "slow"].map(|name| Worker { name: name.into(), instance: name.into() });
    queue.add(ids("a b c d"));
    queue.end_of_listing();
    queue.at(Duration::ZERO);
    assert_eq!([queue.next(&fast), queue.next(&slow)], [test("a"), test("b")]);
    queue.at(Duration::from_secs(1));
    queue.ended(&fast, "a", passed(1.0));
    assert_eq!(queue.next(&fast), test("c"));
    queue.at(Duration::from_millis(1500));
    queue.ended(&slow, "b", passed(10.0));
    assert_eq!(queue.next(&slow), Next::Wait);
    let mut asked = 0;
    while queue.next(&slow) == Next::Wait {
        let again = queue.ask_again().expect("a time to ask again");
        queue.at(again);
        asked += 1;
        assert!(asked < 50);
    }
    assert!(asked > 0);
}

#[test]
fn a_full_group_does_not_keep_others_from_running() {
    let limit = GroupLimit { max: Some(1), ..GroupLimit::default() };
    let class = |id: &str| if id.starts_with("db") { vec![0] } else { vec![] };
    let mut queue = Queue::new(Order::Discovery).limits(GroupLimits::new(vec![limit], 2, class));
    let [one, two] = [worker("0"), worker("1")];
    queue.add(ids("db1 db2 x"));
    queue.end_of_listing();
    assert_eq!([queue.next(&one), queue.next(&two)], [test("db1"), test("x")]);
    queue.ended(&two, "x", passed(1.0));
    assert_eq!(queue.next(&two), Next::Wait);
    queue.ended(&one, "db1", passed(1.0));
    assert_eq!([queue.next(&two), queue.next(&one)], [test("db2"), Next::Done]);
}

#[test]
fn a_heavy_test_is_not_passed_for_ever() {
    for short in [false, true] {
        let limit = GroupLimit { weight: 9, ..GroupLimit::default() };
        let class = |id: &str| if id == "heavy" { vec![0] } else { vec![] };
        let unit = if short { 0.001 } else { 1.0 };
        let length = move |id: &str| if id == "first" { 1.5 * unit } else { unit };
        let light: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        let times = light.iter().map(|id| (id.clone(), Duration::from_secs_f64(length(id))));
        let queue = Queue::new(Order::Discovery).times(times.collect());
        let mut queue = queue.limits(GroupLimits::new(vec![limit], 2, class));
        queue.add(ids("first heavy"));
        queue.add(light);
        queue.end_of_listing();
        let report = Sim::new(&[1.0, 1.0], length).run(&mut queue);
        let at = report.began().iter().position(|&id| id == "heavy").unwrap();
        assert!((3..=9).contains(&at), "{at}");
    }
}

#[test]
fn an_exclusive_test_waits_until_nothing_else_runs() {
    let limit = GroupLimit { exclusive: true, ..GroupLimit::default() };
    let class = |id: &str| if id == "alone" { vec![0] } else { vec![] };
    let mut queue = Queue::new(Order::Discovery).limits(GroupLimits::new(vec![limit], 2, class));
    let [one, two] = [worker("0"), worker("1")];
    queue.add(ids("a alone b"));
    queue.end_of_listing();
    assert_eq!([queue.next(&one), queue.next(&two)], [test("a"), test("b")]);
    queue.ended(&one, "a", passed(1.0));
    assert_eq!(queue.next(&one), Next::Wait);
    queue.ended(&two, "b", passed(1.0));
    assert_eq!(queue.next(&one), test("alone"));
    queue.add(ids("c"));
    assert_eq!(queue.next(&two), Next::Wait);
    queue.ended(&one, "alone", passed(1.0));
    assert_eq!(queue.next(&two), test("c"));
}

#[test]
fn a_second_test_is_never_one_with_a_limit() {
    let limit = GroupLimit { max: Some(5), ..GroupLimit::default() };
    let class = |id: &str| if id.starts_with("db") { vec![0] } else { vec![] };
    let times = seconds(&[("db1", 0.001), ("db2", 0.001), ("a", 0.001)]);
    let queue = Queue::new(Order::Discovery).times(times);
    let mut queue = queue.limits(GroupLimits::new(vec![limit], 2, class));
    queue.add(ids("a db1 db2"));
    let one = worker("0");
    assert_eq!([queue.next(&one), queue.next(&one)], [test("a"), Next::Wait]);
    queue.ended(&one, "a", passed(0.001));
    assert_eq!([queue.next(&one), queue.next(&one)], [test("db1"), Next::Wait]);
}
