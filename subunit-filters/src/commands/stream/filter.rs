//! `subunit filter`: some tests of a stream.

use std::{collections::HashSet, io, path::PathBuf, time::Duration};

use clap::builder::TypedValueParser;
use regex::RegexSet;
use subunit_core::{
    Damage, Event, Packet, RouteCode, RouteCodeBuf, Status, Tags, TagsBuf, conventions,
    run::{Attempt, Attempts, Judged},
};

use super::{
    pattern::{Rename, any_of},
    pending::{PendingTest, PendingTests},
};
use crate::{
    cli::{command::Command, duration},
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    id_list::{known_failures::KnownFailureList, read_ids},
    pipeline::{self, Inputs, Out, TextArgs, offering, run_filter},
    style::escaped,
};

/// Keep some tests of a stream
///
/// A test is kept if every kind of option keeps it; several options of one kind keep it if any of them does.
/// Options with --not- drop tests. All attempts at a test are kept or dropped together, by the result of the
/// last one. Packets are written unchanged, once it is known whether their test is kept. Renames come first,
/// then --known-failures; all other options see the result.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Filter {
    /// Keep tests with this status (comma-separated); `inprogress` means the test never finished
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = statuses(), hide_possible_values = true)]
    status: Vec<Status>,
    /// Drop tests with this status (comma-separated)
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = statuses(), hide_possible_values = true)]
    not_status: Vec<Status>,
    /// Keep tests whose id matches REGEX anywhere
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true)]
    id: Vec<String>,
    /// Drop tests whose id matches REGEX anywhere
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true)]
    not_id: Vec<String>,
    /// Keep tests in this list, which has an id a line
    #[arg(long, value_name = "LIST")]
    load_list: Vec<PathBuf>,
    /// Keep tests with this tag
    #[arg(long, value_name = "TAG", allow_hyphen_values = true)]
    tag: Vec<String>,
    /// Drop tests with this tag
    #[arg(long, value_name = "TAG", allow_hyphen_values = true)]
    not_tag: Vec<String>,
    /// Keep tests at or below this route, such as 0/1
    #[arg(long, value_name = "ROUTE")]
    route: Vec<String>,
    /// Drop tests at or below this route
    #[arg(long, value_name = "ROUTE")]
    not_route: Vec<String>,
    /// Keep tests that took longer than TIME, such as 30s, 5m, 1.5h or 500ms
    #[arg(long, value_name = "TIME", value_parser = duration::parse, overrides_with = "slower")]
    slower: Option<Duration>,
    /// Keep the tests that would be dropped, and drop the others
    #[arg(long, overrides_with = "no_invert")]
    invert: bool,
    #[arg(long, hide = true, overrides_with = "invert")]
    no_invert: bool,
    /// Replace what the regular expression FROM matches in ids with TO; `\1` is its first group
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], allow_hyphen_values = true)]
    rename: Vec<String>,
    /// Treat failures of listed tests as expected, and their successes as unexpected; the list is that of `subunit known-failures`
    #[arg(long, value_name = "LIST", alias = "fixup-expected-failures")]
    known_failures: Vec<PathBuf>,
    /// Drop events without a test id, and text
    #[arg(long)]
    tests_only: bool,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

/// Attempts are kept together: what one of them is without the others, nobody can tell.
///
/// # Errors
///
/// If the tag is that of an attempt.
pub(in crate::commands) fn refuse_attempt(tag: &str) -> Result<(), Error> {
    let tags: TagsBuf = [tag].into_iter().collect();
    if tag != "attempt-*" && conventions::attempt(tags.as_tags()).is_none() {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{tag}: this tag marks the attempts at one test, which stay together"
    )))
}

fn statuses() -> impl TypedValueParser<Value = Status> {
    offering(parse_status, || Status::ALL.map(Status::name).into())
}

fn parse_status(text: &str) -> Result<Status, String> {
    text.parse().map_err(|error: subunit_core::UnknownStatus| error.to_string())
}

impl Command for Filter {
    const NAME: &'static str = "filter";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit filter --status fail,uxsuccess run.subunit | subunit ls
  $ subunit filter --id '^net\\.' --not-tag slow --rename '^net' 'network' run.subunit > net.subunit

Exit status: 0, or 2 if the arguments are wrong or a stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.tag.iter().chain(&self.not_tag).try_for_each(|tag| refuse_attempt(tag))?;
        let patterns = |patterns: &[String]| match patterns {
            [] => Ok(None),
            _ => any_of(patterns).map(Some),
        };
        let rename = |pair: &[String]| match pair {
            [from, to] => Rename::new(from, to),
            _ => Err(Error::Usage("--rename takes two words".into())),
        };
        let sieve = Sieve {
            id: patterns(&self.id)?,
            not_id: patterns(&self.not_id)?,
            listed: match &self.load_list[..] {
                [] => None,
                lists => Some(read_ids(lists)?),
            },
            renames: self.rename.chunks(2).map(rename).collect::<Result<_, _>>()?,
            known: self.known(console)?,
            waiting: PendingTests::default(),
            attempts: Attempts::default(),
            waits: self.waits(),
            new_id: String::new(),
            options: self.clone(),
        };
        let text = TextArgs { no_text: self.text.no_text || self.tests_only };
        run_filter(sieve, &self.inputs, text, console)
    }
}

impl Filter {
    /// The tests that are known to fail. Entries that do not hold any more are named.
    fn known(&self, console: &mut Console<'_>) -> Result<HashSet<String>, Error> {
        let mut ids = HashSet::new();
        for path in &self.known_failures {
            let known = KnownFailureList::read(path)?;
            ids.extend(known.ids().map(str::to_owned));
            for entry in &known.expired {
                let told = escaped(console.stderr_look, &entry.told()).to_string();
                console.say(told)?;
            }
        }
        Ok(ids)
    }

    /// Whether it takes the end of a test to decide on it.
    fn waits(&self) -> bool {
        let lists = [&self.tag, &self.not_tag];
        let statuses = [&self.status, &self.not_status];
        self.slower.is_some()
            || lists.iter().any(|list| !list.is_empty())
            || statuses.iter().any(|list| !list.is_empty())
    }

    fn keeps_route(&self, route: Option<RouteCode<'_>>) -> bool {
        let below = |list: &[String]| {
            route.is_some_and(|route| {
                list.iter().any(|above| route.starts_with(RouteCode::new(above)))
            })
        };
        (self.route.is_empty() || below(&self.route)) && !below(&self.not_route)
    }

    fn keeps_tags(&self, tags: Tags<'_>) -> bool {
        let any = |list: &[String]| list.iter().any(|tag| tags.contains(tag));
        (self.tag.is_empty() || any(&self.tag)) && !any(&self.not_tag)
    }

    fn keeps_status(&self, status: Status) -> bool {
        (self.status.is_empty() || self.status.contains(&status))
            && !self.not_status.contains(&status)
    }

    /// A test of which it is not known how long it took did not take longer.
    fn keeps_time(&self, held: &PendingTest) -> bool {
        let took = held.times.and_then(|(start, stop)| stop.since(start));
        self.slower.is_none_or(|least| took.is_some_and(|took| took > least))
    }
}

struct Sieve {
    options: Filter,
    id: Option<RegexSet>,
    not_id: Option<RegexSet>,
    listed: Option<HashSet<String>>,
    renames: Vec<Rename>,
    known: HashSet<String>,
    /// See [`Filter::waits`].
    waits: bool,
    waiting: PendingTests,
    /// Failed attempts that may have a successor, by which they are kept or dropped.
    attempts: Attempts<PendingTest>,
    /// Reused for changing ids.
    new_id: String,
}

impl pipeline::Filter for Sieve {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let Some(old_id) = event.test_id else {
            let kept = !self.options.tests_only && self.options.keeps_route(event.route_code);
            return if kept { out.forward(event, packet) } else { Ok(()) };
        };
        if self.renames.is_empty() && self.known.is_empty() {
            return self.changed(event, packet, out);
        }
        let mut new_id = std::mem::take(&mut self.new_id);
        new_id.clear();
        new_id.push_str(old_id);
        self.renames.iter().for_each(|rename| rename.apply(&mut new_id));
        let status = match event.status {
            Some(Status::Fail) if self.known.contains(&new_id) => Some(Status::ExpectedFailure),
            Some(Status::Success) if self.known.contains(&new_id) => {
                Some(Status::UnexpectedSuccess)
            }
            status => status,
        };
        let same = new_id == old_id && status == event.status;
        let event = Event { test_id: Some(&new_id), status, ..*event };
        let done = self.changed(&event, packet.filter(|_| same), out);
        self.new_id = new_id;
        done
    }

    /// It is no test, and is kept as damage is; but what is said of it may be that of a route that is not.
    fn told_damage(
        &mut self,
        _damage: &Damage<'_>,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if self.options.keeps_route(event.route_code) {
            return out.forward(event, packet);
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let names = self.waiting.names();
        let open: Vec<PendingTest> = self.waiting.take_all().collect();
        for ((route_code, test_id), held) in names.iter().zip(open) {
            let route_code = route_code.as_ref().map(RouteCodeBuf::as_route);
            self.decide(route_code, test_id, Status::InProgress, held, out)?;
        }
        for kept in self.attempts.finish() {
            let Some((last, earlier)) = kept.attempts.split_last() else { continue };
            self.write(earlier, last, kept.status.unwrap_or(Status::InProgress), out)?;
        }
        Ok(())
    }
}

impl Sieve {
    /// An event of a test, after all changes; without a packet if there were any.
    fn changed(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let invert = self.options.invert;
        let early = self.keeps_name(event);
        if !early || !self.waits {
            return if early != invert { out.forward(event, packet) } else { Ok(()) };
        }
        let ends = match event.status {
            None | Some(Status::InProgress) => false,
            // It ends what has not started.
            Some(Status::Exists) => !self.waiting.find(event).is_some_and(|held| held.started),
            Some(_) => true,
        };
        if !ends {
            return self.waiting.hold(event, packet);
        }
        let mut held = self.waiting.take(event).unwrap_or_default();
        held.note(event);
        if held.attempt().is_some() {
            held.push(event, packet)?;
            let (route_code, test_id) = (event.route_code, event.test_id.unwrap_or_default());
            let status = event.status.unwrap_or(Status::InProgress);
            return self.decide(route_code, test_id, status, held, out);
        }
        if !self.keeps(&held, event.status.unwrap_or(Status::InProgress)) {
            return Ok(());
        }
        out.report().write_all(&held.packets)?;
        out.forward(event, packet)
    }

    /// An attempt has ended, or never will: is its test kept?
    fn decide(
        &mut self,
        route_code: Option<RouteCode<'_>>,
        test_id: &str,
        status: Status,
        held: PendingTest,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let number = held.attempt();
        let status_said = Some(status);
        let attempt = Attempt { route_code, test_id, number, status: status_said, runnable: true };
        match self.attempts.judge(&attempt) {
            Judged::Held(replaced) if number.is_some() => {
                self.attempts.hold(&attempt, replaced, held);
                Ok(())
            }
            Judged::Held(_) => self.write(&[], &held, status, out),
            Judged::Result { earlier, .. } => self.write(&earlier, &held, status, out),
        }
    }

    /// Writes the attempts at a test, if what the last one came to keeps them.
    fn write(
        &self,
        earlier: &[PendingTest],
        last: &PendingTest,
        status: Status,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if !self.keeps(last, status) {
            return Ok(());
        }
        for held in earlier.iter().chain([last]) {
            out.report().write_all(&held.packets)?;
        }
        Ok(())
    }

    /// What any event of a test can decide.
    fn keeps_name(&self, event: &Event<'_>) -> bool {
        let id = event.test_id.unwrap_or_default();
        self.options.keeps_route(event.route_code)
            && self.listed.as_ref().is_none_or(|listed| listed.contains(id))
            && self.id.as_ref().is_none_or(|patterns| patterns.is_match(id))
            && !self.not_id.as_ref().is_some_and(|patterns| patterns.is_match(id))
    }

    /// What only the end of a test can decide.
    fn keeps(&self, held: &PendingTest, status: Status) -> bool {
        let options = &self.options;
        let keeps = options.keeps_status(status)
            && options.keeps_tags(held.tags.as_tags())
            && options.keeps_time(held);
        keeps != options.invert
    }
}
