//! `subunit split`: one stream into several.

mod parts;
mod shard;

use std::{io, path::PathBuf};

use subunit_core::{Damage, Event, Packet, Status, Tags};

use self::{parts::Parts, shard::Shard};
use super::pending::PendingTests;
use crate::{
    cli::command::Command,
    commands::{inspect::outcomes::read_outcomes, to::to_junit::spool},
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Inputs, Out, TextArgs, apart, broken_input, run_returning, write_event},
};

/// Split a stream by route or tag, or into shards
///
/// With --by, each route or tag gets a file in a folder; a test with several tags is in each of their files.
/// Events without one, and text, go to `none.subunit`. Existing files are never overwritten. Packets are
/// written unchanged; to restore what the inputs of a multiplexer wrote, use `subunit demux`.
///
/// With --shard, one shard is written to standard output: some of the tests, usually of a listing. Shards
/// take equally long by the recorded times; tests without a time are spread evenly. A shard depends only on
/// ids and times, not on the order of the tests. All shards of a stream together are the stream: events and
/// text outside tests are in the first one.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(group = clap::ArgGroup::new("how").required(true))]
pub(crate) struct Split {
    /// Write a file for each route, or each tag
    #[arg(long, value_name = "WHAT", group = "how", requires = "directory")]
    by: Option<By>,
    /// Write the files for --by into this folder; it is created if needed
    #[arg(long, short, value_name = "DIR", requires = "by")]
    directory: Option<PathBuf>,
    /// Write the Nth of M shards, such as 1/4
    #[arg(long, value_name = "N/M", group = "how")]
    shard: Option<Shard>,
    /// Balance shards by the times of this run
    #[arg(long, value_name = "RECORDED", requires = "shard")]
    times: Option<PathBuf>,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

/// What tests have in common that are written into one file.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
enum By {
    /// The route code, whole.
    Route,
    /// A tag.
    Tag,
}

impl Command for Split {
    const NAME: &'static str = "split";
    const WRITES: Writes = Writes::StreamUnless("by");
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit split --by route -d workers run.subunit && subunit stats workers/*.subunit
  $ subunit split --shard 1/4 --times run.subunit worker-0.subunit | subunit ls --exists

Exit status: 0, or 2 if a stream cannot be read or the output cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        if let Some(shard) = self.shard {
            let times = match self.times {
                Some(path) => {
                    let recorded = Inputs { files: vec![path], ..Inputs::default() };
                    let mut tests =
                        read_outcomes(&recorded, TextArgs { no_text: true }, console)?.0.tests;
                    tests.retain(|_, outcome| outcome.runnable);
                    tests
                }
                None => std::collections::BTreeMap::default(),
            };
            let deal = shard.deal(times, spool());
            run_returning(deal, &self.inputs, self.text, console)?;
            return Ok(Exit::Passed);
        }
        let Some((by, folder)) = self.by.zip(self.directory) else {
            return Err(Error::Usage("give --by or --shard".into()));
        };
        let parts = Parts::create(folder)?;
        let (waiting, no_text) = (PendingTests::default(), self.text.no_text);
        let sorter = Sorter { by, parts, waiting, no_text, text: None, failed: None };
        match run_returning(sorter, &self.inputs, self.text, console)?.failed {
            Some(error) => Err(error),
            None => Ok(Exit::Passed),
        }
    }
}

/// Writes every packet into the files it belongs to.
struct Sorter {
    by: By,
    parts: Parts,
    /// Tests whose tags are not known before they end.
    waiting: PendingTests,
    no_text: bool,
    /// The last byte of the text at the end of what belongs to no part.
    text: Option<u8>,
    /// What kept a file from being written.
    failed: Option<Error>,
}

impl Filter for Sorter {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if self.by == By::Route || event.test_id.is_none() {
            let mut encoded = Vec::new();
            let bytes = match packet {
                Some(packet) => packet.bytes(),
                None => {
                    write_event(event, &mut encoded)?;
                    &encoded
                }
            };
            match self.by {
                By::Route => self.write(event.route_code.map(|route| route.as_str()), bytes),
                By::Tag => self.write_to_tags(event.tags, bytes),
            }
            return Ok(());
        }
        self.waiting.hold(event, packet)?;
        let ends = match event.status {
            None | Some(Status::InProgress) => false,
            // It ends what has not started.
            Some(Status::Exists) => !self.waiting.find(event).is_some_and(|held| held.started),
            Some(_) => true,
        };
        if ends && let Some(held) = self.waiting.take(event) {
            self.write_to_tags(Some(held.tags.as_tags()), &held.packets);
        }
        Ok(())
    }

    fn text(&mut self, bytes: &[u8], _out: &mut Out<'_, '_>) -> io::Result<()> {
        if !self.no_text {
            self.write(None, bytes);
            self.text = bytes.last().copied();
        }
        Ok(())
    }

    fn damage(&mut self, damage: &Damage<'_>, _out: &mut Out<'_, '_>) -> io::Result<()> {
        let bytes = apart(self.text, damage);
        self.write(None, &bytes);
        Ok(())
    }

    fn broken(&mut self, reason: &str, out: &mut Out<'_, '_>) -> io::Result<()> {
        let mut packets = Vec::new();
        write_event(&broken_input(reason), &mut packets)?;
        self.write(None, &packets);
        self.finish(out)
    }

    fn finish(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        for held in self.waiting.take_all() {
            self.write_to_tags(Some(held.tags.as_tags()), &held.packets);
        }
        let result = self.parts.flush();
        self.keep(result);
        Ok(())
    }
}

impl Sorter {
    fn write_to_tags(&mut self, tags: Option<Tags<'_>>, bytes: &[u8]) {
        let mut tags = tags.into_iter().flatten().peekable();
        if tags.peek().is_none() {
            return self.write(None, bytes);
        }
        tags.for_each(|tag| self.write(Some(tag), bytes));
    }

    fn write(&mut self, part: Option<&str>, bytes: &[u8]) {
        self.text = self.text.filter(|_| part.is_some());
        if self.failed.is_none() {
            let result = self.parts.write(part, bytes);
            self.keep(result);
        }
    }

    fn keep(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
        }
    }
}
