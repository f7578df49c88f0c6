//! Which tests run, by options.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use subunit_filters::exit::Error;

use crate::{config::regex::python_regex, selection::Selection};

/// Which tests run.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct SelectArgs {
    /// Run tests whose id matches one of these regexes
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Do not run tests whose id matches this regex; may be given several times
    #[arg(long, short, value_name = "REGEX")]
    exclude: Vec<String>,
    /// Do not run the tests of this list, an id a line; may be given several times
    #[arg(long, value_name = "FILE")]
    exclude_list: Vec<PathBuf>,
    /// Run the tests of this list, an id a line
    #[arg(long, value_name = "FILE")]
    load_list: Option<PathBuf>,
    /// Run the tests that failed last time
    #[arg(long)]
    pub(super) failing: bool,
}

impl SelectArgs {
    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.filters.is_empty()
            && self.exclude.is_empty()
            && self.exclude_list.is_empty()
            && self.load_list.is_none()
            && !self.failing
    }

    /// The words that ask for this selection, but for `--failing`.
    pub(super) fn words(&self) -> Vec<String> {
        let exclude = self.exclude.iter().map(|regex| format!("--exclude={regex}"));
        let lists = self.exclude_list.iter();
        let lists = lists.map(|path| format!("--exclude-list={}", path.display()));
        let list = self.load_list.iter().map(|path| format!("--load-list={}", path.display()));
        exclude.chain(lists).chain(list).chain(self.filters.iter().cloned()).collect()
    }

    /// The ids of the list, if there is one.
    pub(super) fn list(&self) -> Result<Option<Vec<String>>, Error> {
        self.load_list.as_deref().map(read_list).transpose()
    }

    /// What is asked of each id.
    pub(super) fn selection(&self) -> Result<Selection, Error> {
        let regexes = |patterns: &[String]| {
            let regex = |pattern: &String| {
                python_regex(pattern).map_err(|error| Error::Usage(error.to_string()))
            };
            patterns.iter().map(regex).collect::<Result<Vec<_>, _>>()
        };
        let mut without = HashSet::new();
        for path in &self.exclude_list {
            without.extend(read_list(path)?);
        }
        Ok(Selection {
            filters: regexes(&self.filters)?,
            excluded: regexes(&self.exclude)?,
            only: None,
            without,
        })
    }
}

/// Ids, one a line; blanks around them and empty lines are nothing.
fn read_list(path: &Path) -> Result<Vec<String>, Error> {
    let text = fs::read_to_string(path)
        .map_err(|source| Error::File { name: path.display().to_string(), source })?;
    let ids = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(ids.map(str::to_owned).collect())
}
