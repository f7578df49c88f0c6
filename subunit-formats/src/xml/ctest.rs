//! The `Test.xml` of CTest, which CDash takes.
//!
//! By CTest 3.25.
//!
//! * Ids are the names of tests. Labels are tags.
//! * `notrun` is a skip where CTest skipped the test or it is disabled, and else a failure: its program was not found, or a fixture failed.
//! * Each test of `TestList` needs a result. Environment and host are no part of what is told.

use base64::{Engine, engine::general_purpose::STANDARD};
use subunit_core::{
    Status, Timestamp,
    conventions::{REASON, STDOUT},
    run::counted,
};

use crate::{
    events::{
        clock::seconds,
        reported::{DocumentRun, Reported},
    },
    format::{Row, Signs},
    text::{time, xml::Element},
    xml::reader::{self, EndedElement, Path, XmlReport, tell},
};

/// The results of CTest.
pub(crate) const ROW: Row = Row {
    name: "ctest-xml",
    title: "the Test.xml of CTest",
    signs: Signs { roots: &["<Site"], ..Signs::NONE },
    ..Row::document(reader::reader::<Testing>)
};

/// What is known of a run. Memory: one test.
#[derive(Default)]
struct Testing {
    planned: u64,
    start: Option<Timestamp>,
    test: Option<Test>,
    /// The name of the measurement that is read.
    measurement: String,
    is_encoded: bool,
    is_packed: bool,
}

#[derive(Default)]
struct Test {
    status: String,
    name: String,
    completion: String,
    exit: Vec<String>,
    took: Option<f64>,
    labels: Vec<String>,
    output: Vec<u8>,
    is_packed: bool,
}

impl XmlReport for Testing {
    const NAME: &'static str = "ctest report";
    const ROOTS: &'static [&'static str] = &["Site"];

    fn start(&mut self, element: &Element, _path: &Path, _run: &mut DocumentRun<'_, '_>) {
        let text = |key: &str| element.attribute(key).unwrap_or_default();
        match element.name() {
            "Test" if element.attribute("Status").is_some() => {
                self.test = Some(Test { status: text("Status").to_owned(), ..Test::default() });
            }
            "NamedMeasurement" => text("name").clone_into(&mut self.measurement),
            "Measurement" => self.measurement.clear(),
            "Value" => {
                self.is_encoded = text("encoding") == "base64";
                self.is_packed = !text("compression").is_empty();
            }
            _ => {}
        }
    }

    fn end(&mut self, ended: EndedElement<'_>, path: &Path, run: &mut DocumentRun<'_, '_>) {
        match (ended.name, path.parent()) {
            ("Test", "TestList") => self.planned += 1,
            ("StartTestTime", _) => {
                self.start = ended.trimmed().parse().ok().and_then(time::from_seconds);
                run.starts_at(self.start);
            }
            ("Test", _) => {
                if let Some(test) = self.test.take() {
                    tell(test.reported(), ended.closed, run);
                }
            }
            ("Name", "Test") => self.with(|test| test.name = ended.trimmed()),
            ("Label", _) => self.with(|test| test.labels.push(ended.trimmed())),
            ("Value", _) => self.value(ended),
            _ => {}
        }
    }

    fn whole(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let (planned, tests) = (std::mem::take(self).planned, run.counts().tests());
        (planned > tests)
            .then(|| format!("it lists {}, and has results of {tests}", counted(planned, "test")))
    }
}

impl Testing {
    fn with(&mut self, act: impl FnOnce(&mut Test)) {
        if let Some(test) = &mut self.test {
            act(test);
        }
    }

    /// The value of a measurement.
    fn value(&mut self, ended: EndedElement<'_>) {
        let text = ended.trimmed();
        let decoded = STANDARD.decode(text.replace(['\n', ' '], ""));
        let (is_packed, decoded) = (self.is_packed, decoded.ok().filter(|_| self.is_encoded));
        let measurement = std::mem::take(&mut self.measurement);
        self.with(|test| match measurement.as_str() {
            "Completion Status" => test.completion = text,
            "Exit Code" | "Exit Value" => test.exit.push(text),
            "Execution Time" => test.took = text.parse().ok(),
            "" => {
                test.is_packed = is_packed && decoded.is_some();
                test.output = decoded.unwrap_or(ended.text);
            }
            _ => {}
        });
    }
}

impl Test {
    fn reported(self) -> Reported {
        let is_skip = self.completion.starts_with("SKIP_") || self.completion == "Disabled";
        let mut reported = Reported::of_word(self.name, &self.status, |word| match word {
            "passed" => Some(Status::Success),
            "failed" => Some(Status::Fail),
            "notrun" if is_skip => Some(Status::Skip),
            "notrun" => Some(Status::Fail),
            _ => None,
        });
        reported.duration = self.took.and_then(seconds);
        self.labels.iter().for_each(|label| reported.tag(label));
        if self.is_packed {
            reported.typed_file("stdout.zlib", self.output, "application/zlib");
        } else {
            reported.file(STDOUT, self.output);
        }
        if reported.status() != Status::Success {
            let ended = self.exit.join(": ");
            let why =
                [self.completion.as_str(), &ended].into_iter().filter(|text| !text.is_empty());
            reported.file(REASON, why.collect::<Vec<_>>().join(", "));
        }
        reported
    }
}
