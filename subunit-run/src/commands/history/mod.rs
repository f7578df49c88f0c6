//! Verbs of stored runs: what came, what failed last, what fails now, what is slow, flaky, broken; and, below `history`,
//! all else. One file each.

mod below;
mod bisect;
mod broken;
mod failing;
mod flaky;
mod json;
mod last;
mod load;
mod old_stores;
mod place;
mod policies;
mod rerun;
mod runs_arg;
mod show;
mod slowest;
mod sources;
mod staleness;
mod table;
mod upkeep;

pub(super) use self::{
    below::HistoryVerb,
    bisect::BisectVerb,
    broken::BrokenVerb,
    failing::FailingVerb,
    flaky::FlakyVerb,
    last::LastVerb,
    load::LoadVerb,
    place::HistoryArg,
    policies::Policies,
    rerun::RerunVerb,
    slowest::SlowestVerb,
    upkeep::{Upkeep, tidy, tidy_by},
};
pub use self::{policies::FolderPolicies, upkeep::Retention};
