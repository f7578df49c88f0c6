//! What readers and writers do with bytes: lines, values of JSON, tokens of XML, times, digits.

pub(crate) mod digits;
pub(crate) mod fixed_buffer;
pub(crate) mod json_line;
pub(crate) mod line_reader;
pub mod lines;
pub(crate) mod paths;
pub(crate) mod rust_output;
pub mod time;
pub(crate) mod verbatim;
pub mod xml;
