//! Runners of scripts and executables.

pub(super) mod bats;
pub(super) mod prove;
pub(in crate::adapters) mod scripts;
