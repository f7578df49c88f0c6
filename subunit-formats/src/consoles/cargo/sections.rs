//! The sections after the tests of a program: whose output is in them.

use subunit_core::Status;

use super::{line::Line, output::Files};
use crate::events::{open_map::OpenMap, push::Push};

/// The sections, and the tests that wait for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Sections {
    /// Tests that failed and whose output may come.
    failed: OpenMap<Files>,
    /// Whose output comes now.
    body: Body,
}

#[derive(Clone, Debug, Default)]
enum Body {
    /// Lines are libtest's own.
    #[default]
    None,
    /// Between sections and bodies.
    Section,
    /// The output of a failed test.
    Failed(String),
    /// The output of another test.
    Passed(String),
}

impl Sections {
    /// Whether lines are theirs.
    pub(super) fn have_begun(&self) -> bool {
        !matches!(self.body, Body::None)
    }

    pub(super) fn begin(&mut self) {
        self.body = Body::Section;
    }

    /// A test failed whose output may come.
    pub(super) fn hold(&mut self, id: &str, files: Files) {
        self.failed.insert(id, files);
    }

    /// A line, with what gives the id of a test.
    pub(super) fn line(
        &mut self,
        line: Line,
        bytes: &[u8],
        id: impl FnOnce(&str) -> String,
        push: &mut Push<'_>,
    ) {
        match line {
            Line::Body(name) => {
                self.end_body(push);
                let id = id(&name);
                let failed = self.failed.contains(&id);
                self.body = if failed { Body::Failed(id) } else { Body::Passed(id) };
                return;
            }
            Line::Section => {
                self.end_body(push);
                return;
            }
            _ => {}
        }
        match &self.body {
            Body::Failed(id) => {
                if let Some(files) = self.failed.get_mut(id) {
                    files.push_line(id, bytes, push);
                }
            }
            Body::Passed(id) => push.file(None, &format!("{id} stdout"), bytes, false),
            // The list of names.
            _ if bytes.starts_with(b"    ") => {}
            _ => push.text(bytes),
        }
    }

    fn end_body(&mut self, push: &mut Push<'_>) {
        match std::mem::replace(&mut self.body, Body::Section) {
            Body::Failed(id) => {
                if let Some(files) = self.failed.remove(&id) {
                    files.end(&id, push);
                    push.status(&id, Status::Fail, files.stop);
                }
            }
            Body::Passed(id) => push.file(None, &format!("{id} stdout"), b"", true),
            Body::None | Body::Section => {}
        }
    }

    /// Reports the failed tests whose output has not come.
    pub(super) fn end(&mut self, push: &mut Push<'_>) {
        self.end_body(push);
        self.body = Body::None;
        for (id, files) in self.failed.take_all() {
            files.end(&id, push);
            push.status(&id, Status::Fail, files.stop);
        }
    }
}
