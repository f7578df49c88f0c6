//! What all reports have in common: sinks that write, and tell in the end how that went.

use std::io::{self, Write};

use subunit_core::sink::Sink;

use super::{
    csv::CsvWriter, ctrf::CtrfWriter, github::GithubWriter, gitlab::GitlabWriter, html::HtmlWriter,
    jsonl_writer::JsonlWriter, junit::JunitWriter, markdown::MarkdownWriter, otlp::OtlpWriter,
    tap::TapWriter, teamcity::TeamCityWriter, trace::TraceWriter,
};

/// A report that is written while a stream is read, and is whole after [`Sink::finish`].
///
/// Sinks cannot fail: after an error of its output a report asks to stop, and keeps the error.
pub trait Report: Sink {
    /// Whether text outside of tests is part of the report.
    fn holds_text(&self) -> bool {
        false
    }

    /// Flushes the output.
    ///
    /// # Errors
    ///
    /// The first error there was with the output.
    fn result(self: Box<Self>) -> io::Result<()>;
}

macro_rules! reports {
    ($($writer:ident: $holds_text:literal,)*) => {$(
        impl<W: Write> Report for $writer<W> {
            fn holds_text(&self) -> bool {
                $holds_text
            }

            fn result(self: Box<Self>) -> io::Result<()> {
                self.into_result()?.flush()
            }
        }
    )*};
}

reports! {
    CsvWriter: false,
    CtrfWriter: false,
    GithubWriter: true,
    GitlabWriter: false,
    HtmlWriter: false,
    JsonlWriter: true,
    JunitWriter: false,
    MarkdownWriter: false,
    OtlpWriter: false,
    TapWriter: true,
    TeamCityWriter: true,
    TraceWriter: false,
}
