//! What all reports have in common: sinks that write, and tell in the end how that went.

pub mod facts;
pub(crate) mod output;
pub mod shell;
pub(crate) mod summary;
pub(crate) mod words;

use std::io::{self, Write};

use subunit_core::{run::Judge, sink::Sink};
pub use summary::Shown;
pub use words::others;

/// A report, as a row of the table in `lib.rs`. The row stands beside the writer; the flag of `subunit report`, the verb
/// and the lists of the tests come from it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The verb that writes it: `to-NAME`.
    pub verb: &'static str,
    /// The help of its flag.
    pub flag: &'static str,
    /// What the verb writes, after the word "write".
    pub title: &'static str,
    /// What else the verb's long help says.
    pub details: &'static str,
    /// Two commands for the end of the verb's help, which the tests run; none where the verb is not made of the row,
    /// because it has flags of its own.
    pub examples: &'static [&'static str],
    /// Whether it is for the log of a job: its flag needs no path.
    pub in_log: bool,
    /// Makes the writer, as it is where nothing else is asked for.
    pub open: for<'w> fn(Box<dyn Write + 'w>) -> Box<dyn Report + 'w>,
}

impl Row {
    /// A report that goes to a file, by a verb that is not made of the row.
    pub(crate) const fn new(
        verb: &'static str,
        flag: &'static str,
        open: for<'w> fn(Box<dyn Write + 'w>) -> Box<dyn Report + 'w>,
    ) -> Self {
        Self { verb, flag, title: "", details: "", examples: &[], in_log: false, open }
    }

    /// The word for the report, in flags.
    pub const fn name(&self) -> &'static str {
        self.verb.split_at("to-".len()).1
    }

    /// Whether the verb is made of the row.
    pub const fn has_verb(&self) -> bool {
        !self.examples.is_empty()
    }
}

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

/// Makes a writer a [`Report`]: whether it holds text, and the names of what else it has.
macro_rules! report {
    ($writer:ident: $holds_text:literal $(, $remark:ident)? $(=> $set_judge:ident)?) => {
        impl<W: std::io::Write> $crate::report::Report for $writer<W> {
            fn holds_text(&self) -> bool {
                $holds_text
            }

            $(fn remark(&self) -> Option<String> {
                self.$remark()
            })?

            $(fn $set_judge(&mut self, judge: &subunit_core::run::Judge) {
                Self::$set_judge(self, judge);
            })?

            fn result(self: Box<Self>) -> std::io::Result<()> {
                self.into_result()?.flush()
            }
        }
    };
}
pub(crate) use report;

/// Gives a writer of a `summary` to `out`, as a run has ended, its setters and its result; where its tests that did not
/// fail can be chosen, by that name.
macro_rules! summary_writer {
    ($writer:ident $(=> $with_shown:ident)?) => {
        impl<W: std::io::Write> $writer<W> {
            $(
            /// What is told of tests that did not fail.
            #[must_use]
            pub fn $with_shown(mut self, shown: $crate::report::Shown) -> Self {
                self.summary.shown = shown;
                self
            }
            )?

            /// What the run is judged by; told before any event.
            pub fn set_judge(&mut self, judge: &subunit_core::run::Judge) {
                self.summary.set_judge(judge);
            }

            /// The output, or the first error there was with it. Nothing is written after an error.
            pub fn into_result(self) -> std::io::Result<W> {
                self.out.into_result()
            }
        }
    };
}
pub(crate) use summary_writer;
