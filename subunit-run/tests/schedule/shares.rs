//! Lists for workers, and what is left of them.

use proptest::prelude::*;
use subunit_run::schedule::{Shares, Worker};

use crate::queue::{ids, worker};

fn lists(of: &[&str]) -> Shares {
    Shares::new(of.iter().map(|list| ids(list)).collect())
}

#[test]
fn each_worker_gets_the_next_list() {
    let mut shares = lists(&["a b", "", "c"]);
    assert_eq!(shares.next_list(&worker("0")), Some(ids("a b")));
    assert!(shares.is_waiting());
    assert_eq!(shares.next_list(&worker("1")), Some(ids("c")));
    assert!(!shares.is_waiting());
    assert_eq!(shares.next_list(&worker("2")), None);
    shares.add(ids("a"));
    assert_eq!(shares.next_list(&worker("2")), Some(ids("a")));
}

#[test]
fn what_a_lost_worker_has_not_ended_is_the_next_list() {
    let mut shares = lists(&["a b a c d", "e"]);
    let one = worker("0");
    shares.next_list(&one);
    for id in ["b", "a", "e", "b", "nothing"] {
        shares.ended(&one, id);
    }
    shares.lost(&one, &["c"]);
    assert_eq!(shares.next_list(&one), Some(ids("a c d")));
    assert_eq!(shares.take_given_up(), []);
    assert_eq!(shares.take_rest(), ["e"]);
    assert_eq!(shares.next_list(&one), None);
}

#[test]
fn a_worker_that_finished_tells_what_it_left_out() {
    let mut shares = lists(&["a b c"]);
    let one = worker("0");
    shares.next_list(&one);
    shares.ended(&one, "b");
    assert_eq!(shares.finished(&one), ["a", "c"]);
    assert_eq!(shares.finished(&one), ids(""));
    shares.lost(&one, &[]);
    assert_eq!(shares.next_list(&one), None);
}

#[test]
fn a_test_that_three_workers_were_lost_with_is_given_up() {
    let mut shares = lists(&["a bad b bad"]);
    let one = worker("0");
    for _ in 0..3 {
        assert_eq!(shares.take_given_up(), []);
        assert_eq!(shares.next_list(&one), Some(ids("a bad b bad")));
        shares.lost(&one, &["bad"]);
    }
    assert_eq!(shares.take_given_up(), [("bad".into(), 3), ("bad".into(), 3)]);
    assert_eq!(shares.next_list(&one), Some(ids("a b")));
}

#[test]
fn a_list_that_no_worker_can_begin_is_given_up() {
    let mut shares = lists(&["a b"]);
    let one = worker("0");
    for _ in 0..2 {
        assert_eq!(shares.next_list(&one), Some(ids("a b")));
        shares.lost(&one, &[]);
    }
    assert_eq!(shares.next_list(&one), Some(ids("a b")));
    shares.ended(&one, "a");
    shares.lost(&one, &[]);
    for _ in 0..3 {
        assert_eq!(shares.take_given_up(), []);
        assert_eq!(shares.next_list(&one), Some(ids("b")));
        shares.lost(&one, &[]);
    }
    assert_eq!(shares.take_given_up(), [("b".into(), 3)]);
    assert_eq!(shares.next_list(&one), None);
}

proptest! {
    #[test]
    fn every_test_ends_once_for_each_time_it_is_listed(
        listing in prop::collection::vec("[a-d]", 0..30),
        lists in 1..5_usize,
        crashes in prop::collection::vec(any::<bool>(), 0..40),
    ) {
        let parts = listing.chunks(lists).map(<[String]>::to_vec).collect();
        let mut shares = Shares::new(parts);
        let mut crashes = crashes.into_iter();
        let mut all = Vec::new();
        for life in 0.. {
            let one = Worker { name: life.to_string(), instance: String::new() };
            let Some(list) = shares.next_list(&one) else { break };
            let mut list = list.into_iter();
            let crashed = list.find(|id| {
                let crashes = crashes.next().unwrap_or(false);
                if !crashes {
                    shares.ended(&one, id);
                    all.push(id.clone());
                }
                crashes
            });
            match crashed {
                Some(id) => shares.lost(&one, &[&id]),
                None => prop_assert_eq!(shares.finished(&one), Vec::<String>::new()),
            }
            all.extend(shares.take_given_up().into_iter().map(|(id, _)| id));
        }
        let mut listing = listing;
        all.sort();
        listing.sort();
        prop_assert_eq!(all, listing);
    }
}
