//! `--quarantined`: tests that are known to fail run in a pass of their own, only they, or not at all.

use std::io::{self, Cursor, Read};

use subunit_core::Writer;
use subunit_filters::{
    console::{Console, Source},
    exit::Error,
    id_list::known_failures::KnownFailureList,
    interrupts::Signal,
    pipeline::{Producer, Steering},
    style::escaped,
};

use crate::{config::Suite, selection::Selection};

/// What becomes of tests in quarantine.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(super) enum Quarantined {
    /// No other tests run.
    Only,
    /// They run after the others, as a run of their own whose verdict is not that of the others.
    Apart,
    /// They do not run.
    Skip,
    /// No other tests run, after a pass that has named the entries whose last day is over.
    #[value(skip)]
    Second,
}

/// The tests in quarantine, and what becomes of them.
pub(super) struct Quarantine {
    tests: KnownFailureList,
    becomes: Quarantined,
}

impl Quarantine {
    /// Reads the list that the configuration names, if something is asked of its tests. Entries whose last day is over
    /// are named.
    pub(super) fn read(
        becomes: Option<Quarantined>,
        suite: &Suite,
        console: &mut Console<'_>,
    ) -> Result<Option<Self>, Error> {
        let Some(becomes) = becomes else { return Ok(None) };
        let Some(list) = &suite.quarantine else {
            let message = "--quarantined: the configuration has no `quarantine`, such as quarantine = \"known-failures\" in \
                           subunit.toml";
            return Err(Error::Usage(message.into()));
        };
        let mut tests = KnownFailureList::read(&suite.folder.join(list))?;
        if becomes != Quarantined::Second {
            for entry in &tests.expired {
                let told = escaped(console.stderr_look, &entry.told()).to_string();
                console.say(told)?;
            }
        }
        if matches!(becomes, Quarantined::Only | Quarantined::Second) {
            // They run with the others, and fail there.
            tests.expired.clear();
        }
        Ok(Some(Self { tests, becomes }))
    }

    /// Leaves the tests in quarantine out, or all others.
    pub(super) fn narrow(&self, selection: &mut Selection) {
        let ids = self.tests.ids().map(str::to_owned);
        match self.becomes {
            Quarantined::Only | Quarantined::Second => selection.only = Some(ids.collect()),
            Quarantined::Skip | Quarantined::Apart => selection.without.extend(ids),
        }
    }

    /// The failures that entries are whose last day is over, as packets.
    pub(super) fn expired(&self) -> io::Result<Vec<u8>> {
        let mut packets = Vec::new();
        for entry in &self.tests.expired {
            entry.with_failure(|event| Writer::new(&mut packets).event(event))?;
        }
        Ok(packets)
    }
}

/// A run, and what is said after it.
pub(super) struct Followed<'r> {
    run: Option<&'r mut dyn Producer>,
    stopped_by: Option<Signal>,
    said: Cursor<Vec<u8>>,
}

impl<'r> Followed<'r> {
    pub(super) fn new(run: &'r mut dyn Producer, said: Vec<u8>) -> Self {
        Self { run: Some(run), stopped_by: None, said: Cursor::new(said) }
    }
}

impl Read for Followed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(run) = &mut self.run {
            match run.read(buffer)? {
                0 if !buffer.is_empty() => self.stopped_by = run.stopped_by(),
                length => return Ok(length),
            }
            self.run = None;
        }
        self.said.read(buffer)
    }
}

impl Source for Followed<'_> {
    fn wait(&mut self, time: std::time::Duration) -> bool {
        self.run.as_mut().is_none_or(|run| run.wait(time))
    }

    fn aside(&mut self) -> Option<Vec<u8>> {
        self.run.as_mut()?.aside()
    }
}

impl Producer for Followed<'_> {
    fn stopped_by(&self) -> Option<Signal> {
        self.run.as_ref().map_or(self.stopped_by, |run| run.stopped_by())
    }

    fn steer(&mut self, steering: Steering) {
        if let Some(run) = &mut self.run {
            run.steer(steering);
        }
    }
}
