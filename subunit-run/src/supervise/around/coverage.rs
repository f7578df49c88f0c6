//! The folder into which workers write what they have covered, and the variables that tell them.

use std::{io, process::Command};

use tempfile::TempDir;

use crate::{
    config::{COVERAGE, CoverageSettings},
    leftovers,
};

/// The folder of a run, once something measures.
#[derive(Debug, Default)]
pub(in crate::supervise) struct CoverageFolder(Option<TempDir>);

impl CoverageFolder {
    /// The folder of this run, if what the workers have covered is to be joined.
    pub(in crate::supervise) fn make(settings: &CoverageSettings, run: &str) -> io::Result<Self> {
        let make = || tempfile::Builder::new().prefix(&leftovers::coverage(run)).tempdir();
        settings.merge.as_ref().map(|_| make()).transpose().map(Self)
    }

    /// Tells a command where the folder is.
    pub(in crate::supervise) fn name(&self, command: &mut Command) {
        if let Some(folder) = &self.0 {
            command.env(COVERAGE, folder.path());
        }
    }

    /// Lets a command measure.
    pub(in crate::supervise) fn measure(&self, settings: &CoverageSettings, command: &mut Command) {
        let Some(folder) = &self.0 else { return };
        self.name(command);
        let path = folder.path().display().to_string();
        let stands_for = |value: &str| value.replace(&format!("${COVERAGE}"), &path);
        command.envs(settings.environment.iter().map(|(name, value)| (name, stands_for(value))));
    }
}
