//! Where a run takes place: the file [`ENVIRONMENT`].

use std::{collections::BTreeMap, env, fs};

use serde::Serialize;
use subunit_core::{EventBuf, conventions::ENVIRONMENT};
use subunit_mux::asides;

/// Where a run takes place.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Environment {
    kernel: String,
    machine: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// Where this process runs, with those of these variables that are set.
    pub fn here(names: &[String]) -> Self {
        let of_system = rustix::system::uname();
        let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
        let variable = |name: &String| Some((name.clone(), env::var(name).ok()?));
        Self {
            kernel: format!("{} {}", text(of_system.sysname()), text(of_system.release())),
            machine: text(of_system.machine()),
            system: system(&fs::read_to_string("/etc/os-release").unwrap_or_default()),
            variables: names.iter().filter_map(variable).collect(),
        }
    }

    /// What the stream says.
    pub fn event(&self) -> EventBuf {
        asides::event(ENVIRONMENT, None, self)
    }
}

/// The name of the system, as `os-release` has it.
fn system(release: &str) -> Option<String> {
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_variables_are_told() {
        let here = Environment::here(&["PATH".to_owned(), "NOT_SET_ANYWHERE".to_owned()]);
        assert_eq!(here.variables.keys().collect::<Vec<_>>(), ["PATH"]);
        assert!(!here.kernel.is_empty() && !here.machine.is_empty());
        assert_eq!(system("ID=x\nPRETTY_NAME=\"An OS 1\"\n").as_deref(), Some("An OS 1"));
        assert_eq!(system(""), None);
    }
}
