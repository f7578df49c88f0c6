//! One call of a verb, with what it was given.

use std::path::PathBuf;

use crate::{
    memory::{Repository, RepositoryError, Tool},
    traditional::{arguments::Given, error::VerbError},
};

/// A call of a verb.
#[derive(Debug)]
pub(super) struct TestrCall {
    pub(super) given: Given,
    /// The arguments after `--`.
    pub(super) arguments: Vec<String>,
    /// The folder of the repository and of the configuration.
    pub(super) here: PathBuf,
}

impl TestrCall {
    /// Whether an option was given.
    pub(super) fn has(&self, option: &str) -> bool {
        self.given.has(option)
    }

    /// Where the repository is.
    pub(super) fn folder(&self) -> PathBuf {
        self.here.join(Tool::Testr.folder())
    }

    /// The repository.
    pub(super) fn open(&self) -> Result<Repository, VerbError> {
        let opened = Repository::open(&self.folder(), Tool::Testr);
        opened.map_err(|error| self.in_words(error))
    }

    /// The repository; with `--force-init` a new one, if there is none.
    pub(super) fn open_or_init(&self) -> Result<Repository, VerbError> {
        let opened = match Repository::open(&self.folder(), Tool::Testr) {
            Err(RepositoryError::Missing { .. }) if self.has("force-init") => {
                Repository::init(&self.folder(), Tool::Testr)
            }
            opened => opened,
        };
        opened.map_err(|error| self.in_words(error))
    }

    /// Of a repository in a format that is not known, testr names the project's folder and no more.
    fn in_words(&self, error: RepositoryError) -> VerbError {
        match error {
            RepositoryError::Format { .. } => VerbError::new(self.here.display()),
            other => other.into(),
        }
    }
}
