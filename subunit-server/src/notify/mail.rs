//! A notice as a mail that people read.

use std::{fmt::Write as _, io};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Zoned, fmt::rfc2822, tz::TimeZone};
use subunit_core::run::counted;

use super::{
    notice::{ChangeNotice, NoticeTest, plain},
    smtp::MailServer,
};

/// How many bytes of a heading are in one encoded word.
const WORD: usize = 42;

/// People who are told by mail.
#[derive(Debug)]
pub(super) struct Mail {
    pub(super) server: MailServer,
    pub(super) from: String,
    pub(super) to: Vec<String>,
}

impl Mail {
    /// Sends a notice. `id` is the same if it is sent again. Returns what was said of people who were refused.
    ///
    /// # Errors
    ///
    /// If it was not taken.
    pub(super) fn send(&self, id: &str, notice: &ChangeNotice) -> io::Result<Vec<String>> {
        self.server.send(&self.from, &self.to, &self.message(id, notice))
    }

    fn message(&self, id: &str, notice: &ChangeNotice) -> String {
        let now = Zoned::now().with_time_zone(TimeZone::UTC);
        let date = rfc2822::to_string(&now).unwrap_or_default();
        let (from, to) = (&self.from, self.to.join(",\n "));
        let host = from.split_once('@').map_or("localhost", |(_, host)| host);
        let subject = encoded(&plain(&subject(notice)));
        let mut message = format!(
            "From: {from}\nTo: {to}\nSubject: {subject}\nDate: {date}\nMessage-ID: <{id}@{host}>\n\
             Auto-Submitted: auto-generated\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
        );
        let body = STANDARD.encode(text(notice).replace('\n', "\r\n"));
        let mut rest = body.as_str();
        while !rest.is_empty() {
            // Base64 is ASCII.
            let (line, more) = rest.split_at(rest.len().min(76));
            message.push_str(line);
            message.push('\n');
            rest = more;
        }
        message
    }
}

fn subject(notice: &ChangeNotice) -> String {
    let ChangeNotice { series, run, began_count, ceased_count, .. } = notice;
    let tests = |count: usize| counted(count as u64, "test");
    let what = match (began_count, ceased_count) {
        (0, ceased) => format!("{} no longer failing", tests(*ceased)),
        (began, 0) => format!("{} newly failing", tests(*began)),
        (began, ceased) => format!("{} newly failing, {ceased} no longer", tests(*began)),
    };
    let project = notice.project.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
    format!("[{project}{series}] {what} in run @{}", run.id)
}

/// The text of a mail.
fn text(notice: &ChangeNotice) -> String {
    let mut text = String::new();
    // A string takes all that is written to it.
    let _ = write_text(notice, &mut text);
    text
}

fn write_text(notice: &ChangeNotice, text: &mut String) -> std::fmt::Result {
    let ChangeNotice { run, series, verdict, .. } = notice;
    writeln!(
        text,
        "Run @{} of {}{} {verdict}: {}, {} bad.",
        run.id,
        plain(series),
        notice.project.as_ref().map(|name| format!(" in {name}")).unwrap_or_default(),
        counted(run.tests, "test"),
        run.bad
    )?;
    writeln!(text, "{}", run.url)?;
    writeln!(text, "Began {}, revision {}.\n", run.started, revision(run.revision.as_ref()))?;
    match (&notice.last_pass, &notice.since_last_pass) {
        (Some(pass), Some(since)) => {
            let revision = revision(pass.revision.as_ref());
            writeln!(text, "The last run that passed is @{}, revision {revision}.", pass.id)?;
            writeln!(
                text,
                "Since then: {} newly failing, {} fixed, {} added, {} removed.",
                since.newly_failing, since.fixed, since.added, since.removed
            )?;
            writeln!(text, "{}\n", pass.url)?;
        }
        _ => writeln!(text, "No run before has passed.\n")?,
    }
    let parts = [
        ("Newly failing", &notice.began, notice.began_count),
        ("No longer failing", &notice.ceased, notice.ceased_count),
    ];
    for (title, tests, count) in parts.into_iter().filter(|(.., count)| *count > 0) {
        writeln!(text, "{title}: {count}\n")?;
        tests.iter().try_for_each(|test| write_test(test, text))?;
        if count > tests.len() {
            writeln!(text, "... and {} more\n", count - tests.len())?;
        }
    }
    Ok(())
}

fn write_test(test: &NoticeTest, text: &mut String) -> std::fmt::Result {
    let place =
        if test.scope.is_empty() { String::new() } else { format!(" ({})", plain(&test.scope)) };
    writeln!(text, "* {}{place}", plain(&test.test))?;
    if let Some(percent) = (test.failures * 100).checked_div(test.results) {
        writeln!(
            text,
            "  failed {} of {} times lately ({percent} %)",
            test.failures, test.results
        )?;
    }
    if !test.message.is_empty() {
        writeln!(text, "  {}", plain(&test.message))?;
    }
    test.lines.iter().try_for_each(|line| writeln!(text, "    {line}"))?;
    writeln!(text, "  {}\n", test.url)
}

fn revision(revision: Option<&String>) -> String {
    revision.map_or_else(|| "not known".to_owned(), |revision| plain(revision))
}

/// A heading: what is not ASCII is encoded as RFC 2047 says.
fn encoded(text: &str) -> String {
    if text.is_ascii() && text.len() < 900 && !text.contains("=?") {
        return text.to_owned();
    }
    let (mut words, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let mut end = rest.len().min(WORD);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (part, more) = rest.split_at(end);
        words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(part)));
        rest = more;
    }
    words.join("\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_ascii_and_has_no_lines_of_its_own() {
        assert_eq!(encoded("[main] 1 test"), "[main] 1 test");
        let long = format!("é{}", "ü".repeat(60));
        let heading = encoded(&long);
        assert!(heading.is_ascii() && heading.lines().all(|line| line.len() <= 76), "{heading}");
        let words = heading.split("\n ").map(|word| {
            let word = word.strip_prefix("=?utf-8?B?").and_then(|word| word.strip_suffix("?="));
            String::from_utf8(STANDARD.decode(word.unwrap()).unwrap()).unwrap()
        });
        assert_eq!(words.collect::<String>(), long);
        assert_eq!(plain("a\r\nBcc: x\u{1b}[2J"), "a  Bcc: x [2J");
    }
}
