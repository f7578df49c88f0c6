//! What this program says about a run for other programs: the file [`RUN`].

mod checkout;
mod environment;

use std::ffi::OsString;

use serde::Serialize;
use subunit_core::{
    EventBuf, Timestamp,
    conventions::{RUN, run_uuid},
};
use subunit_mux::asides;

pub use self::environment::Environment;
use crate::asides::checkout::Checkout;

/// What a run is a run of. Never the environment.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    command: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Vec<String>>,
    host: String,
    #[serde(flatten)]
    checkout: Option<Checkout>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dirty: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    program: &'static str,
    version: &'static str,
}

impl Run {
    /// A run of this command that starts now, in the current folder.
    pub fn of(command: &[OsString]) -> Self {
        let mut words = command.iter().map(|word| word.to_string_lossy().into_owned());
        let command = words.next().unwrap_or_default();
        Self { arguments: Some(words.collect()), ..Self::of_line(&command) }
    }

    /// A run of this command line for a shell.
    pub fn of_line(command: &str) -> Self {
        Self {
            uuid: run_uuid().ok(),
            started: Timestamp::now().map(Timestamp::to_rfc3339),
            command: command.to_owned(),
            arguments: None,
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            checkout: std::path::absolute(".").ok().and_then(|folder| Checkout::around(&folder)),
            dirty: None,
            series: None,
            variant: None,
            program: "subunit",
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The branch that is checked out, if there is one.
    pub fn branch(&self) -> Option<&str> {
        self.checkout.as_ref()?.branch()
    }

    /// Whether files were changed since the revision that is checked out, if that is known. Without a revision that says
    /// nothing.
    #[must_use]
    pub fn with_changes(self, dirty: Option<bool>) -> Self {
        let dirty = dirty.filter(|_| self.checkout.is_some());
        Self { dirty, ..self }
    }

    /// It may be compared with other runs of this series, and has this variant of what is tested.
    #[must_use]
    pub fn in_series(self, series: Option<String>, variant: Option<String>) -> Self {
        Self { series, variant, ..self }
    }

    /// With which runs it may be compared, if that is said.
    pub fn series(&self) -> Option<&str> {
        self.series.as_deref()
    }

    /// What no other run is called; empty if the system has no random bytes.
    pub fn uuid(&self) -> &str {
        self.uuid.as_deref().unwrap_or_default()
    }

    /// What people call it: the beginning of its UUID.
    pub fn name(&self) -> &str {
        self.uuid().get(..8).unwrap_or("run")
    }

    /// What the stream says first.
    pub fn event(&self) -> EventBuf {
        asides::event(RUN, None, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(event: &EventBuf) -> serde_json::Value {
        assert!(subunit_core::conventions::is_aside(&event.as_event()));
        serde_json::from_slice(event.as_event().file.unwrap().bytes).unwrap()
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
}
