//! The traditional tools: the names, options, output and exit statuses of python-subunit's filters, so
//! that scripts need no change. Where the reference crashes or loses data, the result it should have had.

mod combine;
mod filter;
mod from_format;
mod ls;
mod output;
mod reading;
mod report_file;
mod stats;
mod switches;
mod tags;
mod to_csv;
mod to_disk;
mod to_junit;
mod to_pyunit;

use crate::cli::command::{Command, Entry, definition, entry};

/// All traditional tools, by the names of their links.
pub const TOOLS: &[Entry] = &[
    tool::<combine::CombineTool>(),
    tool::<from_format::FromGojson>(),
    tool::<from_format::FromJunit>(),
    tool::<from_format::FromTap>(),
    tool::<from_format::OneToTwo>(),
    tool::<from_format::TwoToOne>(),
    tool::<filter::Filter>(),
    tool::<ls::Ls>(),
    tool::<output::Output>(),
    tool::<stats::Notify>(),
    tool::<stats::Stats>(),
    tool::<tags::Tags>(),
    tool::<to_csv::ToCsv>(),
    tool::<to_disk::ToDisk>(),
    tool::<to_junit::ToJunit>(),
    tool::<to_pyunit::ToPyunit>(),
];

/// Long options may be cut short, as the reference's can.
const fn tool<C: Command>() -> Entry {
    entry::<C>().defined_by(|| definition::<C>().infer_long_args(true))
}
