//! A hot path of the library, alone in one function: for counting instructions. See `.ci/instructions`.
//!
//! ```text
//! valgrind --tool=callgrind --toggle-collect='*measured*' hot decode-small 10000
//! ```
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement")]

use std::hint::black_box;

use subunit_core::{Event, Item, Packet, RouteCode, items};
use subunit_formats::Format;
use subunit_mux::{Ending, Hub, Moment, Outbox, Stream};
use subunit_tests::{
    corpus::{self, Damage, Kind, Mode},
    documents,
};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().expect("which path?");
    let size: u64 = arguments.next().expect("of which size?").parse().unwrap();
    let (verb, rest) = name.split_once('-').expect("a verb and what it is done to");
    match verb {
        "decode" => decode(&corpus::stream(rest.parse().unwrap(), size, 1)),
        "encode" => encode(&corpus::stream(rest.parse().unwrap(), size, 1)),
        "reroute" => reroute(&corpus::stream(rest.parse().unwrap(), size, 1)),
        "hub" => hub(&corpus::stream(rest.parse().unwrap(), size, 1)),
        "recover" => {
            let damage = Damage::new(Mode::Flip, 0.01, 1);
            decode(&corpus::damaged(rest.parse().unwrap(), size, 1, Some(damage)).0);
        }
        "from" => {
            let format: Format = rest.parse().unwrap();
            let document = documents::document(format, size).unwrap();
            measured(|| _ = black_box(documents::read(format, &document)));
        }
        "to" => {
            let stream = corpus::stream(Kind::Small, size, 1);
            measured(|| drop(black_box(documents::report(rest, &stream))));
        }
        _ => panic!("{verb} is no verb"),
    }
}

/// The function that is counted, with all it calls.
#[inline(never)]
fn measured(path: impl FnOnce()) {
    path();
}

fn decode(stream: &[u8]) {
    measured(|| {
        for item in items(black_box(stream)) {
            black_box(item);
        }
    });
}

fn packets(stream: &[u8]) -> Vec<Packet<'_>> {
    let packet = |item| match item {
        Item::Packet(packet) => Some(packet),
        _ => None,
    };
    items(stream).filter_map(packet).collect()
}

fn encode(stream: &[u8]) {
    let packets = packets(stream);
    let events: Vec<&Event<'_>> = packets.iter().map(Packet::event).collect();
    let mut out = Vec::with_capacity(stream.len());
    measured(|| events.iter().for_each(|event| event.encode(&mut out).unwrap()));
    black_box(out);
}

fn reroute(stream: &[u8]) {
    let packets = packets(stream);
    let mut out = Vec::with_capacity(stream.len() * 2);
    let under = RouteCode::new("7");
    measured(|| packets.iter().for_each(|packet| packet.reroute_under(under, &mut out).unwrap()));
    black_box(out);
}

/// Two inputs that take turns, in pieces of 4 KiB.
fn hub(stream: &[u8]) {
    let (mut hub, mut out, now) = (Hub::default(), Outbox::new(), Moment::default());
    let inputs = ["0", "1"].map(|name| hub.attach(name).unwrap());
    measured(|| {
        for piece in stream.chunks(4096) {
            for input in inputs {
                hub.feed(input, Stream::Stdout, piece, now, &mut out);
            }
            black_box(out.as_bytes());
            out.clear();
        }
        for input in inputs {
            hub.detach(input, Ending::Read, now, &mut out);
        }
    });
}
