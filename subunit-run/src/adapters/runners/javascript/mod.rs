//! Runners of JavaScript.

pub(super) mod jest;
pub(super) mod mocha;
pub(super) mod node;
pub(super) mod package;
pub(super) mod playwright;
pub(super) mod vitest;
