//! The XML of Catch2 (`-r xml`), versions 2 and 3.
//!
//! * Ids are the names of test cases, which Catch2 takes to run them. Tags are tags.
//! * Assertions that failed and exceptions are the file `failure`, with the sections that they are in.
//! * A test case with such that succeeded all the same has failed as expected; one that should have failed and has none
//!   passed unexpectedly.
//! * `OverallResultsCases` must be what was read. A program that an `exit` ended has none.

use subunit_core::{
    Status,
    conventions::{REASON, STDERR, STDOUT},
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

/// The XML of Catch2.
pub(crate) const ROW: Row = Row {
    name: "catch2-xml",
    title: "the XML of Catch2",
    signs: Signs { roots: &["<Catch", "<Catch2TestRun"], ..Signs::NONE },
    ..Row::document(reader::reader::<Catch>)
};

/// What is known of a program. Memory: one test case.
#[derive(Default)]
struct Catch {
    case: Option<Case>,
    /// The assertion that is read, in words.
    assertion: String,
    has_failed: bool,
    totals: Option<Totals>,
}

struct Case {
    reported: Reported,
    should_fail: bool,
    sections: Vec<String>,
    failures: u64,
    /// `OverallResult` says so.
    succeeded: Option<bool>,
    skips: u64,
}

struct Totals {
    successes: Option<u64>,
    failures: Option<u64>,
    expected: Option<u64>,
    skips: Option<u64>,
}

impl XmlReport for Catch {
    const NAME: &'static str = "catch2 report";
    const ROOTS: &'static [&'static str] = &["Catch", "Catch2TestRun"];

    fn start(&mut self, element: &Element, _path: &Path, _run: &mut DocumentRun<'_, '_>) {
        let count = |key: &str| element.attribute(key).and_then(|count| count.parse().ok());
        match element.name() {
            "TestCase" => self.case = Some(Case::of(element)),
            "Section" => self.with(|case| case.sections.push(name_of(element))),
            "Expression" => {
                let kind = element.attribute("type").unwrap_or("CHECK");
                let may_fail = kind.contains("NOFAIL");
                self.has_failed = element.attribute("success") == Some("false") && !may_fail;
                self.assertion = format!("{}: {kind}", place(element));
            }
            name @ ("Failure" | "Exception" | "FatalErrorCondition" | "Skip") => {
                self.assertion = format!("{}: {name}", place(element));
            }
            "OverallResult" => {
                let succeeded = element.attribute("success") == Some("true");
                let took = element.attribute("durationInSeconds");
                let took = took.and_then(|took| took.parse().ok()).and_then(seconds);
                self.with(|case| {
                    case.succeeded = Some(succeeded);
                    case.skips = count("skips").unwrap_or(0);
                    case.reported.duration = took;
                });
            }
            "OverallResultsCases" => {
                self.totals = Some(Totals {
                    successes: count("successes"),
                    failures: count("failures"),
                    expected: count("expectedFailures"),
                    skips: count("skips"),
                });
            }
            _ => {}
        }
    }

    fn end(&mut self, ended: EndedElement<'_>, path: &Path, run: &mut DocumentRun<'_, '_>) {
        match ended.name {
            "TestCase" => {
                if let Some(case) = self.case.take() {
                    tell(case.end(), ended.closed, run);
                }
            }
            "Section" => self.with(|case| _ = case.sections.pop()),
            "Original" | "Expanded" => {
                self.assertion.push_str("\n  ");
                self.assertion.push_str(&ended.trimmed());
            }
            "Exception" if path.parent() == "Expression" => {
                self.assertion.push_str("\n  ");
                self.assertion.push_str(&ended.trimmed());
            }
            "Expression" => {
                let (failed, text) = (self.has_failed, std::mem::take(&mut self.assertion));
                self.with(|case| case.assertion(&text, failed));
            }
            "Failure" | "Exception" | "FatalErrorCondition" => {
                let said = format!("{}\n  {}", self.assertion, ended.trimmed());
                self.with(|case| case.assertion(&said, true));
            }
            "Skip" => self.with(|case| case.reported.file(REASON, ended.trimmed())),
            "Info" | "Warning" => {
                let name = ended.name.to_ascii_lowercase();
                self.with(|case| case.reported.file(&name, ended.trimmed()));
            }
            "StdOut" => self.with(|case| case.reported.file(STDOUT, printed(&ended))),
            "StdErr" => self.with(|case| case.reported.file(STDERR, printed(&ended))),
            _ => {}
        }
    }

    fn whole(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let counts = run.counts();
        let Some(totals) = std::mem::take(self).totals else {
            return Some("it has no OverallResultsCases".to_owned());
        };
        difference([
            ("successes", totals.successes, counts.passed),
            ("failures", totals.failures, counts.failed + counts.unexpected),
            ("expected failures", totals.expected, counts.expected),
            ("skips", totals.skips, counts.skipped),
        ])
    }
}

impl Catch {
    fn with(&mut self, act: impl FnOnce(&mut Case)) {
        if let Some(case) = &mut self.case {
            act(case);
        }
    }
}

impl Case {
    fn of(element: &Element) -> Self {
        let tags = element.attribute("tags").unwrap_or_default();
        let mut reported = Reported::new(name_of(element), Status::Fail);
        let words = tags.split(['[', ']']).filter(|tag| !tag.trim().is_empty());
        words.for_each(|tag| reported.tag(tag));
        let should_fail = tags.contains("[!shouldfail]");
        let sections = Vec::new();
        Self { reported, should_fail, sections, failures: 0, succeeded: None, skips: 0 }
    }

    fn assertion(&mut self, said: &str, failed: bool) {
        if failed {
            let sections: String = self.sections.iter().map(|it| format!("{it} / ")).collect();
            self.failures += 1;
            self.reported.file("failure", format!("{sections}{said}"));
        }
    }

    fn end(mut self) -> Reported {
        let status = match self.succeeded {
            Some(true) if self.skips > 0 => Status::Skip,
            Some(true) if self.failures > 0 => Status::ExpectedFailure,
            Some(true) => Status::Success,
            Some(false) if self.should_fail && self.failures == 0 => Status::UnexpectedSuccess,
            _ => Status::Fail,
        };
        self.reported.set_status(status);
        if status == Status::Fail && !self.reported.has_files() {
            self.reported.file(REASON, "it failed, and no assertion did");
        }
        self.reported
    }
}

fn name_of(element: &Element) -> String {
    element.attribute("name").unwrap_or_default().to_owned()
}

fn place(element: &Element) -> String {
    let text = |key: &str| element.attribute(key).unwrap_or_default();
    format!("{}:{}", text("filename"), text("line"))
}

/// What stands between line ends that are Catch2's.
fn printed(ended: &EndedElement<'_>) -> Vec<u8> {
    let text = ended.text.strip_prefix(b"\n").unwrap_or(&ended.text);
    let blanks = text.iter().rev().take_while(|byte| **byte == b' ').count();
    text[..text.len() - blanks].to_vec()
}
