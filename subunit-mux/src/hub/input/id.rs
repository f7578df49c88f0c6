//! Which input.

/// An input of a hub.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct InputId(pub(in crate::hub) u64);
