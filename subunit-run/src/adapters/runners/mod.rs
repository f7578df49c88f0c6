//! All runners: one row and one file each, in folders by what their tests are written in.

mod behaviour;
mod compiled;
mod elixir;
mod javascript;
mod jvm;
mod php;
mod python;
mod ruby;
mod shell;

pub(super) use self::shell::scripts;
use self::{
    behaviour::{behave, cucumber, robot},
    compiled::{
        bazel, boost, cargo_test, catch2, ctest, doctest, dotnet, go, gtest, meson, nextest, qttest,
    },
    elixir::exunit,
    javascript::{jest, mocha, node, playwright, vitest},
    jvm::{gradle, junit_console, maven},
    php::phpunit,
    python::{pytest, unittest},
    ruby::{minitest, rspec, test_unit},
    shell::{bats, prove},
};
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
    playwright::ADAPTER,
    ctest::ADAPTER,
    meson::ADAPTER,
    bazel::ADAPTER,
    dotnet::ADAPTER,
    gtest::ADAPTER,
    catch2::ADAPTER,
    doctest::ADAPTER,
    boost::ADAPTER,
    qttest::ADAPTER,
    rspec::ADAPTER,
    minitest::ADAPTER,
    test_unit::ADAPTER,
    exunit::ADAPTER,
    maven::ADAPTER,
    gradle::ADAPTER,
    junit_console::ADAPTER,
    robot::ADAPTER,
    behave::ADAPTER,
    cucumber::ADAPTER,
    phpunit::ADAPTER,
    bats::ADAPTER,
    prove::ADAPTER,
    scripts::ADAPTER,
];

/// Runners whose tests another one runs as well, which then has them all.
pub(super) const RUN_BY_ANOTHER: &[(&str, &str)] = &[("unittest", "pytest")];
