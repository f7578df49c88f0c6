//! The test that is open.

use std::borrow::Cow;

use super::{details::Report, line::clean, tags::TagLines};

/// A test that is open.
#[derive(Clone, Debug, Default)]
pub(super) struct CurrentTest {
    pub(super) id: String,
    /// The label in the lines, if that cannot be an id.
    pub(super) label: Option<Vec<u8>>,
    pub(super) tags: TagLines,
    pub(super) report: Option<Report>,
}

impl CurrentTest {
    /// Makes it a test of which only the label is known.
    pub(super) fn begin(&mut self, label: &[u8], tags: &TagLines) {
        let id = clean(label);
        self.id.clear();
        self.id.push_str(&id);
        self.label = matches!(id, Cow::Owned(_)).then(|| label.to_vec());
        self.tags.assign(tags);
        self.report = None;
    }

    pub(super) fn label(&self) -> &[u8] {
        self.label.as_deref().unwrap_or(self.id.as_bytes())
    }
}
