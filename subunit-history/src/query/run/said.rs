//! What did failures say, word for word? The index has messages without what differs from run to run.

use std::collections::HashMap;

use subunit_core::{
    Event, RouteCode, Status,
    run::{Identities, Results, cause},
    sink::{Flow, Sink},
};

use super::RunRow;
use crate::{
    Error,
    contents::LIMIT,
    query::{History, TestIdentity},
};

/// The longest message, in characters.
const LONGEST: usize = 200;

impl History {
    /// The messages of tests that failed in a run, as they were said, in a line each: `None` where the run says nothing about
    /// the test. Reads the stream of the run, unless that has more bytes than `budget`, which becomes less by them.
    ///
    /// # Errors
    ///
    /// If the file cannot be read. That it is not there is no error.
    pub fn said(
        &self,
        run: &RunRow,
        tests: &[&TestIdentity],
        budget: &mut u64,
    ) -> Result<Vec<Option<String>>, Error> {
        let nothing = vec![None; tests.len()];
        if !run.is_kept || tests.is_empty() || self.folder.is_nowhere() {
            return Ok(nothing);
        }
        let Some(left) = budget.checked_sub(run.raw_bytes) else { return Ok(nothing) };
        if !self.folder.run(&run.uuid).exists() {
            return Ok(nothing);
        }
        *budget = left;
        let mut listener = Listener::new(tests, nothing);
        subunit_core::read(self.stream(run)?, &mut listener)
            .map_err(Error::file(&self.folder.run(&run.uuid)))?;
        Ok(listener.said)
    }
}

/// Hears what a stream says about some tests.
struct Listener<'t> {
    /// The places of the tests that have an id, each with the scope.
    places: HashMap<&'t str, Vec<(&'t str, usize)>>,
    identities: Identities,
    results: Results,
    said: Vec<Option<String>>,
}

impl<'t> Listener<'t> {
    fn new(tests: &[&'t TestIdentity], said: Vec<Option<String>>) -> Self {
        let mut places: HashMap<&str, Vec<(&str, usize)>> = HashMap::new();
        for (place, test) in tests.iter().enumerate() {
            places.entry(&test.id).or_default().push((&test.scope, place));
        }
        let (identities, results) = (Identities::default(), Results::with_limit(LIMIT));
        Self { places, identities, results, said }
    }

    fn place(&mut self, event: &Event<'_>) -> Option<usize> {
        let scopes = self.places.get(event.test_id?)?;
        let names = self.identities.of(event.route_code);
        let scope = names.map_or("", RouteCode::as_str);
        scopes.iter().find(|(name, _)| *name == scope).map(|(_, place)| *place)
    }
}

impl Sink for Listener<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let Some(place) = self.place(event) else { return Flow::Continue };
        let Some(result) = self.results.note(event) else { return Flow::Continue };
        let record = result.last;
        let has_ended = record.status.is_some_and(|status| status != Status::InProgress);
        let message = if has_ended { line(&cause::message(record)) } else { String::new() };
        if let Some(said) = self.said.get_mut(place) {
            *said = (!message.is_empty()).then_some(message);
        }
        Flow::Continue
    }
}

/// A message in one line that is not too long.
fn line(message: &str) -> String {
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None => words,
    }
}
