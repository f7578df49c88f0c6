//! Keys that there are not.

use super::source::LayerSource;
use crate::config::{
    Mistake,
    keys::{self, Dialect, Place},
    tree::Table,
};

/// Looks for keys that there are not. Those of inquest are left alone, as inquest leaves them.
pub(super) fn check(
    source: &LayerSource,
    table: &Table,
    within: &str,
    places: &[Place],
) -> Result<(), Mistake> {
    if source.dialect == Dialect::Inquest {
        return Ok(());
    }
    let known = |name: &str| keys::find(name, source.dialect, places).is_some();
    match table.0.iter().find(|entry| !known(&entry.key)) {
        None => Ok(()),
        Some(entry) => {
            let what = keys::unknown(&entry.key, source.dialect, places);
            Err(source.mistake(entry.line, &format!("{within}{}", entry.key), what))
        }
    }
}
