//! Runners of PHP.

pub(super) mod phpunit;
