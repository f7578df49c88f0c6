//! `subunit history html`: the history as a folder of pages.

use std::{io::Write, path::PathBuf};

use subunit_core::run::counted;
use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

use crate::commands::history::{place::error, runs_arg::RunsArg};

/// Write a folder of pages for a browser: the series, their tests by runs, each run, and each test with something to tell
///
/// Pages need no server and load nothing from elsewhere. Written again, only those change that say something else. A test that passed
/// in all the runs has no page. Exit status: 0; 2 there is no history, or the folder cannot be written.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct HtmlArgs {
    /// The folder: empty, not there yet, or one that this verb has written
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Show this number of runs of each series
    #[arg(long, value_name = "N", default_value = "100")]
    runs: usize,
    #[command(flatten)]
    among: RunsArg,
}

impl HtmlArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let is_meant = |series: &str| self.among.fits(series);
        let written = self.among.read()?.write_site(&self.folder, self.runs, is_meant);
        let written = written.map_err(error)?;
        writeln!(
            console.stdout,
            "{}: {}, {:.1} MB, {} written: open index.html",
            self.folder.display(),
            counted(written.pages, "page"),
            written.bytes as f64 / 1e6,
            counted(written.written, "file")
        )?;
        Ok(Exit::Passed)
    }
}
