//! Streams of known shape, the same for the same seed.
//!
//! Every packet but those of [`Kind::Listing`] carries a time of its own, [`FIRST_SECOND`] plus so many
//! microseconds as packets stand before it. That is how a packet is told after a damaged stream was read.

mod damage;
mod words;

use std::{
    io::{self, Write},
    str::FromStr,
};

pub use damage::{Damage, Mode};
use subunit_core::{Event, FileChunk, RouteCode, Status, TagsBuf, Timestamp};

use crate::random::Random;

/// The whole second of the first packet's time: 2026-01-01T00:00:00Z.
pub const FIRST_SECOND: u32 = 1_767_225_600;

/// How many tests run at a time, each under a route code of its own.
const WORKERS: usize = 16;

/// What a stream is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Tests that begin and end, with times, one or two tags and a route code; no files, no text.
    Small,
    /// Tests that exist.
    Listing,
    /// As [`Kind::Small`], with tracebacks and logs in packets of 256 to 2048 bytes and text between packets.
    Mixed,
    /// Pieces of files, each of 64 KiB to 4 MiB.
    Attach,
    /// Tests that begin, each with an id of its own, and never end.
    Open,
    /// TAP 13: a line a test.
    Tap,
    /// Version 1 of the protocol: a test an item.
    V1,
}

impl Kind {
    /// All kinds, with the words for them.
    pub const ALL: [(&str, Self); 7] = [
        ("small", Self::Small),
        ("listing", Self::Listing),
        ("mixed", Self::Mixed),
        ("attach", Self::Attach),
        ("open", Self::Open),
        ("tap", Self::Tap),
        ("v1", Self::V1),
    ];
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|(name, _)| *name == word);
        found.map(|(_, kind)| kind).ok_or_else(|| format!("{word} is no kind of stream"))
    }
}

/// A stream in memory, of about so many packets, tests or lines.
pub fn stream(kind: Kind, packets: u64, seed: u64) -> Vec<u8> {
    damaged(kind, packets, seed, None).0
}

/// A stream that may be damaged, and for each packet whether it is intact.
pub fn damaged(
    kind: Kind,
    packets: u64,
    seed: u64,
    damage: Option<Damage>,
) -> (Vec<u8>, Vec<bool>) {
    let mut stream = Vec::new();
    match write(kind, packets, seed, damage, &mut stream) {
        Ok(intact) => (stream, intact),
        Err(error) => unreachable!("memory can be written: {error}"),
    }
}

/// Writes a stream; for each packet whether it is intact.
///
/// # Errors
///
/// Those of the output.
pub fn write(
    kind: Kind,
    packets: u64,
    seed: u64,
    damage: Option<Damage>,
    out: &mut dyn Write,
) -> io::Result<Vec<bool>> {
    let mut maker = Maker::new(packets, seed, damage, out);
    match kind {
        Kind::Small => maker.runs(false)?,
        Kind::Mixed => maker.runs(true)?,
        Kind::Listing => maker.tests(Status::Exists)?,
        Kind::Open => maker.tests(Status::InProgress)?,
        Kind::Attach => maker.files()?,
        Kind::Tap => maker.tap()?,
        Kind::V1 => maker.v1()?,
    }
    Ok(maker.intact)
}

struct Maker<'o> {
    random: Random,
    limit: u64,
    made: u64,
    damage: Option<Damage>,
    intact: Vec<bool>,
    packet: Vec<u8>,
    bytes: Vec<u8>,
    out: &'o mut dyn Write,
}

/// A test that has begun and not ended.
struct Running {
    id: String,
    tags: TagsBuf,
}

impl<'o> Maker<'o> {
    fn new(limit: u64, seed: u64, damage: Option<Damage>, out: &'o mut dyn Write) -> Self {
        let (random, packet, bytes) = (Random::new(seed), Vec::new(), Vec::new());
        Self { random, limit, made: 0, damage, intact: Vec::new(), packet, bytes, out }
    }

    fn has_room(&self) -> bool {
        self.made < self.limit
    }

    fn text(&mut self, text: &[u8]) -> io::Result<bool> {
        self.bytes.clear();
        let intact = match &mut self.damage {
            None => return self.out.write_all(text).map(|()| true),
            Some(damage) => damage.apply(text, &mut self.bytes),
        };
        self.out.write_all(&self.bytes)?;
        Ok(intact)
    }

    /// A packet with the next time; none where the stream is long enough.
    fn packet(&mut self, event: &Event<'_>) -> io::Result<()> {
        if !self.has_room() {
            return Ok(());
        }
        let mut packet = std::mem::take(&mut self.packet);
        packet.clear();
        let micros = self.made as u32;
        let time = Timestamp::new(FIRST_SECOND + micros / 1_000_000, micros % 1_000_000 * 1000);
        let timestamp = (event.status != Some(Status::Exists)).then_some(time);
        Event { timestamp, ..*event }.encode(&mut packet).map_err(io::Error::other)?;
        let intact = self.text(&packet)?;
        self.intact.push(intact);
        self.packet = packet;
        self.made += 1;
        Ok(())
    }

    /// Tests of all workers; with files and text, or without.
    fn runs(&mut self, mixed: bool) -> io::Result<()> {
        let mut tests = 0;
        let mut running: [Option<Running>; WORKERS] = Default::default();
        while self.has_room() {
            if mixed {
                self.lines()?;
            }
            let worker = self.random.below(WORKERS);
            let route = worker.to_string();
            let route_code = Some(RouteCode::new(&route));
            match running[worker].take() {
                None => {
                    let test = self.begin(tests, worker);
                    tests += 1;
                    let event = Event::status(&test.id, Status::InProgress);
                    self.packet(&Event { tags: Some(test.tags.as_tags()), route_code, ..event })?;
                    running[worker] = Some(test);
                }
                Some(test) => {
                    let status = self.outcome(mixed);
                    let event = Event::status(&test.id, status);
                    if mixed {
                        self.details(&Event { route_code, ..event })?;
                    }
                    self.packet(&Event { tags: Some(test.tags.as_tags()), route_code, ..event })?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, nth: u64, worker: usize) -> Running {
        let id = words::test_id(&mut self.random, nth);
        let mut tags: TagsBuf = [&*format!("worker-{worker}")].into_iter().collect();
        if self.random.below(2) == 0 {
            tags.insert(words::label(&mut self.random));
        }
        Running { id, tags }
    }

    fn outcome(&mut self, mixed: bool) -> Status {
        let failures = if mixed { 50 } else { 20 };
        match self.random.below(1000) {
            0..30 => Status::Skip,
            30..37 => Status::ExpectedFailure,
            37..40 => Status::UnexpectedSuccess,
            nth if nth < 40 + failures => Status::Fail,
            _ => Status::Success,
        }
    }

    /// One to three lines of text, before every tenth packet; in damaged streams every second ends without a newline.
    fn lines(&mut self) -> io::Result<()> {
        if self.random.below(10) > 0 {
            return Ok(());
        }
        for _ in 0..self.random.between(1, 3) {
            let line = words::line(&mut self.random);
            let is_cut = self.damage.is_some() && line.len().is_multiple_of(2);
            let line = if is_cut { line.trim_end() } else { &line };
            self.text(line.as_bytes())?;
        }
        Ok(())
    }

    /// What a test leaves behind: a traceback, a reason, and now and then a log.
    fn details(&mut self, test: &Event<'_>) -> io::Result<()> {
        const TRACEBACK: &str = "text/x-traceback;charset=\"utf8\";language=\"python\"";
        const PLAIN: &str = "text/plain;charset=\"utf8\"";
        let size = match test.status {
            Some(Status::Fail) => self.random.between(1024, 8192),
            Some(Status::Skip) => 40,
            _ if self.random.below(10) == 0 => self.random.between(100, 2000),
            _ => return Ok(()),
        };
        let (name, mime_type) = match test.status {
            Some(Status::Fail) => ("traceback", TRACEBACK),
            Some(Status::Skip) => ("reason", PLAIN),
            _ => ("log", PLAIN),
        };
        let text = words::traceback(&mut self.random, size);
        let event = Event { status: None, mime_type: Some(mime_type), ..*test };
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let (piece, others) = rest.split_at(self.random.between(256, 2048).min(rest.len()));
            self.packet(&Event { file: Some(FileChunk { name, bytes: piece }), ..event })?;
            rest = others;
        }
        self.packet(&Event { file: Some(FileChunk { name, bytes: b"" }), eof: true, ..event })
    }

    fn tests(&mut self, status: Status) -> io::Result<()> {
        while self.has_room() {
            let id = words::test_id(&mut self.random, self.made);
            self.packet(&Event::status(&id, status))?;
        }
        Ok(())
    }

    fn files(&mut self) -> io::Result<()> {
        let noise: Vec<u8> = (0..1 << 20).flat_map(|_| self.random.next().to_le_bytes()).collect();
        let log: String = (0..1 << 17).map(|_| words::line(&mut self.random)).collect();
        while self.has_room() {
            let id = words::test_id(&mut self.random, self.made);
            let route = self.random.below(WORKERS).to_string();
            let (name, mime_type, bytes) = match self.random.below(2) {
                0 => ("screenshot", "image/png", &noise[..]),
                _ => ("console.log", "text/plain;charset=utf8", log.as_bytes()),
            };
            // As many of 64 to 128 KiB as of 2 to 4 MiB.
            let size = (65536.0 * 63.9_f64.powf(self.random.fraction())) as usize;
            let start = self.random.below(bytes.len() - size);
            let eof = self.random.below(4) == 0;
            self.packet(&Event {
                test_id: Some(&id),
                file: Some(FileChunk { name, bytes: &bytes[start..start + size] }),
                mime_type: Some(mime_type),
                eof,
                route_code: Some(RouteCode::new(&route)),
                ..Event::default()
            })?;
        }
        Ok(())
    }

    fn tap(&mut self) -> io::Result<()> {
        self.text(format!("TAP version 13\n1..{}\n", self.limit).as_bytes())?;
        for nth in 1..=self.limit {
            let id = words::test_id(&mut self.random, nth);
            let line = match self.random.below(100) {
                0..5 => format!("not ok {nth} - {id}\n# expected 1\n# got {nth}\n"),
                5..8 => format!("ok {nth} - {id} # SKIP no network\n"),
                8..10 => format!("not ok {nth} - {id} # TODO later\n"),
                _ => format!("ok {nth} - {id}\n"),
            };
            self.text(line.as_bytes())?;
        }
        Ok(())
    }

    fn v1(&mut self) -> io::Result<()> {
        for nth in 0..self.limit {
            let id = words::test_id(&mut self.random, nth);
            let (seconds, micros) = (nth / 1_000_000, nth % 1_000_000);
            let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
            let seconds = seconds % 60;
            let end = match self.random.below(100) {
                0..3 => {
                    let size = self.random.between(1024, 4096);
                    let text = words::traceback(&mut self.random, size);
                    let length = text.len();
                    format!(
                        "failure: {id} [ multipart\nContent-Type: text/x-traceback;charset=utf8,language=python\n\
                         traceback\n{length:X}\r\n{text}0\r\n]\n"
                    )
                }
                3..6 => format!("skip: {id} [\nno network\n]\n"),
                _ => format!("success: {id}\n"),
            };
            let worker = self.random.below(WORKERS);
            self.text(
                format!(
                    "time: 2026-01-01 {hours:02}:{minutes:02}:{seconds:02}.{micros:06}Z\n\
                     tags: worker-{worker}\ntest: {id}\n{end}tags: -worker-{worker}\n"
                )
                .as_bytes(),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::{Item, items};

    use super::*;

    #[test]
    fn streams_are_as_long_as_asked_and_the_same_every_time() {
        for (name, kind) in Kind::ALL {
            let packets = if kind == Kind::Attach { 3 } else { 500 };
            let bytes = stream(kind, packets, 1);
            assert_eq!(bytes, stream(kind, packets, 1), "{name}");
            assert_ne!(bytes, stream(kind, packets, 2), "{name}");
            if !matches!(kind, Kind::Tap | Kind::V1) {
                let read = items(&bytes).filter(|item| matches!(item, Item::Packet(_))).count();
                assert_eq!(read, packets as usize, "{name}");
            }
        }
    }

    #[test]
    fn unhurt_packets_are_told_from_damaged_ones() {
        for (name, mode) in Mode::ALL {
            let damage = Damage::new(mode, 1e-3, 1);
            let (stream, intact) = damaged(Kind::Small, 1000, 1, Some(damage));
            let found = items(&stream).filter(|item| matches!(item, Item::Packet(_))).count();
            let unhurt = intact.iter().filter(|intact| **intact).count();
            assert!((800..1000).contains(&unhurt), "{name}: {unhurt}");
            assert_eq!(found, unhurt, "{name}");
        }
    }
}
