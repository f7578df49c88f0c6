//! Into which files does a runner write results?

use std::path::PathBuf;

use subunit_formats::Format;

/// Files of results that a process writes into folders, beside what is there already.
#[derive(Debug)]
pub(crate) struct ReportFiles {
    pub(crate) format: Format,
    /// Where they are. Folders right below these count as well.
    pub(crate) folders: Vec<PathBuf>,
    /// How their names begin, and how they end.
    pub(crate) names: (&'static str, &'static str),
    /// How a whole file ends, if each is written as soon as its tests have ended, and once.
    pub(crate) whole: Option<&'static str>,
    /// What has not come to an end, by the last [`LAST`] bytes of its console without colours, and whether its exit status is 0.
    pub(crate) cut_short: Option<CutShort>,
}

type CutShort = fn(&str, bool) -> Vec<String>;

/// How much of a console is looked into when its process has ended.
pub(super) const LAST: usize = 256 * 1024;
