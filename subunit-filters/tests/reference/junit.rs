//! JUnit reports of the reference, as far as their content goes.

use serde_json::{Value, json};

use super::cases::Case;

/// What was recorded. Type and text of a failure follow the reference's formatting of exceptions and
/// are free, but not the attachments in it: see [`text_of`].
pub(crate) fn expected(case: &Case) -> Value {
    let mut report = case.expected["junit"].clone();
    if case.is_volatile("suite_time") {
        report["suite"]["time"] = json!("volatile");
    }
    for case in report["cases"].as_array_mut().unwrap() {
        if case["outcome"] == "failure" {
            case["text"] = json!(text_of(case["text"].as_str()));
        }
    }
    report
}

/// # Errors
///
/// Where the report cannot be read.
pub(crate) fn parse(case: &Case, report: &[u8]) -> Result<Value, String> {
    let mut report = read(report)?;
    if case.is_volatile("suite_time") {
        report["suite"]["time"] = json!("volatile");
    }
    Ok(report)
}

/// # Errors
///
/// What differs.
pub(crate) fn same(ours: &[u8], theirs: &[u8]) -> Result<(), String> {
    let (ours, theirs) = (read(ours)?, read(theirs)?);
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("report:\n  ours   {ours}\n  theirs {theirs}"))
    }
}

fn read(report: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(report).map_err(|error| error.to_string())?;
    let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
    let suite = document.root_element();
    let attributes = |names: &[&str]| -> serde_json::Map<String, Value> {
        names.iter().map(|name| ((*name).to_owned(), json!(suite.attribute(*name)))).collect()
    };
    let cases = suite.children().filter(|node| node.has_tag_name("testcase")).map(|case| {
        let result = case.children().find(roxmltree::Node::is_element);
        let name = result.map_or("pass", |result| result.tag_name().name());
        let text = result.and_then(|result| result.text());
        json!({
            "classname": case.attribute("classname"),
            "name": case.attribute("name"),
            "time": case.attribute("time"),
            "outcome": name,
            "type": result.and_then(|result| result.attribute("type")),
            "text": if name == "failure" { Some(text_of(text)) } else { text.map(str::to_owned) },
        })
    });
    let cases: Vec<Value> = cases.collect();
    Ok(
        json!({"suite": attributes(&["errors", "failures", "tests", "time", "name"]), "cases": cases}),
    )
}

/// The text of a failure without the name of the exception in front.
fn text_of(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let text = text.strip_prefix("testtools.testresult.real._StringException").unwrap_or(text);
    text.strip_prefix(':').unwrap_or(text).trim().to_owned()
}
