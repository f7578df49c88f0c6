//! How a history is looked after: checked, made anew, made smaller, moved, packed.

mod check;
mod pack;
mod reduce;
mod reindex;
mod relocate;
mod remove;
mod thin;

pub(crate) use self::thin::THIN;
pub use self::{
    check::Checked,
    pack::PackedRuns,
    remove::{Keep, Pruned},
    thin::Thinned,
};
