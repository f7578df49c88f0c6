//! The options of stestr's verbs.

use crate::traditional::{
    arguments::{Opt, Takes, flag, text},
    show::listing::FORMATS,
};

/// Options of all verbs, which may be given before and after the verb.
pub(super) const COMMON: &[Opt] = &[
    text("config", "FILE", "The configuration; .stestr.conf unless given.").short('c'),
    text("repo-url", "FOLDER", "The folder that the repository is in.").short('u'),
    text("test-path", "PATH", "Where the tests are. Overrides the configuration.").short('t'),
    text("top-dir", "FOLDER", "The top folder of the project. Overrides the configuration."),
    text("group-regex", "REGEX", "Tests whose ids match alike run in one process.").short('g'),
    text("group_regex", "REGEX", ""),
    flag("parallel-class", "All tests of a class run in one process.").short('p'),
    text("user-config", "FILE", "Your own settings; ~/.stestr.yaml unless given."),
    text("here", "FOLDER", "Ignored.").short('d'),
    flag("quiet", "Print nothing while tests run.").short('q'),
    flag("verbose", "Ignored.").short('v'),
    text("log-file", "FILE", ""),
    flag("debug", ""),
    flag("version", "Show the version."),
    flag("help", "Show this help.").short('h'),
];

const SUBUNIT: Opt = flag("subunit", "Print a subunit stream.");
const NO_TRACE: Opt = flag("no-subunit-trace", "Print failures and a summary only.");
const FORCE_TRACE: Opt =
    flag("force-subunit-trace", "Print a line per test, whatever the settings.");
const COLOR: Opt = flag("color", "Colour the results on a terminal.");
const ABBREVIATE: Opt = flag("abbreviate", "Print one character per test.");
const SUPPRESS: Opt = flag("suppress-attachments", "No output of tests that pass.");
const ALL: Opt = flag("all-attachments", "All text attachments of tests that pass.");
const BINARY: Opt = flag("show-binary-attachments", "Show attachments that are not text, too.");
const EXCLUDE_LIST: Opt =
    text("exclude-list", "FILE", "Leave out tests that match a regex of this file.").short('e');
const INCLUDE_LIST: Opt =
    text("include-list", "FILE", "Only tests that match a regex of this file.").short('i');
const EXCLUDE_REGEX: Opt = text("exclude-regex", "REGEX", "Leave out tests that match.").short('E');

pub(super) const NONE: &[Opt] = &[];

pub(super) const RUN: &[Opt] = &[
    flag("failing", "Run only tests that failed before."),
    flag("serial", "Run one process."),
    text("concurrency", "", "The number of processes; 0 means one for each processor.")
        .takes(Takes::Number("N")),
    text("load-list", "FILE", "Run only tests whose ids are in this file, one per line."),
    SUBUNIT,
    flag("until-failure", "Run again and again until a test fails."),
    flag("analyze-isolation", "Find tests that make other tests fail."),
    flag("isolated", "Run each test in a process of its own."),
    text("worker-file", "FILE", "Divide the tests as this YAML file says."),
    EXCLUDE_LIST,
    INCLUDE_LIST,
    EXCLUDE_REGEX,
    text("no-discover", "TEST", "Run this test without listing. It may be a file.").short('n'),
    text("pdb", "TEST", "As --no-discover, to use a debugger."),
    flag("random", "Ignored without a worker file."),
    flag("combine", "Add the results to those of the last run."),
    NO_TRACE,
    FORCE_TRACE,
    COLOR,
    flag("slowest", "Show the slowest tests after the run."),
    ABBREVIATE,
    SUPPRESS,
    ALL,
    BINARY,
];

pub(super) const LIST: &[Opt] = &[EXCLUDE_LIST, INCLUDE_LIST, EXCLUDE_REGEX];

pub(super) const LOAD: &[Opt] = &[
    flag("force-init", "Create the repository if there is none."),
    SUBUNIT,
    text("id", "RUN", "Add the results to those of this run.").short('i'),
    flag("subunit-trace", "Print a line per test."),
    COLOR,
    ABBREVIATE,
    SUPPRESS,
    ALL,
    BINARY,
];

pub(super) const LAST: &[Opt] = &[SUBUNIT, NO_TRACE, FORCE_TRACE, COLOR, SUPPRESS, ALL, BINARY];

pub(super) const FAILING: &[Opt] = &[SUBUNIT, flag("list", "Print test ids only.")];

pub(super) const SLOWEST: &[Opt] = &[flag("all", "Show all tests instead of ten.")];

const NAMES: &[&str] = &[FORMATS[0].0, FORMATS[1].0, FORMATS[2].0, FORMATS[3].0, FORMATS[4].0];

pub(super) const HISTORY_LIST: &[Opt] = &[
    text("format", "", "How the list is printed; as a table unless given.")
        .short('f')
        .takes(Takes::OneOf(NAMES)),
    text("column", "", "Print only this column; may be given several times.")
        .takes(Takes::Several("NAME")),
    flag("show-metadata", "Show the notes on each run, too.").short('m'),
    text("max-width", "N", ""),
    flag("fit-width", ""),
    flag("print-empty", ""),
    flag("noindent", ""),
    text("quote", "MODE", ""),
];
