//! In which order tests are handed out: what it needs to know, and the rank that a test has in it.

use std::collections::HashMap;

use crate::config::Order;

impl Order {
    /// A shuffle without a seed gets this one; other orders stay.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        match self {
            Self::Shuffle(None) => Self::Shuffle(Some(seed)),
            other => other,
        }
    }

    /// Whether nothing can be handed out before the listing has ended.
    #[must_use]
    pub fn needs_whole_list(self) -> bool {
        matches!(self, Self::Alphabetical | Self::Shuffle(_) | Self::Spread)
    }

    /// The rank of each of the keys by their names alone; none if times or the listing decide.
    pub(super) fn ranks(self, keys: &[&str]) -> Option<Vec<u64>> {
        match self {
            Self::Alphabetical => {
                let mut sorted: Vec<usize> = (0..keys.len()).collect();
                sorted.sort_by_key(|&index| keys[index]);
                let mut ranks = vec![0; keys.len()];
                (0..).zip(sorted).for_each(|(rank, index)| ranks[index] = rank);
                Some(ranks)
            }
            Self::Shuffle(seed) => {
                Some(keys.iter().map(|key| shuffled(seed.unwrap_or(0), key)).collect())
            }
            Self::Spread => {
                let mut turns = HashMap::new();
                let ranks = keys.iter().map(|key| {
                    let turn = turns.entry(parent(key)).or_insert(0);
                    *turn += 1;
                    *turn
                });
                Some(ranks.collect())
            }
            _ => None,
        }
    }
}

/// The place of a test depends on seed and name alone. So a seed puts two tests in the same order whatever
/// else runs, and a failure that needs the order shows again when fewer tests are run.
pub(super) fn shuffled(seed: u64, name: &str) -> u64 {
    mix(name.bytes().fold(mix(seed), |state, byte| mix(state ^ u64::from(byte))))
}

/// The step of splitmix64.
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What is before the last part of an id; parameters in brackets belong to that part.
fn parent(id: &str) -> &str {
    let name = id.find(['[', '(']).map_or(id, |end| &id[..end]);
    name.rfind(['.', ':', '/', '#']).map_or("", |end| &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_orders_two_tests_alike_whatever_else_runs() {
        let all: Vec<String> = (0..100).map(|n| format!("t{n}")).collect();
        let keys: Vec<&str> = all.iter().map(String::as_str).collect();
        let whole = Order::Shuffle(Some(7)).ranks(&keys).unwrap();
        assert_eq!(Order::Shuffle(Some(7)).ranks(&keys[50..]).unwrap(), whole[50..]);
        assert_ne!(Order::Shuffle(Some(8)).ranks(&keys).unwrap(), whole);
        assert!(!whole.is_sorted());
        // Pinned: a seed of yesterday must give the order of yesterday.
        assert_eq!(shuffled(0, ""), mix(0xe220_a839_7b1d_cdaf));
        assert_eq!(Order::Shuffle(None).seeded(3), Order::Shuffle(Some(3)));
        assert_eq!(Order::Shuffle(Some(4)).seeded(3), Order::Shuffle(Some(4)));
    }

    #[test]
    fn spread_takes_turns_over_parents() {
        let ranks = Order::Spread.ranks(&["a.x", "a.y[1.5]", "b::x", "a.z", "b::y", "c"]);
        assert_eq!(ranks.unwrap(), [1, 2, 1, 3, 2, 1]);
    }
}
