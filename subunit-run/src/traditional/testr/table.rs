//! The verbs of testr.

use super::{
    Ended,
    call::{Call, Expects},
    help, load, look,
    options::{FAILING, LAST, LOAD, NONE, RUN, SLOWEST},
    run,
};
use crate::traditional::arguments::Opt;

/// A verb.
#[derive(Debug)]
pub(super) struct Verb {
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
    /// What does it.
    pub(super) run: fn(&Call<'_>) -> Ended,
}

const RESULT: &str = "\
The exit status is 1 if a test failed. With --subunit it is 0 if the stream could be written.";

/// All verbs, in the order of their names.
pub(super) const VERBS: [Verb; 11] = [
    Verb {
        name: "commands",
        summary: "List all commands.",
        about: "",
        expects: Expects::Nothing,
        options: NONE,
        run: help::commands,
    },
    Verb {
        name: "failing",
        summary: "Show the tests that fail.",
        about: "A test fails until it passes, or until a full run is without it.\n\n\
                The exit status is 1 if a test fails. With --subunit it is 0.",
        expects: Expects::Nothing,
        options: FAILING,
        run: look::failing,
    },
    Verb {
        name: "help",
        summary: "Show help for a command.",
        about: "",
        expects: Expects::Verb,
        options: NONE,
        run: help::help,
    },
    Verb {
        name: "init",
        summary: "Create a repository.",
        about: "",
        expects: Expects::Nothing,
        options: NONE,
        run: look::init,
    },
    Verb {
        name: "last",
        summary: "Show the last run.",
        about: RESULT,
        expects: Expects::Nothing,
        options: LAST,
        run: look::last,
    },
    Verb {
        name: "list-tests",
        summary: "List the tests of the project.",
        about: "FILTERs are regexes: tests are listed if one of them is found in the test id.\n\
                ARGs are passed to the test command.",
        expects: Expects::FiltersAndArguments,
        options: NONE,
        run: run::list_tests,
    },
    Verb {
        name: "load",
        summary: "Store streams as a run.",
        about: "Reads standard input if no FILE is given. Several files are one run.\n\n\
                Earlier failures are forgotten, except with --partial.",
        expects: Expects::Files,
        options: LOAD,
        run: load::load,
    },
    Verb {
        name: "quickstart",
        summary: "Show how to begin.",
        about: "",
        expects: Expects::Nothing,
        options: NONE,
        run: help::quickstart,
    },
    Verb {
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
        run: run::run,
    },
    Verb {
        name: "slowest",
        summary: "Show the slowest tests of the last run.",
        about: "",
        expects: Expects::Nothing,
        options: SLOWEST,
        run: look::slowest,
    },
    Verb {
        name: "stats",
        summary: "Show how many runs there are.",
        about: "",
        expects: Expects::Nothing,
        options: NONE,
        run: look::stats,
    },
];
