//! What this program says about a run for other programs: the files [`RUN`], [`PLAN`] and [`WORKER`].

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read},
    path::Path,
    process::ExitStatus,
};

use serde::Serialize;
use subunit_core::{
    Event, EventBuf, FileChunk, RouteCode, Timestamp,
    conventions::{MIME_TYPE, PLAN, RUN, WORKER},
};

use crate::{checkout::Checkout, formats::time::Rfc3339, mux::ending};

/// What a run is a run of. Never the environment.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    command: String,
    arguments: Vec<String>,
    host: String,
    #[serde(flatten)]
    checkout: Option<Checkout>,
    program: &'static str,
    version: &'static str,
}

impl Run {
    /// A run of this command that starts now, in the current folder.
    pub(crate) fn of(command: &[OsString]) -> Self {
        let mut words = command.iter().map(|word| word.to_string_lossy().into_owned());
        Self {
            uuid: uuid().ok(),
            started: now(),
            command: words.next().unwrap_or_default(),
            arguments: words.collect(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            checkout: std::path::absolute(".").ok().and_then(|folder| Checkout::around(&folder)),
            program: "subunit",
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    pub(crate) fn event(&self) -> EventBuf {
        aside(RUN, None, self)
    }
}

/// How much there is to do, as far as that is known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub(crate) struct Plan {
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) tests: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) workers: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Plan {
    pub(crate) fn event(self) -> EventBuf {
        aside(PLAN, None, &self)
    }
}

/// What has become of a worker.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Started,
    Ended,
    Crashed,
    Stopped,
    TimedOut,
}

/// The start or the end of a worker.
#[derive(Debug, Serialize)]
pub(crate) struct Worker {
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
    /// What happens now, as the verb `by` says. It has a number where it is a process of this machine.
    pub(crate) fn new(by: &'static str, state: State, pid: Option<u32>) -> Self {
        Self { state, by, time: now(), pid, exit: None, signal: None, reason: None }
    }

    /// Why.
    pub(crate) fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }

    /// A process that has ended by itself, or because it was told to.
    pub(crate) fn of_process(
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
    pub(crate) fn event(&self, route: &str) -> EventBuf {
        aside(WORKER, Some(RouteCode::new(route)), self)
    }
}

fn aside(name: &str, route_code: Option<RouteCode<'_>>, content: &impl Serialize) -> EventBuf {
    let bytes = serde_json::to_vec(content).unwrap_or_default();
    let file = Some(FileChunk { name, bytes: &bytes });
    let mime_type = Some(MIME_TYPE);
    Event { file, mime_type, eof: true, runnable: false, route_code, ..Event::default() }.to_buf()
}

fn now() -> Option<String> {
    Timestamp::now().map(|time| Rfc3339(time).to_string())
}

/// A UUID of version 4. The system's random bytes do: the standard library has none that are meant to be
/// unlike those of other machines.
fn uuid() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open(Path::new("/dev/urandom"))?.read_exact(&mut bytes)?;
    let random = u128::from_be_bytes(bytes);
    let version = random & !(0xf << 76) | 4 << 76;
    let hex = format!("{:032x}", version & !(3 << 62) | 2 << 62);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    Ok(parts.join("-"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn json(event: &EventBuf) -> serde_json::Value {
        assert!(subunit_core::conventions::is_aside(&event.as_event()));
        serde_json::from_slice(event.as_event().file.unwrap().bytes).unwrap()
    }

    #[test]
    fn every_run_has_a_uuid_of_version_4() {
        let uuids = [uuid().unwrap(), uuid().unwrap()];
        assert_ne!(uuids[0], uuids[1]);
        for uuid in uuids {
            let lengths: Vec<_> = uuid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
            assert_eq!(uuid.chars().nth(14), Some('4'), "{uuid}");
            assert!(matches!(uuid.chars().nth(19), Some('8' | '9' | 'a' | 'b')), "{uuid}");
        }
    }

    #[test]
    fn a_run_says_what_it_is_a_run_of() {
        let run = json(&Run::of(&["make".into(), "a b".into()]).event());
        assert_eq!((&run["command"], &run["arguments"]), (&"make".into(), &["a b"][..].into()));
        assert_eq!(run["program"], "subunit");
        for key in ["uuid", "started", "host", "version"] {
            assert!(run[key].as_str().is_some_and(|value| !value.is_empty()), "{key}: {run}");
        }
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
            // A shell tells of a signal by its status.
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
