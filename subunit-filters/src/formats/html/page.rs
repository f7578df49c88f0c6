//! The page.

use std::{fmt::Write as _, io::Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use subunit_core::run::cause::{Place, files, is_text, message};
use subunit_core::sink::{Attachment, TestRecord, Verdict};

use super::colours::{push_coloured, push_escaped};
use crate::formats::{
    digest::{Digest, Seconds, secret, word},
    output::Output,
    time::Rfc3339,
};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Files that are not text are in the page up to this many bytes.
const LARGEST_FILE: usize = 256 << 10;

/// So many failures are shown unfolded.
const UNFOLDED: usize = 10;

/// Writes the page, piece by piece.
pub(super) fn write<W: Write>(digest: &Digest, title: &str, out: &mut Output<W>) {
    let mut html = String::new();
    push_head(&mut html, title);
    push_header(&mut html, digest, title);
    out.write(html.as_bytes());
    for (nth, attempts) in digest.bad().enumerate() {
        html.clear();
        push_test(&mut html, attempts, nth < UNFOLDED);
        out.write(html.as_bytes());
    }
    html.clear();
    push_left_out(&mut html, digest.bad_left_out, "failures");
    out.write(html.as_bytes());
    let others = digest.others.iter().map(std::slice::from_ref);
    for attempts in digest.flaky.iter().map(Vec::as_slice).chain(others) {
        html.clear();
        push_test(&mut html, attempts, false);
        out.write(html.as_bytes());
    }
    html.clear();
    push_left_out(&mut html, digest.others_left_out, "tests that did not fail");
    push_outputs(&mut html, digest);
    html.push_str("</main>\n</body>\n</html>\n");
    out.write(html.as_bytes());
}

/// The head. Style and script are allowed by a word that no test can know; nothing else is, and nothing is
/// loaded from anywhere.
fn push_head(html: &mut String, title: &str) {
    let nonce = secret();
    let _ = write!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
    );
    push_escaped(html, title);
    let _ = write!(
        html,
        "</title>\n<style nonce=\"{nonce}\">\n{STYLE}</style>\n\
         <script nonce=\"{nonce}\">\n{SCRIPT}</script>\n</head>\n<body>\n"
    );
}

fn push_header(html: &mut String, digest: &Digest, title: &str) {
    let class = match digest.verdict() {
        Verdict::Passed => "good",
        Verdict::Failed => "bad",
        Verdict::NoTests => "dim",
    };
    html.push_str("<header>\n<h1>");
    push_escaped(html, title);
    let _ = write!(html, "</h1>\n<p class=\"verdict {class}\">");
    push_escaped(html, &digest.headline());
    html.push_str("</p>\n");
    if let Some(start) = digest.start() {
        let date = Rfc3339(start).to_string();
        let _ = writeln!(html, "<p class=\"place\">started {} UTC</p>", date_and_time(&date));
    }
    if let Some(damage) = digest.damage_text() {
        html.push_str("<p class=\"bad\">The stream is damaged: ");
        push_escaped(html, &damage);
        html.push_str("</p>\n");
    }
    html.push_str(
        "<div id=\"tools\"><input id=\"filter\" type=\"search\" placeholder=\"Filter by words of id, \
         status, tag\" aria-label=\"Filter tests\" autofocus>",
    );
    for (name, count) in digest.numbers().into_iter().filter(|(name, _)| *name != "damaged") {
        let _ =
            write!(html, "<button type=\"button\" data-word=\"{name}\">{count} {name}</button>");
    }
    html.push_str("<output id=\"shown\"></output></div>\n");
    push_slowest(html, digest);
    html.push_str("</header>\n<main>\n");
}

/// `2024-01-02 03:04:05` of a time with more digits than people read.
fn date_and_time(rfc3339: &str) -> String {
    rfc3339.split('.').next().unwrap_or_default().replace('T', " ")
}

fn push_slowest(html: &mut String, digest: &Digest) {
    if digest.slowest().len() < 2 {
        return;
    }
    html.push_str("<details class=\"slowest\"><summary>The slowest tests</summary><ol>");
    for (time, test_id) in digest.slowest() {
        let _ = write!(html, "<li><time>{}</time> ", Seconds(time));
        push_escaped(html, test_id);
        html.push_str("</li>");
    }
    html.push_str("</ol></details>\n");
}

fn push_left_out(html: &mut String, count: u64, what: &str) {
    if count > 0 {
        let _ = writeln!(
            html,
            "<p class=\"more\">{count} more {what} are counted above and not shown.</p>"
        );
    }
}

/// The files of no test.
fn push_outputs(html: &mut String, digest: &Digest) {
    let outputs = digest.outputs();
    if outputs.is_empty() {
        return;
    }
    html.push_str("<section id=\"output\"><h2>Output of no test</h2>\n");
    for output in outputs.iter() {
        html.push_str("<details class=\"output\"><summary><code>");
        push_escaped(html, &output.title());
        html.push_str("</code></summary>");
        push_content(html, &output.to_attachment());
        html.push_str("</details>\n");
    }
    if outputs.omitted() > 0 {
        let _ = writeln!(html, "<p class=\"more\">{} bytes left out</p>", outputs.omitted());
    }
    html.push_str("</section>\n");
}

/// A test with all attempts at it.
fn push_test(html: &mut String, attempts: &[TestRecord], unfolded: bool) {
    let Some(last) = attempts.last() else { return };
    let flaky = attempts.len() > 1 && !last.has_failed();
    let word = if flaky { "flaky" } else { word(last) };
    let class = match word {
        "passed" => "good",
        "flaky" | "skipped" | "failed as expected" => "dim",
        _ => "bad",
    };
    let bare = attempts.len() == 1 && files(last).is_empty() && last.omitted == 0;
    let tag = if bare { "div" } else { "details" };
    let open = if unfolded && !bare { " open" } else { "" };
    let _ = write!(html, "<{tag} class=\"test {class}\" data-word=\"{word}\"{open}>");
    html.push_str(if bare { "<p>" } else { "<summary>" });
    push_line(html, last, word);
    html.push_str(if bare { "</p>" } else { "</summary>" });
    for (nth, attempt) in attempts.iter().enumerate() {
        if attempts.len() > 1 {
            let _ = write!(html, "<h3>Attempt {}: {}</h3>", nth + 1, self::word(attempt));
        }
        push_attempt(html, attempt);
    }
    let _ = writeln!(html, "</{tag}>");
}

/// The line that a test is known by.
fn push_line(html: &mut String, record: &TestRecord, word: &str) {
    let _ = write!(html, "<b>{word}</b> <code>");
    push_escaped(html, &record.test_id);
    html.push_str("</code>");
    if let Some(time) = record.duration() {
        let _ = write!(html, " <time>{}</time>", Seconds(time));
    }
    if let Some(route) = &record.route_code {
        html.push_str(" <i>");
        push_escaped(html, route.as_route().as_str());
        html.push_str("</i>");
    }
    for tag in record.tags.as_tags() {
        if !tag.starts_with("file:") && !tag.starts_with("line:") {
            html.push_str(" <i>");
            push_escaped(html, tag);
            html.push_str("</i>");
        }
    }
    let message = message(record);
    if !message.is_empty() {
        html.push_str("<span class=\"why\">");
        push_escaped(html, &message);
        html.push_str("</span>");
    }
}

fn push_attempt(html: &mut String, record: &TestRecord) {
    if let Some(place) = Place::of(record).filter(|_| record.has_failed()) {
        html.push_str("<p class=\"place\">at ");
        push_escaped(html, &place.to_string());
        html.push_str("</p>");
    }
    for file in files(record) {
        push_file(html, file);
    }
    let start = record.start.filter(|start| !start.is_relative());
    if let Some(start) = start.filter(|_| !files(record).is_empty()) {
        let _ = write!(html, "<p class=\"place\">started {}</p>", Rfc3339(start));
    }
    if record.omitted > 0 {
        let _ = write!(html, "<p class=\"more\">{} bytes left out</p>", record.omitted);
    }
}

fn push_file(html: &mut String, file: &Attachment) {
    html.push_str("<h4>");
    push_escaped(html, &file.name);
    html.push_str("</h4>");
    push_content(html, file);
}

fn push_content(html: &mut String, file: &Attachment) {
    if is_text(file) {
        html.push_str("<pre>");
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
