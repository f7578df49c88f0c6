//! `subunit history clusters`: which messages many tests fail with.

use std::io::Write;

use subunit_core::run::counted;
use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    style::escaped,
};
use subunit_history::query::Cluster;

use crate::commands::history::{
    json::{self, JsonClusters},
    place::error,
    sources::{QueryArgs, find_in},
    table,
};

/// Show the messages that tests fail with: one message, N tests
///
/// Messages are compared without what differs from run to run. Exit status: 0; 2 there is no history, or no such run.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ClustersArgs {
    /// Only the messages of this run [default: those of the last weeks]
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// Show the messages of this number of weeks, up to the last run
    #[arg(long, value_name = "N", default_value = "4", conflicts_with = "run")]
    weeks: u32,
    /// Show at most this number of messages
    #[arg(long, short = 'n', value_name = "N", default_value = "20")]
    count: usize,
    #[command(flatten)]
    pub(super) query: QueryArgs,
}

impl ClustersArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let sources = self.query.sources()?;
        let clusters = match &self.run {
            Some(run) => {
                let (history, run) = find_in(sources, run)?;
                history.clusters_of(&run, self.count).map_err(error)?
            }
            None => {
                let mut all = Vec::new();
                for source in sources {
                    let found = source.history.clusters(source.series(), self.weeks, self.count);
                    all.extend(found.map_err(error)?);
                }
                Cluster::merge(all, self.count)
            }
        };
        if self.query.form.json {
            json::write(&JsonClusters::of(&clusters), console)?;
            return Ok(Exit::Passed);
        }
        let look = console.stdout_look;
        for one in &clusters {
            let tests = counted(one.tests, "test");
            let message = if one.message.is_empty() { "(no message)" } else { &one.message };
            let message = escaped(look, message).to_string();
            let failures = counted(one.failures, "failure");
            let (first, last) = (one.first_run, one.last_run);
            let runs =
                if first == last { format!("@{last}") } else { format!("@{first} to @{last}") };
            writeln!(console.stdout, "{tests}  {failures}  {runs}  {message}")?;
            for test in &one.examples {
                writeln!(console.stdout, "      {}", table::test(look, test))?;
            }
        }
        if clusters.is_empty() {
            console.say("no test failed")?;
        }
        Ok(Exit::Passed)
    }
}
