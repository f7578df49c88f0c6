//! One test on the page.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use subunit_core::{
    conventions,
    run::{
        Mark,
        cause::{SourceLocation, files, is_text, message},
    },
    sink::{Attachment, TestRecord},
};

use super::colours::{push_coloured, push_escaped};
use crate::{
    report::words::{Seconds, word},
    text::time::Rfc3339,
};

/// Files that are not text are in the page up to this many bytes.
const LARGEST_FILE: usize = 1 << 20;

/// The word for how the attempts ended.
pub(super) fn result_word(attempts: &[TestRecord]) -> &'static str {
    match attempts {
        [_, .., last] if !last.has_failed() => "flaky",
        [.., last] => word(last),
        [] => "",
    }
}

/// Whether the failure is new, where that is known.
pub(super) fn mark_of(attempts: &[TestRecord]) -> Option<Mark> {
    attempts.last()?.mark
}

/// The class of the page's style for a word.
pub(super) fn class_of(word: &str) -> &'static str {
    match word {
        "passed" => "good",
        "flaky" | "skipped" | "failed as expected" | "known" | "tolerated" => "dim",
        _ => "bad",
    }
}

/// Why the test ended as it did; of a flaky one, why it failed at first.
fn why(attempts: &[TestRecord]) -> String {
    let telling = match attempts {
        [first, .., last] if !last.has_failed() => Some(first),
        _ => attempts.last(),
    };
    telling.map(message).unwrap_or_default()
}

/// The line that a test is known by, as the page's script takes it: word, id, seconds, route, tags, message.
pub(super) fn row(attempts: &[TestRecord]) -> Option<Vec<Value>> {
    let last = attempts.last()?;
    let seconds = last.duration().map(|time| (time.as_secs_f64() * 1e6).round() / 1e6);
    let tags: Vec<&str> = shown_tags(last).collect();
    let route = last.route_code.as_ref().map_or("", |route| route.as_route().as_str());
    Some(vec![
        result_word(attempts).into(),
        last.test_id.as_str().into(),
        json!(seconds),
        route.into(),
        tags.into(),
        why(attempts).into(),
    ])
}

/// Places and numbers of attempts are shown otherwise.
fn shown_tags(record: &TestRecord) -> impl Iterator<Item = &str> {
    let is_attempt = |tag: &str| {
        let tags: subunit_core::TagsBuf = [tag].into_iter().collect();
        conventions::attempt(tags.as_tags()).is_some()
    };
    record.tags.as_tags().into_iter().filter(move |tag| {
        !tag.starts_with("file:") && !tag.starts_with("line:") && !is_attempt(tag)
    })
}

/// What is below that line; empty where there is nothing.
pub(super) fn body(attempts: &[TestRecord]) -> String {
    let mut html = String::new();
    let said = if attempts.len() > 1 { String::new() } else { why(attempts) };
    for (nth, attempt) in attempts.iter().enumerate() {
        if attempts.len() > 1 {
            let _ = write!(html, "<h3>Attempt {}: {}</h3>", nth + 1, word(attempt));
        }
        push_attempt(&mut html, attempt, &said);
    }
    html
}

/// A test for browsers that run no script.
pub(super) fn push_static(html: &mut String, attempts: &[TestRecord], body: &str) {
    let Some(last) = attempts.last() else { return };
    let word = result_word(attempts);
    let mark = mark_of(attempts).map(|mark| format!("<i>{}</i> ", mark.word())).unwrap_or_default();
    let _ = write!(
        html,
        "<details class=\"test {}\" open><summary><b>{word}</b> {mark}<code>",
        class_of(word)
    );
    push_escaped(html, &last.test_id);
    html.push_str("</code>");
    if let Some(time) = last.duration() {
        let _ = write!(html, " <time>{}</time>", Seconds(time));
    }
    let route = last.route_code.as_ref().map(|route| route.as_route().as_str());
    for chip in route.into_iter().chain(shown_tags(last)) {
        html.push_str(" <i>");
        push_escaped(html, chip);
        html.push_str("</i>");
    }
    html.push_str(" <span class=\"why\">");
    push_escaped(html, &why(attempts));
    let _ = writeln!(html, "</span></summary>{body}</details>");
}

/// Whether a file says no more than the line that the test is known by.
fn is_said(file: &Attachment, said: &str) -> bool {
    matches!(file.name.as_str(), conventions::REASON | "message")
        && file.omitted == 0
        && file.bytes.trim_ascii() == said.as_bytes()
}

/// `said` is the message, where it stands above already.
fn push_attempt(html: &mut String, record: &TestRecord, said: &str) {
    if let Some(place) = SourceLocation::of(record).filter(|_| record.has_failed()) {
        html.push_str("<p class=\"place\">at ");
        push_escaped(html, &place.to_string());
        html.push_str("</p>");
    }
    let files: Vec<_> = files(record).into_iter().filter(|file| !is_said(file, said)).collect();
    for file in &files {
        push_file(html, file);
    }
    let start = record.start.filter(|start| !start.is_relative() && !files.is_empty());
    if let Some(start) = start {
        let _ = write!(html, "<p class=\"place\">started {}</p>", date_and_time(&Rfc3339(start)));
    }
    if record.omitted > 0 {
        let _ = write!(html, "<p class=\"more\">{} bytes left out</p>", record.omitted);
    }
}

/// `2024-01-02 03:04:05 UTC`: people read no more digits.
pub(super) fn date_and_time(time: &Rfc3339) -> String {
    let time = time.to_string();
    format!("{} UTC", time.split('.').next().unwrap_or_default().replace('T', " "))
}

fn push_file(html: &mut String, file: &Attachment) {
    html.push_str("<p class=\"name\">");
    push_escaped(html, &file.name);
    html.push_str("</p>");
    push_content(html, file);
}

/// Text as text, images as images; all else can be saved.
pub(super) fn push_content(html: &mut String, file: &Attachment) {
    if is_text(file) {
        html.push_str("<pre tabindex=\"0\">");
        push_coloured(html, &String::from_utf8_lossy(&file.bytes));
        html.push_str("</pre>");
        return;
    }
    let length = file.bytes.len() as u64 + file.omitted;
    if file.omitted > 0 || file.bytes.len() > LARGEST_FILE {
        let _ = write!(html, "<p class=\"more\">{length} bytes, too many for this page</p>");
        return;
    }
    let content = STANDARD.encode(&file.bytes);
    let essence = file.mime_type.as_deref().and_then(|mime| mime.split(';').next());
    if let Some(image) = ["image/png", "image/jpeg", "image/gif", "image/webp"]
        .into_iter()
        .find(|image| essence == Some(image))
    {
        let _ = write!(html, "<img src=\"data:{image};base64,{content}\" alt=\"");
        push_escaped(html, &file.name);
        html.push_str("\">");
        return;
    }
    html.push_str("<p><a download=\"");
    push_escaped(html, file.name.rsplit(['/', '\\']).next().unwrap_or("file"));
    let _ = write!(
        html,
        "\" href=\"data:application/octet-stream;base64,{content}\">save</a> ({length} bytes)</p>"
    );
}
