//! One call of a verb, with what it was given.

use std::path::{Path, PathBuf};

use crate::{
    config::{
        stestr::Options,
        user::{User, UserError},
    },
    memory::{Repository, RepositoryError, Tool},
    traditional::{arguments::Given, error::VerbError},
};

/// A call of a verb.
#[derive(Debug)]
pub(super) struct StestrCall {
    pub(super) given: Given,
}

impl StestrCall {
    /// Whether an option was given.
    pub(super) fn has(&self, option: &str) -> bool {
        self.given.has(option)
    }

    fn option(&self, name: &str) -> Option<String> {
        self.given.text(name).map(str::to_owned)
    }

    /// What goes before the configuration.
    pub(super) fn options(&self) -> Options {
        Options {
            config: self.option("config"),
            test_path: self.option("test-path"),
            top_dir: self.option("top-dir"),
            group_regex: self.option("group-regex").or_else(|| self.option("group_regex")),
            parallel_class: self.has("parallel-class"),
        }
    }

    /// What the user has set.
    pub(super) fn user(&self) -> Result<User, UserError> {
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        User::read(self.given.text("user-config").map(Path::new), &home)
    }

    /// Where the repository is.
    pub(super) fn folder(&self) -> PathBuf {
        let folder = self.option("repo-url").map(PathBuf::from);
        let folder = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_default();
        folder.join(Tool::Stestr.folder())
    }

    /// The repository.
    pub(super) fn open(&self) -> Result<Repository, RepositoryError> {
        Repository::open(&self.folder(), Tool::Stestr)
    }

    /// A new repository.
    pub(super) fn init(&self) -> Result<Repository, RepositoryError> {
        Repository::init(&self.folder(), Tool::Stestr)
    }
}

/// The number of a run.
pub(super) fn number_of(text: &str) -> Result<u64, VerbError> {
    text.parse().map_err(|_| VerbError::new(RepositoryError::NoSuchRun))
}
