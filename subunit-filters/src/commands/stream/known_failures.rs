//! `subunit known-failures`: only what is not known to fail is red.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    path::PathBuf,
};

use subunit_core::{Event, EventBuf, Packet, Status, conventions, run::Identities, sink::TestMap};

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    id_list::known_failures::{KnownFailure, KnownFailureList},
    pipeline::{Filter, Inputs, Out, TextArgs, run_filter},
    style::escaped,
};

/// Treat failures of listed tests as expected
///
/// The list has an id a line. What follows a `#` says why, who looks after the test, and the last day on which
/// its failure is known, in UTC: `ID  # issue 12 owner=ann until=2027-01-31`. After that day the entry excuses
/// nothing, is named on standard error, and is a failure of its own. A listed test that fails becomes an `xfail`. A listed
/// test that passed, and never failed, is named on standard error at the end, so you can take it off the
/// list. Of several attempts at a listed test, the last one becomes the `xfail` if it failed. A listed test
/// that never finishes is still unfinished: that is not a known failure.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct KnownFailures {
    /// Ids of tests that are known to fail
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// Treat successes of listed tests as unexpected, which fails the run
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

impl Command for KnownFailures {
    const NAME: &'static str = "known-failures";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ echo 'tt.TT.test_fail  # issue 12' > known; subunit known-failures known run.subunit | subunit stats
  $ echo 'tt.TT.test_ok' > known; subunit known-failures --strict known < run.subunit > fixed.subunit

Exit status: 0, or 2 if the list or a stream cannot be read or the output cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let known = KnownFailureList::read(&self.list)?;
        let ids = known.ids().map(str::to_owned).collect();
        let expired = known.expired;
        let excuser = Excuser { strict: self.strict, expired, ..Excuser::new(ids) };
        run_filter(excuser, &self.inputs, self.text, console)
    }
}

struct Excuser {
    known: HashSet<String>,
    strict: bool,
    /// Entries of the list that excuse nothing any more.
    expired: Vec<KnownFailure>,
    /// Whether they have failed, of all listed tests that ended in one way or the other.
    failed: BTreeMap<String, bool>,
    /// The ends of failed attempts that may have a successor.
    held: TestMap<EventBuf>,
    identities: Identities,
}

impl Filter for Excuser {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let status = self.excused(event);
        if status != event.status && is_failed_attempt(event) {
            return self.hold(event, out);
        }
        self.let_go(event, out)?;
        if status == event.status {
            return out.forward(event, packet);
        }
        out.emit(&Event { status, ..*event })
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        for last in std::mem::take(&mut self.held).take_all() {
            let status = Some(Status::ExpectedFailure);
            out.emit(&Event { status, ..last.as_event() })?;
        }
        for entry in &self.expired {
            entry.with_failure(|event| out.emit(event))?;
            let told = escaped(out.console.stderr_look, &entry.told()).to_string();
            out.console.say(told)?;
        }
        for (id, _) in self.failed.iter().filter(|(_, failed)| !**failed) {
            let id = escaped(out.console.stderr_look, id).to_string();
            out.console.say(format_args!("{id}: passed, but is listed as a known failure"))?;
        }
        Ok(())
    }
}

/// Whether an attempt failed that may have a successor.
fn is_failed_attempt(event: &Event<'_>) -> bool {
    event.status == Some(Status::Fail)
        && event.tags.is_some_and(|tags| conventions::attempt(tags).is_some())
}

impl Excuser {
    fn new(known: HashSet<String>) -> Self {
        let (failed, held) = (BTreeMap::new(), TestMap::new());
        let (strict, expired) = (false, Vec::new());
        Self { known, strict, expired, failed, held, identities: Identities::default() }
    }

    /// Keeps the end of an attempt back: it is an expected failure if no other attempt comes.
    fn hold(&mut self, event: &Event<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.let_go(event, out)?;
        let (names, id) = (self.identities.of(event.route_code), event.test_id.unwrap_or_default());
        *self.held.find_or_insert_with(names, id, EventBuf::default) = event.to_buf();
        Ok(())
    }

    /// Another attempt has come: the one before it failed, and is none that counts.
    fn let_go(&mut self, event: &Event<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let (names, id) = (self.identities.of(event.route_code), event.test_id.unwrap_or_default());
        match self.held.remove(names, id) {
            Some(held) => out.emit(&held.as_event()),
            None => Ok(()),
        }
    }

    /// The status that the event has afterwards.
    fn excused(&mut self, event: &Event<'_>) -> Option<Status> {
        let (status, id) = (event.status?, event.test_id);
        let Some(id) = id.filter(|id| self.known.contains(*id)) else { return Some(status) };
        let passed = match status {
            Status::Success | Status::UnexpectedSuccess => true,
            Status::Fail | Status::ExpectedFailure => false,
            Status::Exists | Status::InProgress | Status::Skip => return Some(status),
        };
        match self.failed.get_mut(id) {
            Some(failed) => *failed |= !passed,
            None => drop(self.failed.insert(id.to_owned(), !passed)),
        }
        Some(match passed {
            false => Status::ExpectedFailure,
            true if self.strict => Status::UnexpectedSuccess,
            true => Status::Success,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excuser(strict: bool) -> Excuser {
        let known = HashSet::from(["a".to_owned()]);
        Excuser { strict, ..Excuser::new(known) }
    }

    #[test]
    fn what_is_listed_is_never_red_unless_that_is_asked_for() {
        for status in Status::ALL {
            let after = excuser(false).excused(&Event::status("a", status)).unwrap();
            assert!(!after.is_failure(), "{status}");
            let other = excuser(true).excused(&Event::status("b", status));
            assert_eq!(other, Some(status), "{status}");
        }
        let strict = excuser(true).excused(&Event::status("a", Status::Success));
        assert_eq!(strict, Some(Status::UnexpectedSuccess));
        let nothing = Event { status: Some(Status::Fail), ..Event::default() };
        assert_eq!(excuser(false).excused(&nothing), Some(Status::Fail));
    }

    #[test]
    fn a_test_that_failed_once_stays_on_the_list() {
        let mut excuser = excuser(false);
        for status in [Status::Success, Status::Fail, Status::Success] {
            excuser.excused(&Event::status("a", status));
        }
        assert_eq!(excuser.failed, BTreeMap::from([("a".to_owned(), true)]));
    }
}
