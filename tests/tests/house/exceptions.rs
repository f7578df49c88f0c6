//! What breaks a rule, each with the reason.

/// Folders of more than 20 entries.
pub(crate) const CROWDED: [(&str, &str); 0] = [];

/// Files of more than 400 lines before their tests.
pub(crate) const LONG: [(&str, &str); 0] = [];

/// Imports without which there would be no circle: the crate, the file that imports, the one that it
/// imports, and what of it.
pub(crate) const OPEN_CIRCLES: [(&str, &str, &str, &str); 0] = [];

/// What programs count.
pub(crate) const COUNTED: [&str; 13] = [
    "tests",
    "runs",
    "workers",
    "failures",
    "files",
    "pages",
    "results",
    "others",
    "packets",
    "events",
    "attempts",
    "containers",
    "places",
];

/// Plurals after a value where no 1 can stand: the file, a part of the line, and why.
pub(crate) const PLURAL: [(&str, &str, &str); 9] = [
    ("subunit-core/src/error.rs", "{0} runs past the end", "no count"),
    (
        "subunit-filters/src/pipeline/expected.rs",
        "{all} tests were listed",
        "one has its own sentence",
    ),
    ("subunit-formats/src/consoles/javascript/node.rs", "tests ", "what a runner prints"),
    (
        "subunit-formats/src/events/claims.rs",
        "{failures} failures and errors",
        "one has its own words",
    ),
    ("subunit-formats/src/report/summary.rs", "{count} places in all", "several places"),
    ("subunit-history/src/site/series.rs", "last {} runs", "there are two at least"),
    ("subunit-mux/src/hub/queue/mod.rs", "{DEATHS} workers", "more than one"),
    ("subunit-run/src/inputs.rs", "{count} files", "as many as have too many bytes of names"),
    ("subunit-run/src/supervise/artifacts/folder.rs", "{MAX_FILES} files", "a hundred"),
];

/// Names of several types that other files can name: what they mean, and how many each are.
pub(crate) const SHARED: [(&str, &[(&str, usize)]); 21] = [
    (
        "arguments of a verb, and of its traditional name",
        &[
            ("Ls", 2),
            ("Notify", 2),
            ("OneToTwo", 2),
            ("ReportArgs", 2),
            ("Stats", 2),
            ("ToCsv", 2),
            ("ToDisk", 2),
            ("ToJunit", 2),
            ("ToPyunit", 2),
            ("TwoToOne", 2),
        ],
    ),
    (
        "arguments of a verb, and what it takes or makes",
        &[
            ("Filter", 3),
            ("KnownFailures", 2),
            ("Output", 7),
            ("Outputs", 2),
            ("Rename", 2),
            ("Report", 5),
            ("Tags", 3),
            ("Worker", 4),
        ],
    ),
    (
        "a part of what is written in a format, each format's own",
        &[
            ("Case", 2),
            ("Directive", 2),
            ("Group", 2),
            ("Line", 4),
            ("Lines", 2),
            ("Outcome", 6),
            ("Point", 2),
            ("Suites", 2),
            ("Test", 2),
        ],
    ),
    ("what is known and waits for more", &[("Files", 2), ("Held", 4), ("Kept", 2), ("Spool", 2)]),
    ("what a search found", &[("Found", 4), ("Parts", 2), ("Piece", 2)]),
    ("what reads or writes one protocol or format", &[("Reader", 3), ("Writer", 3)]),
    ("the bytes of one source, and what is known of it", &[("Input", 3), ("Stream", 2)]),
    ("a row of a table", &[("Entry", 3), ("Row", 3)]),
    ("a name, and its kinds", &[("Ids", 2), ("Kind", 4), ("Name", 3)]),
    ("who tells the time", &[("Clock", 3), ("Seconds", 2)]),
    ("what a caller chooses", &[("Limits", 2), ("Options", 3), ("OwnTags", 2), ("Settings", 2)]),
    (
        "how much there is to do, and by what",
        &[("Child", 2), ("Plan", 4), ("Program", 2), ("Queue", 2), ("Runner", 2)],
    ),
    ("one run of tests, and an attempt at one", &[("Attempt", 2), ("Run", 3), ("Running", 3)]),
    ("what ended too early", &[("Torn", 2)]),
    ("how something ended", &[("Ended", 2), ("Ending", 2), ("Error", 3)]),
    (
        "what was told, counted or shown",
        &[
            ("Claim", 2),
            ("Log", 2),
            ("Notice", 2),
            ("Judged", 2),
            ("Out", 2),
            ("Said", 2),
            ("Shown", 3),
        ],
    ),
    ("a way in which a format is written", &[("Dialect", 2)]),
    ("tests that belong together, by a suite or by number", &[("Shard", 2), ("Suite", 2)]),
    ("another program that is imitated", &[("Tool", 2)]),
    ("damage, and what makes it for tests", &[("Damage", 2)]),
    ("what is defined: tests of a report, commands of a program", &[("Definitions", 2)]),
];
