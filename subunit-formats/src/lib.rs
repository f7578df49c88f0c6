#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod auto;
pub mod automake;
pub mod cargo;
pub mod csv;
pub mod ctrf;
pub mod dejagnu;
pub mod detect;
mod dotnet;
pub mod events;
#[doc(hidden)]
pub mod files;
pub mod format;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod github;
pub mod gitlab;
pub mod gojson;
pub mod html;
pub mod jsonl;
pub mod junit;
pub mod libtest;
pub mod lit;
#[cfg(test)]
mod log;
pub mod markdown;
pub mod mocha;
pub mod otlp;
pub mod reader;
pub mod report;
pub mod reportlog;
mod subunit_v1;
pub mod tap;
pub mod teamcity;
pub mod text;
pub mod trace;
pub mod xml;

pub use auto::read;
pub use dotnet::{nunit, trx, xunit};
pub use format::UnknownFormat;
pub use reader::FormatReader;
pub(crate) use subunit_core::text::{ansi, controls};

// The table. To add a format, add its module above, and here its key and its row; the row stands in the module.
format::formats! {
    /// Version 2 of subunit.
    Subunit: format::Row::PACKETS,
    /// Version 1 of subunit: see [`subunit_core::v1`].
    SubunitV1: subunit_v1::ROW,
    /// Our own JSON Lines: see [`jsonl`].
    Jsonl: jsonl::ROW,
    /// See [`tap`].
    Tap: tap::ROW,
    /// The kernel's dialect of TAP: see [`tap`].
    Ktap: tap::KERNEL_ROW,
    /// See [`junit`].
    Junit: junit::ROW,
    /// See [`gojson`].
    Gojson: gojson::ROW,
    /// See [`libtest`].
    Libtest: libtest::ROW,
    /// What `cargo test` prints: see [`cargo`].
    Cargo: cargo::ROW,
    /// See [`reportlog`].
    Reportlog: reportlog::ROW,
    /// See [`teamcity`].
    Teamcity: teamcity::ROW,
    /// See [`ctrf`].
    Ctrf: ctrf::ROW,
    /// See [`trx`].
    Trx: trx::ROW,
    /// See [`nunit`].
    Nunit: nunit::ROW,
    /// See [`xunit`].
    Xunit: xunit::ROW,
    /// See [`dejagnu`].
    Dejagnu: dejagnu::ROW,
    /// See [`automake`].
    Automake: automake::ROW,
    /// See [`lit`].
    Lit: lit::ROW,
    /// See [`mocha`].
    Mocha: mocha::ROW,
}

/// The reports that can be written, in the order of the flags. To add one, add its module above, and here its row.
pub const REPORTS: &[report::Row] = &[
    junit::REPORT,
    html::REPORT,
    tap::REPORT,
    ctrf::REPORT,
    csv::REPORT,
    jsonl::writer::REPORT,
    markdown::REPORT,
    trace::REPORT,
    otlp::REPORT,
    teamcity::REPORT,
    github::REPORT,
    gitlab::REPORT,
];

impl Format {
    /// The word for the format, in `--from` and in the names of commands.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether the verb is made of the row.
    pub const fn has_verb(self) -> bool {
        !self.row().examples.is_empty()
    }

    /// A reader of the format; `None` for version 2 of subunit, which the core's decoder reads.
    pub fn reader(self) -> Option<Box<dyn FormatReader>> {
        self.row().reader.map(|new| new())
    }

    /// Whether two formats have lines in common.
    pub(crate) fn is_akin(self, other: Self) -> bool {
        let (row, others) = (self.row(), other.row());
        self == other || row.akin == others.name || others.akin == row.name
    }
}

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.name() == word).ok_or(UnknownFormat)
    }
}
