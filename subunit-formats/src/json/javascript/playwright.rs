//! The JSON of Playwright Test (`--reporter=json`).
//!
//! By Playwright 1.5x. Suites are nested: a file, its groups, and specs, which have a test for each project.
//!
//! * Ids are `file:line:column › group › title`, as on the console, with `[project] › ` in front where projects have names.
//! * Each of `results` is an attempt where the project retries. What was expected to fail and did is an expected failure.
//! * `errors` are failures that are no tests. `stats` must be what was read; `skipped` counts what did not run, too.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use subunit_core::{
    Status,
    conventions::{REASON, STDERR, STDOUT, TRACEBACK},
};

use crate::{
    events::{
        clock::seconds,
        emit::URI_LIST,
        reported::{DocumentRun, Reported},
        tally::difference,
    },
    format::{Row, Signs},
    json::document::{
        self, DocumentFormat,
        shape::{DocumentShape, Members},
    },
    text::{
        json_line::{Object, list, text},
        time,
    },
};

/// The JSON of Playwright Test.
pub(crate) const ROW: Row = Row {
    name: "playwright-json",
    title: "the JSON of Playwright Test",
    signs: Signs { json: SHAPE.begins, ..Signs::NONE },
    ..Row::document(document::reader::<Report>)
};

const SHAPE: DocumentShape = DocumentShape {
    begins: &[
        r#"{"config":{"argv":"#,
        r#"{"config":{"configFile":"#,
        r#"{"config":{"rootDir":"#,
        r#"{"config":{"forbidOnly":"#,
    ],
    lists: &[&["suites"], &["errors"]],
    members_of: &[],
    members: Members::Named(&["config", "stats"]),
};

const SESSION: &str = "playwright [session]";

#[derive(Clone, Debug, Default)]
struct Report {
    stats: Option<Object>,
    retries: bool,
    flaky: u64,
}

impl DocumentFormat for Report {
    const SHAPE: &'static DocumentShape = &SHAPE;
    const NAME: &'static str = "playwright report";

    fn element(&mut self, list: usize, object: Object, run: &mut DocumentRun<'_, '_>) {
        let value = Value::Object(object.0);
        if list == 0 {
            return self.suite(&value, "", run);
        }
        let mut error = Reported::beside(SESSION);
        error.file(REASON, cause(&value));
        run.result(&error);
    }

    fn member(&mut self, key: &str, value: Value, _run: &mut DocumentRun<'_, '_>) {
        if key == "stats" {
            self.stats = Object::of(value);
            return;
        }
        let projects = list(&value, "projects");
        self.retries = projects.iter().any(|project| project["retries"].as_u64() > Some(0));
    }

    fn end(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let (stats, counts) = (self.stats.take()?, run.counts());
        difference([
            ("expected", stats.count("expected"), counts.passed + counts.expected - self.flaky),
            ("unexpected", stats.count("unexpected"), counts.failed + counts.unexpected),
            ("flaky", stats.count("flaky"), self.flaky),
            ("skipped", stats.count("skipped"), counts.skipped),
        ])
    }
}

impl Report {
    /// A file or a group, by the titles of the groups around.
    fn suite(&mut self, suite: &Value, groups: &str, run: &mut DocumentRun<'_, '_>) {
        for spec in list(suite, "specs") {
            for test in list(spec, "tests") {
                self.test(spec, test, groups, run);
            }
        }
        for inner in list(suite, "suites") {
            let groups = format!("{groups} \u{203a} {}", text(inner, "title"));
            self.suite(inner, &groups, run);
        }
    }

    fn test(&mut self, spec: &Value, test: &Value, groups: &str, run: &mut DocumentRun<'_, '_>) {
        let project = match text(test, "projectName") {
            "" => String::new(),
            project => format!("[{project}] \u{203a} "),
        };
        let place = |key: &str| spec[key].as_u64().unwrap_or(0);
        let (file, title) = (text(spec, "file"), text(spec, "title"));
        let (line, column) = (place("line"), place("column"));
        let id = format!("{project}{file}:{line}:{column}{groups} \u{203a} {title}");
        let results = list(test, "results");
        let Some((last, earlier)) = results.split_last() else {
            return run.result(&without_results(&id, text(test, "status")));
        };
        let is_retried = self.retries || !earlier.is_empty();
        let mut number = 0;
        let mut attempt = |result: &Value| {
            number += 1;
            let of = of_result(&id, spec, test, result);
            if is_retried { of.attempt(number) } else { of }
        };
        for result in earlier {
            let attempt = attempt(result);
            // What did not run the first time was no try.
            if attempt.status() != Status::Skip {
                run.earlier(&attempt);
            }
        }
        let last = attempt(last);
        let failed = |result: &Value| matches!(text(result, "status"), "failed" | "timedOut");
        let passed = last.status() == Status::Success;
        self.flaky += u64::from(passed && earlier.iter().any(failed));
        run.result(&last);
    }
}

/// What did not run, by the verdict on it.
fn without_results(id: &str, verdict: &str) -> Reported {
    Reported::of_word(id, verdict, |verdict| match verdict {
        "skipped" => Some(Status::Skip),
        "unexpected" => Some(Status::Fail),
        _ => None,
    })
}

fn of_result(id: &str, spec: &Value, test: &Value, result: &Value) -> Reported {
    let expects_failure = text(test, "expectedStatus") == "failed";
    let mut of = Reported::of_word(id, text(result, "status"), |status| match status {
        "passed" if expects_failure => Some(Status::UnexpectedSuccess),
        "passed" => Some(Status::Success),
        "failed" if expects_failure => Some(Status::ExpectedFailure),
        "failed" | "timedOut" | "interrupted" => Some(Status::Fail),
        "skipped" => Some(Status::Skip),
        _ => None,
    });
    of.start = time::parse_rfc3339(text(result, "startTime"));
    of.duration = result["duration"].as_f64().and_then(|millis| seconds(millis / 1e3));
    for tag in list(spec, "tags").iter().filter_map(Value::as_str) {
        of.tag(tag);
    }
    for annotation in list(test, "annotations") {
        let (kind, why) = (text(annotation, "type"), text(annotation, "description"));
        if matches!(kind, "skip" | "fixme" | "fail") && !why.is_empty() {
            of.file(REASON, why);
        }
    }
    let errors = list(result, "errors");
    if errors.is_empty() {
        of.file(TRACEBACK, cause(&result["error"]));
    }
    for error in errors {
        of.file(TRACEBACK, cause(error));
    }
    for (key, name) in [("stdout", STDOUT), ("stderr", STDERR)] {
        let pieces = list(result, key).iter().flat_map(|piece| match piece["text"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => STANDARD.decode(text(piece, "buffer")).unwrap_or_default(),
        });
        of.file(name, pieces.collect::<Vec<u8>>());
    }
    for attachment in list(result, "attachments") {
        let name = text(attachment, "name");
        match attachment["body"].as_str().and_then(|body| STANDARD.decode(body).ok()) {
            Some(body) => of.typed_file(name, body, text(attachment, "contentType")),
            None => of.typed_file(name, text(attachment, "path"), URI_LIST),
        }
    }
    of
}

/// What an error says: its stack, which begins with its message, or that.
fn cause(error: &Value) -> String {
    let said = ["stack", "message", "value"].into_iter().map(|key| text(error, key));
    let mut cause = said.into_iter().find(|said| !said.is_empty()).unwrap_or_default().to_owned();
    if let Some(snippet) = error["snippet"].as_str() {
        cause.push_str("\n\n");
        cause.push_str(snippet);
    }
    cause
}
