//! What is found of damage, and what is taken for damage and is none: two tables.
//!
//! ```text
//! cargo run --release -p subunit-tests --example blame             # samples of the longest packet
//! cargo run --release -p subunit-tests --example blame -- --full   # each of its bits: hours
//! ```
//!
//! The first table damages a packet that says that a test failed, between two good ones, in every way that
//! a transport does, after text of many kinds. `green` streams say neither that the test failed nor that
//! anything is damaged: the number of those, and how many were tried. The second table has no packet
//! but good ones, and text of many kinds between them: how many streams were called damaged.
//!
//! Fails where one wrong byte is green, a cut that leaves 10 bytes and more of a packet with a time, or where text is
//! called damaged that is no random bytes.
#![allow(clippy::print_stdout, reason = "a measurement")]

use subunit_core::{
    Event, FileChunk, Status, Timestamp, items,
    sink::{Sink, Summary, Verdict},
};
use subunit_tests::random::Random;

const TRIALS: usize = 1000;
/// What the packets with a time begin with.
const TIMED: [u8; 2] = [0xB3, 0x2B];
const LINES: usize = 10_000;

fn main() {
    let full = std::env::args().any(|arg| arg == "--full");
    println!("green / tried, by how a failing packet was damaged and what stands before it");
    for (name, victim) in victims() {
        damaged(name, &victim, full);
    }
    println!("\ncalled damaged / tried, by what stands between good packets");
    for (name, line) in TEXTS {
        let mut random = Random::new(7);
        let streams =
            (0..LINES).map(|_| [&good("a")[..], &line(&mut random), b"\n", &good("b")].concat());
        let red = streams.filter(|stream| is_red(stream)).count();
        println!("{name:24} {red:6} / {LINES}");
        assert!(red == 0 || name.ends_with("random bytes"), "text is taken for damage");
    }
}

fn good(id: &str) -> Vec<u8> {
    encoded(&Event::status(id, Status::Success))
}

fn encoded(event: &Event<'_>) -> Vec<u8> {
    let mut packet = Vec::new();
    event.encode(&mut packet).expect("fits the wire");
    packet
}

/// Packets that say that a test failed: with a time, as all runners write it, and without.
fn victims() -> Vec<(&'static str, Vec<u8>)> {
    let with = |content: &[u8]| {
        encoded(&Event {
            timestamp: Some(Timestamp::new(1_700_000_000, 250_000_000)),
            file: Some(FileChunk { name: "traceback", bytes: content }),
            mime_type: Some("text/plain;charset=utf8"),
            eof: true,
            ..Event::status("pkg.mod.test_b", Status::Fail)
        })
    };
    let content = |length: usize| {
        let mut random = Random::new(5);
        (0..length).map(|_| b"abc def\n123"[random.below(11)]).collect::<Vec<u8>>()
    };
    vec![
        ("81 bytes", with(b"assert 1 == 2\n")),
        ("4000 bytes", with(&content(3932))),
        ("100000 bytes", with(&content(99_929))),
        ("21 bytes, no time", encoded(&Event::status("pkg.test_bcd", Status::Fail))),
    ]
}

/// What stands before the packet.
fn before() -> Vec<(&'static str, Vec<u8>)> {
    let mut random = Random::new(3);
    let text: Vec<u8> = (0..64).map(|_| 0x20 + random.below(95) as u8).collect();
    let with = |text: &[u8]| [&good("a")[..], text].concat();
    vec![
        ("nothing", Vec::new()),
        ("packet", good("a")),
        ("newline", with(b"\n")),
        ("crlf", with(b"\r\n")),
        (".", with(b".")),
        ("50% ", with(b"50% ")),
        ("größe ", with("größe ".as_bytes())),
        ("64 of text", with(&text)),
    ]
}

fn damaged(name: &str, victim: &[u8], full: bool) {
    println!("{name} ({} bytes)", victim.len());
    let places = |every: usize| {
        let all = full || victim.len() < 10_000;
        let at =
            move |at: &usize| all || *at < 200 || at.is_multiple_of(every) || at + 8 > victim.len();
        (0..victim.len()).filter(at).collect::<Vec<usize>>()
    };
    for (before_name, before) in before() {
        let mut row = Row { before: &before, victim, cells: Vec::new() };
        let flips = places(97);
        row.cell(
            "flip",
            flips.iter().flat_map(|at| (0..8).map(move |bit| (*at, bit))),
            |bytes, (at, bit)| {
                bytes[at] ^= 1 << bit;
            },
        );
        let values = (1..9).flat_map(|at| (1..=255u8).map(move |change| (at, change)));
        row.cell("byte 1-8", values, |bytes, (at, change)| bytes[at] ^= change);
        row.cell("signature", 1..=255u8, |bytes, change| bytes[0] ^= change);
        let cuts = || places(97).into_iter().filter(|at| *at >= 2);
        row.cut("cut, end", cuts(), b"");
        row.cut("cut, packet", cuts(), &good("c"));
        row.cut("cut, \\n", cuts(), &[b"\n", &good("c")[..]].concat());
        row.cell("delete", places(97), |bytes, at| {
            bytes.remove(at);
        });
        let mut random = Random::new(11);
        row.cell("insert", places(97), |bytes, at| bytes.insert(at, random.below(256) as u8));
        for length in [2, 16, 512] {
            row.hits(&format!("zero {length}"), length, |_| 0);
            row.hits(&format!("write {length}"), length, |random| random.below(256) as u8);
        }
        println!("  {before_name:11}{}", row.cells.join("  "));
    }
}

struct Row<'a> {
    before: &'a [u8],
    victim: &'a [u8],
    cells: Vec<String>,
}

impl Row<'_> {
    /// Damages the packet in each way, with a good packet after it.
    fn cell<W>(
        &mut self,
        name: &str,
        ways: impl IntoIterator<Item = W>,
        mut damage: impl FnMut(&mut Vec<u8>, W),
    ) {
        let (mut green, mut tried) = (0, 0);
        for way in ways {
            let mut packet = self.victim.to_vec();
            damage(&mut packet, way);
            if packet == self.victim {
                continue;
            }
            tried += 1;
            green += usize::from(!is_red(&[self.before, &packet, &good("c")].concat()));
        }
        let is_one_byte = ["flip", "byte 1-8", "signature"].contains(&name);
        assert!(
            !is_one_byte || green == 0,
            "{name}: {green} of {tried} with one wrong byte are green"
        );
        self.cells.push(format!("{name} {green}/{tried}"));
    }

    fn cut(&mut self, name: &str, lengths: impl Iterator<Item = usize>, after: &[u8]) {
        let (mut green, mut tried, mut long) = (0, 0, 0);
        for length in lengths {
            tried += 1;
            if !is_red(&[self.before, &self.victim[..length], after].concat()) {
                green += 1;
                long = long.max(length);
            }
        }
        let longest = if green > 0 { format!(" (to {long})") } else { String::new() };
        assert!(long < 10 || !self.victim.starts_with(&TIMED), "{name}: {long} bytes are green");
        self.cells.push(format!("{name} {green}/{tried}{longest}"));
    }

    /// Overwrites so many bytes at random places.
    fn hits(&mut self, name: &str, length: usize, byte: impl Fn(&mut Random) -> u8) {
        if length >= self.victim.len() {
            return;
        }
        let mut random = Random::new(13);
        self.cell(name, 0..TRIALS, |packet, _| {
            let at = random.below(packet.len() - length);
            packet[at..at + length].fill_with(|| byte(&mut random));
        });
    }
}

fn is_red(stream: &[u8]) -> bool {
    let mut summary = Summary::new();
    for item in items(stream) {
        summary.item(&item);
    }
    summary.counts().verdict() == Verdict::Failed
}

type Line = fn(&mut Random) -> Vec<u8>;

const TEXTS: [(&str, Line); 8] = [
    ("UTF-8", |random| {
        words(
            random,
            &["volume 5³", "ų", "größe", "naïve", "³³", "日本ų", "🦳", "który", "новый год"],
        )
        .into_bytes()
    }),
    ("Latin-1", |random| {
        latin_1(&words(random, &["wert", "§ 4", "größe", "straße", "year", "m³", "naïve", "value"]))
    }),
    ("Latin-1, ³ in each word", |random| {
        latin_1(&words(random, &["5³ (net)", "³", "10³", "(³)", "µm³", "x³+y", "3³/4", "³&³$³#"]))
    }),
    ("UTF-16", |random| {
        words(random, &["volume 5³", "ų", "größe", "³ ³"])
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect()
    }),
    ("base64", |random| {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..76).map(|_| DIGITS[random.below(64)]).collect()
    }),
    ("64 random bytes", |random| noise(random, 64)),
    ("1 KiB of random bytes", |random| noise(random, 1024)),
    ("16 KiB of random bytes", |random| noise(random, 16 * 1024)),
];

fn words(random: &mut Random, words: &[&str]) -> String {
    (0..12).map(|_| words[random.below(words.len())]).collect::<Vec<_>>().join(" ")
}

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect()
}

fn noise(random: &mut Random, length: usize) -> Vec<u8> {
    (0..length).map(|_| random.below(256) as u8).collect()
}
