//! What was said about the tests that fail now, as a stream.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::Write,
};

use subunit_core::{
    Event, Packet, RouteCode, Writer,
    run::Identities,
    sink::{Flow, Sink},
};

use super::History;
use crate::Error;

impl History {
    /// Writes all that was said about the tests that fail, in the runs in which they last failed: packets as they
    /// were, in the order of these runs. Returns how many tests there are.
    ///
    /// # Errors
    ///
    /// If the history cannot be read. [`Error::Output`] if `output` cannot be written.
    pub fn write_failing(&self, series: Option<&str>, output: impl Write) -> Result<u64, Error> {
        let failing = self.failing(series)?;
        let count = failing.len() as u64;
        let mut by_run: BTreeMap<i64, HashMap<String, HashSet<String>>> = BTreeMap::new();
        for one in failing {
            let scopes = by_run.entry(one.run).or_default().entry(one.test.id).or_default();
            scopes.insert(one.test.scope);
        }
        let mut writer = Writer::new(output);
        for (id, tests) in by_run {
            let Some(run) = self.run(id)?.filter(|run| run.is_kept) else { continue };
            let stream = self.stream(&run)?;
            let mut copy = Copy { tests, identities: Identities::default(), writer: &mut writer };
            subunit_core::read(stream, &mut copy)
                .map_err(Error::file(&self.folder.run(&run.uuid)))?;
        }
        writer.close().and_then(|mut output| output.flush()).map_err(Error::Output)?;
        Ok(count)
    }
}

/// Copies packets about some tests, unchanged.
struct Copy<'w, W> {
    /// The scopes of each, by id.
    tests: HashMap<String, HashSet<String>>,
    identities: Identities,
    writer: &'w mut Writer<W>,
}

impl<W: Write> Sink for Copy<'_, W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if self.is_wanted(event) { Sink::event(self.writer, event) } else { Flow::Continue }
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        if self.is_wanted(packet.event()) {
            Sink::packet(self.writer, packet)
        } else {
            Flow::Continue
        }
    }
}

impl<W> Copy<'_, W> {
    fn is_wanted(&mut self, event: &Event<'_>) -> bool {
        let Some(scopes) = event.test_id.and_then(|id| self.tests.get(id)) else { return false };
        let names = self.identities.of(event.route_code);
        scopes.contains(names.map_or("", RouteCode::as_str))
    }
}
