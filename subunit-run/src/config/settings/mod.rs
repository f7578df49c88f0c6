//! What is set: the keys, their values, and what counts for a test or a run.

pub mod amount;
mod coverage;
mod in_force;
pub mod keys;
mod limit;
pub mod overrides;
mod shares;
pub mod show;

pub use self::{
    coverage::{COVERAGE, CoverageSettings},
    in_force::in_force,
};
