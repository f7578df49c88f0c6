//! What the elements of a report are.

use super::attempt::Kind;

/// What an element is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Role {
    /// Not one of the others: what it holds is taken as if it were not there.
    #[default]
    Unknown,
    Suite,
    Case,
    Attempt(Kind),
    /// `failure`, `error`, `skipped`.
    Result,
    /// Output, under the name of its file.
    Output(&'static str),
    Properties,
    Property,
    /// A part of the text around it.
    Trace,
    /// Not meant as an element: the text around it was not escaped.
    Markup,
}

impl Role {
    pub(super) fn of(name: &str, in_case: bool) -> Self {
        match name {
            "testsuites" | "testsuite" => Self::Suite,
            "testcase" => Self::Case,
            "failure" | "error" | "skipped" => Self::Result,
            "flakyFailure" | "flakyError" if in_case => Self::Attempt(Kind::Flaky),
            "rerunFailure" | "rerunError" if in_case => Self::Attempt(Kind::Rerun),
            "system-out" => Self::Output("stdout"),
            "system-err" => Self::Output("stderr"),
            "properties" => Self::Properties,
            "property" => Self::Property,
            _ => Self::Unknown,
        }
    }

    /// What it is in an element that holds text.
    pub(super) fn within_text(name: &str) -> Self {
        match name {
            "stackTrace" => Self::Trace,
            "system-out" => Self::Output("stdout"),
            "system-err" => Self::Output("stderr"),
            "property" => Self::Property,
            _ => Self::Markup,
        }
    }
}

/// An open element.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame {
    pub(super) role: Role,
    /// Its text belongs to a file.
    pub(super) file: bool,
    /// The file is its own.
    pub(super) begins_file: bool,
    /// It closed itself.
    pub(super) is_empty: bool,
}
