//! The bodies of the fuzz targets: each takes any bytes, and panics where a rule of reading is broken.
//!
//! They live here so that the tests replay on any toolchain what fuzzing has found: see `fuzz/` and the
//! tests of the crate `subunit-tests`. Not part of the public interface.

mod choices;
mod log;
mod packets;
mod pieces;
mod stream;
mod v1;

pub use choices::Choices;
pub use log::{Log, Said, reads_the_same, survives};
pub use packets::{fields_oracle, reroute, round_trip};
pub use pieces::cuts;
pub use stream::{chunking, decode, resync};
pub use v1::v1;

/// What a fuzz target runs.
pub type Body = fn(&[u8]);

/// The bodies of this crate, by the names of their targets.
pub const BODIES: [(&str, Body); 7] = [
    ("decode", decode),
    ("chunking", chunking),
    ("resync", resync),
    ("fields_oracle", fields_oracle),
    ("round_trip", round_trip),
    ("reroute", reroute),
    ("v1", v1),
];
