//! Runners of Java and its kin.

pub(super) mod gradle;
mod java_names;
pub(super) mod junit_console;
pub(super) mod maven;
mod maven_modules;
