//! The JSON of RSpec (`--format json`).
//!
//! By RSpec 3.12. Examples come as they were told, the summary after them.
//!
//! * Ids are those that RSpec takes to run an example, `./a_spec.rb[1:2]`; what it is called is its file `description`.
//! * `messages` tell what failed outside of examples: failures that are no tests.
//! * `summary` must be what was read. RSpec writes it even where an example ended the program.

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
    text::json_line::{Object, list, text},
};

/// The JSON of RSpec.
pub(crate) const ROW: Row = Row {
    name: "rspec-json",
    title: "the JSON of RSpec",
    signs: Signs { json: SHAPE.begins, ..Signs::NONE },
    ..Row::document(document::reader::<Report>)
};

const SHAPE: DocumentShape = DocumentShape {
    begins: &[
        r#"{"version":$,"messages":"#,
        r#"{"version":$,"seed":"#,
        r#"{"version":$,"examples":"#,
    ],
    lists: &[&["examples"]],
    members_of: &[],
    members: Members::Named(&["messages", "summary"]),
};

const SESSION: &str = "rspec [outside of examples]";

#[derive(Clone, Debug, Default)]
struct Report {
    messages: Vec<String>,
    summary: Option<Object>,
}

impl DocumentFormat for Report {
    const SHAPE: &'static DocumentShape = &SHAPE;
    const NAME: &'static str = "rspec report";

    fn element(&mut self, _list: usize, example: Object, run: &mut DocumentRun<'_, '_>) {
        let path = example.str("file_path").unwrap_or_default();
        let line = example.count("line_number").unwrap_or_default();
        let id = example.str("id").map_or_else(|| format!("{path}:{line}"), str::to_owned);
        let word = example.str("status").unwrap_or_default();
        let mut reported = Reported::of_word(id, word, |word| match word {
            "passed" => Some(Status::Success),
            "failed" => Some(Status::Fail),
            "pending" => Some(Status::Skip),
            _ => None,
        });
        let took = example.number("run_time").and_then(seconds);
        reported.duration = took.filter(|took| *took > Duration::ZERO);
        reported.file("description", example.str("full_description").unwrap_or_default());
        reported.file(REASON, example.str("pending_message").unwrap_or_default());
        if let Some(exception) = example.0.get("exception") {
            reported.file(TRACEBACK, cause(exception));
        }
        run.result(&reported);
    }

    fn member(&mut self, key: &str, value: Value, _run: &mut DocumentRun<'_, '_>) {
        if key == "summary" {
            self.summary = Object::of(value);
        } else {
            let messages = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            self.messages = messages.map(str::to_owned).collect();
        }
    }

    fn end(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let Some(summary) = self.summary.take() else {
            return Some("it has no summary".to_owned());
        };
        let errors = summary.count("errors_outside_of_examples_count").unwrap_or(0);
        let messages = std::mem::take(&mut self.messages);
        if errors > 0 {
            let mut error = Reported::beside(SESSION);
            error.file(REASON, messages.join("\n").trim());
            if !error.has_files() {
                error.file(REASON, format!("{errors} errors occurred outside of examples"));
            }
            run.result(&error);
        } else {
            messages.iter().for_each(|message| run.output("messages", message.as_bytes()));
        }
        let counts = run.counts();
        difference([
            ("examples", summary.count("example_count"), counts.tests()),
            ("failures", summary.count("failure_count"), counts.failed),
            ("pending", summary.count("pending_count"), counts.skipped),
        ])
    }
}

/// The class, the message and the stack, as Ruby writes them.
fn cause(exception: &Value) -> String {
    let message = text(exception, "message").trim_start_matches('\n');
    let mut cause = format!("{}: {message}", text(exception, "class"));
    for line in list(exception, "backtrace").iter().filter_map(Value::as_str) {
        cause.push_str("\n  ");
        cause.push_str(line);
    }
    cause
}
