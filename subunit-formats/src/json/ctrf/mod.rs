//! CTRF, the Common Test Report Format: one JSON document a run, as described at ctrf.io and by the
//! schema in github.com/ctrf-io/ctrf.

mod attempt;
mod read;
mod test;
mod write;

pub use read::CtrfReader;
pub use write::CtrfWriter;
pub(crate) use write::REPORT;

use crate::format::Row;

/// CTRF.
pub(crate) const ROW: Row = Row {
    name: "ctrf",
    title: "CTRF, a report in JSON",
    examples: &[
        "subunit to-ctrf run.subunit > ctrf.json; subunit from-ctrf ctrf.json | subunit stats",
        "subunit to-ctrf --no-text run.subunit | subunit from-ctrf | subunit ls",
    ],
    ..Row::document(|| Box::new(CtrfReader::new()))
};
