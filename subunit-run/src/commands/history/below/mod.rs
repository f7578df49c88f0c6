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
        match self.verb {
            Verb::List(list) => list.run(console),
            Verb::Show(show) => show.run(console),
            Verb::Test(test) => test.run(console),
            Verb::Diff(diff) => diff.run(console),
            Verb::Grid(grid) => grid.run(console),
            Verb::Stale(stale) => stale.run(console),
            Verb::Html(html) => html.run(console),
            Verb::Trends(trends) => trends.run(console),
            Verb::Clusters(clusters) => clusters.run(console),
            Verb::Env(env) => env.run(console),
            Verb::Export(export) => export.run(console),
            Verb::Prune(prune) => prune.run(console),
            Verb::Thin(thin) => thin.run(console),
            Verb::Pin(pin) => pin.run(console),
            Verb::Remove(remove) => remove.run(console),
            Verb::Move(relocate) => relocate.run(console),
            Verb::Pack(pack) => pack.run(console),
            Verb::Unpack(unpack) => unpack.run(console),
            Verb::Check(check) => check.run(console),
            Verb::Reindex(reindex) => reindex.run(console),
        }
    }
}
