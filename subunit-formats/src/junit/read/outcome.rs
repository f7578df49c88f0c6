//! What a test case says of its outcome.

use subunit_core::Status;

use crate::text::xml::Element;

/// What a test case says of its outcome, and the result that is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    failed: bool,
    skipped: bool,
    /// A failure was expected.
    expected: bool,
    /// A failure would do for it: what is marked as to be done is expected to fail.
    todo: bool,
    unexpected_success: bool,
    /// CTest wanted to run it and could not: see [`Outcome::of_attributes`].
    could_not_run: bool,
    /// CTest says that it did not run.
    not_run: bool,
    attributes: Option<Status>,
    message: String,
    kind: String,
    /// The file of the result that is being read.
    pub(super) file: String,
}

impl Outcome {
    /// What the attributes of a test case say: `status` of GoogleTest and CTest, `result` of GoogleTest
    /// and QtTest.
    ///
    /// CTest (cmCTestTestHandler.cxx) writes `notrun` and `skipped` both for a test that asked to be skipped
    /// and for one that it failed to start. Only the message tells them apart, and CTest fails for the latter.
    pub(super) fn of_attributes(element: &Element) -> Self {
        let of = |word: &str| match word.to_ascii_lowercase().as_str() {
            "notrun" | "disabled" | "skipped" | "skip" | "suppressed" | "ignored" | "pending" => {
                Some(Status::Skip)
            }
            "fail" | "failed" | "failure" | "error" | "errored" => Some(Status::Fail),
            "xfail" => Some(Status::ExpectedFailure),
            "xpass" => Some(Status::UnexpectedSuccess),
            _ => None,
        };
        let is_ctest = element.attribute("result").is_none()
            && element.attribute("name") == element.attribute("classname");
        let said = ["status", "result"].map(|name| element.attribute(name).and_then(of));
        let failed = said.contains(&Some(Status::Fail)).then_some(Status::Fail);
        let not_run = is_ctest && element.attribute("status") == Some("notrun");
        Self { attributes: failed.or(said[0]).or(said[1]), not_run, ..Self::default() }
    }

    /// Takes note of a `failure`, `error` or `skipped`.
    pub(super) fn note(&mut self, element: &Element) {
        let kind = element.attribute("type").unwrap_or_default().to_ascii_lowercase();
        if element.name() == "skipped" {
            self.skipped = true;
            self.expected |= kind.ends_with("xfail") || kind.contains("expectedfailure");
            self.todo |= kind == "todo";
            let message = element.attribute("message").unwrap_or_default();
            // Catch2 says so of what `[!mayfail]` and `[!shouldfail]` allow to fail, and did.
            self.expected |= message == "TEST_CASE tagged with !mayfail";
            self.could_not_run |=
                self.not_run && !message.is_empty() && !message.starts_with("SKIP_");
        } else if kind.ends_with("unexpectedsuccess") {
            self.unexpected_success = true;
        } else {
            self.failed = true;
        }
    }

    /// Whether a `failure` or an `error` was read, whatever became of it.
    pub(super) fn has_failure(&self) -> bool {
        self.failed || self.unexpected_success
    }

    pub(super) fn status(&self) -> Status {
        if self.failed {
            let expected = self.skipped && (self.expected || self.todo);
            return match self.attributes {
                _ if expected => Status::ExpectedFailure,
                Some(Status::UnexpectedSuccess) => Status::UnexpectedSuccess,
                _ => Status::Fail,
            };
        }
        if self.could_not_run {
            return Status::Fail;
        }
        if self.unexpected_success {
            return Status::UnexpectedSuccess;
        }
        match self.skipped {
            true if self.expected => Status::ExpectedFailure,
            true => Status::Skip,
            false => self.attributes.unwrap_or(Status::Success),
        }
    }

    /// A result begins: keeps what its attributes say until its text is known.
    pub(super) fn begin_text(&mut self, element: &Element) {
        element.attribute("message").unwrap_or_default().clone_into(&mut self.message);
        element.attribute("type").unwrap_or_default().clone_into(&mut self.kind);
    }

    /// The message and the type of the result that ends.
    pub(super) fn end_text(&mut self) -> (String, String) {
        (std::mem::take(&mut self.message), std::mem::take(&mut self.kind))
    }
}
