//! The tests of an `.xcresult` (`xcrun xcresulttool get test-results tests`).
//!
//! By public samples of version 0.1.0 of its schema; no Xcode was at hand.
//!
//! * Ids are those of the nodes, `Suite/test()`; where another bundle had one first, the bundle stands in front.
//! * Repetitions are attempts. Failure messages are the file `failure`.
//! * There is no summary: a plan that failed needs a failure, or is one.

use serde_json::Value;
use subunit_core::{Status, conventions::REASON};

use crate::{
    events::{
        clock::seconds,
        reported::{DocumentRun, Reported},
    },
    format::{Row, Signs},
    json::document::{
        self, DocumentFormat,
        shape::{DocumentShape, Members},
    },
    text::json_line::{Object, list, text},
};

/// The tests of an `.xcresult`.
pub(crate) const ROW: Row = Row {
    name: "xcresult",
    title: "the JSON of xcresulttool",
    signs: Signs { json: SHAPE.begins, ..Signs::NONE },
    ..Row::document(document::reader::<Report>)
};

const SHAPE: DocumentShape = DocumentShape {
    begins: &[
        r#"{"devices":[{"architecture""#,
        r#"{"devices":[{"deviceId""#,
        r#"{"devices":[],"test"#,
        r#"{"testNodes":["#,
        r#"{"testPlanConfigurations":["#,
    ],
    lists: &[&["testNodes"]],
    members_of: &[],
    members: Members::Named(&[]),
};

#[derive(Clone, Debug, Default)]
struct Report;

impl DocumentFormat for Report {
    const SHAPE: &'static DocumentShape = &SHAPE;
    const NAME: &'static str = "xcresult report";

    fn element(&mut self, _list: usize, plan: Object, run: &mut DocumentRun<'_, '_>) {
        let plan = Value::Object(plan.0);
        node(&plan, "", run);
        if text(&plan, "result") == "Failed" && run.counts().is_green() {
            run.failure(text(&plan, "name"), "it failed, and shows no failure");
        }
    }

    fn end(&mut self, _run: &mut DocumentRun<'_, '_>) -> Option<String> {
        None
    }
}

/// A node of the tree, which is as deep as JSON may be.
fn node(of: &Value, bundle: &str, run: &mut DocumentRun<'_, '_>) {
    match text(of, "nodeType") {
        "Test Case" => case(of, bundle, run),
        kind if kind.ends_with("test bundle") => {
            children(of).iter().for_each(|child| node(child, text(of, "name"), run));
        }
        _ => children(of).iter().for_each(|child| node(child, bundle, run)),
    }
}

fn case(of: &Value, bundle: &str, run: &mut DocumentRun<'_, '_>) {
    let identifier = text(of, "nodeIdentifier");
    let id = if identifier.is_empty() { text(of, "name") } else { identifier };
    let place = if bundle.is_empty() { String::new() } else { format!("{bundle}/") };
    let reported = |of: &Value| {
        let mut reported = Reported::of_word(id, text(of, "result"), |result| match result {
            "Passed" => Some(Status::Success),
            "Failed" => Some(Status::Fail),
            "Skipped" => Some(Status::Skip),
            "Expected Failure" => Some(Status::ExpectedFailure),
            _ => None,
        });
        reported = reported.at([place.clone(), String::new()]);
        let took = text(of, "duration").trim_end_matches('s').replace(',', ".");
        let took = of["durationInSeconds"].as_f64().or_else(|| took.parse().ok());
        reported.duration = took.and_then(seconds);
        for tag in list(of, "tags").iter().filter_map(Value::as_str) {
            reported.tag(tag);
        }
        messages(of, &mut reported);
        reported
    };
    let tries: Vec<&Value> =
        children(of).iter().filter(|child| text(child, "nodeType") == "Repetition").collect();
    let Some((last, earlier)) = tries.split_last() else { return run.result(&reported(of)) };
    let mut number = 0;
    for attempt in earlier {
        number += 1;
        run.earlier(&reported(attempt).attempt(number));
    }
    run.result(&reported(last).attempt(number + 1));
}

/// What the nodes below say.
fn messages(of: &Value, reported: &mut Reported) {
    for child in children(of) {
        let name = match text(child, "nodeType") {
            "Failure Message" if reported.status() == Status::Skip => REASON,
            "Failure Message" => "failure",
            "Runtime Warning" => "warning",
            "Repetition" => continue,
            _ => {
                messages(child, reported);
                continue;
            }
        };
        reported.file(name, text(child, "name"));
    }
}

fn children(of: &Value) -> &[Value] {
    list(of, "children")
}
