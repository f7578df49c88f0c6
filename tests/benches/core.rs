//! The core: scan, decode, encode, reroute, recovery. `cargo bench -p subunit-tests --bench core`

use divan::{Bencher, black_box, counter::BytesCount};
use subunit_core::{Event, EventBuf, Item, Packet, RouteCode, Writer, items};
use subunit_tests::{
    corpus::{self, Damage, Kind, Mode},
    floor,
};

fn main() {
    divan::main();
}

const KINDS: [Kind; 4] = [Kind::Small, Kind::Listing, Kind::Mixed, Kind::Attach];

fn stream(kind: Kind) -> Vec<u8> {
    corpus::stream(kind, if kind == Kind::Attach { 16 } else { 10_000 }, 1)
}

fn packets(stream: &[u8]) -> Vec<Packet<'_>> {
    items(stream)
        .filter_map(|item| match item {
            Item::Packet(packet) => Some(packet),
            _ => None,
        })
        .collect()
}

/// What no reader can do without: see `floor`.
#[divan::bench(args = KINDS)]
fn floor_of_decode(bencher: Bencher<'_, '_>, kind: Kind) {
    let stream = stream(kind);
    bencher
        .counter(BytesCount::of_slice(&stream))
        .bench(|| floor::decode(black_box(&stream), |fields| _ = black_box(fields)));
}

/// From bytes to events.
#[divan::bench(args = KINDS)]
fn decode(bencher: Bencher<'_, '_>, kind: Kind) {
    let stream = stream(kind);
    bencher.counter(BytesCount::of_slice(&stream)).bench(|| decode_all(&stream));
}

/// Where a stream is nothing but text.
#[divan::bench]
fn scan_text(bencher: Bencher<'_, '_>) {
    let text = "[12/900] cc -O2 -g -Wall -c api/create.c -o build/create.o\n".repeat(20_000);
    bencher.counter(BytesCount::of_str(&*text)).bench(|| decode_all(text.as_bytes()));
}

/// `mixed` with every hundredth byte hit.
#[divan::bench(args = ["flip", "mix"])]
fn recovery(bencher: Bencher<'_, '_>, mode: &str) {
    let mode: Mode = mode.parse().unwrap_or(Mode::Flip);
    let damage = Damage::new(mode, 0.01, 1);
    let (stream, _) = corpus::damaged(Kind::Mixed, 10_000, 1, Some(damage));
    bencher.counter(BytesCount::of_slice(&stream)).bench(|| decode_all(&stream));
}

fn decode_all(stream: &[u8]) -> usize {
    items(black_box(stream)).map(|item| black_box(item).bytes().len()).sum()
}

/// From events to bytes.
#[divan::bench(args = [Kind::Small, Kind::Mixed])]
fn encode(bencher: Bencher<'_, '_>, kind: Kind) {
    let stream = stream(kind);
    let events: Vec<EventBuf> =
        packets(&stream).iter().map(|packet| packet.event().to_buf()).collect();
    let events: Vec<Event<'_>> = events.iter().map(EventBuf::as_event).collect();
    let mut out = Vec::with_capacity(stream.len());
    bencher.counter(BytesCount::of_slice(&stream)).bench_local(|| {
        out.clear();
        for event in black_box(&events) {
            let _ = black_box(event.encode(&mut out));
        }
        out.len()
    });
}

/// Events into a writer that makes one `write` a packet, into memory.
#[divan::bench]
fn write(bencher: Bencher<'_, '_>) {
    let stream = stream(Kind::Small);
    let packets = packets(&stream);
    bencher.counter(BytesCount::of_slice(&stream)).bench(|| {
        let mut writer = Writer::new(std::io::sink());
        for packet in black_box(&packets) {
            let _ = black_box(writer.event(packet.event()));
        }
    });
}

/// Packets under another route code.
#[divan::bench(args = KINDS)]
fn reroute(bencher: Bencher<'_, '_>, kind: Kind) {
    let stream = stream(kind);
    let packets = packets(&stream);
    let mut out = Vec::with_capacity(stream.len() * 2);
    bencher.counter(BytesCount::of_slice(&stream)).bench_local(|| {
        out.clear();
        for packet in black_box(&packets) {
            let _ = black_box(packet.reroute_under(RouteCode::new("7"), &mut out));
        }
        out.len()
    });
}
