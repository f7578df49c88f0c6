//! What was printed, and other files, as the output of a test case or of a suite.

use std::collections::HashSet;

use subunit_core::{
    conventions::{STDERR, STDOUT},
    run::{Output, cause::is_text},
    sink::{Attachment, TestRecord},
};

use super::attachments::ARTIFACTS;
use crate::junit::values::CLASS_SEPARATOR;

/// What stands in the elements for output.
pub(super) struct Printed {
    pub(super) out: Vec<u8>,
    pub(super) err: Vec<u8>,
    /// How many bytes are missing.
    pub(super) omitted: u64,
    /// Where files are, after `out`.
    pub(super) markers: Vec<u8>,
}

impl Printed {
    /// What the test printed, its other files, and where those are that are on disk: those of `others`
    /// too, since services look for them in the case's own output only.
    ///
    /// All but the files `used`; `None` where there is nothing. Markers of files are looked for in output that has
    /// `room`: in what is longer, they may be left out.
    pub(super) fn of_case(
        record: &TestRecord,
        used: &[&str],
        others: &[TestRecord],
        room: usize,
    ) -> Option<Self> {
        if record.attachments.is_empty() && record.omitted == 0 && others.is_empty() {
            return None;
        }
        let (mut out, mut err, mut left_out) = (Vec::new(), Vec::new(), 0);
        for file in &record.attachments {
            let name = file.name.as_str();
            left_out += file.omitted;
            if used.contains(&name) || name == "properties" {
                continue;
            }
            match name {
                STDOUT => out.extend_from_slice(&file.bytes),
                STDERR => err.extend_from_slice(&file.bytes),
                ARTIFACTS => {}
                _ => titled(&mut out, &file.name, file),
            }
        }
        let files = [record].into_iter().chain(others).flat_map(|record| &record.attachments);
        let paths = files.filter(|file| file.name == ARTIFACTS);
        let paths = paths.flat_map(|file| file.bytes.split(|byte| *byte == b'\n'));
        let shown = if out.len() <= room { &out[..] } else { &[] };
        let markers = markers(shown, paths.filter(|path| !path.is_empty()));
        let without_file = record.omitted.saturating_sub(left_out);
        if !markers.is_empty() {
            end_line(&mut out);
        }
        Some(Self { out, err, omitted: left_out + without_file, markers })
    }

    /// What was printed in a suite, or by no test at all: `stdout` and `stderr` as they are, if there is but one of
    /// each, all else under titles.
    pub(super) fn of_suite(suite: &str, outputs: &[&Output], omitted: u64) -> Self {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        for output in outputs {
            let name = output.name.as_str();
            let is_its = |owner: &str| {
                owner
                    .strip_suffix(suite)
                    .is_some_and(|o| o.is_empty() || o.ends_with(CLASS_SEPARATOR))
            };
            let own = name.rsplit_once(' ').filter(|(owner, _)| is_its(owner));
            let stream = own.map_or(name, |(_, stream)| stream);
            let is_alone = output.route_code.is_none() || name != stream;
            match stream {
                STDOUT if is_alone => out.extend_from_slice(&output.bytes()),
                STDERR if is_alone => err.extend_from_slice(&output.bytes()),
                _ => titled(&mut out, &output.title(), &output.to_attachment()),
            }
        }
        Self { out, err, omitted, markers: Vec::new() }
    }
}

/// The markers by which Jenkins, GitLab and Azure find files, unless the output has them already.
fn markers<'p>(out: &[u8], paths: impl Iterator<Item = &'p [u8]>) -> Vec<u8> {
    let (mut markers, mut seen) = (Vec::new(), HashSet::new());
    for path in paths.filter(|path| seen.insert(*path)) {
        let marker = [b"[[ATTACHMENT|", path, b"]]\n"].concat();
        if memchr::memmem::find(out, marker.trim_ascii_end()).is_none() {
            markers.extend_from_slice(&marker);
        }
    }
    markers
}

/// A file that reports have no place for, in the output.
fn titled(out: &mut Vec<u8>, title: &str, file: &Attachment) {
    end_line(out);
    let length = file.bytes.len() as u64 + file.omitted;
    if is_text(file) {
        out.extend_from_slice(format!("--- {title} ---\n").as_bytes());
        out.extend_from_slice(&file.bytes);
        return end_line(out);
    }
    let mime_type = file.mime_type.as_deref().unwrap_or_default();
    let line = format!("--- {title} ({mime_type}, {length} bytes) ---\n");
    out.extend_from_slice(line.as_bytes());
}

/// Ends the last line, unless it has ended.
pub(super) fn end_line(out: &mut Vec<u8>) {
    if out.last().is_some_and(|last| *last != b'\n') {
        out.push(b'\n');
    }
}
