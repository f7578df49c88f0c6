//! One test in one run: how it ended, and all that its stream says of it. Each line of a log has an address.

use std::fmt::Write as _;

use subunit_core::{
    run::{cause, counted},
    sink::{Attachment, TestRecord},
    text::ansi::plain,
};

use crate::site::{
    frame::{Page, SiteFrame, Text, facts, name, seconds, time},
    links::{SiteLinks, slug},
};
use crate::{
    machine::micros,
    query::{RecordedResult, RunRow, TestIdentity},
};

/// How many lines of a file are shown. The others are in the raw file.
const LINES: usize = 5000;

pub(super) fn page(
    frame: &SiteFrame,
    run: &RunRow,
    test: &TestIdentity,
    results: &[RecordedResult],
) -> String {
    let links = SiteLinks::Served;
    let title = name(test);
    let (slug, number) = (slug(&run.series), format!("@{}", run.id));
    let above = [
        ("All series", "../../".to_owned()),
        (run.series.as_str(), format!("../../{}", links.series(&slug))),
        (number.as_str(), format!("../../{}", links.run(run))),
    ];
    let mut body = format!(
        "<p><a href=\"../../{}\">All results of this test</a></p>\n",
        Text(&links.test(&run.series, test, ""))
    );
    let mut nth = 0;
    for result in results {
        let count = result.attempts.len();
        for (place, attempt) in result.attempts.iter().enumerate().rev() {
            let which = if count > 1 {
                format!("Attempt {} of {count}: ", place + 1)
            } else {
                String::new()
            };
            push_attempt(&mut body, &which, attempt, run, test, &mut nth);
        }
    }
    frame.page(&Page { title: &title, above: &above, depth: 2 }, &body)
}

fn push_attempt(
    body: &mut String,
    which: &str,
    attempt: &TestRecord,
    run: &RunRow,
    test: &TestIdentity,
    nth: &mut usize,
) {
    let word = attempt.status.map_or("no status", |status| status.name());
    let class = match attempt.status {
        Some(status) if status.is_failure() => "bad",
        Some(status) if status.is_final() => "good",
        _ => "dim",
    };
    let _ = writeln!(body, "<h2 class=\"verdict {class}\">{which}{word}</h2>");
    let message = cause::message(attempt);
    if class != "good" && !message.is_empty() {
        let _ = writeln!(body, "<p><code>{}</code></p>", Text(&message));
    }
    let began = attempt.start.map(|start| time(micros(start)));
    let took = attempt.duration().and_then(|took| u64::try_from(took.as_micros()).ok());
    let tags: Vec<&str> = attempt.tags.as_tags().iter().collect();
    body.push_str(&facts(&[
        ("began", began.unwrap_or_default()),
        ("took", took.map(seconds).unwrap_or_default()),
        (
            "where",
            attempt
                .route_code
                .as_ref()
                .map(|route| Text(route.as_route().as_str()).to_string())
                .unwrap_or_default(),
        ),
        ("tags", Text(&tags.join(", ")).to_string()),
    ]));
    for file in cause::files(attempt) {
        push_file(body, file, run, test, *nth);
        *nth += 1;
    }
    if attempt.omitted > 0 {
        let omitted = counted(attempt.omitted, "byte");
        let _ = writeln!(
            body,
            "<p class=\"soft\">{omitted} of its files are not shown: they are too long.</p>"
        );
    }
}

/// A file by what is in it, whatever it says that it is.
fn push_file(body: &mut String, file: &Attachment, run: &RunRow, test: &TestIdentity, nth: usize) {
    let address = SiteLinks::file(run, test, nth);
    let (title, address) = (Text(&file.name), Text(&address).to_string());
    let size = counted(file.bytes.len() as u64, "byte");
    let _ = writeln!(
        body,
        "<section>\n<h3>{title} <a class=\"soft\" href=\"../../{address}\">{size}</a></h3>"
    );
    if image_type(&file.bytes).is_some() {
        let _ = writeln!(body, "<p><img src=\"../../{address}\" alt=\"{title}\"></p>");
    } else if cause::is_text(file) {
        push_log(body, &plain(&file.bytes), nth);
    }
    body.push_str("</section>\n");
}

/// A text, each line with a number that is a link to it.
fn push_log(body: &mut String, text: &str, nth: usize) {
    let file = if nth == 0 { String::new() } else { format!("F{nth}") };
    let lines = text.lines().count();
    let first = lines.saturating_sub(LINES);
    if first > 0 {
        let _ = writeln!(
            body,
            "<p class=\"soft\">Lines 1 to {first} are not shown: the file has them.</p>"
        );
    }
    body.push_str("<pre class=\"log\" tabindex=\"0\">");
    for (at, line) in text.lines().enumerate().skip(first) {
        let number = at + 1;
        let _ = write!(
            body,
            "<span id=\"{file}L{number}\"><a href=\"#{file}L{number}\">{number}</a> {}\n</span>",
            Text(line)
        );
    }
    body.push_str("</pre>\n");
}

/// The type of a picture that browsers show and that holds no script, by its first bytes.
pub fn image_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_an_address_for_each_line() {
        let mut body = String::new();
        push_log(&mut body, "a <b>\n\u{1}\n", 2);
        assert_eq!(
            body,
            "<pre class=\"log\" tabindex=\"0\"><span id=\"F2L1\"><a href=\"#F2L1\">1</a> a &lt;b&gt;\n</span>\
             <span id=\"F2L2\"><a href=\"#F2L2\">2</a> \\u{1}\n</span></pre>\n"
        );
        let (mut body, long) = (String::new(), "x\n".repeat(LINES + 2));
        push_log(&mut body, &long, 0);
        assert!(body.contains("Lines 1 to 2 are not shown") && body.contains("id=\"L3\""));
        assert!(!body.contains("id=\"L2\""));
    }

    #[test]
    fn only_pictures_without_script_are_shown() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n"[..], Some("image/png")),
            (b"<svg xmlns=", None),
            (b"<html>", None),
            (b"", None),
        ] {
            assert_eq!(image_type(bytes), kind, "{bytes:?}");
        }
    }
}
