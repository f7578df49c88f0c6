//! The configuration of a folder, as far as its history goes by it.

use std::path::Path;

use crate::config::{Suite, find, keys::Dialect, stestr, toml};

/// The suite of a folder with a subunit.toml.
pub(in crate::commands::history) fn suite(folder: &Path) -> Result<Option<Suite>, find::FindError> {
    if find::find(folder).is_none_or(|main| main.dialect != Dialect::Subunit) {
        return Ok(None);
    }
    let user = find::user_file();
    find::load(&find::Request {
        folder,
        profile: None,
        user: user.as_deref(),
        run: &toml::shell(folder),
        stestr: &stestr::Options::default(),
        runner: &stestr::Runner::new("python3"),
    })
    .map(Some)
}
