//! What this program says about a run for other programs: the file [`RUN`].

mod checkout;

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde::Serialize;
use subunit_core::{EventBuf, Timestamp, conventions::RUN};
use subunit_mux::asides;

use crate::asides::checkout::Checkout;

/// What a run is a run of. Never the environment.
#[derive(Debug, Serialize)]
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
            uuid: uuid().ok(),
            started: Timestamp::now().map(Timestamp::to_rfc3339),
            command: command.to_owned(),
            arguments: None,
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            checkout: std::path::absolute(".").ok().and_then(|folder| Checkout::around(&folder)),
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

    /// It may be compared with other runs of this series, and has this variant of what is tested.
    #[must_use]
    pub fn in_series(self, series: Option<String>, variant: Option<String>) -> Self {
        Self { series, variant, ..self }
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
}
