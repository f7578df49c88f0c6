//! What is said about a run for other programs, in files of no test: [`PLAN`] and [`WORKER`].

use std::process::ExitStatus;

use serde::Serialize;
use subunit_core::{
    Event, EventBuf, FileChunk, RouteCode, Timestamp,
    conventions::{MIME_TYPE, PLAN, WORKER},
};

use crate::ending;

/// The version of these programs, as they tell it each other.
pub(crate) const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// How much there is to do, as far as known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Plan {
    /// How many tests there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub tests: u64,
    /// How many workers run them.
    #[serde(skip_serializing_if = "is_zero")]
    pub workers: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Plan {
    /// The event, for the whole run.
    pub fn event(self) -> EventBuf {
        event(PLAN, None, &self)
    }
}

/// What became of a worker.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It begins.
    Started,
    /// It ended by itself.
    Ended,
    /// A signal that was not ours killed it, or it could not be started.
    Crashed,
    /// It was told to stop with all others.
    Stopped,
    /// It was told to stop because it, or one of its tests, took too long.
    TimedOut,
}

/// The start or the end of a worker.
#[derive(Debug, Serialize)]
pub struct Worker {
    state: State,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Worker {
    /// What happens now, reported by the verb `by`. It has a process id if it is a process of this machine.
    pub fn new(by: &'static str, state: State, pid: Option<u32>) -> Self {
        Self {
            state,
            by,
            time: Timestamp::now().map(Timestamp::to_rfc3339),
            pid,
            exit: None,
            signal: None,
            reason: None,
        }
    }

    /// Why.
    pub fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }

    /// A process that has ended by itself, or because it was told to.
    pub fn of_process(
        by: &'static str,
        pid: u32,
        status: ExitStatus,
        stopped: Option<(State, &str)>,
    ) -> Self {
        let signal = ending::killed_by(status);
        let own = if signal.is_some() { State::Crashed } else { State::Ended };
        let (state, why) = stopped.map_or((own, None), |(state, why)| (state, Some(why)));
        let described = signal.map(|_| ending::described(status));
        let reason = why.map(str::to_owned).or(described);
        Self { exit: status.code(), signal, reason, ..Self::new(by, state, Some(pid)) }
    }

    /// The event, under the route of the worker.
    pub fn event(&self, route: &str) -> EventBuf {
        event(WORKER, Some(RouteCode::new(route)), self)
    }
}

/// A file of no test, from program to program, with this content as JSON.
pub fn event(name: &str, route_code: Option<RouteCode<'_>>, content: &impl Serialize) -> EventBuf {
    let bytes = serde_json::to_vec(content).unwrap_or_default();
    let file = Some(FileChunk { name, bytes: &bytes });
    let mime_type = Some(MIME_TYPE);
    Event { file, mime_type, eof: true, runnable: false, route_code, ..Event::default() }.to_buf()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn json(event: &EventBuf) -> serde_json::Value {
        assert!(subunit_core::conventions::is_aside(&event.as_event()));
        serde_json::from_slice(event.as_event().file.unwrap().bytes).unwrap()
    }

    #[test]
    fn a_plan_says_what_is_known() {
        let plan = Plan { tests: 0, workers: 2 };
        assert_eq!(json(&plan.event()), serde_json::json!({ "workers": 2 }));
        let plan = Plan { tests: 300, workers: 2 };
        assert_eq!(json(&plan.event()), serde_json::json!({ "tests": 300, "workers": 2 }));
    }

    #[test]
    fn the_end_of_a_worker_has_a_state_and_a_number() {
        let end = |raw, stopped| {
            let worker = Worker::of_process("mux", 7, ExitStatus::from_raw(raw), stopped);
            let mut json = json(&worker.event("0/a"));
            json.as_object_mut().unwrap().remove("time").unwrap();
            json
        };
        let timed_out = Some((State::TimedOut, "no output for 1 s"));
        let stopped = Some((State::Stopped, "interrupted"));
        for (raw, why, expected) in [
            (0, None, r#"{"state":"ended","exit":0}"#),
            (3 << 8, None, r#"{"state":"ended","exit":3}"#),
            // More than 128, and no signal.
            (255 << 8, None, r#"{"state":"ended","exit":255}"#),
            (9, None, r#"{"state":"crashed","signal":9,"reason":"killed by signal 9 (SIGKILL)"}"#),
            // A shell reports a signal by its status.
            (
                139 << 8,
                None,
                r#"{"state":"crashed","exit":139,"signal":11,"reason":"exit status 139 (SIGSEGV)"}"#,
            ),
            (15, timed_out, r#"{"state":"timed-out","signal":15,"reason":"no output for 1 s"}"#),
            (2, stopped, r#"{"state":"stopped","signal":2,"reason":"interrupted"}"#),
            (1 << 8, stopped, r#"{"state":"stopped","exit":1,"reason":"interrupted"}"#),
        ] {
            let mut expected: serde_json::Value = serde_json::from_str(expected).unwrap();
            expected["by"] = "mux".into();
            expected["pid"] = 7.into();
            assert_eq!(end(raw, why), expected);
        }
    }
}
