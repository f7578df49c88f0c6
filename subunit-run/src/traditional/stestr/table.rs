//! The verbs of stestr.

use super::{
    call::StestrCall,
    history, list, load, look,
    options::{FAILING, HISTORY_LIST, LAST, LIST, LOAD, NONE, RUN, SLOWEST},
    run,
};
use crate::traditional::{arguments::Opt, exit::VerbEnd};

/// What a verb does.
#[derive(Clone, Copy, Debug)]
pub(super) enum StestrAction {
    /// Its work.
    Work(fn(&StestrCall) -> VerbEnd),
    /// It shows help for the verb that is named, or for all.
    Help,
}

/// A verb.
#[derive(Debug)]
pub(super) struct StestrVerb {
    /// Its name, of one word or two.
    pub(super) name: &'static str,
    /// What it does, in one line.
    pub(super) summary: &'static str,
    /// What else there is to know.
    pub(super) about: &'static str,
    /// The arguments that it takes, as the help has them.
    pub(super) arguments: &'static str,
    /// How many of them it needs, and how many it takes.
    pub(super) counts: (usize, usize),
    /// Its own options.
    pub(super) options: &'static [Opt],
    /// What it does.
    pub(super) does: StestrAction,
}

const MANY: usize = usize::MAX;

const RESULT: &str = "\
The exit status is 1 if a test failed. With --subunit it is 0 if the stream could be written.";

const FILTERS: &str = "\
FILTERs are regexes: tests are taken if one of them is found in the test id.";

/// All verbs, in the order of their names.
pub(super) const VERBS: [StestrVerb; 11] = [
    StestrVerb {
        name: "failing",
        summary: "Show the tests that failed in the last run",
        about: "The exit status is 1 if a test failed. With --subunit it is 0.",
        arguments: "",
        counts: (0, 0),
        options: FAILING,
        does: StestrAction::Work(look::failing),
    },
    StestrVerb {
        name: "help",
        summary: "Show help for a command",
        about: "",
        arguments: "[COMMAND]",
        counts: (0, 2),
        options: NONE,
        does: StestrAction::Help,
    },
    StestrVerb {
        name: "history list",
        summary: "List the runs",
        about: "",
        arguments: "",
        counts: (0, 0),
        options: HISTORY_LIST,
        does: StestrAction::Work(history::list),
    },
    StestrVerb {
        name: "history remove",
        summary: "Remove a run, or all",
        about: "",
        arguments: "RUN|all",
        counts: (1, 1),
        options: NONE,
        does: StestrAction::Work(history::remove),
    },
    StestrVerb {
        name: "history show",
        summary: "Show a run",
        about: "Shows the last run unless RUN is given.",
        arguments: "[RUN]",
        counts: (0, 1),
        options: LAST,
        does: StestrAction::Work(history::show_one),
    },
    StestrVerb {
        name: "init",
        summary: "Create a repository",
        about: "",
        arguments: "",
        counts: (0, 0),
        options: NONE,
        does: StestrAction::Work(look::init),
    },
    StestrVerb {
        name: "last",
        summary: "Show the last run",
        about: RESULT,
        arguments: "",
        counts: (0, 0),
        options: LAST,
        does: StestrAction::Work(look::last),
    },
    StestrVerb {
        name: "list",
        summary: "List the tests of the project",
        about: FILTERS,
        arguments: "[FILTER...]",
        counts: (0, MANY),
        options: LIST,
        does: StestrAction::Work(list::list),
    },
    StestrVerb {
        name: "load",
        summary: "Store streams as a run",
        about: RESULT,
        arguments: "[FILE...]",
        counts: (0, MANY),
        options: LOAD,
        does: StestrAction::Work(load::load),
    },
    StestrVerb {
        name: "run",
        summary: "Run the tests of the project and store the results",
        about: FILTERS,
        arguments: "[FILTER...]",
        counts: (0, MANY),
        options: RUN,
        does: StestrAction::Work(run::run),
    },
    StestrVerb {
        name: "slowest",
        summary: "Show the slowest tests of the last run",
        about: "",
        arguments: "",
        counts: (0, 0),
        options: SLOWEST,
        does: StestrAction::Work(look::slowest),
    },
];

/// The verb that words begin with, and how many words its name has. Words may be cut short while they mean
/// one verb only.
pub(super) fn find(words: &[&str]) -> Option<(&'static StestrVerb, usize)> {
    let named = |verb: &'static StestrVerb| {
        let name: Vec<_> = verb.name.split(' ').collect();
        words.starts_with(&name).then_some((verb, name.len()))
    };
    if let Some(found) = VERBS.iter().find_map(named) {
        return Some(found);
    }
    let begun = |verb: &'static StestrVerb| {
        let name: Vec<_> = verb.name.split(' ').collect();
        let begins = name.len() <= words.len()
            && name.iter().zip(words).all(|(full, word)| full.starts_with(word));
        begins.then_some((verb, name.len()))
    };
    let mut candidates = VERBS.iter().filter_map(begun);
    candidates.next().filter(|_| candidates.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_have_one_word_or_two_and_may_be_cut_short() {
        for (line, expected) in [
            ("run x", Some(("run", 1))),
            ("history list x", Some(("history list", 2))),
            ("hist rem 1", Some(("history remove", 2))),
            ("fail", Some(("failing", 1))),
            ("la", Some(("last", 1))),
            ("l", None),
            ("history", None),
            ("nothing", None),
            ("", None),
        ] {
            let words: Vec<_> = line.split_whitespace().collect();
            let found = find(&words).map(|(verb, length)| (verb.name, length));
            assert_eq!(found, expected, "{line}");
        }
    }
}
