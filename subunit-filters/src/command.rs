//! What every command is, and how it gets into the table.

use clap::{ArgMatches, Args};

use crate::{
    console::Console,
    exit::{Error, Exit},
};

/// Something the user can run. The struct holds the flags; their doc comments are the help.
pub trait Command: Args {
    /// What the user types: the verb behind `subunit`, or the whole name of a traditional tool, such as
    /// `subunit-stats`, under which it is started by a link.
    const NAME: &'static str;
    /// Two examples at the end of `--help`, which the tests run.
    const EXAMPLES: &'static str;

    /// Does the work.
    ///
    /// # Errors
    ///
    /// What keeps the command from doing its work; failing tests are no error.
    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error>;
}

/// A command's place in the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// See [`Command::NAME`].
    pub name: &'static str,
    /// What clap knows of the command.
    pub definition: fn() -> clap::Command,
    /// Runs it with the arguments that clap found.
    pub run: fn(&ArgMatches, &mut Console<'_>) -> Result<Exit, Error>,
}

/// The entry of a command.
pub const fn entry<C: Command>() -> Entry {
    Entry { name: C::NAME, definition: definition::<C>, run: run::<C> }
}

fn definition<C: Command>() -> clap::Command {
    // What is given twice is taken the last time.
    let command = clap::Command::new(C::NAME).args_override_self(true);
    C::augment_args(command).after_long_help(C::EXAMPLES)
}

fn run<C: Command>(matches: &ArgMatches, console: &mut Console<'_>) -> Result<Exit, Error> {
    let command = C::from_arg_matches(matches).map_err(|error| Error::Usage(error.to_string()))?;
    command.run(console)
}
