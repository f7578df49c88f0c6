//! The table of verbs. One file each; to add one, copy one and add a line here.

mod history;
mod list;
mod pager;
mod run;
mod running;

pub use self::history::{FolderPolicies, Retention};
use subunit_filters::{
    cli::{
        Program,
        command::{Entry, Group, entry},
    },
    commands as subunit,
    console::Definitions,
};

/// The program `subunit-run`.
pub const PROGRAM: Program = Program {
    about: "Test results as a stream: run tests, and remember them",
    after: "\
The exit status is the verdict: 0 all passed; 1 something failed, never finished or
was damaged; 2 the command could not do its work; 4 there was no test at all.",
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
    subunit::PROGRAM.definition().subcommands(PROGRAM.verbs().map(Entry::definition))
}

/// All groups, in the order of the help.
pub const GROUPS: &[Group] = &[
    Group { title: "Run tests", verbs: RUN },
    Group { title: "Look at runs that are kept", verbs: KEPT },
];

const RUN: &[Entry] = &[
    entry::<run::Run>(),
    entry::<list::ListVerb>(),
    entry::<history::RerunVerb>(),
    entry::<history::BisectVerb>(),
    entry::<running::Running>(),
];

const KEPT: &[Entry] = &[
    entry::<history::LoadVerb>(),
    entry::<history::LastVerb>(),
    entry::<history::FailingVerb>(),
    entry::<history::SlowestVerb>(),
    entry::<history::FlakyVerb>(),
    entry::<history::BrokenVerb>(),
    entry::<history::HistoryVerb>(),
];
