//! How many of the intact packets of damaged streams are found: a table by kind and rate of damage.
//!
//! ```text
//! cargo run --release -p subunit-tests --example recovery
//! ```
//!
//! The streams are those of `tests/src/corpus`, which also says which packets it left intact; every
//! packet is told by its time. Two things look like mistakes and are none, so they are counted apart:
//!
//! * `in a character`: the byte before an intact packet became one that makes its 0xB3 the end of a UTF-8
//!   character of text (a newline flipped to 0xD7, say). By rule R3 such a packet is text.
//! * `restored`: a packet lost its last byte, a 0xB3, and the signature of the next packet stands in its
//!   place. The former is intact again, and the latter has none (`headless`).
#![allow(clippy::print_stdout, reason = "a measurement")]

use std::collections::HashMap;

use subunit_core::{Item, Packet, items};
use subunit_tests::corpus::{self, Damage, Kind, Mode};

const PACKETS: u64 = 20_000;
const SEEDS: u64 = 5;

fn main() {
    println!(
        "mode   rate   intact    found  in a character  headless  lost  restored  wrong  damage"
    );
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
    assert_eq!((total.lost, total.wrong), (0, 0), "not every packet was told right");
}

#[derive(Default)]
struct Tally {
    /// Intact packets in the streams.
    intact: usize,
    /// Those of them that were found.
    found: usize,
    in_a_character: usize,
    headless: usize,
    /// Intact packets that were not found for no such reason.
    lost: usize,
    restored: usize,
    /// Packets found that are not the generator's.
    wrong: usize,
    /// Places of damage that were reported.
    damage: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.intact += other.intact;
        self.found += other.found;
        self.in_a_character += other.in_a_character;
        self.headless += other.headless;
        self.lost += other.lost;
        self.restored += other.restored;
        self.wrong += other.wrong;
        self.damage += other.damage;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { intact, found, in_a_character, headless, lost, restored, wrong, damage } = self;
        write!(f, "{intact:8} {found:8} {in_a_character:15} {headless:9} {lost:5}")?;
        write!(f, " {restored:9} {wrong:6} {damage:7}")
    }
}

fn measure(mode: Mode, rate: f64, seed: u64) -> Tally {
    let damage = Damage::new(mode, rate, seed);
    let (stream, truth) = corpus::damaged(Kind::Mixed, PACKETS, seed, Some(damage));
    tally(&stream, &truth)
}

fn tally(stream: &[u8], truth: &[bool]) -> Tally {
    let intact = truth.iter().filter(|intact| **intact).count();
    let mut tally = Tally { intact, ..Tally::default() };
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
            Some(at) if completes_a_character(&stream[..=*at]) => tally.in_a_character += 1,
            _ => tally.lost += 1,
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

fn completes_a_character(up_to: &[u8]) -> bool {
    (2..=4).any(|length| {
        let bytes = &up_to[up_to.len().saturating_sub(length)..];
        std::str::from_utf8(bytes).is_ok_and(|string| string.chars().count() == 1)
    })
}

/// The generator gives packets the times 2026-01-01 plus so many microseconds.
fn serial(packet: &Packet<'_>) -> Option<usize> {
    const FIRST: u64 = corpus::FIRST_SECOND as u64 * 1_000_000;
    let time = packet.event().timestamp?;
    let micros = time.seconds() * 1_000_000 + u64::from(time.nanoseconds()) / 1000;
    micros.checked_sub(FIRST).map(|serial| serial as usize)
}
