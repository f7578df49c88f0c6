//! What other programs do for `subunit`: the table of their verbs, and the names that they take as well.

use crate::cli::elsewhere::Elsewhere;

/// All other programs.
pub const ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        program: "subunit-run",
        title: "Run tests",
        verbs: &[
            ("run", "Run tests in parallel, and watch them"),
            ("list", "List the tests of the suite, without running them"),
            ("rerun", "Run the tests again that failed in a run"),
            ("bisect", "Find the revision that broke a test"),
            ("running", "Show which runs go on, and what they do"),
        ],
        tools: &["testr", "stestr"],
    },
    Elsewhere {
        program: "subunit-run",
        title: "Look at runs that are kept",
        verbs: &[
            ("load", "Keep runs in the history: files, or standard input, of any format"),
            ("last", "Show what failed in the last run"),
            ("failing", "Show which tests fail now, and since when"),
            ("slowest", "Show the tests that took longest in a run"),
            ("flaky", "Show the flaky tests, the most costly ones first"),
            ("broken", "Show the tests that are broken: since which run, and by which revisions"),
            ("history", "Look through the runs that are kept, and look after them"),
        ],
        tools: &[],
    },
    Elsewhere {
        program: "subunit-server",
        title: "Show runs in a browser, and send them there",
        verbs: &[
            ("serve", "Show the history of test runs in a browser"),
            ("send", "Send runs to a server"),
        ],
        tools: &[],
    },
];
