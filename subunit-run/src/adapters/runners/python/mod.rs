//! Runners of Python.

pub(super) mod pytest;
pub(super) mod unittest;
