//! How a hub is told to treat its inputs.

use super::Annotations;

/// How a hub treats its inputs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What events get as they pass.
    pub annotations: Annotations,
    /// Keep note of when tests began, for [`Hub::overdue`](super::Hub::overdue) and its like.
    pub watch_tests: bool,
}
