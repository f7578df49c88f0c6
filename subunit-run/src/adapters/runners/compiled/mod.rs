//! Runners of compiled languages and of what builds them.

pub(super) mod cargo_test;
pub(super) mod ctest;
pub(super) mod go;
mod go_profile;
pub(super) mod gtest;
pub(super) mod meson;
pub(super) mod nextest;
