//! Who waits for an answer, by what a stream says of it.

use std::collections::HashSet;

use serde_json::Value;
use subunit_core::{
    Event, Status,
    conventions::{PROMPT, is_aside},
};

/// The workers that wait for a person.
///
/// Memory: the first 10,000 of them whose routes are no longer than 1 KiB.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenPrompts(HashSet<String>);

impl OpenPrompts {
    const KEPT: usize = 10_000;
    const LONGEST: usize = 1024;

    /// Takes an event: whether anybody waits now, if that may have changed.
    pub(super) fn note(&mut self, event: &Event<'_>) -> Option<bool> {
        let route = event.route_code.map_or("", |route| route.as_str());
        match said(event) {
            Some(true) if self.0.len() < Self::KEPT && route.len() <= Self::LONGEST => {
                self.0.insert(route.to_owned());
            }
            Some(false) => _ = self.0.remove(route),
            // Whose test has ended waits no more.
            None if event.status.is_some_and(Status::is_final) && self.0.remove(route) => {}
            _ => return None,
        }
        Some(!self.0.is_empty())
    }
}

/// Whether a prompt is open, if the event says.
fn said(event: &Event<'_>) -> Option<bool> {
    let file = event.file.filter(|file| file.name == PROMPT)?;
    if !is_aside(event) {
        return None;
    }
    serde_json::from_slice::<Value>(file.bytes).ok()?.get("open")?.as_bool()
}
