//! What the XML reports of .NET have in common: elements that are test cases, with parts in them that are
//! files, in containers that can fail by themselves.

mod definitions;
mod dialect;
mod held;
pub mod nunit;
mod open;
mod reader;
pub mod trx;
pub mod xunit;

/// Gives the type `name` a reader of `dialect` inside.
macro_rules! dialect_reader {
    ($(#[$doc:meta])* $name:ident, $dialect:expr) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name($crate::dotnet::reader::Reader);

        impl $name {
            /// Before the first byte.
            pub fn new() -> Self {
                Self($crate::dotnet::reader::Reader::new(&$dialect))
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

            fn finish(
                &mut self,
                sink: &mut dyn subunit_core::sink::Sink,
            ) -> subunit_core::sink::Flow {
                self.0.finish(sink)
            }

            fn settle(
                &mut self,
                sink: &mut dyn subunit_core::sink::Sink,
            ) -> subunit_core::sink::Flow {
                self.0.settle(sink)
            }
        }
    };
}
use dialect_reader;
