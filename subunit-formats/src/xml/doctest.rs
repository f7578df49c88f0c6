//! The XML of doctest (`-r=xml`), for C++.
//!
//! By doctest 2.4.9.
//!
//! * Ids are `suite: name`, as on the console. What doctest calls passed passes, also where assertions failed that may.
//! * What tests print stands between the elements of their test cases, and is their `stdout`.
//! * A list of test cases has no results.
//! * `OverallResultsTestCases` must be what was read. A program that an `exit` ended has none.

use subunit_core::{
    Status,
    conventions::{REASON, STDOUT},
};

use crate::{
    events::{
        clock::seconds,
        reported::{DocumentRun, Reported},
        tally::difference,
    },
    format::{Row, Signs},
    text::xml::Element,
    xml::reader::{self, EndedElement, Path, XmlReport, tell},
};

/// The XML of doctest.
pub(crate) const ROW: Row = Row {
    name: "doctest-xml",
    title: "the XML of doctest",
    signs: Signs { roots: &["<doctest"], ..Signs::NONE },
    ..Row::document(reader::reader::<Doctest>)
};

/// What is known of a program. Memory: one test case.
#[derive(Default)]
struct Doctest {
    suite: String,
    case: Option<Case>,
    /// The assertion that is read, in words, and whether it failed.
    assertion: String,
    has_failed: bool,
    totals: Option<[Option<u64>; 3]>,
}

struct Case {
    reported: Reported,
    subcases: Vec<String>,
    /// What the test case is expected to do, by its attributes.
    expected: String,
    is_skipped: bool,
    succeeded: Option<bool>,
}

impl XmlReport for Doctest {
    const NAME: &'static str = "doctest report";
    const ROOTS: &'static [&'static str] = &["doctest"];

    fn start(&mut self, element: &Element, _path: &Path, _run: &mut DocumentRun<'_, '_>) {
        let count = |key: &str| element.attribute(key).and_then(|count| count.parse().ok());
        let text = |key: &str| element.attribute(key).unwrap_or_default();
        match element.name() {
            "TestSuite" => text("name").clone_into(&mut self.suite),
            "TestCase" => self.case = Some(Case::of(element, &self.suite)),
            "SubCase" => self.with(|case| case.subcases.push(text("name").to_owned())),
            "Expression" | "Message" | "Exception" => {
                let kind = element.first_of(&["type"]).unwrap_or_else(|| element.name());
                let place = format!("{}:{}", text("filename"), text("line"));
                self.assertion = format!("{}: {kind}", place.trim_matches(':'));
                self.has_failed = match element.name() {
                    "Expression" => text("success") == "false" && !kind.starts_with("WARN"),
                    "Message" => kind != "WARNING",
                    _ => true,
                };
            }
            "OverallResultsAsserts" => {
                let succeeded = text("test_case_success") == "true";
                let took = element.attribute("duration").and_then(|took| took.parse().ok());
                self.with(|case| {
                    case.succeeded = Some(succeeded);
                    case.reported.duration = took.and_then(seconds);
                });
            }
            "OverallResultsTestCases" if element.attribute("unskipped").is_none() => {
                self.totals = Some([count("successes"), count("failures"), count("skipped")]);
            }
            "OverallResultsTestCases" => self.totals = Some([None; 3]),
            _ => {}
        }
    }

    fn end(&mut self, ended: EndedElement<'_>, path: &Path, run: &mut DocumentRun<'_, '_>) {
        match ended.name {
            "TestSuite" => self.suite.clear(),
            "TestCase" => {
                if let Some(mut case) = self.case.take() {
                    case.reported.file(STDOUT, ended.text.trim_ascii_end());
                    case.end(ended.closed, run);
                }
            }
            "SubCase" => self.with(|case| _ = case.subcases.pop()),
            "Original" | "Expanded" | "Text" | "Info" | "ExpectedException" => {
                self.assertion.push_str("\n  ");
                self.assertion.push_str(&ended.trimmed());
            }
            "Exception" if path.parent() == "Expression" => {
                self.assertion.push_str("\n  ");
                self.assertion.push_str(&ended.trimmed());
            }
            "Expression" | "Message" | "Exception" => {
                let mut said = std::mem::take(&mut self.assertion);
                if ended.name == "Exception" {
                    said = format!("{said}\n  {}", ended.trimmed());
                }
                let name = if self.has_failed { "failure" } else { "message" };
                self.with(|case| {
                    let subcases = case.subcases.iter().map(|it| format!("{it} / "));
                    let subcases: String = subcases.collect();
                    case.reported.file(name, format!("{subcases}{}", said.trim()));
                });
            }
            _ => {}
        }
    }

    fn whole(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let counts = run.counts();
        let Some([successes, failures, skipped]) = std::mem::take(self).totals else {
            return Some("it has no OverallResultsTestCases".to_owned());
        };
        // What the command line did not choose is counted, and not always listed.
        difference([
            ("successes", successes, counts.passed),
            ("failures", failures, counts.failed),
            ("skipped", skipped.filter(|skipped| *skipped < counts.skipped), counts.skipped),
        ])
    }
}

impl Doctest {
    fn with(&mut self, act: impl FnOnce(&mut Case)) {
        if let Some(case) = &mut self.case {
            act(case);
        }
    }
}

impl Case {
    fn of(element: &Element, suite: &str) -> Self {
        let suite = element.first_of(&["testsuite"]).unwrap_or(suite);
        let name = element.attribute("name").unwrap_or_default();
        let id = if suite.is_empty() { name.to_owned() } else { format!("{suite}: {name}") };
        let keys = ["should_fail", "may_fail", "expected_failures", "timeout"];
        let expected = keys.iter().filter_map(|key| Some((key, element.attribute(key)?)));
        let expected: Vec<_> = expected.map(|(key, value)| format!("{key}={value}")).collect();
        Self {
            reported: Reported::new(id, Status::Fail),
            subcases: Vec::new(),
            expected: expected.join(" "),
            is_skipped: element.attribute("skipped") == Some("true"),
            succeeded: None,
        }
    }

    fn end(mut self, closed: bool, run: &mut DocumentRun<'_, '_>) {
        let status = match self.succeeded {
            Some(true) => Status::Success,
            Some(false) => Status::Fail,
            None if self.is_skipped => Status::Skip,
            None if closed && !self.reported.has_files() => return run.exists(&self.reported),
            None => Status::Fail,
        };
        self.reported.set_status(status);
        if status == Status::Fail && closed && !self.reported.has_files() {
            let reason = format!("it failed, and no assertion did: {}", self.expected);
            self.reported.file(REASON, reason.trim_end_matches([' ', ':']));
        }
        tell(self.reported, closed, run);
    }
}
