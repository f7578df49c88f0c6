//! The options of testr's verbs.

use crate::traditional::arguments::{Opt, Takes, flag, text};

/// Options of all verbs.
pub(super) const COMMON: &[Opt] = &[
    text(
        "here",
        "HERE",
        "The folder of the repository and of .testr.conf; the current one unless given.",
    )
    .short('d'),
    flag("quiet", "Do not print the summary.").short('q'),
    flag("help", "Show this help.").short('h'),
];

pub(super) const NONE: &[Opt] = &[];

const SUBUNIT: Opt = flag("subunit", "Print a subunit stream.");
const FORCE_INIT: Opt = flag("force-init", "Create the repository if there is none.");
const FULL_RESULTS: Opt = flag("full-results", "Ignored.");

pub(super) const LAST: &[Opt] = &[SUBUNIT];

pub(super) const FAILING: &[Opt] = &[SUBUNIT, flag("list", "Print test ids only.")];

pub(super) const SLOWEST: &[Opt] = &[flag("all", "Show all tests instead of ten.")];

pub(super) const LOAD: &[Opt] = &[
    flag("partial", "Keep failures of tests that are not in the streams."),
    FORCE_INIT,
    SUBUNIT,
    FULL_RESULTS,
];

pub(super) const RUN: &[Opt] = &[
    flag("failing", "Run only tests that failed before."),
    flag("parallel", "Run several processes at the same time."),
    text(
        "concurrency",
        "",
        "The number of processes with --parallel; 0 means one for each processor.",
    )
    .takes(Takes::Number("N")),
    text("load-list", "FILE", "Run only tests whose ids are in this file, one per line."),
    flag("partial", "Keep failures of tests that do not run. Implied by --failing."),
    SUBUNIT,
    FORCE_INIT,
    FULL_RESULTS,
    flag("until-failure", "Run again and again until a test fails."),
    flag("analyze-isolation", "Find tests that make other tests fail."),
    flag("isolated", "Run each test in a process of its own."),
];
