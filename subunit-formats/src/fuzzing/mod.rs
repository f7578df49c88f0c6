//! The bodies of the fuzz targets: each takes any bytes, and panics where something does not hold that
//! must hold for all input. See [`subunit_core::fuzzing`]. Not part of the public interface.

mod detect;
mod jsonl;
mod readers;

pub use detect::detect;
pub use jsonl::jsonl;
pub use readers::{formats, reader};
use subunit_core::fuzzing::Body;

/// The bodies of this crate that are for no one format, by the names of their targets; the body of a format's reader is
/// [`reader`].
pub const BODIES: [(&str, Body); 2] = [("detect", detect), ("jsonl", jsonl)];
