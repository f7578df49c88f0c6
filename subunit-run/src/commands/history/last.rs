//! `subunit last`: the last run.

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};

use super::{
    show::{FormArgs, show},
    sources::{HistoriesArg, SeriesArg, last},
};

/// Show what failed in the last run
///
/// Messages are shown without what differs from run to run. `subunit last --subunit | subunit watch` shows all that was
/// said.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct LastVerb {
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    series: SeriesArg,
    #[command(flatten)]
    histories: HistoriesArg,
}

impl Command for LastVerb {
    const NAME: &'static str = "last";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit last
  $ subunit last --subunit | subunit to-junit > last.xml

Exit status: that of the run: 0 all passed; 1 something failed; 4 there was no test; or 2 there is no run.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.form.pager.page(console, |console| self.show_all(console))
    }
}

impl LastVerb {
    fn show_all(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let (history, run) = last(self.histories.sources(&self.series)?, &self.series)?;
        show(&history, &run, &self.form, console)
    }
}
