//! Which tests run, by options.

mod no_match;
mod shard;

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use subunit_filters::exit::Error;

use self::shard::ShardArg;
use super::known::HowEnded;
use crate::{
    adapters::has_script, config::regex::python_regex, schedule::SampleSize, selection::Selection,
};

/// Which tests run.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct SelectArgs {
    /// Take tests whose id matches one of these regexes, or is exactly one of these texts
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Folders whose executables are the tests.
    #[arg(skip)]
    pub(super) folders: Vec<String>,
    /// Leave out tests whose id matches this regex; may be given several times
    #[arg(long, short, value_name = "REGEX", help_heading = HEADING)]
    exclude: Vec<String>,
    /// Leave out the tests of this list, an id a line; may be given several times
    #[arg(long, value_name = "FILE", help_heading = HEADING, hide_short_help = true)]
    exclude_list: Vec<PathBuf>,
    /// Take the tests of this list, an id a line
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    load_list: Option<PathBuf>,
    /// Take the tests that failed when they last ran
    ///
    /// Where something fails that is no test, such as a file that cannot be imported, all tests run, and a line says why:
    /// it cannot be asked for by itself.
    #[arg(long, help_heading = HEADING)]
    pub(super) failing: bool,
    /// Take the tests of the last run that ended so
    ///
    /// `unfinished` are those that were listed or began, and never ended.
    #[arg(
        long,
        value_name = "STATUS,...",
        value_delimiter = ',',
        help_heading = HEADING,
        hide_short_help = true
    )]
    pub(super) rerun: Vec<HowEnded>,
    /// Take tests with this tag; may be given several times
    ///
    /// Tags are those that the listing says, and those that tests had when they last ran.
    #[arg(long = "tag", value_name = "TAG", help_heading = HEADING)]
    pub(super) tags: Vec<String>,
    /// Take the tests that belong to what changed since a revision of Git
    ///
    /// The command `changed_tests` of the configuration gets the names of the files that changed on its
    /// standard input, one a line, and prints ids of tests or regexes.
    #[arg(long, value_name = "REV", help_heading = HEADING)]
    pub(super) changed_since: Option<String>,
    /// Take what there is time for: tests that fail, are flaky or are new, and then a sample of the others
    ///
    /// Times are those of earlier runs. The run says which seed it had: `--sample 5m:42` takes the same again. It goes on
    /// until all tests of the sample have ended.
    #[arg(
        long,
        value_name = "TIME[:SEED]",
        conflicts_with = "shard",
        help_heading = HEADING,
        hide_short_help = true
    )]
    pub(super) sample: Option<SampleSize>,
    /// Take the Nth of M parts of the tests, as other machines take the others; with `auto` as the variables of the CI
    /// service say
    #[arg(long, value_name = "N/M", help_heading = HEADING, hide_short_help = true)]
    pub(super) shard: Option<ShardArg>,
    /// Make the parts of --shard take equally long by known times
    ///
    /// All machines must know the same times, from one copy of the history, or tests run nowhere or twice. Each run says
    /// which plan it follows, for you to compare. Without this option parts have equally many tests.
    #[arg(long, requires = "shard", help_heading = HEADING, hide_short_help = true)]
    pub(super) by_time: bool,
}

const HEADING: &str = "Which tests";

impl SelectArgs {
    /// An option that is given, if there is any.
    pub(super) fn given(&self) -> Option<&'static str> {
        [
            ("a FILTER", !self.filters.is_empty()),
            ("--exclude", !self.exclude.is_empty()),
            ("--exclude-list", !self.exclude_list.is_empty()),
            ("--load-list", self.load_list.is_some()),
            ("--failing", self.failing),
            ("--rerun", !self.rerun.is_empty()),
            ("--tag", !self.tags.is_empty()),
            ("--changed-since", self.changed_since.is_some()),
            ("--sample", self.sample.is_some()),
            ("--shard", self.shard.is_some()),
        ]
        .into_iter()
        .find_map(|(option, is_given)| is_given.then_some(option))
    }

    /// Whether other options choose tests as well than those that say what ran before.
    pub(super) fn is_narrowed(&self) -> bool {
        let others = Self { failing: false, rerun: Vec::new(), ..self.clone() };
        others.given().is_some()
    }

    /// Takes the first filters for folders, as far as they are folders with executables.
    pub(super) fn take_folders(&mut self, within: &Path) {
        let is_folder = |word: &&String| Self::is_script_folder(within, word);
        let count = self.filters.iter().take_while(is_folder).count();
        self.folders = self.filters.drain(..count).collect();
    }

    /// A filter that is a folder with executables as well.
    pub(super) fn folder_among_filters(&self, within: &Path) -> Option<&str> {
        let folder = self.filters.iter().find(|word| Self::is_script_folder(within, word));
        folder.map(String::as_str)
    }

    /// The current folder is none: `.` is the regex that fits all.
    fn is_script_folder(within: &Path, word: &str) -> bool {
        let is_plain = |name: &str| !matches!(name, "" | "." | "..");
        word.split('/').any(is_plain) && has_script(&within.join(word))
    }

    /// The words that ask for this selection, but for `--failing` and `--rerun`.
    pub(super) fn words(&self) -> Vec<String> {
        let exclude = self.exclude.iter().map(|regex| format!("--exclude={regex}"));
        let lists = self.exclude_list.iter();
        let lists = lists.map(|path| format!("--exclude-list={}", path.display()));
        let list = self.load_list.iter().map(|path| format!("--load-list={}", path.display()));
        let tags = self.tags.iter().map(|tag| format!("--tag={tag}"));
        let changed = self.changed_since.iter().map(|rev| format!("--changed-since={rev}"));
        exclude
            .chain(lists)
            .chain(list)
            .chain(tags)
            .chain(changed)
            .chain(self.folders.iter().chain(&self.filters).cloned())
            .collect()
    }

    /// Whether only a part of what is chosen runs.
    pub(super) fn is_part(&self) -> bool {
        self.shard.is_some() || self.sample.is_some()
    }

    /// Whether the tests are those of a list.
    pub(super) fn has_list(&self) -> bool {
        self.load_list.is_some()
    }

    /// The ids of the list, if there is one.
    pub(super) fn list(&self) -> Result<Option<Vec<String>>, Error> {
        self.load_list.as_deref().map(read_list).transpose()
    }

    /// What is asked of each id.
    pub(super) fn selection(&self) -> Result<Selection, Error> {
        let regexes = |patterns: &[String]| {
            let regex = |pattern: &String| {
                python_regex(pattern).map_err(|error| {
                    Error::Usage(format!("bad regular expression '{pattern}': {error}"))
                })
            };
            patterns.iter().map(regex).collect::<Result<Vec<_>, _>>()
        };
        let mut without = HashSet::new();
        for path in &self.exclude_list {
            without.extend(read_list(path)?);
        }
        Ok(Selection {
            filters: regexes(&self.filters)?,
            // `test_many[1]` is an id as people copy it, and a regex that does not match it.
            ids: self.filters.iter().cloned().collect(),
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
