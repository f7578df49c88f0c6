//! What readers and writers do with bytes: lines, values of JSON, times, digits.

pub(crate) mod digits;
pub(crate) mod json_line;
pub mod lines;
pub(crate) mod plain;
pub(crate) mod room;
pub(crate) mod rust_output;
pub mod time;
