//! Formats other than subunit v2: one file each, readers and writers, knowing nothing of the command.

pub mod automake;
pub mod cargo;
pub mod clock;
pub mod ctrf;
pub mod dejagnu;
mod dotnet;
pub mod emit;
pub mod gojson;
mod json_line;
pub mod jsonl;
pub mod junit;
pub mod libtest;
pub mod lines;
pub mod lit;
#[cfg(test)]
mod log;
pub mod nunit;
mod open;
mod push;
pub mod reportlog;
mod rust_output;
pub mod tap;
pub mod teamcity;
pub mod time;
pub mod trx;
pub mod xml;
pub mod xunit;

use subunit_core::sink::{Flow, Sink};

/// Reads one format from bytes that arrive in pieces, and pushes events into a sink.
///
/// A reader pushes what it knows as soon as it knows it, and its events do not depend on how the input
/// was cut. Bytes that are not the format's go to [`Sink::text`]; nothing vanishes. It gives events
/// the times that the input names and no others; who wants times of arrival fills them in behind it.
pub trait FormatReader {
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
