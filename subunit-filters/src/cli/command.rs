//! What every command is, and how it gets into the table.

use clap::{ArgMatches, Args};
use subunit_formats::{Format, report::Row};

use crate::{
    cli::help::broken,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};

/// Something the user can run. The struct holds the flags; their doc comments are the help.
pub trait Command: Args {
    /// What the user types: the verb after `subunit`, or the whole name of a traditional tool, such as
    /// `subunit-stats`, under which it is started by a link.
    const NAME: &'static str;
    /// Two examples at the end of `--help`, which the tests run.
    const EXAMPLES: &'static str;
    /// What it writes to standard output, or to the file of `-o`.
    const WRITES: Writes = Writes::Nothing;

    /// Does the work.
    ///
    /// # Errors
    ///
    /// What keeps the command from doing its work; failing tests are no error.
    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error>;
}

/// Verbs that are about one thing, as `subunit --help` shows them.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// The verbs, in the order of the help.
    pub verbs: &'static [Entry],
}

/// A command's place in the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// See [`Command::NAME`].
    pub name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A [`Command`].
    Command(fn() -> clap::Command, Run, Writes),
    /// The same for every format.
    Format(Format, fn(Format) -> clap::Command, RunOf<Format>),
    /// The same for every report that has no flags of its own.
    Report(&'static Row, fn(&'static Row) -> clap::Command, RunOf<&'static Row>),
}

type Run = fn(&ArgMatches, &mut Console<'_>) -> Result<Exit, Error>;
type RunOf<T> = fn(T, &ArgMatches, &mut Console<'_>) -> Result<Exit, Error>;

impl Entry {
    /// The verb of a format, out of its row.
    pub(crate) const fn of_format(
        format: Format,
        definition: fn(Format) -> clap::Command,
        run: RunOf<Format>,
    ) -> Self {
        Self { name: format.verb(), kind: Kind::Format(format, definition, run) }
    }

    /// The verb of a report, out of its row.
    pub(crate) const fn of_report(
        report: &'static Row,
        definition: fn(&'static Row) -> clap::Command,
        run: RunOf<&'static Row>,
    ) -> Self {
        Self { name: report.verb, kind: Kind::Report(report, definition, run) }
    }

    /// The same, as clap knows it by another function.
    pub(crate) const fn defined_by(self, definition: fn() -> clap::Command) -> Self {
        let kind = match self.kind {
            Kind::Command(_, run, writes) => Kind::Command(definition, run, writes),
            other @ (Kind::Format(..) | Kind::Report(..)) => other,
        };
        Self { kind, ..self }
    }

    /// What clap knows of the command.
    pub fn definition(&self) -> clap::Command {
        let definition = match self.kind {
            Kind::Command(definition, ..) => definition(),
            Kind::Format(format, definition, _) => definition(format),
            Kind::Report(report, definition, _) => definition(report),
        };
        let last = definition.get_after_long_help().map(|help| broken(&help.to_string()));
        let definition = self.writes().add_to(definition);
        match last {
            Some(last) => definition.after_long_help(last),
            None => definition,
        }
    }

    /// Runs it with the arguments that clap found.
    ///
    /// # Errors
    ///
    /// See [`Command::run`].
    pub fn run(&self, matches: &ArgMatches, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.writes().run(matches, console, |console| match self.kind {
            Kind::Command(_, run, _) => run(matches, console),
            Kind::Format(format, _, run) => run(format, matches, console),
            Kind::Report(report, _, run) => run(report, matches, console),
        })
    }

    /// What it writes to standard output.
    pub fn writes(&self) -> Writes {
        match self.kind {
            Kind::Command(.., writes) => writes,
            Kind::Format(..) => Writes::Stream,
            Kind::Report(..) => Writes::Text,
        }
    }
}

/// The entry of a command.
pub const fn entry<C: Command>() -> Entry {
    Entry { name: C::NAME, kind: Kind::Command(definition::<C>, run::<C>, C::WRITES) }
}

/// What clap knows of a command.
pub(crate) fn definition<C: Command>() -> clap::Command {
    C::augment_args(named(C::NAME)).after_long_help(C::EXAMPLES)
}

/// A command of this name, without arguments so far.
pub(crate) fn named(name: &'static str) -> clap::Command {
    // What is given twice is taken the last time.
    clap::Command::new(name).args_override_self(true)
}

fn run<C: Command>(matches: &ArgMatches, console: &mut Console<'_>) -> Result<Exit, Error> {
    of_matches::<C>(matches)?.run(console)
}

/// The flags that clap found.
pub(crate) fn of_matches<A: Args>(matches: &ArgMatches) -> Result<A, Error> {
    A::from_arg_matches(matches).map_err(|error| Error::Usage(error.to_string()))
}
