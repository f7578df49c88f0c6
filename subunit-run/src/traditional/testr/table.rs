//! The verbs of testr.

use super::{
    call::TestrCall,
    load, look,
    options::{FAILING, LAST, LOAD, NONE, RUN, SLOWEST},
    run,
};
use crate::traditional::{arguments::Opt, exit::VerbEnd};

/// Which arguments a verb takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Expects {
    /// None.
    Nothing,
    /// The name of a verb, or none.
    Verb,
    /// Files that exist.
    Files,
    /// Filters, and after `--` arguments for the command.
    FiltersAndArguments,
}

/// What a verb does.
#[derive(Clone, Copy, Debug)]
pub(super) enum TestrAction {
    /// Its work.
    Work(fn(&TestrCall) -> VerbEnd),
    /// It shows help for the verb that is named, or for all.
    Help,
    /// It lists all verbs.
    Commands,
    /// It shows how to begin.
    Quickstart,
}

/// A verb.
#[derive(Debug)]
pub(super) struct TestrVerb {
    /// Its name.
    pub(super) name: &'static str,
    /// What it does, in one line.
    pub(super) summary: &'static str,
    /// What else there is to know.
    pub(super) about: &'static str,
    /// Which arguments it takes.
    pub(super) expects: Expects,
    /// Its own options.
    pub(super) options: &'static [Opt],
    /// What it does.
    pub(super) does: TestrAction,
}

const RESULT: &str = "\
The exit status is 1 if a test failed. With --subunit it is 0 if the stream could be written.";

/// All verbs, in the order of their names.
pub(super) const VERBS: [TestrVerb; 11] = [
    TestrVerb {
        name: "commands",
        summary: "List all commands.",
        about: "",
        expects: Expects::Nothing,
        options: NONE,
        does: TestrAction::Commands,
    },
    TestrVerb {
        name: "failing",
        summary: "Show the tests that fail.",
        about: "A test fails until it passes, or until a full run is without it.\n\n\
                The exit status is 1 if a test fails. With --subunit it is 0.",
        expects: Expects::Nothing,
        options: FAILING,
        does: TestrAction::Work(look::failing),
    },
    TestrVerb {
        name: "help",
        summary: "Show help for a command.",
        about: "",
        expects: Expects::Verb,
        options: NONE,
        does: TestrAction::Help,
    },
    TestrVerb {
        name: "init",
        summary: "Create a repository.",
        about: "",
        expects: Expects::Nothing,
        options: NONE,
        does: TestrAction::Work(look::init),
    },
    TestrVerb {
        name: "last",
        summary: "Show the last run.",
        about: RESULT,
        expects: Expects::Nothing,
        options: LAST,
        does: TestrAction::Work(look::last),
    },
    TestrVerb {
        name: "list-tests",
        summary: "List the tests of the project.",
        about: "FILTERs are regexes: tests are listed if one of them is found in the test id.\n\
                ARGs are passed to the test command.",
        expects: Expects::FiltersAndArguments,
        options: NONE,
        does: TestrAction::Work(run::list_tests),
    },
    TestrVerb {
        name: "load",
        summary: "Store streams as a run.",
        about: "Reads standard input if no FILE is given. Several files are one run.\n\n\
                Earlier failures are forgotten, except with --partial.",
        expects: Expects::Files,
        options: LOAD,
        does: TestrAction::Work(load::load),
    },
    TestrVerb {
        name: "quickstart",
        summary: "Show how to begin.",
        about: "",
        expects: Expects::Nothing,
        options: NONE,
        does: TestrAction::Quickstart,
    },
    TestrVerb {
        name: "run",
        summary: "Run the tests of the project and store the results.",
        about: "FILTERs are regexes: tests run if one of them is found in the test id.\n\
                ARGs are passed to the test command. The file .testr.conf has the command:\n\n  \
                [DEFAULT]\n  \
                test_command=python3 -m subunit.run discover . $LISTOPT $IDOPTION\n  \
                test_id_option=--load-list $IDFILE\n  \
                test_list_option=--list\n\n\
                The exit status is 1 if a test failed. With --subunit it is 0.",
        expects: Expects::FiltersAndArguments,
        options: RUN,
        does: TestrAction::Work(run::run),
    },
    TestrVerb {
        name: "slowest",
        summary: "Show the slowest tests of the last run.",
        about: "",
        expects: Expects::Nothing,
        options: SLOWEST,
        does: TestrAction::Work(look::slowest),
    },
    TestrVerb {
        name: "stats",
        summary: "Show how many runs there are.",
        about: "",
        expects: Expects::Nothing,
        options: NONE,
        does: TestrAction::Work(look::stats),
    },
];
