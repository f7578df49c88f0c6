//! The YAML block that is being read.

/// A YAML block that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Yaml {
    pub(super) indent: usize,
    /// Whether it belongs to the pending point; else it is text.
    pub(super) attached: bool,
}
