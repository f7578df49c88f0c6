//! A test that runs.

use subunit_core::TagsBuf;

use crate::events::{clock::SyntheticClock, push::Push};

/// A test that runs.
#[derive(Clone, Debug, Default)]
pub(super) struct GoTest {
    pub(super) package: String,
    /// Whether it is a benchmark: these end without an event of their own.
    pub(super) benchmark: bool,
    pub(super) tags: TagsBuf,
    pub(super) stdout: bool,
    pub(super) traceback: bool,
    /// The last line of output.
    pub(super) last: String,
    /// The reader's clock when it began.
    pub(super) start: SyntheticClock,
}

impl GoTest {
    /// Its name in the package.
    pub(super) fn name<'t>(&self, id: &'t str) -> &'t str {
        let name = id.strip_prefix(&*self.package).unwrap_or(id);
        name.strip_prefix('.').filter(|_| !self.package.is_empty()).unwrap_or(name)
    }

    /// Says that no more of a test's files will come.
    pub(super) fn end_files(&self, id: &str, push: &mut Push<'_>) {
        for (open, name) in [(self.stdout, "stdout"), (self.traceback, "traceback")] {
            if open {
                push.file(Some(id), name, b"", true);
            }
        }
    }
}
