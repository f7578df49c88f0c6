//! Test cases: how they begin and end, and what they are called.

use std::time::Duration;

use subunit_core::{Status, Timestamp};

use super::{Frame, Outcome, State, case::Case, suites::LONGEST_NAME};
use crate::{
    events::clocked::ClockedPush,
    junit::values::{self, CLASS_SEPARATOR},
    text::xml::Element,
};

/// The attributes that name the file of a test case.
const FILE: [&str; 2] = ["file", "filepath"];

impl State {
    pub(super) fn start_case(&mut self, element: &Element) -> Frame {
        if let Some(case) = self.case.take() {
            self.outer.push((case, std::mem::take(&mut self.outcome)));
        }
        let mut case = Case::new(&self.case_id(element));
        (case.main.start, case.main.duration) = times(element);
        for (tag, names) in [("file", FILE), ("line", ["line", "lineno"])] {
            if let Some(value) = element.first_of(&names) {
                case.tag(&format!("{tag}:{}", values::cut(value, LONGEST_NAME)));
            }
        }
        self.outcome = Outcome::of_attributes(element);
        self.case = Some(case);
        Frame::default()
    }

    /// The id of a test case: other than that of the same id in another suite or file.
    fn case_id(&mut self, element: &Element) -> String {
        if let Some(id) = element.first_of(&["subunit-id"]) {
            return values::unescape_id(id);
        }
        let suite = self.suites.name();
        let (class, name) = class_and_name(element, suite);
        let id = match (class, name) {
            (Some(class), Some(name)) => format!("{class}{CLASS_SEPARATOR}{name}"),
            (None, Some(name)) => name.to_owned(),
            (Some(class), None) => class.to_owned(),
            (None, None) => suite.unwrap_or("testcase").to_owned(),
        };
        let place = self.suites.place(class);
        let file = element.first_of(&FILE).map(|file| values::cut(file, LONGEST_NAME));
        let file = file.map_or_else(String::new, |file| format!("{file}{CLASS_SEPARATOR}"));
        self.ids.of(id, [&place, &file])
    }

    pub(super) fn end_case(&mut self, closed: bool, push: &mut ClockedPush<'_>) {
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
    let duration = ["time", "duration"].iter().find_map(|name| element.attribute(name));
    (start, duration.and_then(values::seconds))
}

/// The class name of a test case in a suite of this name, and its name: see the documentation of the format.
/// Blanks around them are no part of them; where both are the same, as CTest and jest-junit have it, it is the
/// name.
fn class_and_name<'a>(
    element: &'a Element,
    suite: Option<&'a str>,
) -> (Option<&'a str>, Option<&'a str>) {
    let name = element.attribute("name").map(str::trim_ascii).filter(|name| !name.is_empty());
    let class = match element.attribute("classname").map(str::trim_ascii) {
        None => suite,
        Some("") => None,
        given => given,
    };
    (class.filter(|class| Some(*class) != name), name)
}
