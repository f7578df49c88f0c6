//! The XML of CppUnit (`XmlOutputter`).
//!
//! By CppUnit 1.15. Failed tests come before those that passed.
//!
//! * Ids are the names of tests, `Fixture::method`. A failure has its type and place before its message.
//! * `Statistics` must be what was read.

use subunit_core::Status;

use crate::{
    events::{
        reported::{DocumentRun, Reported},
        tally::difference,
    },
    format::{Row, Signs},
    text::xml::Element,
    xml::reader::{self, EndedElement, Path, XmlReport, tell},
};

/// The XML of CppUnit.
pub(crate) const ROW: Row = Row {
    name: "cppunit-xml",
    title: "the XML of CppUnit",
    // A TRX begins with an element of the same name: see `auto::detect`.
    signs: Signs { roots: &["<FailedTests", "<SuccessfulTests"], ..Signs::NONE },
    ..Row::document(reader::reader::<TestRun>)
};

/// What is known of a run. Memory: one test.
#[derive(Default)]
struct TestRun {
    test: Option<Test>,
    tests: Option<u64>,
    failures: Option<u64>,
    has_statistics: bool,
}

#[derive(Default)]
struct Test {
    name: String,
    kind: String,
    file: String,
    line: String,
    message: String,
}

impl XmlReport for TestRun {
    const NAME: &'static str = "cppunit report";
    const ROOTS: &'static [&'static str] = &["TestRun"];

    fn start(&mut self, element: &Element, _path: &Path, _run: &mut DocumentRun<'_, '_>) {
        match element.name() {
            "FailedTest" | "Test" => self.test = Some(Test::default()),
            "Statistics" => self.has_statistics = true,
            _ => {}
        }
    }

    fn end(&mut self, ended: EndedElement<'_>, path: &Path, run: &mut DocumentRun<'_, '_>) {
        match (ended.name, path.parent()) {
            ("Tests", "Statistics") => self.tests = ended.trimmed().parse().ok(),
            ("FailuresTotal", "Statistics") => self.failures = ended.trimmed().parse().ok(),
            (kind @ ("FailedTest" | "Test"), _) => {
                if let Some(test) = self.test.take() {
                    tell(test.reported(kind == "FailedTest"), ended.closed, run);
                }
            }
            (name, _) => {
                let Some(test) = &mut self.test else { return };
                match name {
                    "Name" => test.name = ended.trimmed(),
                    "FailureType" => test.kind = ended.trimmed(),
                    "File" => test.file = ended.trimmed(),
                    "Line" => test.line = ended.trimmed(),
                    "Message" => test.message = ended.trimmed(),
                    _ => {}
                }
            }
        }
    }

    fn whole(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let (said, counts) = (std::mem::take(self), run.counts());
        if !said.has_statistics {
            return Some("it has no Statistics".to_owned());
        }
        difference([
            ("tests", said.tests, counts.tests()),
            ("failures", said.failures, counts.failed),
        ])
    }
}

impl Test {
    fn reported(self, failed: bool) -> Reported {
        let status = if failed { Status::Fail } else { Status::Success };
        let mut reported = Reported::new(self.name, status);
        if failed {
            let Self { file, line, kind, message, .. } = self;
            let place = if file.is_empty() { String::new() } else { format!("{file}:{line}: ") };
            reported.file("failure", format!("{place}{kind}\n{message}"));
        }
        reported
    }
}
