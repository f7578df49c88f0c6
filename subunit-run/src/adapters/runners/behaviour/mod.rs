//! Runners of behaviour that is written down in words.

pub(super) mod behave;
pub(super) mod cucumber;
pub(super) mod robot;
