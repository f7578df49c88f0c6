//! The table of verbs. One file each; to add one, copy one and add a line here.

mod place;
mod reach;
mod retention;
mod send;
mod serve;
mod served_history;
mod token;

use subunit_filters::{
    cli::{
        Program,
        command::{Entry, Group, entry},
    },
    commands as subunit,
    console::Definitions,
};

/// The program `subunit-server`.
pub const PROGRAM: Program = Program {
    about: "Test results as a stream: show them in a browser",
    after: "The exit status is 0 if the server was asked to end, or has what was sent to it; and 2 if the command could not do its work.",
    elsewhere: &[],
    tell_of_all: &[],
    groups: GROUPS,
    tools: &[],
    definitions: Definitions {
        verbs: || PROGRAM.definition(),
        tools: || PROGRAM.tool_definitions(),
    },
};

/// `subunit` with the verbs of this program: what its manual pages and completions tell of.
pub const WHOLE: Program = Program {
    elsewhere: &[],
    tell_of_all: &[],
    definitions: Definitions { verbs: whole, ..subunit::PROGRAM.definitions },
    ..subunit::PROGRAM
};

/// What clap knows of the verbs of `subunit` and of this program.
pub fn whole() -> clap::Command {
    subunit_run::commands::whole().subcommands(PROGRAM.verbs().map(Entry::definition))
}

/// All groups, in the order of the help.
pub const GROUPS: &[Group] =
    &[Group { title: "Show runs in a browser, and send them there", verbs: SHOW }];

const SHOW: &[Entry] = &[entry::<serve::Serve>(), entry::<send::Send>()];
