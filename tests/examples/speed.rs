//! How fast the library is beside its peers, in one run, alternating, medians: tables in Markdown.
//!
//! ```text
//! cargo run --release -p subunit-tests --example speed [decode | encode | junit | recovery | hostile]...
//! ```
//!
//! ROUNDS (9) is how often each contender runs, PACKETS (300000) the length of the streams. Times are those of
//! the processor in this process, so that other work on the machine counts as little as it can.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement")]

use std::{
    fs::File,
    hint::black_box,
    io::Read,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use subunit::{serialize::Serializable, types::stream::ScannedItem};
use subunit_core::{Event, Item, Packet, Reader, Status, items};
use subunit_tests::{
    corpus::{self, Damage, Kind, Mode},
    documents, floor,
};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let sections: [(&str, fn()); 5] = [
        ("decode", decode),
        ("encode", encode),
        ("junit", junit),
        ("recovery", recovery),
        ("hostile", hostile),
    ];
    for (name, section) in sections {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            section();
        }
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |value| value.parse().unwrap())
}

fn packets() -> u64 {
    setting("PACKETS", 300_000)
}

type Contender<'a> = (&'a str, Box<dyn Fn() -> usize + 'a>);

/// The medians in nanoseconds of contenders that take turns, each with what its last run returned.
fn race(contenders: &[Contender<'_>]) -> Vec<(f64, usize)> {
    let mut rounds = vec![Vec::new(); contenders.len()];
    let mut results = vec![0; contenders.len()];
    for _ in 0..setting("ROUNDS", 9) {
        for (nth, (_, run)) in contenders.iter().enumerate() {
            let start = processor_time();
            results[nth] = black_box(run());
            rounds[nth].push((processor_time() - start).as_nanos() as f64);
        }
    }
    rounds.into_iter().map(median).zip(results).collect()
}

/// What this process has had of the processor. Other work on the machine does not count.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

/// A row for each contender: nanoseconds a packet, MB/s, and how many times as fast the first one is.
fn table(title: &str, bytes: usize, packets: usize, contenders: &[Contender<'_>]) {
    println!("| {title} | packets | ns/packet | MB/s | ours is so many times as fast |");
    println!("|---|--:|--:|--:|--:|");
    let medians = race(contenders);
    for ((name, _), (nanos, found)) in contenders.iter().zip(&medians) {
        let each = nanos / packets as f64;
        let speed = bytes as f64 * 1e3 / nanos;
        let ratio = nanos / medians[0].0;
        println!("| {name} | {found} | {each:.1} | {speed:.0} | {ratio:.2} |");
    }
    println!();
}

fn touch(item: &Item<'_>) -> usize {
    match item {
        Item::Packet(packet) => {
            black_box(packet.event());
            1
        }
        other => {
            black_box(other);
            0
        }
    }
}

fn ours(stream: &[u8]) -> usize {
    let (mut items, mut packets) = (items(stream), 0);
    while let Some(item) = &items.next() {
        packets += touch(item);
    }
    packets
}

fn ours_from(input: impl Read) -> usize {
    let mut reader = Reader::new(input);
    let mut packets = 0;
    while let Some(decoder) = reader.fill().unwrap() {
        while let Some(item) = &decoder.next_item() {
            packets += touch(item);
        }
    }
    packets
}

fn peer(input: impl Read) -> usize {
    subunit::io::sync::iter_stream(input)
        .filter(|item| matches!(black_box(item), Ok(ScannedItem::Event(_))))
        .count()
}

fn through_pipe(path: &str, read: impl Fn(std::process::ChildStdout) -> usize) -> usize {
    let mut cat = Command::new("cat").arg(path).stdout(Stdio::piped()).spawn().unwrap();
    let packets = read(cat.stdout.take().unwrap());
    cat.wait().unwrap();
    packets
}

/// Show 1: all fields of all packets, from memory, from a file and from a pipe.
fn decode() {
    let folder = std::env::temp_dir().join(format!("subunit-speed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, kind) in Kind::ALL.into_iter().take(4) {
        let packets = if kind == Kind::Attach { packets() / 1000 } else { packets() };
        let stream = corpus::stream(kind, packets, 1);
        let path = folder.join(name);
        std::fs::write(&path, &stream).unwrap();
        let path = path.to_str().unwrap();
        let floor = || floor::decode(&stream, |fields| _ = black_box(fields));
        let memory: [Contender<'_>; 3] = [
            ("ours", Box::new(|| ours(&stream))),
            ("floor: hop, checksum, all fields", Box::new(floor)),
            ("crate `subunit` 0.3.1", Box::new(|| peer(&stream[..]))),
        ];
        table(&format!("decode `{name}` from memory"), stream.len(), packets as usize, &memory);
        let file: [Contender<'_>; 2] = [
            ("ours", Box::new(|| ours_from(File::open(path).unwrap()))),
            ("crate `subunit` 0.3.1", Box::new(|| peer(File::open(path).unwrap()))),
        ];
        table(&format!("decode `{name}` from a file"), stream.len(), packets as usize, &file);
        let pipe: [Contender<'_>; 2] = [
            ("ours", Box::new(|| through_pipe(path, ours_from))),
            ("crate `subunit` 0.3.1", Box::new(|| through_pipe(path, peer))),
        ];
        table(&format!("decode `{name}` from a pipe"), stream.len(), packets as usize, &pipe);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Show 2: events into a buffer.
fn encode() {
    let stream = corpus::stream(Kind::Small, packets(), 1);
    let read: Vec<Packet<'_>> = items(&stream)
        .filter_map(|item| match item {
            Item::Packet(packet) => Some(packet),
            _ => None,
        })
        .collect();
    let theirs: Vec<_> = subunit::io::sync::iter_stream(&stream[..])
        .filter_map(|item| match item {
            Ok(ScannedItem::Event(event)) => Some(event),
            _ => None,
        })
        .collect();
    let encode_ours = || {
        let mut out = Vec::with_capacity(stream.len());
        read.iter().for_each(|packet| packet.event().encode(&mut out).unwrap());
        black_box(&out);
        read.len()
    };
    let encode_theirs = || {
        let mut out = Vec::with_capacity(stream.len());
        theirs.iter().for_each(|event| event.serialize(&mut out).unwrap());
        black_box(&out);
        theirs.len()
    };
    let contenders: [Contender<'_>; 2] = [
        ("ours", Box::new(encode_ours)),
        ("crate `subunit` 0.3.1, events built beforehand", Box::new(encode_theirs)),
    ];
    table("encode `small` into a buffer", stream.len(), packets() as usize, &contenders);
}

/// Reports in JUnit XML beside quick-junit, which is handed the same tests and keeps them in memory.
fn junit() {
    let stream = corpus::stream(Kind::Small, packets(), 1);
    let contenders: [Contender<'_>; 2] = [
        (
            "ours, decoding included",
            Box::new(|| {
                black_box(documents::report("junit", &stream));
                packets() as usize
            }),
        ),
        ("quick-junit 0.8, decoding included", Box::new(|| quick_junit(&stream))),
    ];
    table("JUnit XML of `small`", stream.len(), packets() as usize, &contenders);
}

fn quick_junit(stream: &[u8]) -> usize {
    use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
    let mut suite = TestSuite::new("suite");
    let mut packets = 0;
    for item in items(stream) {
        let Item::Packet(packet) = item else { continue };
        packets += 1;
        let event = packet.event();
        let (Some(id), Some(status)) = (event.test_id, event.status) else { continue };
        let outcome = match status {
            Status::Exists | Status::InProgress => continue,
            Status::Success | Status::ExpectedFailure => TestCaseStatus::success(),
            Status::Skip => TestCaseStatus::skipped(),
            Status::Fail | Status::UnexpectedSuccess => {
                TestCaseStatus::non_success(NonSuccessKind::Failure)
            }
        };
        suite.add_test_case(TestCase::new(id, outcome));
    }
    let mut report = Report::new("report");
    report.add_test_suite(suite);
    black_box(report.to_string().unwrap());
    packets
}

/// Show 7: `mixed` with every hundredth byte hit beside the clean one.
fn recovery() {
    let clean = corpus::stream(Kind::Mixed, packets(), 1);
    let damage = |mode| Damage::new(mode, 0.01, 1);
    let flipped = corpus::damaged(Kind::Mixed, packets(), 1, Some(damage(Mode::Flip))).0;
    let mixed = corpus::damaged(Kind::Mixed, packets(), 1, Some(damage(Mode::Mix))).0;
    let contenders: [Contender<'_>; 3] = [
        ("clean", Box::new(|| ours(&clean))),
        ("1 % of the bytes changed", Box::new(|| ours(&flipped))),
        ("1 % hit: changed, gone, added, torn or cut off", Box::new(|| ours(&mixed))),
    ];
    println!("| recovery: `mixed` | packets found | time, clean is 1 | MB/s |");
    println!("|---|--:|--:|--:|");
    let medians = race(&contenders);
    let sizes = [clean.len(), flipped.len(), mixed.len()];
    for (((name, _), (nanos, found)), size) in contenders.iter().zip(&medians).zip(sizes) {
        let (ratio, speed) = (nanos / medians[0].0, size as f64 * 1e3 / nanos);
        println!("| {name} | {found} | {ratio:.2} | {speed:.0} |");
    }
    println!();
}

/// Streams made to look like overlapping, unfinished packets: the speed must not depend on the length.
fn hostile() {
    let mut exists = Vec::new();
    Event::status("a.test", Status::Exists).encode(&mut exists).unwrap();
    let streams: [(&str, &[u8]); 4] = [
        ("clean packets", &exists),
        ("headers claiming 4 MiB", b"\xb3\x20\x01\xbf\xff\xff"),
        ("the same, each at a line's start", b"\xb3\x20\x01\xbf\xff\xff\n"),
        ("the same, with an id of 4 MiB", b"\xc3\xb3\x28\xc3\xbf\x7f\x7f\xbe\x7f\x7f"),
    ];
    println!("| hostile streams, MB/s | 2 MiB | 8 MiB | 32 MiB |");
    println!("|---|--:|--:|--:|");
    for (name, unit) in streams {
        let streams = [2, 8, 32].map(|mebibytes| unit.repeat((mebibytes << 20) / unit.len()));
        let contenders = streams
            .each_ref()
            .map(|stream| (name, Box::new(|| ours_from(&stream[..])) as Box<dyn Fn() -> usize>));
        let medians = race(&contenders);
        let speeds = medians
            .iter()
            .zip(&streams)
            .map(|((nanos, _), stream)| format!("{:.0}", stream.len() as f64 * 1e3 / nanos));
        println!("| {name} | {} |", speeds.collect::<Vec<_>>().join(" | "));
    }
    println!();
}
