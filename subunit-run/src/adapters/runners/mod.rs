//! All runners: one row and one file each.

mod bats;
mod cargo_test;
mod ctest;
mod go;
mod gtest;
mod javascript;
mod jest;
mod meson;
mod mocha;
mod nextest;
mod node;
mod phpunit;
mod prove;
mod pytest;
mod rspec;
pub(super) mod scripts;
mod unittest;
mod vitest;

use super::adapter::Adapter;

/// All runners. Where a folder has signs of several, they are named in this order; of a command the first counts that
/// knows it.
pub(super) const ADAPTERS: &[Adapter] = &[
    pytest::ADAPTER,
    unittest::ADAPTER,
    nextest::ADAPTER,
    cargo_test::ADAPTER,
    go::ADAPTER,
    vitest::ADAPTER,
    jest::ADAPTER,
    mocha::ADAPTER,
    node::ADAPTER,
    ctest::ADAPTER,
    meson::ADAPTER,
    gtest::ADAPTER,
    rspec::ADAPTER,
    phpunit::ADAPTER,
    bats::ADAPTER,
    prove::ADAPTER,
    scripts::ADAPTER,
];
