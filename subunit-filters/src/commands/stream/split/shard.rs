//! Some of the tests of a stream: those that one of several machines is to run.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap},
    io::{self, Seek, Write},
    str::FromStr,
    time::Duration,
};

use subunit_core::{Damage, Event, Item, Packet, Reader, conventions::ToldDamage};
use subunit_formats::files::temporary::Spool;

use crate::{
    commands::inspect::outcomes::Outcome,
    pipeline::{Filter, Out, apart, write_event},
};

/// Which one of how many shards.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Shard {
    /// From 0 on.
    nth: u16,
    of: u16,
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(nth, of)| {
            let (nth, of) = (nth.parse::<u16>().ok()?, of.parse().ok()?);
            (nth <= of).then_some(Self { nth: nth.checked_sub(1)?, of })
        });
        parsed.ok_or("use a number from 1, a slash, and the number of shards: 1/4")
    }
}

impl Shard {
    /// A filter that keeps this shard. `spool` holds the stream until its end: before that it is not
    /// known what there is to deal out.
    pub(super) fn deal(self, times: BTreeMap<String, Outcome>, spool: Spool) -> Deal {
        Deal { shard: self, times, spool, text: None, ids: BTreeSet::new() }
    }
}

pub(super) struct Deal {
    shard: Shard,
    times: BTreeMap<String, Outcome>,
    /// The stream as it came.
    spool: Spool,
    /// The last byte of the text at its end.
    text: Option<u8>,
    ids: BTreeSet<String>,
}

impl Filter for Deal {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if let Some(id) = event.test_id.filter(|id| !self.ids.contains(*id)) {
            self.ids.insert(id.to_owned());
        }
        self.text = None;
        match packet {
            Some(packet) => self.spool.write_all(packet.bytes()),
            None => write_event(event, &mut self.spool),
        }
    }

    fn text(&mut self, bytes: &[u8], _out: &mut Out<'_, '_>) -> io::Result<()> {
        self.text = bytes.last().copied();
        self.spool.write_all(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>, _out: &mut Out<'_, '_>) -> io::Result<()> {
        self.spool.write_all(&apart(self.text.take(), damage))
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let took = |id: &str| self.times.get(id).and_then(|outcome| outcome.took);
        let tests = self.ids.iter().map(|id| (&**id, took(id)));
        let shards = dealt(tests, self.shard.of);
        let is_here = |id: Option<&str>| match id {
            None => self.shard.nth == 0,
            // What no event named tells of damage. No shard of a damaged stream must be taken for whole.
            Some(id) => shards.get(id).is_none_or(|shard| *shard == self.shard.nth),
        };
        self.spool.rewind()?;
        let mut reader = Reader::new(&mut self.spool);
        while let Some(decoder) = reader.fill()? {
            while let Some(item) = decoder.next_item() {
                match item {
                    Item::Packet(packet)
                        if is_here(packet.event().test_id)
                            || ToldDamage::of(packet.event()).is_some() =>
                    {
                        out.report().write_all(packet.bytes())?;
                    }
                    Item::Text(bytes) if is_here(None) => out.text(bytes)?,
                    Item::Packet(_) | Item::Text(_) => out.left_out()?,
                    Item::Damage(damage) => out.damage(&damage)?,
                }
            }
        }
        Ok(())
    }
}

/// Deals tests out to shards. The longest ones come first, each to the shard that has least to do so
/// far; then come those of which it is not known how long they take, one to each shard in turn. `tests`
/// are in the order of their ids.
fn dealt<'a>(
    tests: impl Iterator<Item = (&'a str, Option<Duration>)>,
    shards: u16,
) -> HashMap<&'a str, u16> {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for (id, took) in tests {
        match took {
            Some(took) => known.push((Reverse(took), id)),
            None => unknown.push(id),
        }
    }
    known.sort_unstable();
    // How long a shard takes, how many tests it has, and which one it is.
    let mut idle: BinaryHeap<Reverse<(Duration, usize, u16)>> =
        (0..shards).map(|shard| Reverse((Duration::ZERO, 0, shard))).collect();
    let mut dealt = HashMap::new();
    for (Reverse(took), id) in known {
        let Some(mut least) = idle.peek_mut() else { break };
        let Reverse((load, tests, shard)) = *least;
        dealt.insert(id, shard);
        *least = Reverse((load.saturating_add(took), tests + 1, shard));
    }
    let mut turns: Vec<_> = idle.into_iter().map(|Reverse(shard)| shard).collect();
    turns.sort_unstable();
    let turns = turns.iter().cycle();
    dealt.extend(unknown.into_iter().zip(turns).map(|(id, (_, _, shard))| (id, *shard)));
    dealt
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn loads(times: &[Option<u64>], shards: u16) -> Vec<(Duration, usize)> {
        let ids: Vec<String> = (0..times.len()).map(|nth| format!("{nth:04}")).collect();
        let took = times.iter().map(|took| took.map(Duration::from_millis));
        let tests: Vec<_> = ids.iter().map(|id| &**id).zip(took).collect();
        let dealt = dealt(tests.iter().copied(), shards);
        assert_eq!(dealt.len(), tests.len());
        let mut loads = vec![(Duration::ZERO, 0); shards.into()];
        for (id, took) in tests {
            let load = &mut loads[usize::from(dealt[id])];
            match took {
                Some(took) => load.0 += took,
                None => load.1 += 1,
            }
        }
        loads
    }

    proptest! {
        #[test]
        fn shards_are_balanced(
            times in prop::collection::vec(prop::option::of(0..5000u64), 0..60),
            shards in 1..9u16,
        ) {
            let loads = loads(&times, shards);
            let longest = times.iter().flatten().max().copied().unwrap_or(0);
            let most = loads.iter().map(|load| load.0).max().unwrap();
            let least = loads.iter().map(|load| load.0).min().unwrap();
            prop_assert!(most - least <= Duration::from_millis(longest));
            let most = loads.iter().map(|load| load.1).max().unwrap();
            let least = loads.iter().map(|load| load.1).min().unwrap();
            prop_assert!(most - least <= 1);
        }
    }

    #[test]
    fn tests_that_take_no_time_are_dealt_out_too() {
        let ids = ["a", "b", "c", "d"].map(|id| (id, Some(Duration::ZERO)));
        let dealt = dealt(ids.into_iter(), 2);
        assert_eq!(dealt.values().filter(|shard| **shard == 0).count(), 2);
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        assert_eq!("2/4".parse(), Ok(Shard { nth: 1, of: 4 }));
        for text in ["0/4", "5/4", "1", "1/0", "a/b", "1/65536", "-1/2", "1/2/3", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
