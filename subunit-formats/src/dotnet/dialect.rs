//! What tells the reports of one runner from those of others.

use std::time::Duration;

use subunit_core::{Status, Timestamp};

use crate::{events::claims::Claim, text::xml::Element};

/// What is particular to one format.
pub(super) struct Dialect {
    /// What trouble with the report goes by.
    pub(super) report: &'static str,
    /// The elements that begin a report.
    pub(super) roots: &'static [&'static str],
    /// Whether an element is a test case, by its name and its parent's.
    pub(super) case: fn(&str, &str) -> bool,
    /// The assembly that an element and what it holds belong to.
    pub(super) assembly: fn(&Element) -> Option<&str>,
    /// The test whose failure the text of another failure only repeats, by the name that it has there.
    pub(super) repeats: Option<fn(&str) -> Option<&str>>,
    /// What its attributes say.
    pub(super) begin: fn(&Element) -> Begin,
    /// The file that the text of an element belongs to, by the element's name and its parent's.
    pub(super) part: fn(&str, &str) -> Option<&'static str>,
    /// A path, if the element or attribute names an artifact on disk.
    pub(super) artifact: fn(&Element) -> Option<String>,
    /// A tag, if the element is one.
    pub(super) tag: fn(&Element) -> Option<String>,
    /// The id of what has failed and is no test case. Its text follows in the element.
    pub(super) failed: fn(&Element) -> Option<String>,
    /// What an element says of the failures in it, or in the whole report.
    pub(super) says: fn(&Element) -> Says,
    /// The time that the element names for what follows.
    pub(super) time: fn(&Element) -> Option<Timestamp>,
}

/// How a test case begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Begin {
    pub(super) id: String,
    /// The class, where the id does not name it.
    pub(super) class: Option<String>,
    /// By what a definition elsewhere in the report names the test, and its class.
    pub(super) definition: Option<String>,
    pub(super) status: Option<Status>,
    pub(super) start: Option<Timestamp>,
    pub(super) duration: Option<Duration>,
}

/// Of what an element says how many failures there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Says {
    Nothing,
    OfItself(Claim),
    OfReport(Claim),
}

impl Says {
    /// The sum of these counts.
    pub(super) fn failures(element: &Element, counts: &[&str]) -> Claim {
        let count = |name: &&str| element.attribute(name)?.trim().parse::<u32>().ok();
        let failures = counts.iter().filter_map(count).map(u64::from).sum();
        Claim { failures, failed: false }
    }
}

/// The last part of a path, of either system.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// No element is one.
pub(super) fn none<T>(_: &Element) -> Option<T> {
    None
}
