//! The page: what is above the tests, and the tests as data, from which the script makes rows when they are needed.

use std::{fmt::Write as _, io::Write};

use serde_json::Value;
use subunit_core::sink::Verdict;

use super::{
    colours::push_escaped,
    test::{body, class_of, date_and_time, mark_of, push_content, push_static, row},
};
use crate::{
    report::{
        output::Output,
        summary::RunSummary,
        words::{Seconds, secret},
    },
    text::time::Rfc3339,
};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A block of data is closed when it is longer than this, in bytes: the script looks into one when it needs it.
const BLOCK: usize = 1 << 20;

/// How many bytes of failures are shown if no script runs.
const STATIC: usize = 1 << 20;

/// Writes the page, piece by piece.
pub(super) fn write<W: Write>(summary: &RunSummary, title: Option<&str>, out: &mut Output<W>) {
    let mut html = String::new();
    push_head(&mut html, title.unwrap_or("Test results"));
    push_header(&mut html, summary, title.unwrap_or("Test results"));
    html.push_str("<main>\n<h2 id=\"tests\">Tests</h2>\n");
    push_tools(&mut html, summary);
    push_left_out(&mut html, summary.bad_left_out, "failures");
    push_left_out(&mut html, summary.others_left_out, "tests that did not fail");
    if !summary.shown.others {
        html.push_str("<p class=\"place\">Tests that did not fail are not listed.</p>\n");
    }
    push_failures(&mut html, summary);
    html.push_str("<div id=\"list\"></div>\n");
    push_outputs(&mut html, summary);
    html.push_str("</main>\n");
    out.write(html.as_bytes());
    write_data(summary, out);
    out.write(b"</body>\n</html>\n");
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

fn push_header(html: &mut String, summary: &RunSummary, title: &str) {
    let class = match summary.verdict() {
        Verdict::Passed => "good",
        Verdict::Failed => "bad",
        Verdict::NoTests => "dim",
    };
    html.push_str("<header>\n<h1>");
    push_escaped(html, title);
    let _ = write!(html, "</h1>\n<p class=\"verdict {class}\">");
    push_escaped(html, &summary.headline());
    html.push_str("</p>\n");
    if let Some(damage) = summary.damage_text() {
        html.push_str("<p class=\"bad\">The stream is damaged: ");
        push_escaped(html, &damage);
        html.push_str("</p>\n");
    }
    push_facts(html, summary);
    push_bar(html, summary);
    push_slowest(html, summary);
    html.push_str("</header>\n");
}

fn push_facts(html: &mut String, summary: &RunSummary) {
    let date = summary.start().map(|start| ("date", date_and_time(&Rfc3339(start))));
    let facts: Vec<_> = summary.facts().lines().into_iter().chain(date).collect();
    if facts.is_empty() {
        return;
    }
    html.push_str("<dl>");
    for (name, words) in facts {
        let _ = write!(html, "<div><dt>{name}</dt> <dd>");
        push_escaped(html, &words);
        html.push_str("</dd></div>");
    }
    html.push_str("</dl>\n");
}

/// How the results share the width of the page.
fn push_bar(html: &mut String, summary: &RunSummary) {
    let numbers =
        || summary.numbers().into_iter().filter(|(name, _)| *name != "damaged" && *name != "flaky");
    let all: u64 = numbers().map(|(_, count)| count).sum();
    if all == 0 {
        return;
    }
    let words: Vec<String> = numbers().map(|(name, count)| format!("{count} {name}")).collect();
    let _ = write!(
        html,
        "<svg class=\"bar\" viewBox=\"0 0 1000 8\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{}\">",
        words.join(", ")
    );
    let mut x = 0.0;
    let mut parts: Vec<_> = numbers().collect();
    parts.sort_by_key(|(name, _)| class_of(name));
    for (name, count) in parts {
        let width = 1000.0 * count as f64 / all as f64;
        let class = class_of(name);
        let _ = write!(
            html,
            "<rect class=\"{class}\" x=\"{x:.2}\" width=\"{width:.2}\" height=\"8\"></rect>"
        );
        x += width;
    }
    html.push_str("</svg>\n");
}

fn push_tools(html: &mut String, summary: &RunSummary) {
    html.push_str(
        "<div id=\"tools\"><input id=\"filter\" type=\"search\" placeholder=\"Filter by id, tag, output\" \
         aria-label=\"Filter tests by words of id, tag, message and output\">",
    );
    let mut numbers = summary.numbers();
    numbers.retain(|(name, _)| *name != "damaged");
    if let Some(comparison) = summary.counts().comparison {
        numbers.extend(comparison.marks().filter(|(_, count)| *count > 0));
    }
    // Failures first: `bad` comes before `dim` and `good`.
    numbers.sort_by_key(|(name, _)| class_of(name));
    for (name, count) in numbers {
        let class = class_of(name);
        let _ = write!(
            html,
            "<button type=\"button\" class=\"{class}\" data-word=\"{name}\">{count} {name}</button>"
        );
    }
    for (id, label, options) in [
        (
            "sort",
            "Order",
            &[("", "failures first"), ("time", "slowest first"), ("id", "by id")][..],
        ),
        ("group", "Groups", &[("", "no groups"), ("suite", "by suite"), ("route", "by route")]),
    ] {
        let _ = write!(html, "<select id=\"{id}\" aria-label=\"{label}\">");
        for (value, words) in options {
            let _ = write!(html, "<option value=\"{value}\">{words}</option>");
        }
        html.push_str("</select>");
    }
    html.push_str(
        "<button type=\"button\" id=\"expand\">expand all</button><output id=\"shown\"></output></div>\n",
    );
}

fn push_slowest(html: &mut String, summary: &RunSummary) {
    let slowest = summary.slowest();
    if slowest.len() < 2 {
        return;
    }
    html.push_str("<details class=\"slowest\"><summary>The slowest tests</summary><ol>");
    for (time, test_id) in slowest {
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

/// The first failures, for browsers and mail readers that run no script; the script takes them away.
fn push_failures(html: &mut String, summary: &RunSummary) {
    let length = html.len();
    html.push_str("<div id=\"static\">\n");
    for attempts in summary.bad() {
        let body = body(attempts);
        if html.len() - length + body.len() > STATIC {
            break;
        }
        push_static(html, attempts, &body);
    }
    html.push_str("<p class=\"place\">All other tests are shown by a script.</p>\n</div>\n");
}

/// The files of no test.
fn push_outputs(html: &mut String, summary: &RunSummary) {
    let outputs = summary.outputs();
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

/// All tests: rows, and what is below each of them, in blocks.
fn write_data<W: Write>(summary: &RunSummary, out: &mut Output<W>) {
    let others = summary.others.iter().map(std::slice::from_ref);
    let flaky = summary.flaky.iter().map(Vec::as_slice);
    let (mut rows, mut bodies) = (Block::new("rows"), Block::new("bodies"));
    let mut nth_body = 0;
    for attempts in summary.bad().chain(flaky).chain(others) {
        let Some(mut row) = row(attempts) else { continue };
        let body = body(attempts);
        let mark = mark_of(attempts);
        if !body.is_empty() {
            row.push(nth_body.into());
            nth_body += 1;
            bodies.push(&body.into(), out);
        } else if mark.is_some() {
            row.push(Value::Null);
        }
        row.extend(mark.map(|mark| mark.word().into()));
        rows.push(&row.into(), out);
    }
    rows.close(out);
    bodies.close(out);
}

/// A list in JSON that no browser takes for markup.
struct Block {
    class: &'static str,
    json: String,
}

impl Block {
    fn new(class: &'static str) -> Self {
        Self { class, json: String::new() }
    }

    fn push<W: Write>(&mut self, value: &Value, out: &mut Output<W>) {
        let separator = if self.json.is_empty() { '[' } else { ',' };
        self.json.push(separator);
        self.json.push_str(&value.to_string().replace('<', "\\u003c"));
        if self.json.len() > BLOCK {
            self.close(out);
        }
    }

    fn close<W: Write>(&mut self, out: &mut Output<W>) {
        if self.json.is_empty() {
            return;
        }
        let head = format!("<script type=\"application/json\" class=\"{}\">", self.class);
        out.write(head.as_bytes());
        out.write(self.json.as_bytes());
        out.write(b"]</script>\n");
        self.json.clear();
    }
}
