//! `subunit history VERB`: what is asked less often. One file each.

mod check;
mod clusters;
mod diff;
mod env;
mod export;
mod grid;
mod html;
mod list;
mod pack;
mod prune;
mod reindex;
mod relocate;
mod remove;
mod show;
mod stale;
mod test;
mod thin;
mod trends;

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};

use crate::commands::pager::PagerArg;

/// Look through the runs that are kept, and look after them
///
/// A run is named by its number, such as @12, by @last or @last-green, or by the beginning of its UUID.
#[derive(Clone, Debug, clap::Args)]
#[command(subcommand_value_name = "VERB", disable_help_subcommand = true)]
pub(in crate::commands) struct HistoryVerb {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Verb {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Test(test::OneTestArgs),
    Diff(diff::DiffArgs),
    Grid(grid::GridArgs),
    Stale(stale::StaleArgs),
    Html(html::HtmlArgs),
    Trends(trends::TrendsArgs),
    Clusters(clusters::ClustersArgs),
    Env(env::EnvArgs),
    Export(export::ExportArgs),
    Prune(prune::PruneArgs),
    Thin(thin::ThinArgs),
    Pin(remove::PinArgs),
    Remove(remove::RemoveArgs),
    Move(relocate::MoveArgs),
    Pack(pack::PackArgs),
    Unpack(pack::UnpackArgs),
    Check(check::CheckArgs),
    Reindex(reindex::ReindexArgs),
}

impl Command for HistoryVerb {
    const NAME: &'static str = "history";
    const WRITES: Writes = Writes::Nothing;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit history list
  $ subunit history diff @last-green @last

Exit status: that of the verb; `subunit history VERB --help` says it.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        match self.verb.pager() {
            Some(pager) => pager.page(console, |console| self.verb.run(console)),
            None => self.verb.run(console),
        }
    }
}

impl Verb {
    /// Whether a pager shows what is long, of those that show something.
    fn pager(&self) -> Option<PagerArg> {
        match self {
            Self::List(list) => Some(list.pager),
            Self::Show(show) => Some(show.form.pager),
            Self::Test(test) => Some(test.pager),
            Self::Diff(diff) => Some(diff.pager),
            Self::Grid(grid) => Some(grid.query.pager),
            Self::Stale(stale) => Some(stale.query.pager),
            Self::Trends(trends) => Some(trends.query.pager),
            Self::Clusters(clusters) => Some(clusters.query.pager),
            Self::Env(env) => Some(env.pager),
            _ => None,
        }
    }

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        match self {
            Self::List(list) => list.run(console),
            Self::Show(show) => show.run(console),
            Self::Test(test) => test.run(console),
            Self::Diff(diff) => diff.run(console),
            Self::Grid(grid) => grid.run(console),
            Self::Stale(stale) => stale.run(console),
            Self::Html(html) => html.run(console),
            Self::Trends(trends) => trends.run(console),
            Self::Clusters(clusters) => clusters.run(console),
            Self::Env(env) => env.run(console),
            Self::Export(export) => export.run(console),
            Self::Prune(prune) => prune.run(console),
            Self::Thin(thin) => thin.run(console),
            Self::Pin(pin) => pin.run(console),
            Self::Remove(remove) => remove.run(console),
            Self::Move(relocate) => relocate.run(console),
            Self::Pack(pack) => pack.run(console),
            Self::Unpack(unpack) => unpack.run(console),
            Self::Check(check) => check.run(console),
            Self::Reindex(reindex) => reindex.run(console),
        }
    }
}
