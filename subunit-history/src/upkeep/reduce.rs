//! A stream with less in it: what tests came to and how long they took, and what was said of those that failed.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Read, Write},
};

use subunit_core::{
    Event, Packet, RouteCode, Writer,
    conventions::{self, CONFIGURATION, ENVIRONMENT, INPUTS, INSTALLED, METRIC, RUN},
    run::Identities,
    sink::{Flow, Sink},
};

use crate::{contents::numbers, query::TestIdentity};

/// Some tests.
#[derive(Debug, Default)]
pub(super) struct TestSet(HashMap<String, HashSet<String>>);

impl TestSet {
    pub(super) fn insert(&mut self, test: TestIdentity) {
        self.0.entry(test.id).or_default().insert(test.scope);
    }

    fn has(&self, scope: &str, id: &str) -> bool {
        self.0.get(id).is_some_and(|scopes| scopes.contains(scope))
    }
}

/// What stays of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reduction<'t> {
    /// All tests; what was said of these as well.
    Files(&'t TestSet),
    /// Only these tests, with what was said of them.
    Tests(&'t TestSet),
}

/// Writes what stays of a stream. Text outside of packets goes.
pub(super) fn reduce(
    stream: impl Read,
    reduction: Reduction<'_>,
    output: impl Write,
) -> io::Result<()> {
    let writer = Writer::new(output);
    let mut reduced = Reduced { reduction, identities: Identities::default(), writer };
    subunit_core::read(stream, &mut reduced)?;
    reduced.writer.close()?.flush()
}

struct Reduced<'t, W> {
    reduction: Reduction<'t>,
    identities: Identities,
    writer: Writer<W>,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Stays,
    LosesFile,
    Goes,
}

impl<W> Reduced<'_, W> {
    fn fate(&mut self, event: &Event<'_>) -> Fate {
        let Some(id) = event.test_id else { return self.fate_of_run(event) };
        let names = self.identities.of(event.route_code);
        let scope = names.map_or("", RouteCode::as_str);
        let without_file = if event.status.is_some() { Fate::LosesFile } else { Fate::Goes };
        match self.reduction {
            Reduction::Files(tests) if has_output(event) && !tests.has(scope, id) => without_file,
            Reduction::Tests(tests) if !tests.has(scope, id) => Fate::Goes,
            _ => Fate::Stays,
        }
    }

    /// Of an event of no test. A plan is not met by some of its tests.
    fn fate_of_run(&self, event: &Event<'_>) -> Fate {
        let is_aside = conventions::is_aside(event);
        let stays = match self.reduction {
            Reduction::Files(_) => is_aside || event.status.is_some(),
            Reduction::Tests(_) => {
                let stays =
                    |name| matches!(name, RUN | ENVIRONMENT | CONFIGURATION | INPUTS | INSTALLED);
                is_aside && event.file.is_some_and(|file| stays(file.name))
            }
        };
        if stays { Fate::Stays } else { Fate::Goes }
    }

    fn without_file(&mut self, event: &Event<'_>) -> Flow
    where
        W: Write,
    {
        Sink::event(&mut self.writer, &Event { file: None, mime_type: None, eof: false, ..*event })
    }
}

/// Whether a file comes with it in which there is no number.
fn has_output(event: &Event<'_>) -> bool {
    event.file.is_some_and(|file| {
        !file.name.starts_with(METRIC) && numbers(file.name, file.bytes).is_empty()
    })
}

impl<W: Write> Sink for Reduced<'_, W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        match self.fate(event) {
            Fate::Stays => Sink::event(&mut self.writer, event),
            Fate::LosesFile => self.without_file(event),
            Fate::Goes => Flow::Continue,
        }
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        match self.fate(packet.event()) {
            Fate::Stays => Sink::packet(&mut self.writer, packet),
            Fate::LosesFile => self.without_file(packet.event()),
            Fate::Goes => Flow::Continue,
        }
    }
}
