//! The JSON of Dart's and Flutter's tests (`dart test --reporter json`, `flutter test --machine`): an event a line.
//!
//! By the documentation of the protocol, version 0.1.1, and public samples of it; no Dart was at hand.
//!
//! * Ids are `file > name`, where the name has its groups in it. Times are those since the start of the run.
//! * Hidden tests that passed are no tests; a file that could not be loaded is a failure that is no test, and so is an error of a
//!   test that has ended.
//! * Without `done`, or where that does not say that all was well and nothing failed, the run is red.

use serde_json::Value;
use subunit_core::{
    Status,
    conventions::{REASON, STDOUT, TRACEBACK},
};

use crate::{
    events::{
        open_map::OpenMap,
        reported::{DocumentRun, Reported},
    },
    format::{Row, Signs, Told},
    json::object_lines::{self, ObjectLines},
    text::{
        json_line::{Object, text},
        paths::relative,
        time::from_millis,
    },
};

/// The JSON of Dart.
pub(crate) const ROW: Row = Row {
    name: "dart",
    title: "the JSON of Dart's and Flutter's tests",
    told: Told::LiveDurations,
    signs: Signs { json: &[r#"{"protocolVersion":$,"runnerVersion":"#], ..Signs::NONE },
    ..Row::new(object_lines::reader::<Session>)
};

const SESSION: &str = "dart [session]";

/// What is known of a run. Memory: its files, and the tests that run.
#[derive(Default)]
struct Session {
    suites: OpenMap<(String, String)>,
    tests: OpenMap<Running>,
    began: bool,
    ended: bool,
}

/// A test that runs.
struct Running {
    reported: Reported,
    file: String,
    start: u64,
    printed: String,
}

impl ObjectLines for Session {
    const BEGINNINGS: &'static [&'static str] = &[
        "\"protocolVersion\"",
        "\"suite\"",
        "\"test\"",
        "\"testID\"",
        "\"group\"",
        "\"count\"",
        "\"success\"",
    ];

    fn message(&mut self, event: &Object, run: &mut DocumentRun<'_, '_>) -> bool {
        let Some(kind) = event.str("type").filter(|_| event.count("time").is_some()) else {
            return false;
        };
        let id = event.count("testID").unwrap_or_default().to_string();
        let time = event.count("time").unwrap_or_default();
        match kind {
            "start" => (self.began, self.ended) = (true, false),
            "suite" => {
                let suite = member(event, "suite");
                let file = relative(text(suite, "path")).to_owned();
                let platform = text(suite, "platform").to_owned();
                self.suites.insert(&number(suite, "id"), (file, platform));
            }
            "testStart" => self.start(member(event, "test"), time),
            "print" => self.print(&id, event.str("message").unwrap_or_default(), run),
            "error" => self.error(&id, event, run),
            "testDone" => self.end(&id, event, time, run),
            "done" => {
                self.ended = true;
                let all_well = event.0.get("success").and_then(Value::as_bool) == Some(true);
                if !all_well && run.counts().is_green() {
                    run.shortfall(SESSION, "it did not succeed, and shows no failure");
                }
            }
            "group" | "allSuites" | "debug" => {}
            _ => return false,
        }
        self.began = true;
        true
    }

    fn finish(&mut self, run: &mut DocumentRun<'_, '_>) {
        for (_, mut test) in self.tests.take_all() {
            test.reported.file(STDOUT, test.printed);
            test.reported.cut_off();
            run.result(&test.reported);
        }
        if self.began && !self.ended {
            run.shortfall(SESSION, "it did not end: there is no `done`");
        }
    }
}

impl Session {
    fn start(&mut self, test: &Value, start: u64) {
        let suite = self.suites.get(&number(test, "suiteID")).cloned();
        let (file, platform) = suite.unwrap_or_default();
        let name = text(test, "name");
        let id = if file.is_empty() { name.to_owned() } else { format!("{file} > {name}") };
        let mut reported = Reported::new(id, Status::Success);
        if !platform.is_empty() {
            reported = reported.at([format!("{platform}: "), String::new()]);
        }
        reported.start = from_millis(start);
        reported.file(REASON, text(&test["metadata"], "skipReason"));
        let running = Running { reported, file, start, printed: String::new() };
        self.tests.insert(&number(test, "id"), running);
    }

    fn print(&mut self, id: &str, message: &str, run: &mut DocumentRun<'_, '_>) {
        let line = format!("{message}\n");
        match self.tests.get_mut(id) {
            Some(test) => test.printed.push_str(&line),
            None => run.text(line.as_bytes()),
        }
    }

    fn error(&mut self, id: &str, event: &Object, run: &mut DocumentRun<'_, '_>) {
        let said = |key: &str| event.str(key).unwrap_or_default();
        let error = format!("{}\n{}", said("error").trim_end(), said("stackTrace"));
        match self.tests.get_mut(id) {
            Some(test) => test.reported.file(TRACEBACK, error.trim_end()),
            None => run.failure(SESSION, &format!("an error of a test that had ended: {error}")),
        }
    }

    fn end(&mut self, id: &str, event: &Object, time: u64, run: &mut DocumentRun<'_, '_>) {
        let Some(Running { mut reported, file, start, printed }) = self.tests.remove(id) else {
            return run.failure(SESSION, &format!("test {id} ended, and had not begun"));
        };
        let is = |key: &str| event.0.get(key).and_then(Value::as_bool) == Some(true);
        let word = event.str("result").unwrap_or_default();
        let status = match word {
            "success" if is("skipped") => Some(Status::Skip),
            "success" => Some(Status::Success),
            "failure" | "error" => Some(Status::Fail),
            _ => None,
        };
        if is("hidden") && status == Some(Status::Success) {
            return run.output("stdout", printed.as_bytes());
        }
        if status.is_none() {
            reported.file(REASON, format!("unknown result `{word}`"));
        }
        reported.set_status(status.unwrap_or(Status::Fail));
        if is("hidden") {
            reported = reported.called(file);
            reported.is_no_test();
        }
        reported.duration = Some(std::time::Duration::from_millis(time.saturating_sub(start)));
        reported.file(STDOUT, printed);
        run.result(&reported);
    }
}

fn number(value: &Value, key: &str) -> String {
    value[key].as_u64().unwrap_or_default().to_string()
}

/// A member; null where there is none.
fn member<'e>(event: &'e Object, name: &str) -> &'e Value {
    event.0.get(name).unwrap_or(&Value::Null)
}
