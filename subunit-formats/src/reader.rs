//! What reads a format.

use subunit_core::sink::{Flow, Sink};

/// Reads one format from bytes that arrive in pieces, and pushes events into a sink.
///
/// A reader pushes what it knows as soon as it knows it, and its events do not depend on how the input
/// was cut. Bytes that are not the format's go to [`Sink::text`]; nothing vanishes. It gives events
/// the times that the input names and no others; who wants times of arrival fills them in after it.
pub trait FormatReader: Send {
    /// Takes the next bytes.
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow;

    /// The input has fallen silent, though it may go on: reports what was held back because something
    /// may have followed it. For drivers of live inputs; whatever does follow is reported on its own.
    fn settle(&mut self, _sink: &mut dyn Sink) -> Flow {
        Flow::Continue
    }

    /// The input has ended: reports what was left open. Does not call [`Sink::finish`].
    fn finish(&mut self, sink: &mut dyn Sink) -> Flow;
}
