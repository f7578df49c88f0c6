//! pytest-reportlog: what `pytest --report-log=FILE` writes, one JSON object a line.
//!
//! A test is set up, called and torn down, and each phase has a report; its result is known with the last.
//! Ids are pytest's node ids. A failed call is the file `traceback`, a failed set-up or tear-down `error`.
//! Attempts of tests that may be run again (pytest-rerunfailures) end one by one, and have the tag `attempt-N`.
//! A test that passed though it was to fail has passed, with the tag `xpass`, unless pytest says that it failed.
//! Subtests are of their own, not runnable, as `<id> [message] (name=value)`. A module that could not be
//! collected is a failure, not runnable. A log without `SessionFinish` was cut off, and is red.

mod longrepr;

use std::collections::BTreeSet;

use serde_json::Value;
use subunit_core::{
    Event, FileChunk, Status, TagsBuf, Timestamp,
    conventions::{XPASS, attempt_tag},
};

use crate::{
    events::{
        emit::{TEXT, fit},
        open_map::OpenMap,
        push::{Push, some_tags},
    },
    format::Row,
    reader::public_reader,
    text::{
        json_line::{LongLines, Object, Tries, each_part, find, note_cut},
        line_reader::{LineReader, LineState},
        time::from_seconds,
    },
};

/// The log of pytest-reportlog.
pub(crate) const ROW: Row = Row {
    name: "reportlog",
    title: "the log of pytest-reportlog",
    examples: &[
        r#"printf %s '{"$report_type":"TestReport","nodeid":"t.py::a",' '"when":"call","outcome":"passed"}' > log.json; subunit from-reportlog log.json | subunit ls"#,
        r#"echo '{"$report_type":"SessionFinish","exitstatus":1}' | subunit from-reportlog | subunit stats"#,
    ],
    ..Row::new(|| Box::new(ReportLogReader::new()))
};

/// What the session is called where it fails on its own.
const SESSION: &str = "pytest [session]";

public_reader! {
    /// Reads what pytest-reportlog writes.
    ///
    /// Memory: the tests that run, those that are run again, and one line.
    #[derive(Clone, Debug)]
    ReportLogReader(LineReader<State, LongLines>) = LineReader::default()
}

impl LineState for State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        note_cut(line, push);
        each_part(line, |part, tries| self.part(part, tries, push));
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        self.cut_off("the log ended", push);
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    /// Whether a session has begun and not finished.
    session: bool,
    /// Whether anything in it failed.
    red: bool,
    tests: OpenMap<Test>,
    /// Of tests that will be run again: the attempts so far, and how many sections were seen.
    again: OpenMap<(u32, usize)>,
    /// The last date that a report has named: subtests may have none.
    date: Option<Timestamp>,
}

/// A test that runs.
#[derive(Clone, Debug, Default)]
struct Test {
    /// Which attempt this is, where there may be several.
    attempt: Option<u32>,
    /// What the phases have said so far; `None` while nothing but success.
    outcome: Option<Status>,
    /// Whether it will be run again.
    rerun: bool,
    reason: Option<String>,
    /// Why it was expected to fail, where it passed and pytest calls that passed.
    xpass: Option<String>,
    tags: TagsBuf,
    /// How many sections of output were seen: each report repeats those before.
    sections: usize,
    /// The files that have begun.
    files: BTreeSet<String>,
}

impl State {
    /// An object and what stands before it; gives how many bytes are behind.
    fn part(&mut self, line: &[u8], tries: &mut Tries, push: &mut Push<'_>) -> usize {
        let known = |object: &Object| object.str("$report_type").is_some();
        let Some(found) = find(line, &["\""], known, tries) else {
            push.text(line);
            return 0;
        };
        push.text(found.before);
        let object = &found.object;
        let kind = object.str("$report_type").unwrap_or_default();
        if kind == "SessionStart" {
            self.cut_off("the next session started", push);
        }
        self.session = kind != "SessionFinish";
        match kind {
            "SessionStart" => {}
            "TestReport" => self.report(object, push),
            "SubTestReport" => self.subtest(object, push),
            "CollectReport" => self.collected(object, push),
            "WarningMessage" => warning(object, push),
            "SessionFinish" => self.finished(object, push),
            _ => push.text(&line[found.before.len()..line.len() - found.after.len()]),
        }
        found.after.len()
    }

    fn report(&mut self, object: &Object, push: &mut Push<'_>) {
        let id = fit(object.str("nodeid").unwrap_or_default()).into_owned();
        let when = object.str("when").unwrap_or_default();
        let start = self.time(object, "start");
        if !self.tests.contains(&id) {
            let again = self.again.remove(&id);
            // Only tests that may be run again have a number of reruns.
            let said = object.count("rerun").and_then(|reruns| u32::try_from(reruns).ok());
            let attempts = said.or_else(|| Some(again?.0));
            let test = Test {
                attempt: attempts.map(|attempts| attempts.saturating_add(1)),
                sections: again.map_or(0, |(_, sections)| sections),
                ..Test::default()
            };
            let tags = test.all_tags();
            push.event(&Event {
                timestamp: start,
                tags: some_tags(&tags),
                ..Event::status(&id, Status::InProgress)
            });
            self.tests.insert(&id, test);
        }
        let Some(test) = self.tests.get_mut(&id) else { return };
        test.sections(&id, object, push);
        test.phase(&id, when, object, push);
        if when == "teardown" {
            let stop = self.time(object, "stop");
            self.end(&id, stop, push);
        }
    }

    /// A time of a report. Where it is no date, though reports before had dates, the last of these: subtests of
    /// some versions start at 0.
    fn time(&mut self, object: &Object, key: &str) -> Option<Timestamp> {
        let time = object.number(key).and_then(from_seconds)?;
        if time.is_relative() {
            return self.date.or(Some(time));
        }
        self.date = Some(time);
        self.date
    }

    fn end(&mut self, id: &str, at: Option<Timestamp>, push: &mut Push<'_>) {
        let Some(mut test) = self.tests.remove(id) else { return };
        test.end_files(id, push);
        if test.rerun {
            test.attempt.get_or_insert(1);
        }
        let status = test.outcome.unwrap_or(Status::Success);
        if let Some(reason) = test.xpass.take().filter(|_| status == Status::Success) {
            test.tags.insert(XPASS);
            test.reason = Some(reason);
        }
        let tags = test.all_tags();
        let reason = test.reason.as_deref();
        push.event(&Event {
            timestamp: at,
            tags: some_tags(&tags),
            file: reason.map(|reason| FileChunk { name: "reason", bytes: reason.as_bytes() }),
            mime_type: reason.map(|_| TEXT),
            eof: reason.is_some(),
            ..Event::status(id, status)
        });
        if test.rerun {
            self.again.insert(id, (test.attempt.unwrap_or(1), test.sections));
        } else {
            self.red |= status == Status::Fail;
        }
    }

    fn subtest(&mut self, object: &Object, push: &mut Push<'_>) {
        let node = object.str("nodeid").unwrap_or_default();
        let id = format!("{}{}", fit(node), fit(&longrepr::context(object)));
        let at = self.time(object, "stop");
        let (status, reason) = outcome(object);
        let text = longrepr::text(object);
        // It is tried again with its test.
        let attempt = self.tests.get(&fit(node)).and_then(|test| test.attempt);
        let mut tags: TagsBuf = attempt.map(attempt_tag).iter().map(String::as_str).collect();
        if is_xpass(object) {
            tags.insert(XPASS);
        }
        if status == Status::Fail {
            self.red = true;
            push.file(Some(&id), "traceback", text.as_bytes(), true);
        }
        let reason = reason.as_deref();
        push.event(&Event {
            runnable: false,
            timestamp: at,
            tags: some_tags(&tags),
            file: reason.map(|reason| FileChunk { name: "reason", bytes: reason.as_bytes() }),
            mime_type: reason.map(|_| TEXT),
            eof: reason.is_some(),
            ..Event::status(&id, status)
        });
    }

    fn collected(&mut self, object: &Object, push: &mut Push<'_>) {
        for item in object.array("result") {
            let part = |key| item.get(key).and_then(Value::as_str).unwrap_or_default();
            let id = fit(part("nodeid"));
            // Collectors are listed beside tests; a test's type is `Function` or that of a plugin.
            let collectors = ["Module", "Package", "Class", "Dir", "Session", "Instance", ""];
            if !collectors.contains(&part("type")) && !id.is_empty() {
                push.status(&id, Status::Exists, None);
            }
        }
        let (status, reason) = outcome(object);
        let id = fit(object.str("nodeid").unwrap_or_default());
        if status == Status::Fail {
            self.red = true;
            push.file(Some(&id), "error", longrepr::text(object).as_bytes(), true);
            push.group_failure(&id, "it could not be collected", None, None);
        } else if status == Status::Skip {
            let reason = reason.unwrap_or_default();
            push.event(&Event {
                runnable: false,
                file: Some(FileChunk { name: "reason", bytes: reason.as_bytes() }),
                mime_type: Some(TEXT),
                eof: true,
                ..Event::status(&id, Status::Skip)
            });
        }
    }

    /// The exit status is 0 for success, 1 for failed tests and 5 for no tests at all; all others say that
    /// the session itself went wrong.
    fn finished(&mut self, object: &Object, push: &mut Push<'_>) {
        self.close_tests("the session finished", push);
        let status = object.number("exitstatus").unwrap_or(0.0);
        if status != 0.0 && status != 5.0 && !self.red {
            let reason = format!("pytest ended with exit status {status}");
            push.group_failure(SESSION, &reason, None, None);
        }
        self.red = false;
        self.again = OpenMap::default();
    }

    fn close_tests(&mut self, why: &str, push: &mut Push<'_>) {
        for (id, mut test) in self.tests.take_all() {
            self.red = true;
            test.end_files(&id, push);
            push.incomplete(&id, &format!("no result: {why}"), test.all_tags(), None);
        }
    }

    /// The session that is open, if any, will not finish.
    fn cut_off(&mut self, why: &str, push: &mut Push<'_>) {
        let tests = self.tests.len();
        self.close_tests(why, push);
        if std::mem::take(&mut self.session) && tests == 0 {
            push.incomplete_group(SESSION, &format!("no result: {why}"), None);
        }
        self.red = false;
        self.again = OpenMap::default();
    }
}

impl Test {
    /// Its tags, which attempt it is among them.
    fn all_tags(&self) -> TagsBuf {
        let mut tags = self.tags.clone();
        if let Some(attempt) = self.attempt {
            tags.insert(&attempt_tag(attempt));
        }
        tags
    }

    /// Pushes the output that was captured since the last report.
    fn sections(&mut self, id: &str, object: &Object, push: &mut Push<'_>) {
        let sections = object.array("sections");
        for section in sections.iter().skip(self.sections) {
            let part = |at| section.get(at).and_then(Value::as_str).unwrap_or_default();
            let title: &str = part(0);
            let stream = title.strip_prefix("Captured ").and_then(|rest| rest.split(' ').next());
            let name = stream.unwrap_or(title);
            self.file(id, &fit(name), part(1), push);
        }
        self.sections = self.sections.max(sections.len());
    }

    fn file(&mut self, id: &str, name: &str, text: &str, push: &mut Push<'_>) {
        if !self.files.contains(name) {
            self.files.insert(name.to_owned());
        }
        push.file(Some(id), name, text.as_bytes(), false);
    }

    fn end_files(&mut self, id: &str, push: &mut Push<'_>) {
        for name in std::mem::take(&mut self.files) {
            push.file(Some(id), &name, b"", true);
        }
    }

    fn phase(&mut self, id: &str, when: &str, object: &Object, push: &mut Push<'_>) {
        for property in object.array("user_properties") {
            if let (Some(Value::String(key)), Some(value)) = (property.get(0), property.get(1)) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                push.tag(id, &mut self.tags, &format!("{key}:{value}"));
            }
        }
        let (status, reason) = outcome(object);
        self.rerun |= object.str("outcome") == Some("rerun");
        match status {
            Status::Fail => {
                let name = if when == "call" { "traceback" } else { "error" };
                self.file(id, name, &longrepr::text(object), push);
                self.outcome = Some(Status::Fail);
            }
            Status::Success if is_xpass(object) => self.xpass = Some(reason.unwrap_or_default()),
            Status::Success => {}
            // A failed tear-down is worse than what came before, and nothing is worse than that.
            other if self.outcome.is_none() => {
                self.outcome = Some(other);
                self.reason = reason;
                if other == Status::ExpectedFailure {
                    self.file(id, "traceback", &longrepr::text(object), push);
                }
            }
            _ => {}
        }
    }
}

/// What a report says, and why.
fn outcome(object: &Object) -> (Status, Option<String>) {
    let expected = object.str("wasxfail").map(str::to_owned);
    match object.str("outcome") {
        Some("passed") => (Status::Success, expected),
        Some("skipped") if expected.is_some() => (Status::ExpectedFailure, expected),
        Some("skipped") => (Status::Skip, Some(longrepr::skip_reason(object))),
        // `failed`, `rerun`, and what no version of today writes.
        _ => (Status::Fail, None),
    }
}

/// Whether a test passed that was expected to fail, and pytest calls that passed.
fn is_xpass(object: &Object) -> bool {
    object.str("wasxfail").is_some() && object.str("outcome") == Some("passed")
}

fn warning(object: &Object, push: &mut Push<'_>) {
    let part = |key| object.str(key).unwrap_or_default();
    let line = object.count("lineno").unwrap_or_default();
    let (file, category, message) = (part("filename"), part("category"), part("message"));
    let text = format!("{file}:{line}: {category}: {message}\n");
    push.file(None, "warnings", text.as_bytes(), true);
}
