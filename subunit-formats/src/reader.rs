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

/// Gives a public type a reader inside, which is made so.
macro_rules! public_reader {
    ($(#[$meta:meta])* $name:ident($reader:ty) = $new:expr) => {
        $(#[$meta])*
        pub struct $name($reader);

        impl $name {
            /// Before the first byte.
            pub fn new() -> Self {
                Self($new)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl $crate::reader::FormatReader for $name {
            fn feed(
                &mut self,
                bytes: &[u8],
                sink: &mut dyn subunit_core::sink::Sink,
            ) -> subunit_core::sink::Flow {
                self.0.feed(bytes, sink)
            }

            fn settle(
                &mut self,
                sink: &mut dyn subunit_core::sink::Sink,
            ) -> subunit_core::sink::Flow {
                self.0.settle(sink)
            }

            fn finish(
                &mut self,
                sink: &mut dyn subunit_core::sink::Sink,
            ) -> subunit_core::sink::Flow {
                self.0.finish(sink)
            }
        }
    };
}
pub(crate) use public_reader;
