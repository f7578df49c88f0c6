//! What is set: the keys, their values, and what counts for a test or a run.

pub mod amount;
pub mod keys;
mod limit;
pub mod overrides;
mod shares;
pub mod show;
