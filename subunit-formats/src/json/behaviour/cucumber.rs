//! The JSON of cucumber and of behave: a list of features, each with its scenarios.
//!
//! By cucumber-js 12.9 and behave 1.3. Both have no summary: a list that ends is whole.
//!
//! * Ids are `file > scenario`, as on the console; of scenarios that share one, the second has its line after the file.
//! * The status is what behave says of the scenario, else the worst of its steps. Undefined, pending and ambiguous ones have
//!   failed. A feature whose hook failed is a failure that is no test.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use subunit_core::{
    Status,
    conventions::{REASON, TRACEBACK},
};

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

/// The JSON of cucumber and behave.
pub(crate) const ROW: Row = Row {
    name: "cucumber-json",
    title: "the JSON of cucumber and behave",
    signs: Signs { json: SHAPE.begins, ..Signs::NONE },
    ..Row::document(document::reader::<Report>)
};

const SHAPE: DocumentShape = DocumentShape {
    begins: &[
        r#"[{"keyword":$,"name":"#,
        r#"[{"description":$,"elements":["#,
        r#"[{"line":#,"elements":["#,
        r#"[{"elements":[{"#,
        r#"[{"uri":$,"id":"#,
        r#"[{"id":$,"uri":"#,
    ],
    lists: &[&[]],
    members_of: &[],
    members: Members::Named(&[]),
};

#[derive(Clone, Debug, Default)]
struct Report;

impl DocumentFormat for Report {
    const SHAPE: &'static DocumentShape = &SHAPE;
    const NAME: &'static str = "cucumber report";

    fn element(&mut self, _list: usize, feature: Object, run: &mut DocumentRun<'_, '_>) {
        let file = file(&feature);
        let before = run.counts();
        let mut background = &Value::Null;
        for element in feature.array("elements") {
            match text(element, "type") {
                // Its steps stand before those of the scenario that comes next, by some versions.
                "background" => background = element,
                _ => {
                    let background = std::mem::replace(&mut background, &Value::Null);
                    scenario(file, &feature, element, background, run);
                }
            }
        }
        let failed = matches!(feature.str("status"), Some("failed" | "error" | "hook_error"));
        if failed && run.counts().failed == before.failed {
            run.failure(file, "the feature failed, and none of its scenarios");
        }
    }

    fn end(&mut self, _run: &mut DocumentRun<'_, '_>) -> Option<String> {
        None
    }
}

/// The file of a feature: behave has it with a line.
fn file(feature: &Object) -> &str {
    let place =
        feature.str("location").map(|place| place.rsplit_once(':').map_or(place, |it| it.0));
    feature.str("uri").or(place).or_else(|| feature.str("name")).unwrap_or_default()
}

fn scenario(
    file: &str,
    feature: &Object,
    element: &Value,
    background: &Value,
    run: &mut DocumentRun<'_, '_>,
) {
    let name = text(element, "name");
    let line = element["line"].as_u64().map(|line| line.to_string());
    let line = line.or_else(|| Some(element["location"].as_str()?.rsplit_once(':')?.1.to_owned()));
    let lists =
        [(background, "steps"), (element, "before"), (element, "steps"), (element, "after")];
    let steps: Vec<&Value> = lists.into_iter().flat_map(|(of, key)| list(of, key)).collect();
    let worst = steps.iter().map(|step| step["result"]["status"].as_str().unwrap_or("passed"));
    let worst = worst.max_by_key(|word| badness(word)).unwrap_or("passed");
    let word = element["status"].as_str().unwrap_or(worst);
    let place = line.map(|line| format!("line {line} > ")).unwrap_or_default();
    let mut reported = Reported::of_word(format!("{file} > {name}"), word, status);
    reported = reported.at([place, String::new()]);
    for tag in feature.array("tags").iter().chain(list(element, "tags")) {
        let tag = tag["name"].as_str().or(tag.as_str()).unwrap_or_default();
        reported.tag(tag.trim_start_matches('@'));
    }
    reported.duration = seconds(steps.iter().map(|step| took(&step["result"]["duration"])).sum());
    steps.iter().for_each(|step| details(step, &mut reported));
    run.result(&reported);
}

/// Seconds: cucumber counts nanoseconds, in whole numbers, and behave seconds.
fn took(duration: &Value) -> f64 {
    let nanos = duration.as_u64().map(|nanos| nanos as f64 / 1e9);
    nanos.or(duration.as_f64()).unwrap_or(0.0)
}

/// What a step says of itself.
fn details(step: &Value, reported: &mut Reported) {
    let result = &step["result"];
    let message = match &result["error_message"] {
        Value::Array(lines) => {
            lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        }
        message => message.as_str().unwrap_or_default().to_owned(),
    };
    let skips = matches!(reported.status(), Status::Success | Status::Skip);
    reported.file(if skips { REASON } else { TRACEBACK }, message);
    let word = text(result, "status");
    if matches!(word, "undefined" | "pending" | "ambiguous" | "untested_pending") {
        let step = ["keyword", "name"].map(|key| text(step, key).trim()).join(" ");
        reported.file(REASON, format!("{word} step: {step}"));
    }
    for output in list(step, "output").iter().filter_map(Value::as_str) {
        reported.file("output", output);
    }
    for embedding in list(step, "embeddings") {
        let text = |key: &str| embedding[key].as_str();
        let data = text("data").unwrap_or_default();
        let data = STANDARD.decode(data).unwrap_or_else(|_| data.as_bytes().to_vec());
        let mime_type = text("mime_type").unwrap_or("application/octet-stream");
        reported.typed_file(text("name").unwrap_or("embedding"), data, mime_type);
    }
}

/// What a status means, of a scenario or a step.
pub(super) fn status(word: &str) -> Option<Status> {
    match word {
        "passed" => Some(Status::Success),
        "skipped" | "untested" | "xfailed" => Some(Status::Skip),
        "failed" | "error" | "undefined" | "pending" | "ambiguous" | "hook_error"
        | "cleanup_error" | "pending_warn" | "untested_pending" | "untested_undefined"
        | "xpassed" | "unknown" => Some(Status::Fail),
        _ => None,
    }
}

/// How bad the status of a step is for its scenario.
pub(super) fn badness(word: &str) -> u8 {
    match word {
        "passed" => 0,
        "skipped" | "untested" => 1,
        "pending" => 2,
        "undefined" => 3,
        "ambiguous" => 4,
        _ => 5,
    }
}
