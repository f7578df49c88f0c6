//! The formats of configurations, and what is read of them.

pub(crate) mod python;

pub mod ini;
pub mod stestr;
pub mod testr;
pub mod toml;
pub(super) mod tree;
pub mod user;
