//! The `testng-results.xml` of TestNG.
//!
//! By TestNG 7.5.
//!
//! * Ids are `Class.method`, with the arguments of rows in parentheses. Groups are tags.
//! * A method that is `retried` is an attempt that failed, whatever its status. What failed within the percentage that may fail
//!   has failed as expected.
//! * Configuration methods that failed are failures that are no tests.
//! * The counts of the head must be what was read.

use std::time::Duration;

use hashbrown::HashMap;
use subunit_core::{
    Status,
    conventions::{REASON, TRACEBACK},
};

use crate::{
    events::{
        reported::{DocumentRun, Reported},
        tally::difference,
    },
    format::{Row, Signs},
    text::{time, xml::Element},
    xml::reader::{self, EndedElement, Path, XmlReport},
};

/// The results of TestNG.
pub(crate) const ROW: Row = Row {
    name: "testng-xml",
    title: "the testng-results.xml of TestNG",
    signs: Signs { roots: &["<testng-results"], ..Signs::NONE },
    ..Row::document(reader::reader::<Results>)
};

/// What is known of the results. Memory: one method, the names of those that were retried, and the groups.
#[derive(Default)]
struct Results {
    head: Head,
    class: String,
    method: Option<Method>,
    /// How often each was retried.
    retried: HashMap<String, u32>,
}

#[derive(Default)]
struct Head {
    passed: Option<u64>,
    failed: Option<u64>,
    skipped: Option<u64>,
}

struct Method {
    name: String,
    word: String,
    is_config: bool,
    is_retried: bool,
    start: String,
    millis: Option<u64>,
    arguments: Vec<String>,
    message: String,
    trace: String,
    output: String,
}

impl XmlReport for Results {
    const NAME: &'static str = "testng results";
    const ROOTS: &'static [&'static str] = &["testng-results"];

    fn start(&mut self, element: &Element, _path: &Path, _run: &mut DocumentRun<'_, '_>) {
        let text = |key: &str| element.attribute(key).unwrap_or_default();
        let count = |key: &str| element.attribute(key).and_then(|count| count.parse().ok());
        match element.name() {
            "testng-results" => {
                let (passed, failed) = (count("passed"), count("failed"));
                self.head = Head { passed, failed, skipped: count("skipped") };
            }
            "class" => text("name").clone_into(&mut self.class),
            "test-method" => {
                self.method = Some(Method {
                    name: text("name").to_owned(),
                    word: text("status").to_owned(),
                    is_config: text("is-config") == "true",
                    is_retried: text("retried") == "true",
                    start: text("started-at").trim_end_matches(" UTC").to_owned(),
                    millis: count("duration-ms"),
                    arguments: Vec::new(),
                    message: String::new(),
                    trace: String::new(),
                    output: String::new(),
                });
            }
            _ => {}
        }
    }

    fn end(&mut self, ended: EndedElement<'_>, path: &Path, run: &mut DocumentRun<'_, '_>) {
        let Some(method) = &mut self.method else { return };
        match (ended.name, path.parent()) {
            ("value", "param") => method.arguments.push(ended.trimmed()),
            ("message", _) => method.message = ended.trimmed(),
            ("full-stacktrace" | "short-stacktrace", _) => method.trace = ended.trimmed(),
            ("line", "reporter-output") => {
                method.output.push_str(&ended.trimmed());
                method.output.push('\n');
            }
            ("test-method", _) => self.end_method(ended.closed, run),
            _ => {}
        }
    }

    fn whole(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let (head, counts) = (std::mem::take(self).head, run.counts());
        difference([
            ("passed", head.passed, counts.passed),
            ("failed", head.failed, counts.failed),
            ("skipped", head.skipped, counts.skipped),
        ])
    }
}

impl Results {
    fn end_method(&mut self, closed: bool, run: &mut DocumentRun<'_, '_>) {
        let Some(method) = self.method.take() else { return };
        if method.is_config && method.word != "FAIL" && closed {
            return;
        }
        let mut id = format!("{}.{}", self.class, method.name);
        if !method.arguments.is_empty() {
            id = format!("{id}({})", method.arguments.join(", "));
        }
        let mut reported = Reported::of_word(id.clone(), &method.word, |word| match word {
            "PASS" => Some(Status::Success),
            "FAIL" => Some(Status::Fail),
            "SKIP" if method.is_retried => Some(Status::Fail),
            "SKIP" => Some(Status::Skip),
            "SUCCESS_PERCENTAGE_FAILURE" => Some(Status::ExpectedFailure),
            _ => None,
        });
        if method.is_config {
            reported.is_no_test();
        }
        reported.start = time::parse_zoneless(&method.start);
        reported.duration = method.millis.map(Duration::from_millis);
        let skips = reported.status() == Status::Skip;
        if !method.trace.contains(&method.message) {
            reported.file(if skips { REASON } else { "message" }, method.message);
        }
        reported.file(if skips { REASON } else { TRACEBACK }, method.trace);
        reported.file("reporter-output", method.output);
        if !closed {
            reported.cut_off();
            return run.result(&reported);
        }
        if method.is_retried {
            let number = self.retried.entry(id).or_default();
            *number += 1;
            return run.earlier(&reported.attempt(*number));
        }
        if let Some(number) = self.retried.remove(&id) {
            reported = reported.attempt(number + 1);
        }
        run.result(&reported);
    }
}
