//! Properties: of the run, and of a test case its tags, those that its source had, and whether its failure is new.

use subunit_core::run::Mark;

use super::attributes::attribute_of_bytes;
use crate::junit::escape::{Ansi, Position, escape_into};

/// Appends those of the run to `xml`.
pub(super) fn of_run(xml: &mut Vec<u8>, properties: &[(String, String)]) {
    if properties.is_empty() {
        return;
    }
    xml.extend_from_slice(b"<properties>\n");
    for (name, value) in properties {
        property(xml, name.as_bytes(), value.as_bytes());
    }
    xml.extend_from_slice(b"</properties>\n");
}

/// Tags, and `lines` as [`name_and_value`] reads them; and whether the failure is new.
pub(super) fn of_case<'t>(
    xml: &mut Vec<u8>,
    tags: impl Iterator<Item = &'t [u8]>,
    lines: &[u8],
    mark: Option<Mark>,
) {
    // That an attempt was the first one is nothing to tell of a test that was tried once.
    let known =
        |tag: &[u8]| tag.starts_with(b"file:") || tag.starts_with(b"line:") || tag == b"attempt-1";
    let tags = tags.filter(|tag| !known(tag));
    let start = xml.len();
    xml.extend_from_slice(b"<properties>\n");
    let empty = xml.len();
    for tag in tags {
        xml.extend_from_slice(b"<property name=\"tag\" value=\"");
        escape_into(xml, tag, Ansi::Strip, Position::Attribute);
        xml.extend_from_slice(b"\"/>\n");
    }
    for (name, value) in lines.split(|byte| *byte == b'\n').filter_map(name_and_value) {
        property(xml, &name, &value);
    }
    if let Some(mark) = mark {
        property(xml, b"baseline", mark.word().as_bytes());
    }
    if xml.len() == empty {
        return xml.truncate(start);
    }
    xml.extend_from_slice(b"</properties>\n");
}

/// Appends a property to `xml`.
fn property(xml: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    xml.extend_from_slice(b"<property");
    attribute_of_bytes(xml, "name", name);
    attribute_of_bytes(xml, "value", value);
    xml.extend_from_slice(b"/>\n");
}

/// A line `name=value` of the file `properties`, as the reader writes it.
fn name_and_value(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let at = memchr::memchr(b'=', line)?;
    Some((unescape(&line[..at]), unescape(&line[at + 1..])))
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let (mut out, mut bytes) = (Vec::with_capacity(text.len()), text.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => out.extend(bytes.next().map(|byte| if *byte == b'n' { b'\n' } else { *byte })),
            byte => out.push(*byte),
        }
    }
    out
}
