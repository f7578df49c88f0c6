//! Which tests of the listing are meant: filters and lists that take in, then a list and a regex that leave
//! out.

use std::{fs, path::Path};

use super::{BAD_REGEX, call::Call};
use crate::{
    config::regex::BadRegex,
    traditional::{
        failure::Failure,
        work::selection::{Filters, patterns_of},
    },
};

/// What the options say about the tests that are meant.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// None: all tests.
    taken: Option<Filters>,
    left_out: Filters,
}

impl Selection {
    /// Reads the options.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or a regex is none.
    pub(super) fn of(call: &Call) -> Result<Self, Failure> {
        let mut taken = Filters::new(&call.given.arguments)
            .map_err(|error| bad(&error, "provided in filters"))?;
        if let Some(path) = call.given.text("include-list") {
            taken.extend(file(path, "in provided inclusion_list file")?);
        }
        let mut left_out = Filters::default();
        if let Some(path) = call.given.text("exclude-list") {
            left_out.extend(file(path, "in provided exclusion list file")?);
        }
        let regex = Filters::new(call.given.text("exclude-regex"));
        left_out.extend(regex.map_err(|error| bad(&error, "used for exclude_regex"))?);
        Ok(Self { taken: Some(taken).filter(|taken| !taken.is_empty()), left_out })
    }

    /// Whether the options name any filter or list.
    pub(super) fn is_asked_for(call: &Call) -> bool {
        let options = ["include-list", "exclude-list", "exclude-regex"];
        !call.given.arguments.is_empty() || options.iter().any(|option| call.has(option))
    }

    /// The ids that are meant, in their order, each once.
    pub(super) fn of_ids(&self, ids: Vec<String>) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        let is_meant = |id: &String| {
            self.taken.as_ref().is_none_or(|taken| taken.find_in(id)) && !self.left_out.find_in(id)
        };
        ids.into_iter().filter(|id| is_meant(id) && seen.insert(id.clone())).collect()
    }
}

fn file(path: &str, place: &str) -> Result<Filters, Failure> {
    let path = Path::new(path);
    let bytes = fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let text = String::from_utf8_lossy(&bytes);
    Filters::new(patterns_of(&text)).map_err(|error| bad(&error, place))
}

/// A regex that is none, with an exit status of its own.
pub(super) fn bad(error: &BadRegex, place: &str) -> Failure {
    Failure::with_status(format!("Invalid regex: {} {place}", error.pattern), BAD_REGEX)
}
