//! The JSON lines of Rust's libtest, and those that cargo-nextest writes in the same form.
//!
//! libtest: `cargo test -- -Z unstable-options --format json`. nextest: `--message-format libtest-json` and
//! `libtest-json-plus`, where suites interleave and carry a member `nextest`, and the end of a test that was
//! retried has `#<attempts>` after its name: these become attempts, with the tag `attempt-N`, of which all but
//! the last have no details. An object may stand after bytes that a test wrote.
//!
//! Where cargo's own lines are among the input (`Running tests/x.rs (..)`), ids are `<program>::<test>`,
//! else `<test>`; of programs of one name all but the first have their source with them. nextest's names are kept. Where tests say how long they took, their times count from the
//! beginning of 1970.

use std::time::Duration;

use subunit_core::{Event, Status, TagsBuf, Timestamp, conventions::attempt_tag, run::counted};

use crate::{
    events::{
        clock::{self, SyntheticClock},
        emit::fit,
        open_map::{Grouped, OpenMap},
        push::{Push, some_tags},
    },
    format::{Row, Signs},
    reader::public_reader,
    text::{
        json_line::{LongLines, Object, Tries, each_part, find, note_cut},
        line_reader::{LineReader, LineState},
        rust_output::{Programs, program, split_panic},
    },
};

/// The JSON of libtest and nextest.
pub(crate) const ROW: Row = Row {
    name: "libtest",
    title: "the JSON of libtest or nextest",
    examples: &[
        r#"echo '{ "type": "test", "event": "ok", "name": "a" }' | subunit from-libtest | subunit ls"#,
        r#"echo '{ "type": "test", "event": "started", "name": "a" }' | subunit from-libtest | subunit stats"#,
    ],
    akin: "cargo",
    signs: Signs { anywhere: &["{ \"type\": \""], ..Signs::NONE },
    ..Row::new(|| Box::new(LibtestReader::new()))
};

/// What an object begins with.
const BEGINNINGS: [&str; 2] = ["\"type\"", "\"event\""];

public_reader! {
    /// Reads what libtest and nextest write as JSON.
    ///
    /// Memory: the tests and suites that are running, and one line.
    #[derive(Clone, Debug)]
    LibtestReader(LineReader<State, LongLines>) = LineReader::default()
}

impl LineState for State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        note_cut(line, push);
        each_part(line, |part, tries| self.part(part, tries, push));
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        for (name, suite) in self.suites.take_all() {
            self.end_without_result(&name, &suite, "the input ended", push);
        }
        for (_, test) in self.tests.take_all() {
            push.incomplete(&test.id, "no result: the input ended", TagsBuf::new(), None);
        }
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    clock: SyntheticClock,
    /// The program that cargo runs, where it says so.
    program: Option<String>,
    programs: Programs,
    /// By the name that nextest gives; libtest gives none, and runs one after the other.
    suites: OpenMap<Suite>,
    /// By suite and the name that libtest gives.
    tests: Grouped<Test>,
}

/// A suite that runs: the tests of one program.
#[derive(Clone, Debug, Default)]
struct Suite {
    /// What to call it where it fails on its own.
    id: String,
    /// Tests of it that have passed or failed.
    ended: u64,
    failed: u64,
    /// How many tests it said it would run.
    planned: Option<u64>,
    /// Whether its tests are nextest's, whose suites may end before their last test does.
    nextest: bool,
}

/// A test that runs.
#[derive(Clone, Debug, Default)]
struct Test {
    id: String,
    suite: String,
    /// The clock when it started.
    start: SyntheticClock,
}

impl State {
    /// An object and what stands before it; gives how many bytes are behind.
    fn part(&mut self, line: &[u8], tries: &mut Tries, push: &mut Push<'_>) -> usize {
        let known = |object: &Object| {
            matches!(object.str("type"), Some("suite" | "test" | "bench" | "report"))
        };
        let Some(found) = find(line, &BEGINNINGS, known, tries) else {
            if let Some(program) = program(line) {
                self.program = Some(self.programs.label(program));
            }
            if let Some(name) = discovered_name(line) {
                push.status(&self.id(&fit(name)), Status::Exists, None);
            }
            push.text(line);
            return 0;
        };
        push.text(found.before);
        let object = &found.object;
        let taken = match object.str("type") {
            Some("suite") => self.suite(object, push),
            Some("report") => {
                let json = serde_json::Value::Object(object.0.clone()).to_string();
                push.typed_file(None, "report", json.as_bytes(), "application/json", true);
                true
            }
            _ => self.test(object, push),
        };
        if !taken {
            push.text(&line[found.before.len()..line.len() - found.after.len()]);
        }
        found.after.len()
    }

    /// False where the event is none that says something here.
    fn suite(&mut self, object: &Object, push: &mut Push<'_>) -> bool {
        let name = suite_name(object);
        match object.str("event") {
            Some("started") => {
                // libtest runs one suite at a time: what is still open has lost its program. nextest
                // announces a suite again for tests that start later.
                if name.is_empty()
                    && let Some(suite) = self.suites.remove(&name)
                {
                    self.end_without_result(&name, &suite, "the next suite started", push);
                }
                let id = match (&self.program, name.is_empty()) {
                    (Some(program), true) => format!("{program} [suite]"),
                    (None, true) => "[suite]".to_owned(),
                    (_, false) => format!("{name} [suite]"),
                };
                let suite = self.suites.entry(&name);
                (suite.id, suite.planned) = (id, object.count("test_count"));
            }
            Some("ok") => self.end_suite(&name, object, push),
            Some("failed") => {
                let suite = self.suites.get(&name).cloned().unwrap_or_default();
                self.end_suite(&name, object, push);
                if suite.failed == 0 && object.count("failed").unwrap_or(0) == 0 {
                    let id = if suite.id.is_empty() { "[suite]" } else { &suite.id };
                    push.group_failure(id, "the suite failed without a failed test", None, None);
                }
            }
            Some("discovery" | "completed") => {}
            _ => return false,
        }
        true
    }

    /// A suite has ended with a result of its own.
    fn end_suite(&mut self, name: &str, object: &Object, push: &mut Push<'_>) {
        let suite = self.suites.remove(name).unwrap_or_default();
        let is_closed = name.is_empty() && self.close_tests(name, "the suite ended", push);
        if is_closed || suite.id.is_empty() {
            return;
        }
        let said = |key| object.count(key).unwrap_or(0);
        let (passed, failed) = (said("passed").saturating_add(said("measured")), said("failed"));
        let ended = passed.saturating_add(failed);
        // Verbatim nextest has suites that end before their last test does, and says not whose tests are whose.
        let is_short = ended > suite.ended && !(name.is_empty() && suite.nextest);
        if is_short || failed > suite.failed {
            let seen = [suite.ended.saturating_sub(suite.failed), suite.failed];
            let reason = format!(
                "the suite says {passed} passed and {failed} failed, \
                 of which {} and {} were seen",
                seen[0], seen[1]
            );
            push.shortfall(&suite.id, &reason);
            return;
        }
        let told = ended.saturating_add(said("ignored"));
        // nextest counts those that were filtered out as well.
        let sums = [told, told.saturating_add(said("filtered_out"))];
        if let Some(planned) = suite.planned.filter(|planned| !sums.contains(planned))
            && !suite.nextest
        {
            let reason = format!(
                "the suite was to run {} and says that it ran {told}",
                counted(planned, "test")
            );
            push.shortfall(&suite.id, &reason);
        }
    }

    fn end_without_result(&mut self, name: &str, suite: &Suite, why: &str, push: &mut Push<'_>) {
        if !self.close_tests(name, why, push) {
            push.incomplete_group(&suite.id, &format!("no result: {why}"), None);
        }
    }

    /// Ends the open tests of a suite; false where there is none.
    fn close_tests(&mut self, suite: &str, why: &str, push: &mut Push<'_>) -> bool {
        let tests = self.tests.take(suite);
        for (_, test) in &tests {
            push.incomplete(&test.id, &format!("no result: {why}"), TagsBuf::new(), None);
        }
        !tests.is_empty()
    }

    fn test(&mut self, object: &Object, push: &mut Push<'_>) -> bool {
        let Some(name) = object.str("name") else { return false };
        let name = fit(name);
        let status = match (object.str("type"), object.str("event")) {
            (_, Some("started")) => {
                let test = Test { id: self.id(&name), suite: suite_of(&name), start: self.clock };
                // Of another program, of which no more is heard.
                if let Some(old) =
                    self.tests.remove(&test.suite, &name).filter(|old| old.id != test.id)
                {
                    let reason = "no result: a test of that name started";
                    push.incomplete(&old.id, reason, TagsBuf::new(), None);
                }
                push.status(&test.id, Status::InProgress, None);
                self.tests.insert(&test.suite.clone(), &name, test);
                return true;
            }
            (_, Some("discovered")) => {
                self.discovered(&name, object, push);
                return true;
            }
            (Some("bench"), _) | (_, Some("ok")) => Status::Success,
            (_, Some("failed")) => Status::Fail,
            (_, Some("ignored")) => Status::Skip,
            _ => return false,
        };
        self.end(&name, status, object, push);
        true
    }

    fn is_open(&self, name: &str) -> bool {
        self.tests.get(&suite_of(name), name).is_some()
    }

    /// When a test ended that took so long. Tests run side by side: each began at its time.
    fn stop(&mut self, test: &Test, took: Duration, push: &mut Push<'_>) -> Timestamp {
        let mut clock = test.start;
        let stop = clock.advance(took);
        self.clock.advance_to(stop);
        push.start_time(&test.id, test.start.now());
        stop
    }

    fn id(&self, name: &str) -> String {
        match &self.program {
            Some(program) if !name.contains('$') => format!("{program}::{name}"),
            _ => name.to_owned(),
        }
    }

    fn suite_of_mut(&mut self, test: &Test) -> Option<&mut Suite> {
        let name = if self.suites.contains(&test.suite) { &test.suite } else { "" };
        self.suites.get_mut(name)
    }

    fn discovered(&self, name: &str, object: &Object, push: &mut Push<'_>) {
        let mut tags = TagsBuf::new();
        if let Some(path) = object.str("source_path").filter(|path| !path.is_empty()) {
            tags.insert(&fit(&format!("file:{path}")));
        }
        if let Some(line) = object.count("start_line").filter(|line| *line > 0) {
            tags.insert(&format!("line:{line}"));
        }
        let id = self.id(name);
        push.event(&Event { tags: some_tags(&tags), ..Event::status(&id, Status::Exists) });
    }

    fn end(&mut self, name: &str, status: Status, object: &Object, push: &mut Push<'_>) {
        // Only nextest tries again, and its names have a `$`: what a test prints of others is no attempt at them.
        let retried = name
            .rsplit_once('#')
            .filter(|(base, _)| !self.is_open(name) && base.contains('$'))
            .and_then(|(base, attempt)| Some((base, attempt.parse::<u32>().ok()?)));
        let (base, attempt) = retried.map_or((name, None), |(base, number)| (base, Some(number)));
        let unannounced = || Test { id: self.id(base), suite: suite_of(base), start: self.clock };
        let open = self.tests.get(&suite_of(base), base).cloned();
        let test = open.unwrap_or_else(unannounced);
        self.tests.remove(&test.suite, base);
        if let Some(suite) = self.suite_of_mut(&test) {
            suite.nextest |= !test.suite.is_empty();
            suite.ended += u64::from(status != Status::Skip);
            suite.failed += u64::from(status == Status::Fail);
        }
        push.earlier_attempts(&test.id, None, attempt.unwrap_or(1));
        details(&test.id, status, object, push);
        let took = object.0.get("exec_time").and_then(duration);
        let tags: TagsBuf = attempt.map(attempt_tag).iter().map(String::as_str).collect();
        let timestamp = took.map(|took| self.stop(&test, took, push));
        push.event(&Event { tags: some_tags(&tags), timestamp, ..Event::status(&test.id, status) });
    }
}

/// The suite of a test by its name: nextest's names are `<crate>::<binary>$<test>`.
fn suite_of(name: &str) -> String {
    name.split_once('$').map_or("", |(suite, _)| suite).to_owned()
}

/// The name of a suite: `<crate>::<binary>`, empty where the program is not nextest.
fn suite_name(object: &Object) -> String {
    let Some(nextest) = object.0.get("nextest") else { return String::new() };
    let part = |key| nextest.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
    fit(&format!("{}::{}", part("crate"), part("test_binary"))).into_owned()
}

/// The name in a listing whose reason for ignoring the test has quotes: libtest 1.95 does not escape them,
/// so the line is no JSON.
fn discovered_name(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    let name = line.strip_prefix(r#"{ "type": "test", "event": "discovered", "name": ""#)?;
    name.split_once(r#"", "ignore": "#).map(|(name, _)| name)
}

/// A number of seconds, or of old a string such as `0.001s`.
fn duration(time: &serde_json::Value) -> Option<Duration> {
    let of_text = || time.as_str()?.trim_end_matches('s').parse().ok();
    clock::seconds(time.as_f64().or_else(of_text)?)
}

/// Pushes a test's output and messages.
fn details(id: &str, status: Status, object: &Object, push: &mut Push<'_>) {
    let (stdout, panic) = split_panic(object.str("stdout").unwrap_or_default());
    let message = object.str("message").or_else(|| object.str("reason")).unwrap_or_default();
    if !stdout.is_empty() {
        push.file(Some(id), "stdout", stdout.as_bytes(), true);
    }
    if !panic.is_empty() {
        push.file(Some(id), "traceback", panic.as_bytes(), message.is_empty());
    }
    if !message.is_empty() {
        let name = if status == Status::Fail { "traceback" } else { "reason" };
        push.file(Some(id), name, message.as_bytes(), true);
    }
    if object.str("type") == Some("bench") {
        let json = serde_json::Value::Object(object.0.clone()).to_string();
        push.typed_file(Some(id), "benchmark", json.as_bytes(), "application/json", true);
    }
}
