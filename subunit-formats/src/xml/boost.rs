//! The XML of Boost.Test: its log (`--log_format=XML`) and its report (`--report_format=XML`).
//!
//! By Boost 1.74. They are two documents, the report after the log, or in another place.
//!
//! * Ids are `suite/case` without the name of the module, which Boost takes after `--run_test`.
//! * An error in the log fails its test case, unless the report that follows says that it was expected.
//! * What tests print stands between the elements of the log, and is their `stdout`.
//! * A report that says that it failed needs a failure, and its number of failures must be what was read.

use std::collections::VecDeque;

use hashbrown::HashSet;
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

/// The XML of Boost.Test.
pub(crate) const ROW: Row = Row {
    name: "boost-xml",
    title: "the XML of Boost.Test",
    signs: Signs { roots: &["<TestLog", "<TestResult"], ..Signs::NONE },
    ..Row::document(reader::reader::<Boost>)
};

/// What is known of a program. Memory: a test case, those that failed by the log until the report says how they did, and the
/// names of the others.
#[derive(Default)]
struct Boost {
    suites: Vec<String>,
    case: Option<Reported>,
    failed: VecDeque<Reported>,
    told: HashSet<String>,
    /// What an entry of the log is, and where it stands.
    entry: String,
    /// What the report says of the module.
    said_failures: Option<u64>,
    said_failed: bool,
    in_log: bool,
}

impl XmlReport for Boost {
    const NAME: &'static str = "boost report";
    const ROOTS: &'static [&'static str] = &["TestLog", "TestResult"];

    fn start(&mut self, element: &Element, path: &Path, run: &mut DocumentRun<'_, '_>) {
        let text = |key: &str| element.attribute(key).unwrap_or_default();
        match element.name() {
            "TestLog" => self.in_log = true,
            "TestResult" => self.in_log = false,
            "TestSuite" => {
                if path.parent() == "TestResult" {
                    let failures = text("test_cases_failed").parse().ok();
                    self.said_failures = failures;
                    self.said_failed = !matches!(text("result"), "passed" | "skipped");
                }
                self.suites.push(text("name").to_owned());
            }
            "TestCase" if self.in_log => self.begin_case(element),
            "TestCase" => self.said(element, run),
            name @ ("Info" | "Message" | "Warning" | "Error" | "FatalError" | "Exception") => {
                self.entry = format!("{}:{}: {name}", text("file"), text("line"));
            }
            _ => {}
        }
    }

    fn end(&mut self, ended: EndedElement<'_>, path: &Path, run: &mut DocumentRun<'_, '_>) {
        match ended.name {
            "TestSuite" => _ = self.suites.pop(),
            "TestLog" => run.text(&ended.text),
            "TestCase" => self.end_case(&ended, run),
            "TestingTime" => {
                let micros = ended.trimmed().parse::<f64>().ok();
                if let Some(case) = &mut self.case {
                    case.duration = micros.and_then(|micros| seconds(micros / 1e6));
                }
            }
            "LastCheckpoint" | "Frame" if path.is_in("TestCase") => {
                self.entry = format!("{}\n  {}", self.entry, ended.trimmed());
            }
            name @ ("Info" | "Message" | "Warning" | "Error" | "FatalError" | "Exception") => {
                self.entry(name, &ended.trimmed(), run);
            }
            _ => {}
        }
    }

    fn whole(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        if self.in_log {
            // The report may follow.
            return None;
        }
        self.release(run);
        let counts = run.counts();
        let failures = self.said_failures.take();
        let unseen = std::mem::take(&mut self.said_failed) && counts.is_green();
        self.told.clear();
        difference([("failures", failures, counts.failed)])
            .or_else(|| unseen.then(|| "it says that it failed, and shows no failure".to_owned()))
    }

    fn finish(&mut self, run: &mut DocumentRun<'_, '_>) {
        self.release(run);
    }

    fn goes_on(&self) -> bool {
        self.in_log
    }
}

impl Boost {
    fn id(&self, name: &str) -> String {
        let suites = self.suites.iter().skip(1).map(|suite| format!("{suite}/"));
        suites.collect::<String>() + name
    }

    fn begin_case(&mut self, element: &Element) {
        let text = |key: &str| element.attribute(key).unwrap_or_default();
        let mut case = Reported::new(self.id(text("name")), Status::Success);
        if text("skipped") == "yes" {
            case.set_status(Status::Skip);
            case.file(REASON, text("reason"));
        }
        self.case = Some(case);
    }

    fn entry(&mut self, kind: &str, text: &str, run: &mut DocumentRun<'_, '_>) {
        let said = format!("{} {text}", std::mem::take(&mut self.entry));
        let is_bad = matches!(kind, "Error" | "FatalError" | "Exception");
        match &mut self.case {
            Some(case) => {
                if is_bad {
                    case.set_status(Status::Fail);
                }
                let name = if is_bad { "failure".to_owned() } else { kind.to_ascii_lowercase() };
                case.file(&name, said);
            }
            None if is_bad => run.failure(self.suites.last().map_or(Self::NAME, |it| it), &said),
            None => run.output(&kind.to_ascii_lowercase(), said.as_bytes()),
        }
    }

    fn end_case(&mut self, ended: &EndedElement<'_>, run: &mut DocumentRun<'_, '_>) {
        let Some(mut case) = self.case.take() else { return };
        case.file(STDOUT, ended.text.as_slice());
        if case.status() == Status::Fail && ended.closed {
            return self.failed.push_back(case);
        }
        self.told.insert(case.id().to_owned());
        tell(case, ended.closed, run);
    }

    /// What the report says of a test case.
    fn said(&mut self, element: &Element, run: &mut DocumentRun<'_, '_>) {
        let text = |key: &str| element.attribute(key).unwrap_or_default();
        let id = self.id(text("name"));
        let at = self.failed.iter().position(|case| case.id() == id);
        let by_report = Reported::of_word(id, text("result"), |word| match word {
            "passed" if at.is_some() => Some(Status::ExpectedFailure),
            "passed" => Some(Status::Success),
            "failed" | "aborted" | "timed-out" => Some(Status::Fail),
            "skipped" => Some(Status::Skip),
            _ => None,
        });
        let is_bad = by_report.status() == Status::Fail;
        if let Some(mut case) = at.and_then(|at| self.failed.remove(at)) {
            case.set_status(by_report.status());
            self.told.insert(case.id().to_owned());
            run.result(&case);
        } else if is_bad || !self.told.contains(by_report.id()) {
            run.result(&by_report);
        }
    }

    /// Those that failed, and of which no report says more.
    fn release(&mut self, run: &mut DocumentRun<'_, '_>) {
        for case in std::mem::take(&mut self.failed) {
            run.result(&case);
        }
    }
}
