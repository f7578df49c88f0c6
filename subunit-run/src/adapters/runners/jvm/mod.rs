//! Runners of Java and its kin.

pub(super) mod maven;
mod maven_modules;
