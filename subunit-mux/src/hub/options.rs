//! How a hub treats its inputs: what its caller chooses.

use super::Annotations;

/// How a hub treats its inputs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What is added to events.
    pub annotations: Annotations,
    /// Record when tests began, for [`Hub::overdue`](super::Hub::overdue) and
    /// [`Hub::running`](super::Hub::running).
    pub watch_tests: bool,
}
