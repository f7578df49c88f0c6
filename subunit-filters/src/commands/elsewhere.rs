//! What other programs do for `subunit`: the table of their verbs, and the names that they take as well.

use crate::cli::elsewhere::Elsewhere;

/// All other programs.
pub const ELSEWHERE: &[Elsewhere] = &[Elsewhere {
    program: "subunit-run",
    title: "Run tests",
    verbs: &[
        ("run", "Run tests in parallel, and watch them"),
        ("list", "List the tests of the suite, without running them"),
        ("running", "Show which runs go on, and what they do"),
    ],
    tools: &["testr", "stestr"],
}];
