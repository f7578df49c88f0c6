//! The JSON of jest (`--json`) and of vitest (`--reporter=json`), which is one schema.
//!
//! By jest 30.5 and vitest 4.1. Files come as they ended, each with its tests.
//!
//! * Ids are `file > group > title`, as on the console: files below the folder that we were started in are relative to it. What follows after a try that failed is an attempt.
//! * A file that could not run is a failure that is no test.
//! * `numPassedTests` and its like must be what was read. `success` that is false needs a failure, or is one.

use std::time::Duration;

use serde_json::Value;
use subunit_core::{
    Status,
    conventions::{REASON, TRACEBACK},
};

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
    text::{json_line::Object, paths::relative, time::from_millis},
};

/// The JSON of jest and vitest.
pub(crate) const ROW: Row = Row {
    name: "jest-json",
    title: "the JSON of jest and vitest",
    signs: Signs { json: SHAPE.begins, ..Signs::NONE },
    ..Row::document(document::reader::<Report>)
};

const SHAPE: DocumentShape = DocumentShape {
    begins: &[
        r#"{"numFailedTestSuites":#"#,
        r#"{"numTotalTestSuites":#"#,
        r#"{"numTotalTests":#"#,
        r#"{"numFailedTests":#"#,
        r#"{"success":true,"startTime":"#,
        r#"{"success":false,"startTime":"#,
    ],
    lists: &[&["testResults"]],
    members_of: &[],
    members: Members::Named(&[
        "numFailedTests",
        "numPassedTests",
        "numPendingTests",
        "numTodoTests",
        "numTotalTests",
        "numRuntimeErrorTestSuites",
        "startTime",
        "success",
        "wasInterrupted",
    ]),
};

/// So many tries that jest only counts are told one by one.
const MOST_TRIES: u64 = 16;

const TRIED_AGAIN: &str = "it was tried again: no more is known of this attempt";

/// What the report has said so far.
#[derive(Clone, Debug, Default)]
struct Report {
    said: Object,
    todo: u64,
    /// Files that could not run.
    broken: u64,
}

impl DocumentFormat for Report {
    const SHAPE: &'static DocumentShape = &SHAPE;
    const NAME: &'static str = "jest report";

    fn element(&mut self, _list: usize, mut file: Object, run: &mut DocumentRun<'_, '_>) {
        let tests = file.take_objects("assertionResults");
        let name = relative(file.str("name").unwrap_or_default());
        let millis = |key: &str| file.number(key).filter(|number| *number > 0.0);
        run.starts_at(millis("startTime").and_then(|millis| from_millis(millis as u64)));
        let before = run.counts();
        tests.for_each(|test| self.test(name, &test, run));
        if file.str("status") == Some("failed") && run.counts().failed == before.failed {
            let mut broken = Reported::beside(name);
            broken.file(REASON, file.str("message").unwrap_or("the file failed"));
            run.result(&broken);
            self.broken += 1;
        }
    }

    fn member(&mut self, key: &str, value: Value, run: &mut DocumentRun<'_, '_>) {
        if let Some(start) = value.as_u64().filter(|_| key == "startTime") {
            run.starts_at(from_millis(start));
        }
        self.said.0.insert(key.to_owned(), value);
    }

    fn end(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let (said, counts) = (|key: &str| self.said.count(key), run.counts());
        let is = |key: &str| self.said.0.get(key).and_then(Value::as_bool);
        let kinds = [
            ("tests", said("numTotalTests"), counts.tests()),
            ("passed", said("numPassedTests"), counts.passed),
            ("failed", said("numFailedTests"), counts.failed),
            ("pending", said("numPendingTests"), counts.skipped - self.todo),
            ("todo", said("numTodoTests"), self.todo),
        ];
        let broken = said("numRuntimeErrorTestSuites").filter(|said| *said > self.broken);
        if is("wasInterrupted") == Some(true) {
            return Some("the run was interrupted".to_owned());
        }
        let unseen = is("success") == Some(false) && counts.is_green();
        difference(kinds)
            .or_else(|| difference([("files that could not run", broken, self.broken)]))
            .or_else(|| {
                unseen.then(|| "it says that the run failed, and shows no failure".to_owned())
            })
    }
}

impl Report {
    fn test(&mut self, file: &str, test: &Object, run: &mut DocumentRun<'_, '_>) {
        let titles = test.array("ancestorTitles").iter().filter_map(Value::as_str);
        let title = test.str("title").or_else(|| test.str("fullName"));
        let mut id = file.to_owned();
        for title in titles.chain(title).filter(|title| !title.is_empty()) {
            id.push_str(if id.is_empty() { "" } else { " > " });
            id.push_str(title);
        }
        let word = test.str("status").unwrap_or_default();
        let mut last = Reported::of_word(id.clone(), word, status);
        if word == "todo" {
            self.todo += 1;
            last.file(REASON, "todo");
        }
        let (mut said, reasons) = (strings(test, "failureMessages"), strings(test, "retryReasons"));
        // jest says how often it tried, and perhaps why; of a test that passed after all, vitest says what failed.
        let invocations = test.count("invocations").unwrap_or(1).min(MOST_TRIES) as usize;
        let mut earlier = match last.status() {
            _ if !reasons.is_empty() => reasons,
            Status::Success => std::mem::take(&mut said),
            _ => Vec::new(),
        };
        earlier.resize(earlier.len().max(invocations.saturating_sub(1)), TRIED_AGAIN);
        let mut number = 0;
        for reason in &earlier {
            number += 1;
            let mut attempt = Reported::new(id.clone(), Status::Fail).attempt(number);
            attempt.file(TRACEBACK, *reason);
            run.earlier(&attempt);
        }
        if number > 0 {
            last = last.attempt(number + 1);
        }
        for message in said {
            last.file(TRACEBACK, message);
        }
        for tag in strings(test, "tags") {
            last.tag(tag);
        }
        let millis = |key: &str| test.number(key).filter(|number| *number >= 0.0);
        last.start = millis("startAt").and_then(|millis| from_millis(millis as u64));
        last.duration = millis("duration").and_then(|millis| seconds(millis / 1e3));
        last.start = last.start.filter(|_| last.duration > Some(Duration::ZERO));
        run.result(&last);
    }
}

fn strings<'o>(object: &'o Object, key: &str) -> Vec<&'o str> {
    object.array(key).iter().filter_map(Value::as_str).filter(|text| !text.is_empty()).collect()
}

fn status(word: &str) -> Option<Status> {
    match word {
        "passed" => Some(Status::Success),
        "failed" => Some(Status::Fail),
        "pending" | "skipped" | "disabled" | "todo" => Some(Status::Skip),
        _ => None,
    }
}
