//! Which history is meant?

use std::path::{Path, PathBuf};

/// The history that was named, or else the one of the environment, or of this folder.
pub(super) fn of(named: Option<&Path>) -> PathBuf {
    let of_variable =
        || std::env::var_os("SUBUNIT_HISTORY").filter(|name| !name.is_empty()).map(PathBuf::from);
    named.map(Path::to_owned).or_else(of_variable).unwrap_or_else(|| PathBuf::from(".subunit"))
}
