//! The body of the fuzz target of `subunit attach`. See [`subunit_core::fuzzing`]. Not part of the public interface.

mod attach;

pub use attach::attach;
use subunit_core::fuzzing::Body;

/// The bodies of this crate, by the names of their targets.
pub const BODIES: [(&str, Body); 1] = [("attach", attach)];
