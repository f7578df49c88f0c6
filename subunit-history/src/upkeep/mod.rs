//! How a history is looked after: checked, made anew, made smaller.

mod check;
mod reindex;
mod remove;

pub use self::{
    check::Checked,
    remove::{Keep, Pruned},
};
