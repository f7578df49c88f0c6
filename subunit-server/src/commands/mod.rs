//! The table of verbs. One file each; to add one, copy one and add a line here.

mod serve;

use subunit_filters::{
    cli::{
        Program,
        command::{Entry, Group, entry},
    },
    console::Definitions,
};

/// The program `subunit-server`.
pub const PROGRAM: Program = Program {
    about: "Test results as a stream: show them in a browser",
    after: "The exit status is 0 if the server was asked to end, and 2 if it could not do its work.",
    elsewhere: &[],
    tell_of_all: &[],
    groups: GROUPS,
    tools: &[],
    definitions: Definitions {
        verbs: || PROGRAM.definition(),
        tools: || PROGRAM.tool_definitions(),
    },
};

/// All groups, in the order of the help.
pub const GROUPS: &[Group] = &[Group { title: "Show runs in a browser", verbs: SHOW }];

const SHOW: &[Entry] = &[entry::<serve::Serve>()];
