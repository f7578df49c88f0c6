//! How many of the intact packets of damaged streams are found: a table by kind and rate of damage.
//!
//! ```text
//! cargo run --release -p subunit-tests --example recovery
//! ```
//!
//! The streams are those of `tests/src/corpus`, which also says whose bytes it left untouched; every
//! packet is told by its time. Untouched bytes need not be a packet that is present in the stream:
//!
//! * `headless`: the packet before lost its last byte, a 0xB3, and this one's signature stands in its
//!   place. The former is intact again (`restored`), and the latter has no signature.
//!
//! `restored` are packets, whole byte by byte, that were hit at their border as well: by bytes behind their
//! last one, or by a line in front of their first.
//!
//! All others are `present`, and `found` must be as many.
#![allow(clippy::print_stdout, reason = "a measurement")]

use std::collections::HashMap;

use subunit_core::{Item, Packet, items};
use subunit_tests::corpus::{self, Damage, Kind, Mode};

const PACKETS: u64 = 20_000;
const SEEDS: u64 = 5;

fn main() {
    println!("mode   rate  untouched  headless   present     found  restored  wrong  damage");
    let mut total = Tally::default();
    for (name, mode) in Mode::ALL {
        for rate in [1e-5, 1e-4, 1e-3, 1e-2] {
            let mut row = Tally::default();
            for seed in 1..=SEEDS {
                row.add(&measure(mode, rate, seed));
            }
            println!("{name:6} {rate:.0e} {row}");
            total.add(&row);
        }
    }
    println!("all         {total}");
    assert_eq!((total.found, total.wrong), (total.present(), 0), "not every packet was told right");
}

#[derive(Default)]
struct Tally {
    /// Packets whose bytes the generator left alone.
    untouched: usize,
    /// Those of them that have no signature of their own.
    headless: usize,
    /// Those of them that were found.
    found: usize,
    restored: usize,
    /// Packets found that are not the generator's.
    wrong: usize,
    /// Places of damage that were reported.
    damage: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.untouched += other.untouched;
        self.headless += other.headless;
        self.found += other.found;
        self.restored += other.restored;
        self.wrong += other.wrong;
        self.damage += other.damage;
    }

    /// Intact packets that stand in the streams.
    fn present(&self) -> usize {
        self.untouched - self.headless
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { untouched, headless, found, restored, wrong, damage } = self;
        write!(f, "{untouched:9} {headless:9} {:9} {found:9}", self.present())?;
        write!(f, " {restored:9} {wrong:6} {damage:7}")
    }
}

fn measure(mode: Mode, rate: f64, seed: u64) -> Tally {
    let damage = Damage::new(mode, rate, seed);
    let (stream, truth) = corpus::damaged(Kind::Mixed, PACKETS, seed, Some(damage));
    tally(&stream, &truth)
}

fn tally(stream: &[u8], truth: &[bool]) -> Tally {
    let untouched = truth.iter().filter(|untouched| **untouched).count();
    let mut tally = Tally { untouched, ..Tally::default() };
    let mut found = HashMap::new();
    let mut offset = 0;
    for item in items(stream) {
        match item {
            Item::Packet(packet) => match serial(&packet).and_then(|serial| truth.get(serial)) {
                Some(true) => drop(found.insert(serial(&packet), offset)),
                Some(false) => tally.restored += 1,
                None => tally.wrong += 1,
            },
            Item::Damage(_) => tally.damage += 1,
            Item::Text(_) => {}
        }
        offset += item.bytes().len();
    }
    tally.found = found.len();
    let parsed = anywhere(stream);
    for serial in (0..truth.len()).filter(|serial| truth[*serial]) {
        if found.contains_key(&Some(serial)) {
            continue;
        }
        match parsed.get(&serial) {
            Some(at) if overlapped(*at, &parsed, stream) => tally.headless += 1,
            // Present, and not found: the totals will tell.
            _ => {}
        }
    }
    tally
}

/// Every place where a packet can be read, by serial.
fn anywhere(stream: &[u8]) -> HashMap<usize, usize> {
    let candidates = (0..stream.len()).filter(|at| stream[*at] == 0xB3);
    candidates.filter_map(|at| Some((serial(&Packet::parse(&stream[at..]).ok()?)?, at))).collect()
}

fn overlapped(at: usize, parsed: &HashMap<usize, usize>, stream: &[u8]) -> bool {
    parsed.values().any(|other| {
        let packet = Packet::parse(&stream[*other..]);
        *other < at && packet.is_ok_and(|packet| other + packet.bytes().len() > at)
    })
}

/// The generator gives packets the times 2026-01-01 plus so many microseconds.
fn serial(packet: &Packet<'_>) -> Option<usize> {
    const FIRST: u64 = corpus::FIRST_SECOND as u64 * 1_000_000;
    let time = packet.event().timestamp?;
    let micros = time.seconds() * 1_000_000 + u64::from(time.nanoseconds()) / 1000;
    micros.checked_sub(FIRST).map(|serial| serial as usize)
}
