//! Runners of Ruby.

pub(super) mod rspec;
