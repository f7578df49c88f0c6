//! How names, values and times stand in attributes.

use std::time::Duration;

use subunit_core::Timestamp;

use crate::{
    junit::escape::{Ansi, Position, escape_into, escape_str},
    text::{digits, time::Rfc3339},
};

/// Appends ` name="value"` to `xml`.
#[inline]
pub(super) fn attribute(xml: &mut Vec<u8>, name: &str, value: &str) {
    begin_attribute(xml, name);
    escape_str(xml, value, Ansi::Strip, Position::Attribute);
    xml.push(b'"');
}

/// As [`attribute`], with a value that may not be UTF-8.
pub(super) fn attribute_of_bytes(xml: &mut Vec<u8>, name: &str, value: &[u8]) {
    begin_attribute(xml, name);
    escape_into(xml, value, Ansi::Strip, Position::Attribute);
    xml.push(b'"');
}

/// Appends ` name="` to `xml`.
#[inline]
pub(super) fn begin_attribute(xml: &mut Vec<u8>, name: &str) {
    xml.push(b' ');
    xml.extend_from_slice(name.as_bytes());
    xml.extend_from_slice(b"=\"");
}

/// Appends ` time="seconds"` to `xml`, with three digits after the point, or with as many as there are.
pub(super) fn seconds_attribute(xml: &mut Vec<u8>, time: Duration) {
    xml.extend_from_slice(b" time=\"");
    digits::push(xml, time.as_secs());
    xml.push(b'.');
    let mut fraction = [b'0'; 9];
    digits::fill(&mut fraction, time.subsec_nanos());
    xml.extend_from_slice(&fraction[..fraction_width(time.subsec_nanos())]);
    xml.push(b'"');
}

/// Appends ` timestamp="time"` to `xml`: UTC, with three digits after the point or with as many as there are.
pub(super) fn time_attribute(xml: &mut Vec<u8>, time: Timestamp) {
    /// Where the digits after the point begin.
    const FRACTION: usize = 20;
    let text = Rfc3339(time).text();
    xml.extend_from_slice(b" timestamp=\"");
    xml.extend_from_slice(&text[..FRACTION + fraction_width(time.nanoseconds())]);
    xml.extend_from_slice(b"Z\"");
}

/// How many digits a fraction of a second takes: three, six or nine.
const fn fraction_width(nanoseconds: u32) -> usize {
    match (nanoseconds % 1_000_000, nanoseconds % 1000) {
        (0, _) => 3,
        (_, 0) => 6,
        _ => 9,
    }
}
