//! The worker file: which tests run together, divided by hand.
//!
//! ```yaml
//! - worker:
//!   - regex
//! - worker:
//!   - another
//!   concurrency: 2
//! ```

use std::{fs, path::Path};

use saphyr::{LoadableYamlNode, Yaml};

use super::select::bad;
use crate::{
    selection::Selection,
    traditional::{error::VerbError, work::selection::compiled},
};

/// A list of tests, and over how many workers it is divided.
#[derive(Debug)]
pub(super) struct WorkerEntry {
    pub(super) selection: Selection,
    pub(super) workers: usize,
}

/// Reads a worker file.
///
/// # Errors
///
/// If it cannot be read, or is none.
pub(super) fn read(path: &Path) -> Result<Vec<WorkerEntry>, VerbError> {
    let text = fs::read_to_string(path).map_err(|error| VerbError::file(path, &error))?;
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<WorkerEntry>, VerbError> {
    let wrong = || VerbError::new("The input yaml is the incorrect format");
    let documents = Yaml::load_from_str(text).map_err(VerbError::new)?;
    let entries = documents.first().and_then(Yaml::as_sequence).ok_or_else(wrong)?;
    let entry = |entry: &Yaml<'_>| {
        let patterns = entry.as_mapping_get("worker").and_then(Yaml::as_sequence);
        let patterns: Option<Vec<_>> =
            patterns.ok_or_else(wrong)?.iter().map(Yaml::as_str).collect();
        let filters = compiled(patterns.ok_or_else(wrong)?);
        let filters = filters.map_err(|error| bad(&error, "provided in filters"))?;
        let workers = entry.as_mapping_get("concurrency").and_then(Yaml::as_integer);
        Ok(WorkerEntry {
            selection: Selection { filters, ..Selection::default() },
            workers: workers.and_then(|workers| usize::try_from(workers).ok()).unwrap_or(1).max(1),
        })
    };
    entries.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_regexes_and_a_number_of_workers() {
        let entries = parse("- worker:\n  - m1\n  concurrency: 2\n- worker: [x, y]\n").unwrap();
        let numbers: Vec<_> = entries.iter().map(|entry| entry.workers).collect();
        assert_eq!(numbers, [2, 1]);
        assert!(entries[1].selection.takes("y") && !entries[1].selection.takes("m1"));
    }

    #[test]
    fn another_form_is_refused() {
        for text in ["- m1\n", "worker: [x]\n", "", "- worker: x\n", "- {concurrency: 2}\n"] {
            let failure = parse(text).unwrap_err();
            assert_eq!(failure.message, "The input yaml is the incorrect format", "{text:?}");
        }
        assert_eq!(parse("- worker: ['(']\n").unwrap_err().status, Some(5));
    }
}
