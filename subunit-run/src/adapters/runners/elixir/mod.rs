//! Runners of Elixir.

pub(super) mod exunit;
