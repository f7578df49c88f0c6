//! `subunit-filter`.

use std::{collections::HashSet, io, path::PathBuf};

use regex::RegexSet;
use subunit_core::{Event, Packet, RouteCodeBuf, Status, Tags, sink::Records};

use super::{
    reading::{Input, Tool, run},
    switches::Kept,
};
use crate::{
    cli::command::Command,
    commands::{
        stream::{
            pattern::{Rename, any_of},
            pending::{PendingTest, PendingTests},
        },
        to::details,
    },
    console::Console,
    exit::{Error, Exit},
    id_list::read_ids,
    pipeline::Out,
};

/// Keep some tests of a stream
///
/// As python-subunit's subunit-filter: of two switches that contradict each other the last one wins,
/// unexpected successes are always kept, tests that never ended become failures, tests that were only
/// listed are dropped. Unlike there, what is kept keeps its times, route codes and types. Expressions
/// are searched for in lines: the id, the outcome, the names and the text of attachments.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Filter {
    #[command(flatten)]
    kept: Kept,
    /// Keep tests with this tag; if given several times, with all of them
    #[arg(long, value_name = "TAG", allow_hyphen_values = true)]
    with_tag: Vec<String>,
    /// Drop tests with this tag; if given several times, with any of them
    #[arg(long, value_name = "TAG", allow_hyphen_values = true)]
    without_tag: Vec<String>,
    /// Keep tests in which this is found; if given several times, any of them
    #[arg(long, short = 'm', value_name = "REGEX", allow_hyphen_values = true)]
    with: Vec<String>,
    /// Drop tests in which this is found
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true)]
    without: Vec<String>,
    /// Take failures of the tests in this list for expected ones, successes for unexpected ones
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    fixup_expected_failures: Vec<PathBuf>,
    /// Change ids of failures and successes, first thing
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], allow_hyphen_values = true)]
    rename: Vec<String>,
    #[command(flatten)]
    input: Input,
}

impl Command for Filter {
    const NAME: &'static str = "subunit-filter";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit-filter -F < run.subunit | subunit-ls
  $ subunit-filter -s --with 'net\\.' --rename '^pkg' lib < run.subunit > lib.subunit

Exit status: 0, or 2 where the arguments are wrong or the stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let rename = |pair: &[String]| match pair {
            [from, to] => Rename::new(from, to),
            _ => Err(Error::Usage("--rename takes two words".into())),
        };
        let patterns = |patterns: &[String]| match patterns {
            [] => Ok(None),
            _ => any_of(patterns).map(Some),
        };
        let sieve = Sieve {
            renames: self.rename.chunks(2).map(rename).collect::<Result<_, _>>()?,
            with: patterns(&self.with)?,
            without: patterns(&self.without)?,
            known: read_ids(&self.fixup_expected_failures)?,
            kept: self.kept,
            with_tag: self.with_tag,
            without_tag: self.without_tag,
            waiting: PendingTests::default(),
        };
        run(sieve, &self.input, console)?;
        Ok(Exit::Passed)
    }
}

struct Sieve {
    kept: Kept,
    with_tag: Vec<String>,
    without_tag: Vec<String>,
    with: Option<RegexSet>,
    without: Option<RegexSet>,
    known: HashSet<String>,
    renames: Vec<Rename>,
    waiting: PendingTests,
}

impl Tool for Sieve {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if event.test_id.is_none() {
            return if self.kept.passthrough { out.forward(event, packet) } else { Ok(()) };
        }
        match event.status {
            None | Some(Status::InProgress) => {
                // Its input is a stream, so what it says is a packet.
                self.waiting.hold(event, packet)
            }
            Some(Status::Exists) => {
                // It ends what has not started.
                if self.waiting.find(event).is_some_and(|held| !held.started) {
                    self.waiting.take(event);
                }
                Ok(())
            }
            Some(status) => {
                let held = self.waiting.take(event).unwrap_or_default();
                self.ended(&held, status, event, packet, out)
            }
        }
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        for held in self.waiting.take_all().rev() {
            let Some(first) = held.packets().next() else { continue };
            let route = first.event().route_code.map(|route| RouteCodeBuf::new(route.as_str()));
            let event = Event {
                test_id: first.event().test_id,
                status: Some(Status::Fail),
                timestamp: held.times.map(|(_, last)| last),
                route_code: route.as_ref().map(RouteCodeBuf::as_route),
                runnable: first.event().runnable,
                ..Event::default()
            };
            self.ended(&held, Status::Fail, &event, None, out)?;
        }
        Ok(())
    }
}

impl Sieve {
    /// A test has ended: its packets, and the final event.
    fn ended(
        &self,
        held: &PendingTest,
        status: Status,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let id = self.renamed(event.test_id.unwrap_or_default(), status);
        let id = id.as_deref();
        let new_status = self.fixed_up(id.or(event.test_id).unwrap_or_default(), status);
        if !self.keeps(held, new_status, event, id) {
            return Ok(());
        }
        let Some(id) = id else {
            out.report().write_all(&held.packets)?;
            if new_status == status {
                return out.forward(event, packet);
            }
            return out.emit(&Event { status: Some(new_status), ..*event });
        };
        for packet in held.packets() {
            out.emit(&Event { test_id: Some(id), ..*packet.event() })?;
        }
        out.emit(&Event { test_id: Some(id), status: Some(new_status), ..*event })
    }

    /// The new id, if there is one: the reference renames failures and successes only.
    fn renamed(&self, id: &str, status: Status) -> Option<String> {
        if self.renames.is_empty() || !matches!(status, Status::Fail | Status::Success) {
            return None;
        }
        let mut renamed = id.to_owned();
        self.renames.iter().for_each(|rename| rename.apply(&mut renamed));
        Some(renamed).filter(|renamed| renamed != id)
    }

    fn fixed_up(&self, id: &str, status: Status) -> Status {
        match status {
            Status::Fail if self.known.contains(id) => Status::ExpectedFailure,
            Status::Success if self.known.contains(id) => Status::UnexpectedSuccess,
            _ => status,
        }
    }

    fn keeps(
        &self,
        held: &PendingTest,
        status: Status,
        event: &Event<'_>,
        id: Option<&str>,
    ) -> bool {
        let (kept, outcome) = match status {
            // The reference never drops these.
            Status::UnexpectedSuccess => return true,
            Status::Success => (self.kept.success, "success"),
            Status::Skip => (self.kept.skip, "skip"),
            Status::ExpectedFailure => (self.kept.xfail, "expectedfailure"),
            Status::Fail | Status::InProgress | Status::Exists => (self.kept.failure, "failure"),
        };
        kept && self.keeps_tags(event.tags.unwrap_or_else(|| held.tags.as_tags()))
            && self.keeps_text(held, outcome, event, id)
    }

    fn keeps_tags(&self, tags: Tags<'_>) -> bool {
        self.with_tag.iter().all(|tag| tags.contains(tag))
            && !self.without_tag.iter().any(|tag| tags.contains(tag))
    }

    fn keeps_text(
        &self,
        held: &PendingTest,
        outcome: &str,
        event: &Event<'_>,
        id: Option<&str>,
    ) -> bool {
        if self.with.is_none() && self.without.is_none() {
            return true;
        }
        let mut records = Records::with_limit(usize::MAX);
        for packet in held.packets() {
            records.note(packet.event());
        }
        let record = records.note(event).unwrap_or_default();
        let mut text = format!("{}\n{outcome}\n", id.or(event.test_id).unwrap_or_default());
        for file in &record.attachments {
            text += &format!("{}\n{}\n", file.name, details::content(file));
        }
        self.with.as_ref().is_none_or(|with| with.is_match(&text))
            && !self.without.as_ref().is_some_and(|without| without.is_match(&text))
    }
}
