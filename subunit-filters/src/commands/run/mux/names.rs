//! What inputs are called.

/// The name of an input, in the order commands, files, connections.
pub(super) fn name_of(names: &[String], ordinal: usize) -> String {
    names.get(ordinal).cloned().unwrap_or_else(|| ordinal.to_string())
}
