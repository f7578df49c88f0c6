//! CTRF, the Common Test Report Format: one JSON document a run, as described at ctrf.io and by the
//! schema in github.com/ctrf-io/ctrf.

mod attempt;
mod read;
mod scan;
mod test;
mod write;

pub use read::CtrfReader;
pub use write::CtrfWriter;
