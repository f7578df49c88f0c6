//! Who waits for an answer, by what a stream says of it.

use serde_json::Value;
use subunit_core::{
    Event, Status,
    conventions::{PROMPT, is_aside},
};

/// The workers that wait for a person, those first that asked first.
///
/// Memory: the first 10,000 of them whose routes are no longer than 1 KiB.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenPrompts(Vec<OpenPrompt>);

/// A worker that waits for a person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct OpenPrompt {
    pub(super) route: String,
    /// What it asks.
    pub(super) text: String,
}

impl OpenPrompts {
    const KEPT: usize = 10_000;
    const LONGEST: usize = 1024;

    /// Takes an event: whether anybody waits now, if that may have changed.
    pub(super) fn note(&mut self, event: &Event<'_>) -> Option<bool> {
        let route = event.route_code.map_or("", |route| route.as_str());
        let known = self.0.iter().position(|prompt| prompt.route == route);
        match (said(event), known) {
            (Some((true, text)), None) => {
                if self.0.len() < Self::KEPT && route.len() <= Self::LONGEST {
                    self.0.push(OpenPrompt { route: route.to_owned(), text });
                }
            }
            (Some((true, text)), Some(known)) => self.0[known].text = text,
            (Some((false, _)), Some(known)) => _ = self.0.remove(known),
            // Whose test has ended waits no more.
            (None, Some(known)) if event.status.is_some_and(Status::is_final) => {
                self.0.remove(known);
            }
            _ => return None,
        }
        Some(!self.0.is_empty())
    }

    /// Who asked first.
    pub(super) fn first(&self) -> Option<&OpenPrompt> {
        self.0.first()
    }

    /// What the worker of this route asks.
    pub(super) fn of(&self, route: &str) -> Option<&OpenPrompt> {
        self.0.iter().find(|prompt| prompt.route == route)
    }
}

/// Whether a prompt is open, and what it asks, if the event says.
fn said(event: &Event<'_>) -> Option<(bool, String)> {
    let file = event.file.filter(|file| file.name == PROMPT)?;
    if !is_aside(event) {
        return None;
    }
    let said: Value = serde_json::from_slice(file.bytes).ok()?;
    let text = said.get("text").and_then(Value::as_str).unwrap_or_default();
    Some((said.get("open")?.as_bool()?, text.to_owned()))
}
