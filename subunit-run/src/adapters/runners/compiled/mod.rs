//! Runners of compiled languages and of what builds them.

pub(super) mod bazel;
pub(super) mod boost;
pub(super) mod cargo_test;
pub(super) mod catch2;
pub(super) mod ctest;
pub(super) mod doctest;
pub(super) mod dotnet;
pub(super) mod go;
mod go_profile;
pub(super) mod gtest;
pub(super) mod meson;
pub(super) mod nextest;
mod nextest_report;
mod program;
pub(super) mod qttest;
