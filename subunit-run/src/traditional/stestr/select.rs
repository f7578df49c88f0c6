//! Which tests of the listing are meant: filters and lists that take in, then a list and a regex that leave
//! out.

use std::{collections::HashSet, fs, path::Path};

use fancy_regex::Regex;

use super::{call::StestrCall, exit::BAD_REGEX};
use crate::{
    config::regex::BadRegex,
    selection::Selection,
    traditional::{
        error::VerbError,
        work::selection::{compiled, patterns_of},
    },
};

/// Whether the options name any filter or list.
pub(super) fn is_asked_for(call: &StestrCall) -> bool {
    let options = ["include-list", "exclude-list", "exclude-regex"];
    !call.given.arguments.is_empty() || options.iter().any(|option| call.has(option))
}

/// What the options say about the tests that are meant.
///
/// # Errors
///
/// If a file cannot be read, or a regex is none.
pub(super) fn selection_of(call: &StestrCall) -> Result<Selection, VerbError> {
    let mut filters =
        compiled(&call.given.arguments).map_err(|error| bad(&error, "provided in filters"))?;
    if let Some(path) = call.given.text("include-list") {
        filters.extend(file(path, "in provided inclusion_list file")?);
    }
    let mut excluded = Vec::new();
    if let Some(path) = call.given.text("exclude-list") {
        excluded.extend(file(path, "in provided exclusion list file")?);
    }
    let regex = compiled(call.given.text("exclude-regex"));
    excluded.extend(regex.map_err(|error| bad(&error, "used for exclude_regex"))?);
    Ok(Selection { filters, excluded, ..Selection::default() })
}

/// The ids that are meant, in their order, each once.
pub(super) fn select(ids: Vec<String>, selection: &Selection) -> Vec<String> {
    let mut seen = HashSet::new();
    ids.into_iter().filter(|id| selection.takes(id) && seen.insert(id.clone())).collect()
}

fn file(path: &str, place: &str) -> Result<Vec<Regex>, VerbError> {
    let path = Path::new(path);
    let bytes = fs::read(path).map_err(|error| VerbError::file(path, &error))?;
    let text = String::from_utf8_lossy(&bytes);
    compiled(patterns_of(&text)).map_err(|error| bad(&error, place))
}

/// A regex that is none, with an exit status of its own.
pub(super) fn bad(error: &BadRegex, place: &str) -> VerbError {
    VerbError::with_status(format!("Invalid regex: {} {place}", error.pattern), BAD_REGEX)
}
