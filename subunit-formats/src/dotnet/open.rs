//! A test case of a report, and which of its files is being read.

use subunit_core::Status;

use crate::{events::clocked::ClockedPush, junit::Case};

/// A test case that is being read.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) case: Case,
    /// Its number, where its events are held.
    pub(super) number: Option<usize>,
    pub(super) name: String,
    pub(super) status: Option<Status>,
    /// The file that text was added to last.
    pub(super) file: Option<&'static str>,
}

impl Open {
    pub(super) fn begin_part(&mut self, file: Option<&'static str>, push: &mut ClockedPush<'_>) {
        let file = match (file, self.status) {
            (Some("failure"), Some(Status::Skip | Status::Success)) => Some("reason"),
            (file, _) => file,
        };
        if self.file == file {
            return self.case.text(b"\n", push);
        }
        if self.file.is_some() {
            self.case.end_file(push);
        }
        self.file = file;
        self.case.begin_file(file.unwrap_or("details"), push);
    }

    /// The case ends. Its name, if it failed.
    pub(super) fn end(&mut self, closed: bool, push: &mut ClockedPush<'_>) -> Option<String> {
        let mut case = std::mem::take(&mut self.case);
        if self.file.is_some() {
            case.end_file(push);
        }
        let status = match self.status {
            Some(status) if closed || status.is_failure() => status,
            _ => {
                case.tag("incomplete");
                case.file("reason", b"no result: the report has none for this test", push);
                Status::Fail
            }
        };
        let failed = status.is_failure().then(|| std::mem::take(&mut self.name));
        case.finish(status, push);
        failed
    }
}
