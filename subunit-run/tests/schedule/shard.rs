//! Shards of machines that know nothing of each other.

use std::time::Duration;

use proptest::prelude::*;
use subunit_run::{memory::Times, schedule::Shard};

use crate::queue::{before_dot, ids, seconds};

fn shards(of: usize, ids: &[String], times: &Times) -> Vec<Vec<String>> {
    let shard = |n| format!("{n}/{of}").parse::<Shard>().expect("a shard");
    (1..=of).map(|n| shard(n).of(ids, before_dot, times)).collect()
}

#[test]
fn shards_are_balanced_by_time_and_keep_groups_and_the_listing_order() {
    let times = seconds(&[("a", 4.0), ("b.x", 2.0), ("b.y", 1.0), ("c", 2.0), ("d", 1.0)]);
    let parts = shards(2, &ids("d c b.y a b.x"), &times);
    assert_eq!(parts, [ids("d a"), ids("c b.y b.x")]);
}

#[test]
fn a_test_without_a_time_counts_as_the_mean() {
    let times = seconds(&[("a", 4.0), ("b", 2.0)]);
    // `new` and `newer` count 3 s each.
    assert_eq!(shards(2, &ids("a b new newer"), &times), [ids("a b"), ids("new newer")]);
    assert_eq!(shards(2, &ids("a b c d"), &Times::new()), [ids("a c"), ids("b d")]);
}

#[test]
fn machines_have_one_plan_if_ids_groups_and_times_are_the_same() {
    let times = seconds(&[("a", 4.0), ("b.x", 2.0)]);
    let plan = |list, times: &Times| Shard::plan(&ids(list), before_dot, times);
    assert_eq!(plan("a b.x c", &times), plan("c a b.x", &times));
    assert_ne!(plan("a b.x c", &times), plan("a b.x", &times));
    assert_ne!(plan("a b.x c", &times), plan("a b.x c", &Times::new()));
    assert_ne!(plan("a b.x", &times), Shard::plan(&ids("a b.x"), |_| None, &times));
}

#[test]
fn shards_are_read_and_written() {
    assert_eq!("2/5".parse::<Shard>().unwrap().to_string(), "2/5");
    for text in ["", "1", "0/2", "3/2", "1/0", "a/2", "1/2/3", "-1/2"] {
        let error = text.parse::<Shard>().unwrap_err().to_string();
        assert_eq!(
            error,
            format!("`{text}` is no shard; write N/M with N from 1 to M, as in `2/5`")
        );
    }
}

proptest! {
    #[test]
    fn all_shards_together_are_the_listing_in_whatever_order_it_comes(
        tests in prop::collection::vec(("[a-c]?[.]?[a-z]{1,2}", prop::option::of(0..5000_u64)), 0..60),
        of in 1..7_usize,
        turn in any::<prop::sample::Index>(),
    ) {
        let mut listed: Vec<String> = tests.iter().map(|test| test.0.clone()).collect();
        let known = tests.iter().filter_map(|(id, millis)| Some((id.clone(), (*millis)?)));
        let times: Times = known.map(|(id, millis)| (id, Duration::from_millis(millis))).collect();
        let parts = shards(of, &listed, &times);
        if !listed.is_empty() {
            let turn = turn.index(listed.len());
            listed.rotate_left(turn);
        }
        let mut turned = shards(of, &listed, &times);
        listed.sort();
        let mut all = parts.concat();
        all.sort();
        prop_assert_eq!(&all, &listed);
        let mut parts = parts;
        parts.iter_mut().chain(&mut turned).for_each(|part| part.sort());
        prop_assert_eq!(parts, turned);
    }
}
