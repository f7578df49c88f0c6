//! The build events of Bazel in JSON (`--build_event_json_file`): an event a line.
//!
//! By the published schema and examples; tried with 4.2.
//!
//! * Ids are labels; those of the second run or shard have `[run 2]` or `[shard 2]` after them. Every result is an attempt.
//! * Files of a test are named by their addresses. Targets that were not built, or were left out, come from `testSummary` and
//!   `aborted`.
//! * Without `lastMessage` the stream is cut off. An exit code other than 0 needs a failure, or is one.

use std::time::Duration;

use hashbrown::HashSet;
use serde_json::Value;
use subunit_core::{Status, conventions::REASON};

use crate::{
    events::{
        clock::seconds,
        emit::URI_LIST,
        reported::{DocumentRun, Reported},
    },
    format::{Row, Signs},
    json::object_lines::{self, ObjectLines},
    text::{
        json_line::{Object, list, text},
        time::{from_millis, parse_rfc3339},
    },
};

/// The build events of Bazel.
pub(crate) const ROW: Row = Row {
    name: "bazel",
    title: "the build events of Bazel, in JSON",
    signs: Signs { json: &[r#"{"id":{"started":"#, r#"{"id":{"testResult":"#], ..Signs::NONE },
    ..Row::new(object_lines::reader::<Build>)
};

const BUILD: &str = "bazel [build]";

/// What is known of a build. Memory: the labels of its tests.
#[derive(Default)]
struct Build {
    /// Labels that have a result, and ids whose last attempt failed.
    told: HashSet<String>,
    failed: HashSet<String>,
    began: bool,
    ended: bool,
}

impl ObjectLines for Build {
    const BEGINNINGS: &'static [&'static str] = &["\"id\""];

    fn message(&mut self, event: &Object, run: &mut DocumentRun<'_, '_>) -> bool {
        let Some(id) = event.0.get("id").filter(|id| id.is_object()) else { return false };
        self.began = true;
        let payload = |key: &str| event.0.get(key);
        if let (Some(result), test) = (payload("testResult"), &id["testResult"]) {
            self.result(test, result, run);
        } else if let Some(summary) = payload("testSummary") {
            self.summary(text(&id["testSummary"], "label"), text(summary, "overallStatus"), run);
        } else if let Some(aborted) = payload("aborted") {
            self.aborted(id, aborted, run);
        } else if let Some(progress) = payload("progress") {
            ["stdout", "stderr"]
                .into_iter()
                .for_each(|key| run.text(text(progress, key).as_bytes()));
        } else if let Some(finished) = payload("finished") {
            self.finished(&finished["exitCode"], run);
        }
        self.ended |= payload("lastMessage").and_then(Value::as_bool) == Some(true);
        true
    }

    fn finish(&mut self, run: &mut DocumentRun<'_, '_>) {
        if self.began && !self.ended {
            run.shortfall(BUILD, "it is cut off: there is no lastMessage");
        }
    }
}

impl Build {
    fn result(&mut self, test: &Value, result: &Value, run: &mut DocumentRun<'_, '_>) {
        let label = text(test, "label");
        let mut id = label.to_owned();
        for key in ["run", "shard"] {
            if let Some(number) = test[key].as_u64().filter(|number| *number > 1) {
                id = format!("{id} [{key} {number}]");
            }
        }
        let attempt = test["attempt"].as_u64().and_then(|attempt| u32::try_from(attempt).ok());
        let mut reported = Reported::of_word(id.clone(), text(result, "status"), status);
        if text(result, "status") != "PASSED" {
            reported.file(REASON, text(result, "status"));
        }
        reported.file("details", text(result, "statusDetails"));
        if result["cachedLocally"].as_bool() == Some(true) {
            reported.tag("cached");
        }
        for output in list(result, "testActionOutput") {
            reported.typed_file(text(output, "name"), text(output, "uri"), URI_LIST);
        }
        let start = parse_rfc3339(text(result, "testAttemptStart"));
        let millis = |key: &str| text(result, key).parse::<u64>().ok();
        reported.start = start.or_else(|| from_millis(millis("testAttemptStartMillisEpoch")?));
        let took = text(result, "testAttemptDuration").trim_end_matches('s').parse().ok();
        let took = took.and_then(seconds);
        let millis = millis("testAttemptDurationMillis").map(Duration::from_millis);
        reported.duration = took.or(millis);
        self.told.insert(label.to_owned());
        if reported.status() == Status::Success {
            self.failed.remove(&id);
        } else {
            self.failed.insert(id);
        }
        run.result(&reported.attempt(attempt.unwrap_or(1).max(1)));
    }

    /// What a target came to. Where it has results it says nothing new.
    fn summary(&mut self, label: &str, word: &str, run: &mut DocumentRun<'_, '_>) {
        if self.told.insert(label.to_owned()) {
            let mut reported = Reported::of_word(label, word, status);
            reported.file(REASON, format!("{word}: there are no results"));
            if reported.status() != Status::Success {
                self.failed.insert(label.to_owned());
            }
            run.result(&reported);
        } else if status(word) != Some(Status::Success)
            && !self.failed.iter().any(|id| is_of(id, label))
        {
            self.failed.insert(label.to_owned());
            run.shortfall(label, &format!("its summary says {word}, and no result does"));
        }
    }

    fn aborted(&mut self, id: &Value, aborted: &Value, run: &mut DocumentRun<'_, '_>) {
        let of = id.as_object().and_then(|id| id.values().next());
        let label = of.map_or("", |of| text(of, "label"));
        let (word, why) = (text(aborted, "reason"), text(aborted, "description"));
        let reason = format!("{word}: {why}");
        match (label, word) {
            ("", _) => run.failure(BUILD, &reason),
            (label, "SKIPPED") if self.told.insert(label.to_owned()) => {
                let mut skipped = Reported::new(label, Status::Skip);
                skipped.file(REASON, reason);
                return run.result(&skipped);
            }
            (_, "SKIPPED") => return,
            (label, _) => run.failure(label, &reason),
        }
        self.failed.insert(label.to_owned());
    }

    fn finished(&mut self, exit: &Value, run: &mut DocumentRun<'_, '_>) {
        let code = exit["code"].as_u64().unwrap_or(0);
        // There was no test: that is no failure.
        if !matches!(code, 0 | 4) && self.failed.is_empty() {
            run.shortfall(BUILD, &format!("exit code {code}: {}", text(exit, "name")));
        }
    }
}

/// Whether an id is that of a target, or of one of its runs or shards.
fn is_of(id: &str, label: &str) -> bool {
    id.strip_prefix(label).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ["))
}

fn status(word: &str) -> Option<Status> {
    match word {
        "PASSED" | "FLAKY" => Some(Status::Success),
        "FAILED"
        | "TIMEOUT"
        | "INCOMPLETE"
        | "REMOTE_FAILURE"
        | "FAILED_TO_BUILD"
        | "TOOL_HALTED_BEFORE_TESTING"
        | "NO_STATUS" => Some(Status::Fail),
        _ => None,
    }
}
