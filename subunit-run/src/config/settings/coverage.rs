//! `[coverage]`: where do workers write which code has run, and what joins that?

use std::collections::BTreeMap;

use crate::config::{Mistake, Origin};

/// Stands for the folder of a run into which workers write what they have covered, and is the variable that holds it.
pub const COVERAGE: &str = "SUBUNIT_COVERAGE";

/// How the coverage of several workers becomes that of a run.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CoverageSettings {
    /// Set in the environment of workers and of the listing. `$SUBUNIT_COVERAGE` in a value is the folder.
    pub environment: BTreeMap<String, String>,
    /// Runs after the last worker; `$SUBUNIT_COVERAGE` is the folder. Without it nothing is measured.
    pub merge: Option<String>,
    /// Where each value is from, by key.
    pub origins: BTreeMap<String, Origin>,
}

impl CoverageSettings {
    /// Whether what is given can be used.
    pub(in crate::config) fn check(&self) -> Result<(), Mistake> {
        if self.merge.is_some() || self.environment.is_empty() {
            return Ok(());
        }
        let origin = self.origins.values().next().cloned().unwrap_or_default();
        let what = "there is no `merge`, which joins what the workers wrote".to_owned();
        Err(Mistake { file: origin.place, line: origin.line, key: "coverage".to_owned(), what })
    }

    /// Runs a command before the one that is given, if there is one.
    pub(crate) fn merge_first(&mut self, line: &str) {
        let merge = match &self.merge {
            Some(after) => format!("{{ {line}; }} && {{ {after}\n}}"),
            None => line.to_owned(),
        };
        self.merge = Some(merge);
    }

    /// Leaves out the variables that a command printed, which may be secrets.
    pub(crate) fn without_printed(&mut self) {
        let origins = &self.origins;
        self.environment.retain(|name, _| {
            let origin = origins.get(&format!("environment.{name}"));
            origin.is_none_or(|origin| origin.command.is_none())
        });
    }
}
