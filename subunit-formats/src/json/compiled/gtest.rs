//! The JSON of GoogleTest (`--gtest_output=json:FILE`).
//!
//! By GoogleTest 1.12; 1.13 adds entries without a name, which tell what failed in the set-up of a suite.
//!
//! * Ids are `Suite.Test`. Disabled tests are skipped.
//! * Properties that tests record are lines of the file `properties`.
//! * `tests` and `failures` must be what was read, in the whole; a suite's are parts of it.

use serde_json::Value;
use subunit_core::{Status, conventions::REASON};

use crate::{
    events::{
        clock::seconds,
        reported::{DocumentRun, Reported},
        tally::difference,
    },
    format::{Row, Signs},
    json::document::{
        self, DocumentFormat,
        shape::{DocumentShape, Members},
    },
    text::{
        json_line::{Object, text},
        time,
    },
};

/// The JSON of GoogleTest.
pub(crate) const ROW: Row = Row {
    name: "gtest-json",
    title: "the JSON of GoogleTest",
    signs: Signs { json: SHAPE.begins, ..Signs::NONE },
    ..Row::document(document::reader::<Report>)
};

const SHAPE: DocumentShape = DocumentShape {
    begins: &[r##"{"tests":#,"failures":#,"disabled":#"##],
    lists: &[&["testsuites"]],
    members_of: &[],
    members: Members::Named(&["tests", "failures", "timestamp"]),
};

/// The members of a test that are no properties.
const KNOWN: [&str; 11] = [
    "name",
    "file",
    "line",
    "status",
    "result",
    "timestamp",
    "time",
    "classname",
    "failures",
    "value_param",
    "type_param",
];

#[derive(Clone, Debug, Default)]
struct Report {
    tests: Option<u64>,
    failures: Option<u64>,
}

impl DocumentFormat for Report {
    const SHAPE: &'static DocumentShape = &SHAPE;
    const NAME: &'static str = "gtest report";

    fn element(&mut self, _list: usize, mut suite: Object, run: &mut DocumentRun<'_, '_>) {
        let tests = suite.take_objects("testsuite");
        let name = suite.str("name").unwrap_or_default();
        tests.for_each(|test| run.result(&reported(name, &test)));
    }

    fn member(&mut self, key: &str, value: Value, run: &mut DocumentRun<'_, '_>) {
        match key {
            "tests" => self.tests = value.as_u64(),
            "failures" => self.failures = value.as_u64(),
            _ => run.starts_at(value.as_str().and_then(time::parse_rfc3339)),
        }
    }

    fn end(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let counts = run.counts();
        // What failed in set-ups is counted as a failure by some versions, and by others not.
        let beside = self.failures.map_or(0, |said| said.saturating_sub(counts.failed));
        let failures = counts.failed + beside.min(counts.beside);
        difference([
            ("tests", self.tests.map(|tests| tests.min(counts.tests() + beside)), counts.tests()),
            ("failures", self.failures, failures),
        ])
        .or_else(|| {
            let missing = self.tests.filter(|tests| *tests > counts.tests() + counts.beside);
            difference([("tests", missing, counts.tests())])
        })
    }
}

fn reported(suite: &str, test: &Object) -> Reported {
    let name = test.str("name").unwrap_or_default();
    let suite = test.str("classname").filter(|class| !class.is_empty()).unwrap_or(suite);
    let failures = test.array("failures");
    let result = test.str("result").unwrap_or("COMPLETED");
    let known = |result: &str| match result {
        _ if !failures.is_empty() => Some(Status::Fail),
        "COMPLETED" if test.str("status") == Some("NOTRUN") => Some(Status::Skip),
        "COMPLETED" => Some(Status::Success),
        "SKIPPED" | "SUPPRESSED" => Some(Status::Skip),
        _ => None,
    };
    let id = if name.is_empty() { suite.to_owned() } else { format!("{suite}.{name}") };
    let mut reported = Reported::of_word(id, result, known);
    if name.is_empty() {
        reported.is_no_test();
    }
    if result == "SUPPRESSED" {
        reported.file(REASON, "disabled");
    }
    let took = test.str("time").and_then(|time| time.trim_end_matches('s').parse().ok());
    reported.duration = took.and_then(seconds).filter(|_| result != "SUPPRESSED");
    let failures = failures.iter().map(|failure| text(failure, "failure"));
    failures.for_each(|failure| reported.file("failure", failure));
    for key in ["value_param", "type_param"] {
        reported.file(key, test.str(key).unwrap_or_default());
    }
    let mut properties = String::new();
    for (key, value) in test.0.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str())) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        properties.push_str(&format!("{key}={value}\n"));
    }
    reported.file("properties", properties);
    reported
}
