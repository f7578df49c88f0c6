//! The bodies of the fuzz targets: each takes any bytes, and panics where something does not hold that
//! must hold for all input. See [`subunit_core::fuzzing`]. Not part of the public interface.

mod detect;
mod jsonl;
mod readers;

pub use detect::detect;
pub use jsonl::jsonl;
pub use readers::{
    automake, cargo, ctrf, dejagnu, gojson, junit, libtest, lit, nunit, reportlog, tap, teamcity,
    trx, xunit,
};
use subunit_core::fuzzing::Body;

/// The bodies of this crate, by the names of their targets.
pub const BODIES: [(&str, Body); 16] = [
    ("tap", tap),
    ("junit", junit),
    ("gojson", gojson),
    ("libtest", libtest),
    ("cargo", cargo),
    ("reportlog", reportlog),
    ("teamcity", teamcity),
    ("ctrf", ctrf),
    ("trx", trx),
    ("nunit", nunit),
    ("xunit", xunit),
    ("dejagnu", dejagnu),
    ("automake", automake),
    ("lit", lit),
    ("detect", detect),
    ("jsonl", jsonl),
];
