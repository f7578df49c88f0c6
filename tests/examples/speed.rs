//! How fast streams are read, beside the `subunit` crate and a bare floor: one run, alternating, medians.
//!
//! ```text
//! cargo build --release -p subunit-tests --examples
//! target/release/examples/corpora small --packets 1000000 --seed 1 -o /tmp/small
//! cargo run --release -p subunit-tests --example speed -- /tmp/small
//! cargo run --release -p subunit-tests --example speed -- hostile
//! ```
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement")]

use std::{
    fs::File,
    hint::black_box,
    process::{Command, Stdio},
    time::Instant,
};

use subunit::types::stream::ScannedItem;
use subunit_core::{Item, Reader, items};

const ROUNDS: usize = 7;

fn main() {
    let argument = std::env::args().nth(1).expect("a stream's path, or the word hostile");
    if argument == "hostile" { hostile() } else { compare(&argument) }
}

type Contender<'a> = (&'a str, Box<dyn Fn() -> usize + 'a>);

fn compare(path: &str) {
    let stream = std::fs::read(path).unwrap();
    let contenders: [Contender<'_>; 7] = [
        ("floor: hop and checksum, memory", Box::new(|| floor(&stream))),
        ("ours, memory", Box::new(|| ours(&stream))),
        ("crate 0.3.1, memory", Box::new(|| peer(&stream[..]))),
        ("ours, file", Box::new(|| ours_from(File::open(path).unwrap()))),
        ("crate 0.3.1, file", Box::new(|| peer(File::open(path).unwrap()))),
        ("ours, pipe", Box::new(|| through_pipe(path, ours_from))),
        ("crate 0.3.1, pipe", Box::new(|| through_pipe(path, peer))),
    ];
    let mut seconds = vec![Vec::new(); contenders.len()];
    let mut packets = vec![0; contenders.len()];
    for _ in 0..ROUNDS {
        for (nth, (_, run)) in contenders.iter().enumerate() {
            let start = Instant::now();
            packets[nth] = run();
            seconds[nth].push(start.elapsed().as_secs_f64());
        }
    }
    println!("{:34} {:>9} {:>9} {:>8} {:>7}", "", "packets", "ns/packet", "MB/s", "ours x");
    let ours = [1, 1, 1, 3, 3, 5, 5].map(|nth| median(&seconds[nth]));
    for (nth, (name, _)) in contenders.iter().enumerate() {
        let median = median(&seconds[nth]);
        let nanos = median * 1e9 / packets[1] as f64;
        let speed = stream.len() as f64 / median / 1e6;
        let ratio = median / ours[nth];
        println!("{name:34} {:9} {nanos:9.1} {speed:8.0} {ratio:7.2}", packets[nth]);
    }
}

fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
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
    items(stream).map(|item| touch(&item)).sum()
}

fn ours_from(input: impl std::io::Read) -> usize {
    let mut reader = Reader::new(input);
    let mut packets = 0;
    while let Some(decoder) = reader.fill().unwrap() {
        while let Some(item) = &decoder.next_item() {
            packets += touch(item);
        }
    }
    packets
}

fn peer(input: impl std::io::Read) -> usize {
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

/// What no reader can do without: find each packet's end and sum its bytes. No recovery, no fields.
fn floor(stream: &[u8]) -> usize {
    let (mut rest, mut packets) = (stream, 0);
    while let [0xB3, _, _, first, second, third, ..] = *rest {
        let length = match first >> 6 {
            0 => usize::from(first),
            1 => usize::from(first & 0x3F) << 8 | usize::from(second),
            _ => usize::from(first & 0x3F) << 16 | usize::from(second) << 8 | usize::from(third),
        };
        let (packet, later) = rest.split_at(length);
        let (summed, stored) = packet.split_last_chunk().unwrap();
        assert_eq!(crc32fast::hash(summed), u32::from_be_bytes(*stored));
        rest = later;
        packets += 1;
    }
    packets
}

/// Streams made to look like overlapping, unfinished packets: seconds must grow in line with bytes.
fn hostile() {
    let mut exists = Vec::new();
    let event = subunit_core::Event::status("a.test", subunit_core::Status::Exists);
    event.encode(&mut exists).unwrap();
    println!("{:40} {:>8} {:>9} {:>8}", "", "MiB", "seconds", "MB/s");
    let streams: [(&str, &[u8]); 4] = [
        ("clean packets", &exists),
        ("headers claiming 4 MiB", b"\xb3\x20\x01\xbf\xff\xff"),
        ("the same, each at a line's start", b"\xb3\x20\x01\xbf\xff\xff\n"),
        ("the same, with an id of 4 MiB", b"\xc3\xb3\x28\xc3\xbf\x7f\x7f\xbe\x7f\x7f"),
    ];
    for (name, unit) in streams {
        for mebibytes in [2, 8, 32] {
            let stream = unit.repeat((mebibytes << 20) / unit.len());
            let seconds: Vec<f64> = (0..3)
                .map(|_| {
                    let start = Instant::now();
                    black_box(ours_from(&stream[..]));
                    start.elapsed().as_secs_f64()
                })
                .collect();
            let median = median(&seconds);
            let speed = stream.len() as f64 / median / 1e6;
            println!("{name:40} {mebibytes:8} {median:9.4} {speed:8.0}");
        }
    }
}
