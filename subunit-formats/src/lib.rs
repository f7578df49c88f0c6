#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod auto;
pub mod automake;
pub mod cargo;
mod claims;
pub mod clock;
pub mod csv;
pub mod ctrf;
mod dated;
pub mod dejagnu;
pub mod detect;
mod digest;
mod digits;
mod dotnet;
pub mod emit;
pub mod facts;
#[doc(hidden)]
pub mod fuzzing;
pub mod github;
pub mod gitlab;
pub mod gojson;
pub mod html;
mod ids;
mod json_line;
pub mod jsonl;
pub mod jsonl_writer;
pub mod junit;
pub mod libtest;
pub mod lines;
pub mod lit;
#[cfg(test)]
mod log;
pub mod markdown;
pub mod nunit;
mod open;
pub mod otlp;
mod output;
#[doc(hidden)]
pub mod own_file;
mod plain;
mod push;
pub mod report;
pub mod reportlog;
mod room;
mod rust_output;
pub mod shell;
mod tally;
pub mod tap;
pub mod teamcity;
#[doc(hidden)]
pub mod temporary;
pub mod time;
pub mod trace;
pub mod trx;
pub mod xml;
pub mod xunit;

pub use auto::read;
use subunit_core::sink::{Flow, Sink};
pub(crate) use subunit_core::text::{ansi, controls};

/// Reads one format from bytes that arrive in pieces, and pushes events into a sink.
///
/// A reader pushes what it knows as soon as it knows it, and its events do not depend on how the input
/// was cut. Bytes that are not the format's go to [`Sink::text`]; nothing vanishes. It gives events
/// the times that the input names and no others; who wants times of arrival fills them in behind it.
pub trait FormatReader: Send {
    /// Takes the next bytes.
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow;

    /// The input has fallen silent, though it may go on: reports what was held back because something
    /// may have followed it. For drivers of live inputs; whatever does follow is reported on its own.
    fn settle(&mut self, _sink: &mut dyn Sink) -> Flow {
        Flow::Continue(())
    }

    /// The input has ended: reports what was left open. Does not call [`Sink::finish`].
    fn finish(&mut self, sink: &mut dyn Sink) -> Flow;
}

/// The formats that can be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Version 2 of subunit.
    Subunit,
    /// Version 1 of subunit: see [`subunit_core::v1`].
    SubunitV1,
    /// Our own JSON Lines: see [`jsonl`].
    Jsonl,
    /// See [`tap`].
    Tap,
    /// The kernel's dialect of TAP: see [`tap`].
    Ktap,
    /// See [`junit`].
    Junit,
    /// See [`gojson`].
    Gojson,
    /// See [`libtest`].
    Libtest,
    /// What `cargo test` prints: see [`cargo`].
    Cargo,
    /// See [`reportlog`].
    Reportlog,
    /// See [`teamcity`].
    Teamcity,
    /// See [`ctrf`].
    Ctrf,
    /// See [`trx`].
    Trx,
    /// See [`nunit`].
    Nunit,
    /// See [`xunit`].
    Xunit,
    /// See [`dejagnu`].
    Dejagnu,
    /// See [`automake`].
    Automake,
    /// See [`lit`].
    Lit,
}

impl Format {
    /// All formats, in the order of the help.
    pub const ALL: [Self; 18] = [
        Self::Subunit,
        Self::SubunitV1,
        Self::Jsonl,
        Self::Tap,
        Self::Ktap,
        Self::Junit,
        Self::Gojson,
        Self::Libtest,
        Self::Cargo,
        Self::Reportlog,
        Self::Teamcity,
        Self::Ctrf,
        Self::Trx,
        Self::Nunit,
        Self::Xunit,
        Self::Dejagnu,
        Self::Automake,
        Self::Lit,
    ];

    /// Whether two formats have lines in common.
    pub(crate) const fn is_akin(self, other: Self) -> bool {
        use Format::{Cargo, Ktap, Libtest, Tap};
        matches!((self, other), (Tap | Ktap, Tap | Ktap) | (Cargo | Libtest, Cargo | Libtest))
            || self as u8 == other as u8
    }

    /// The word for the format, in `--from` and in the names of commands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subunit => "subunit",
            Self::SubunitV1 => "subunit-v1",
            Self::Jsonl => "jsonl",
            Self::Tap => "tap",
            Self::Ktap => "ktap",
            Self::Junit => "junit",
            Self::Gojson => "gojson",
            Self::Libtest => "libtest",
            Self::Cargo => "cargo",
            Self::Reportlog => "reportlog",
            Self::Teamcity => "teamcity",
            Self::Ctrf => "ctrf",
            Self::Trx => "trx",
            Self::Nunit => "nunit",
            Self::Xunit => "xunit",
            Self::Dejagnu => "dejagnu",
            Self::Automake => "automake",
            Self::Lit => "lit",
        }
    }

    /// A reader of the format; `None` for version 2 of subunit, which the core's decoder reads.
    pub fn reader(self) -> Option<Box<dyn FormatReader>> {
        Some(match self {
            Self::Subunit => return None,
            Self::SubunitV1 => Box::new(subunit_core::v1::Parser::new()),
            Self::Jsonl => Box::new(jsonl::JsonlReader::new()),
            Self::Tap | Self::Ktap => Box::new(tap::TapReader::new()),
            Self::Junit => Box::new(junit::JunitReader::new()),
            Self::Gojson => Box::new(gojson::GoJsonReader::new()),
            Self::Libtest => Box::new(libtest::LibtestReader::new()),
            Self::Cargo => Box::new(cargo::CargoReader::new()),
            Self::Reportlog => Box::new(reportlog::ReportLogReader::new()),
            Self::Teamcity => Box::new(teamcity::TeamCityReader::new()),
            Self::Ctrf => Box::new(ctrf::CtrfReader::new()),
            Self::Trx => Box::new(trx::TrxReader::new()),
            Self::Nunit => Box::new(nunit::NunitReader::new()),
            Self::Xunit => Box::new(xunit::XunitReader::new()),
            Self::Dejagnu => Box::new(dejagnu::DejagnuReader::new()),
            Self::Automake => Box::new(automake::AutomakeReader::new()),
            Self::Lit => Box::new(lit::LitReader::new()),
        })
    }
}

/// A word that names no format.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a format: see --help for those there are")]
pub struct UnknownFormat;

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.name() == word).ok_or(UnknownFormat)
    }
}

impl FormatReader for subunit_core::v1::Parser {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        Self::feed(self, bytes, sink)
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        Self::finish(self, sink)
    }
}
