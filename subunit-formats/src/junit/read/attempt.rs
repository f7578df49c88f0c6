//! One attempt at a test case, and the files that are held of it.

use std::time::Duration;

use memchr::memmem;
use subunit_core::Timestamp;

use crate::events::emit::{TEXT, URI_LIST};

/// How many bytes of a test case are held until its end, so that its attempts can be put in order;
/// what is beyond goes out as it comes.
pub(super) const HELD: usize = 1 << 20;
/// What a file takes up besides its content.
pub(super) const FILE_COST: usize = HELD / 64;

/// The file that names artifacts on disk, one path on a line.
pub(super) const ARTIFACTS: &str = "artifact-path";

/// Which attempt at the test something belongs to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The one that the case itself describes.
    #[default]
    Main,
    /// A failed one before it.
    Flaky,
    /// A failed one after it.
    Rerun,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Attempt {
    pub(crate) start: Option<Timestamp>,
    pub(crate) duration: Option<Duration>,
    pub(super) files: Vec<File>,
}

/// A file that is held, or is being read.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl File {
    pub(super) fn mime_type(&self) -> &'static str {
        if self.name == ARTIFACTS { URI_LIST } else { TEXT }
    }

    pub(super) fn cost(&self) -> usize {
        FILE_COST + self.name.len() + self.bytes.len()
    }
}

/// Appends the paths of the artifacts to `paths` that markers in the output name, as Jenkins, GitLab and Azure read
/// them: `[[ATTACHMENT|path]]`. Each with a newline after it.
pub(super) fn push_marked(paths: &mut Vec<u8>, files: &[File]) {
    for file in files.iter().filter(|file| is_output(&file.name)) {
        let mut rest = &file.bytes[..];
        while let Some(at) = memmem::find(rest, MARKER) {
            rest = &rest[at + MARKER.len()..];
            let Some(end) = memmem::find(rest, b"]]") else {
                break;
            };
            paths.extend_from_slice(&rest[..end]);
            paths.push(b'\n');
            rest = &rest[end..];
        }
    }
}

const MARKER: &[u8] = b"[[ATTACHMENT|";

fn is_output(name: &str) -> bool {
    name.starts_with("stdout") || name.starts_with("stderr")
}
