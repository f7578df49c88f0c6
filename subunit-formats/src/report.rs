//! What all reports have in common: sinks that write, and tell in the end how that went.

use std::io::{self, Write};

use subunit_core::{run::Judge, sink::Sink};

pub use super::digest::{Shown, others};
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

    /// What the report cannot say of the stream it was told, in a few words.
    fn remark(&self) -> Option<String> {
        None
    }

    /// What the run is judged by; told before anything else is.
    fn set_judge(&mut self, _judge: &Judge) {}

    /// Flushes the output.
    ///
    /// # Errors
    ///
    /// The first error there was with the output.
    fn result(self: Box<Self>) -> io::Result<()>;
}

/// The remark of a report whose tests go out as they end, on failures that later attempts took back.
pub fn taken_back(count: u64) -> Option<String> {
    let tests = if count == 1 { "test was" } else { "tests were" };
    let failures = if count == 1 { "its failure" } else { "their failures" };
    (count > 0).then(|| format!("{count} {tests} tried again after {failures} had been written"))
}

macro_rules! reports {
    ($($writer:ident: $holds_text:literal $(, $remark:ident)? $(=> $set_judge:ident)?;)*) => {$(
        impl<W: Write> Report for $writer<W> {
            fn holds_text(&self) -> bool {
                $holds_text
            }

            $(fn remark(&self) -> Option<String> {
                self.$remark()
            })?

            $(fn $set_judge(&mut self, judge: &Judge) {
                Self::$set_judge(self, judge);
            })?

            fn result(self: Box<Self>) -> io::Result<()> {
                self.into_result()?.flush()
            }
        }
    )*};
}

reports! {
    CsvWriter: false, unsaid => set_judge;
    CtrfWriter: false, unsaid => set_judge;
    GithubWriter: true => set_judge;
    GitlabWriter: false => set_judge;
    HtmlWriter: false => set_judge;
    JsonlWriter: true;
    JunitWriter: false => set_judge;
    MarkdownWriter: false => set_judge;
    OtlpWriter: false => set_judge;
    TapWriter: true, unsaid => set_judge;
    TeamCityWriter: true => set_judge;
    TraceWriter: false;
}
