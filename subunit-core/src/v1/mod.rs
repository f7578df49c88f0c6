//! Version 1 of the protocol: lines such as `test: a` and `success: a`, both ways.
//!
//! [`Parser`] reads it and pushes the same events into a [`Sink`](crate::sink::Sink) that a stream of
//! version 2 gives; [`Writer`] is a sink that writes it. Source: the protocol's section "Version 1", and
//! what python-subunit 1.4.6 does with it.
//!
//! ```
//! use subunit_core::{sink::{Sink, Summary}, v1::Parser};
//!
//! let (mut parser, mut summary) = (Parser::new(), Summary::new());
//! for piece in [&b"test: a\nsucc"[..], b"ess: a\n"] {
//!     parser.feed(piece, &mut summary);
//! }
//! parser.finish(&mut summary);
//! summary.finish();
//! assert_eq!(summary.counts().success, 1);
//! ```

mod current_test;
mod details;
mod held;
mod line;
mod mime;
mod out;
mod parser;
mod tags;
mod time;
mod writer;

pub use line::{Hint, hint};
pub use parser::Parser;
pub use writer::Writer;
