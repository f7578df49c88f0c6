//! Runners of Ruby.

pub(super) mod minitest;
pub(super) mod rspec;
mod test_files;
pub(super) mod test_unit;
