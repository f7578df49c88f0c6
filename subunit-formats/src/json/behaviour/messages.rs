//! The messages of cucumber (`--format message`): one envelope a line.
//!
//! By cucumber-js 12.9, protocol 32.
//!
//! * Ids are `file > scenario`, as on the console; of scenarios that share one, the second has its line in front.
//! * Each `testCaseStarted` with a number, or whose end says `willBeRetried`, is an attempt.
//! * A test case is as its worst step. Undefined, pending and ambiguous ones have failed. Hooks of the run that failed are failures
//!   that are no tests.
//! * Without `testRunFinished` the run is red, and so it is where that says so and nothing failed.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use subunit_core::{
    Status, Timestamp,
    conventions::{REASON, TRACEBACK},
};

use super::cucumber::{badness, status};
use crate::{
    events::{
        emit::TEXT,
        open_map::OpenMap,
        reported::{DocumentRun, Reported},
    },
    format::{Row, Signs},
    json::object_lines::{self, ObjectLines},
    text::json_line::{Object, list, text},
};

/// The messages of cucumber.
pub(crate) const ROW: Row = Row {
    name: "cucumber-messages",
    title: "the messages of cucumber",
    signs: Signs {
        json: &[r#"{"meta":{"protocolVersion":"#, r#"{"testRunStarted":{"#],
        ..Signs::NONE
    },
    ..Row::new(object_lines::reader::<Run>)
};

const SESSION: &str = "cucumber [run]";

/// What is known of the run. Memory: its scenarios, and the attempts that go on.
#[derive(Default)]
struct Run {
    /// Scenarios by the ids of pickles, then of test cases.
    pickles: OpenMap<Scenario>,
    cases: OpenMap<String>,
    open: OpenMap<Attempt>,
    began: bool,
    ended: bool,
}

#[derive(Clone, Debug, Default)]
struct Scenario {
    id: String,
    place: String,
    tags: Vec<String>,
    is_retried: bool,
}

/// An attempt that goes on.
struct Attempt {
    pickle: String,
    number: u64,
    reported: Reported,
    worst: String,
    start: Option<Timestamp>,
}

impl ObjectLines for Run {
    const BEGINNINGS: &'static [&'static str] = &[
        "\"meta\"",
        "\"source\"",
        "\"gherkinDocument\"",
        "\"pickle\"",
        "\"stepDefinition\"",
        "\"hook\"",
        "\"parameterType\"",
        "\"undefinedParameterType\"",
        "\"parseError\"",
        "\"testRunStarted\"",
        "\"testRunHook",
        "\"testCase",
        "\"testStep",
        "\"attachment\"",
        "\"externalAttachment\"",
        "\"suggestion\"",
        "\"testRunFinished\"",
    ];

    fn message(&mut self, message: &Object, run: &mut DocumentRun<'_, '_>) -> bool {
        let Some((kind, body)) = message.0.iter().next() else { return false };
        self.began = true;
        match kind.as_str() {
            "meta" => self.ended = false,
            "pickle" => self.pickle(body),
            "testCase" => self.cases.insert(text(body, "id"), text(body, "pickleId").to_owned()),
            "testRunStarted" => run.starts_at(time(&body["timestamp"])),
            "testCaseStarted" => self.start(body),
            "testStepFinished" => self.step(body),
            "attachment" => self.attach(body, run),
            "testCaseFinished" => self.end(body, run),
            "parseError" => run.failure(text(&body["source"], "uri"), text(body, "message")),
            "testRunHookFinished" if text(&body["result"], "status") != "PASSED" => {
                run.failure(SESSION, text(&body["result"], "message"));
            }
            "testRunFinished" => {
                self.ended = true;
                let failed = body["success"].as_bool() == Some(false);
                if failed && run.counts().is_green() {
                    let said = body["message"].as_str();
                    run.shortfall(SESSION, said.unwrap_or("it failed, and shows no failure"));
                }
            }
            _ => {}
        }
        true
    }

    fn finish(&mut self, run: &mut DocumentRun<'_, '_>) {
        for (_, mut attempt) in self.open.take_all() {
            attempt.reported.cut_off();
            run.result(&attempt.reported);
        }
        if self.began && !self.ended {
            run.shortfall(SESSION, "it did not end: there is no testRunFinished");
        }
    }
}

impl Run {
    fn pickle(&mut self, pickle: &Value) {
        let file = text(pickle, "uri");
        let line = pickle["location"]["line"].as_u64();
        let tags = list(pickle, "tags").iter();
        let tags = tags.map(|tag| text(tag, "name").trim_start_matches('@').to_owned());
        let scenario = Scenario {
            id: format!("{file} > {}", text(pickle, "name")),
            place: line.map(|line| format!("line {line} > ")).unwrap_or_default(),
            tags: tags.collect(),
            is_retried: false,
        };
        self.pickles.insert(text(pickle, "id"), scenario);
    }

    fn start(&mut self, started: &Value) {
        let case = text(started, "testCaseId");
        let pickle = self.cases.get(case).cloned().unwrap_or_default();
        let scenario = self
            .pickles
            .get(&pickle)
            .cloned()
            .unwrap_or_else(|| Scenario { id: format!("test case {case}"), ..Scenario::default() });
        let mut reported = Reported::new(scenario.id, Status::Success);
        reported = reported.at([scenario.place, String::new()]);
        scenario.tags.iter().for_each(|tag| reported.tag(tag));
        let start = time(&started["timestamp"]);
        reported.start = start;
        let number = started["attempt"].as_u64().unwrap_or(0);
        let worst = "passed".to_owned();
        let attempt = Attempt { pickle, number, reported, worst, start };
        self.open.insert(text(started, "id"), attempt);
    }

    fn step(&mut self, finished: &Value) {
        let Some(attempt) = self.open.get_mut(text(finished, "testCaseStartedId")) else { return };
        let result = &finished["testStepResult"];
        let word = text(result, "status").to_ascii_lowercase();
        let message = text(result, "message");
        let is_bad = status(&word) != Some(Status::Success) && word != "skipped";
        if is_bad && message.is_empty() {
            attempt.reported.file(REASON, format!("a step is {word}"));
        }
        attempt.reported.file(if is_bad { TRACEBACK } else { REASON }, message);
        if badness(&word) > badness(&attempt.worst) {
            attempt.worst = word;
        }
    }

    fn attach(&mut self, attachment: &Value, run: &mut DocumentRun<'_, '_>) {
        let (body, mime_type) = (text(attachment, "body"), text(attachment, "mediaType"));
        let decoded = match text(attachment, "contentEncoding") {
            "BASE64" => STANDARD.decode(body).ok(),
            _ => None,
        };
        let bytes = decoded.unwrap_or_else(|| body.as_bytes().to_vec());
        let name = match (text(attachment, "fileName"), mime_type) {
            ("", "text/x.cucumber.log+plain") => "log",
            ("", _) => "attachment",
            (name, _) => name,
        };
        let mime_type = if name == "log" { TEXT } else { mime_type };
        match self.open.get_mut(text(attachment, "testCaseStartedId")) {
            Some(attempt) => attempt.reported.typed_file(name, bytes, mime_type),
            None => run.output(name, &bytes),
        }
    }

    fn end(&mut self, finished: &Value, run: &mut DocumentRun<'_, '_>) {
        let Some(attempt) = self.open.remove(text(finished, "testCaseStartedId")) else { return };
        let Attempt { pickle, number, mut reported, worst, start } = attempt;
        let stop = time(&finished["timestamp"]);
        reported.duration = stop.and_then(|stop| stop.since(start?));
        match status(&worst) {
            Some(status) => reported.set_status(status),
            None => {
                reported.set_status(Status::Fail);
                reported.file(REASON, format!("unknown status `{worst}`"));
            }
        }
        let retried = finished["willBeRetried"].as_bool() == Some(true);
        let scenario = self.pickles.get_mut(&pickle);
        let was_retried = scenario.is_some_and(|it| std::mem::replace(&mut it.is_retried, retried));
        if retried || was_retried || number > 0 {
            reported = reported.attempt(u32::try_from(number + 1).unwrap_or(u32::MAX));
        }
        if retried {
            run.earlier(&reported);
        } else {
            run.result(&reported);
        }
    }
}

/// `{"seconds":1795912405,"nanos":124000000}`; seconds may be a string.
fn time(value: &Value) -> Option<Timestamp> {
    let seconds = &value["seconds"];
    let seconds = seconds.as_u64().or_else(|| seconds.as_str()?.parse().ok())?;
    let nanos = value["nanos"].as_u64().unwrap_or(0).min(999_999_999);
    let since = Duration::new(seconds, nanos as u32);
    Some(Timestamp::new(u32::try_from(since.as_secs()).ok()?, since.subsec_nanos()))
}
