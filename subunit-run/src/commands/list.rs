//! `subunit list`: which tests there are, and which of them a run would run.

use std::{
    io::{ErrorKind, Read, Write},
    path::Path,
    time::Duration,
};

use subunit_core::{Decoder, Event, Item, Status, Writer};
use subunit_filters::{
    cli::command::Command,
    console::{Console, Source},
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::Producer,
    style::write_escaped,
};

use super::run::{SelectArgs, listing};
use crate::supervise::InTurn;

/// List the tests of the suite, without running them
///
/// The suite is described by the configuration of the current folder, as for `subunit run`, and the same
/// tests are taken.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ListVerb {
    #[command(flatten)]
    select: SelectArgs,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Write a stream in which the tests exist, instead of their ids
    #[arg(long)]
    subunit: bool,
}

impl Command for ListVerb {
    const NAME: &'static str = "list";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit list > all-tests
  $ subunit list --failing '^db'

Exit status: 0 there are tests; 2 they could not be listed; 4 there is none.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut run = listing(self.select.clone(), self.profile, console)?;
        let mut listed = Listed { subunit: self.subunit, ..Listed::default() };
        let read = listed.read(&mut run, console);
        // What was listed stays listed, whatever comes.
        console.stdout.flush()?;
        read?;
        if let Some(signal) = run.stopped_by() {
            console.interrupts.raise(signal);
            return Ok(Exit::Broken);
        }
        let Some(failure) = listed.failures.pop() else {
            if listed.tests > 0 {
                return Ok(Exit::Passed);
            }
            if let Some(why) = self.select.no_match(Path::new(".")) {
                console.say(why)?;
            }
            return Ok(Exit::NoTests);
        };
        let (first, more) = failure.split_once('\n').unwrap_or((&failure, ""));
        for line in listed.failures.iter().flat_map(|said| said.lines()).chain(more.lines()) {
            console.say(line)?;
        }
        Err(Error::Usage(first.to_owned()))
    }
}

/// What a listing has said.
#[derive(Default)]
struct Listed {
    subunit: bool,
    tests: u64,
    /// What went wrong, with all that was said about it.
    failures: Vec<String>,
}

impl Listed {
    fn read(&mut self, run: &mut InTurn, console: &mut Console<'_>) -> Result<(), Error> {
        let mut decoder = Decoder::new();
        let mut block = [0; 16 * 1024];
        loop {
            match run.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(length) => decoder.feed(block.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    console.stdout.flush()?;
                    run.wait(Duration::from_secs(1));
                }
                Err(error) => return Err(Error::Wait(error)),
            }
            while let Some(item) = decoder.next_item() {
                if let Item::Packet(packet) = item {
                    self.take(packet.event(), console)?;
                }
            }
        }
    }

    fn take(&mut self, event: &Event<'_>, console: &mut Console<'_>) -> Result<(), Error> {
        let Some(test_id) = event.test_id else { return Ok(()) };
        if event.status == Some(Status::Exists) {
            self.tests += 1;
            if self.subunit {
                Writer::new(&mut *console.stdout).event(event)?;
            } else {
                write_escaped(console.stdout_look, test_id, &mut *console.stdout)?;
                console.stdout.write_all(b"\n")?;
            }
            return Ok(());
        }
        let said = event.file.map(|file| String::from_utf8_lossy(file.bytes)).unwrap_or_default();
        let said = said.trim_end();
        match (event.status.is_some_and(Status::is_failure), event.runnable) {
            (true, false) if !said.is_empty() => self.failures.push(said.to_owned()),
            (true, _) if said.is_empty() => self.failures.push(format!("{test_id} failed")),
            (true, _) => self.failures.push(format!("{test_id} failed\n{said}")),
            // A traceback, before the failure.
            (false, _) if !said.is_empty() => {
                said.lines().try_for_each(|line| console.say(line))?;
            }
            (false, _) => {}
        }
        Ok(())
    }
}
