//! Test cases: how they begin and end, and what they are called.

use std::time::Duration;

use subunit_core::{Status, Timestamp};

use super::{Frame, LONGEST_NAME, Outcome, State};
use crate::formats::{
    junit::{
        case::{Case, Push},
        values::{self, JOINT},
    },
    xml::Element,
};

impl State {
    pub(super) fn start_case(&mut self, element: &Element) -> Frame {
        if let Some(case) = self.case.take() {
            self.outer.push((case, std::mem::take(&mut self.outcome)));
        }
        let mut case = Case::new(&case_id(element, self.suites.name()));
        (case.main.start, case.main.duration) = times(element);
        for (tag, names) in [("file", ["file", "filepath"]), ("line", ["line", "lineno"])] {
            if let Some(value) = element.first_of(&names) {
                case.tag(&format!("{tag}:{}", values::cut(value, LONGEST_NAME)));
            }
        }
        self.outcome = Outcome::of_attributes(element);
        self.case = Some(case);
        Frame::default()
    }

    pub(super) fn end_case(&mut self, closed: bool, push: &mut Push<'_>) {
        let Some(mut case) = self.case.take() else {
            return;
        };
        let status = self.outcome.status();
        let status = if closed || status.is_failure() {
            status
        } else {
            case.tag("incomplete");
            case.file("reason", b"no result: the report ends within this test case", push);
            Status::Fail
        };
        if status.is_failure() && !self.outcome.has_failure() {
            self.suites.read_failure();
        }
        case.finish(status, push);
        self.outcome = Outcome::default();
        if let Some((case, outcome)) = self.outer.pop() {
            (self.case, self.outcome) = (Some(case), outcome);
        }
    }
}

/// When a test case, or an attempt at it, began, and how long it took.
pub(super) fn times(element: &Element) -> (Option<Timestamp>, Option<Duration>) {
    let start = element.attribute("timestamp").and_then(values::timestamp);
    (start, element.attribute("time").and_then(values::seconds))
}

/// The id of a test case in a suite of this name: see the documentation of the format.
fn case_id(element: &Element, suite: Option<&str>) -> String {
    if let Some(id) = element.first_of(&["subunit-id"]) {
        return values::unescape_id(id);
    }
    let name = element.first_of(&["name"]);
    let class = match element.attribute("classname") {
        None => suite,
        Some("") => None,
        given => given,
    };
    match (class, name) {
        (Some(class), Some(name)) => format!("{class}{JOINT}{name}"),
        (None, Some(name)) => name.to_owned(),
        (Some(class), None) => class.to_owned(),
        (None, None) => suite.unwrap_or("testcase").to_owned(),
    }
}
