//! The reports that are written beside a view.

use crate::{
    commands::to::{report::Outputs, writing::write_reports},
    console::Console,
    exit::{Error, Exit},
    pipeline::{Filter, Judged, ReportArgs},
};

/// The reports that are written beside the view: the options of `report`, most of them in the long help only.
#[derive(Clone, Debug, Default)]
pub struct OutputArgs(pub(super) Outputs);

impl clap::Args for OutputArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        const SHOWN: [&str; 4] = ["junit", "html", "github", "summary"];
        let others: Vec<clap::Id> =
            command.get_arguments().map(|argument| argument.get_id().clone()).collect();
        Outputs::augment_args(command).mut_args(|argument| {
            let id = argument.get_id();
            let is_shown = others.contains(id) || SHOWN.contains(&id.as_str());
            if is_shown { argument } else { argument.hide_short_help(true) }
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for OutputArgs {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        Outputs::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl OutputArgs {
    /// Writes the reports in one pass, beside what `views` make of the run on standard output. The last of these judges
    /// it.
    ///
    /// # Errors
    ///
    /// If what is judged cannot be read or started, or standard output cannot be written.
    pub fn write(
        self,
        views: &mut [&mut dyn Filter],
        report: &ReportArgs,
        judged: Judged<'_>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        if self.0.take_standard_output() {
            let message = "the stream is written to standard output: name a file for each report, \
                           such as --tap FILE or --github=FILE";
            return Err(Error::Usage(message.into()));
        }
        let opened = self.0.open(report, console)?;
        write_reports(views, opened, report, judged, console)
    }
}
