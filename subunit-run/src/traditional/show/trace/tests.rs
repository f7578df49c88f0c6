use subunit_core::{FileChunk, TagsBuf, Timestamp};

use super::{totals::hours, *};

#[derive(Clone, Copy)]
struct Step<'a>(&'a str, Status, u32, &'a str, (&'a str, &'a str));

const NONE: (&str, &str) = ("", "");

fn traced(steps: &[Step<'_>], style: Style) -> (String, Traced) {
    let mut out = Vec::new();
    let mut trace = Trace::new(&mut out, style);
    for Step(test_id, status, tenths, tag, (name, bytes)) in steps {
        let timestamp = Some(Timestamp::new(100 + tenths / 10, tenths % 10 * 100_000_000));
        let tags = TagsBuf::from([*tag]);
        let tags = (!tag.is_empty()).then(|| tags.as_tags());
        let event = Event { timestamp, tags, ..Event::status(test_id, *status) };
        let file = Some(FileChunk { name, bytes: bytes.as_bytes() }).filter(|_| !name.is_empty());
        let mime_type = file.map(|_| "text/plain;charset=utf8");
        let _ = trace.event(&Event { file, mime_type, ..event });
    }
    trace.finish();
    let traced = trace.conclude().unwrap();
    (String::from_utf8(out).unwrap(), traced)
}

const MIXED: [Step<'static>; 9] = [
    Step("a.one", Status::InProgress, 0, "", NONE),
    Step("a.one", Status::Success, 1, "worker-0", ("stdout:''", "hello\n")),
    Step("a.two[smoke,id-1]", Status::InProgress, 1, "", NONE),
    Step("a.two[smoke,id-1]", Status::Fail, 3, "worker-0", ("traceback", "AssertionError: no\n")),
    Step("b.three", Status::Skip, 3, "worker-2", ("reason", "not now")),
    Step("b.four", Status::InProgress, 3, "", NONE),
    Step("b.four", Status::ExpectedFailure, 5, "worker-2", ("log", "quiet")),
    Step("c.five", Status::UnexpectedSuccess, 5, "worker-0", NONE),
    Step("d.six", Status::InProgress, 6, "worker-3", NONE),
];

#[test]
fn each_test_has_a_line_and_failures_come_again() {
    let (shown, traced) = traced(&MIXED, Style::default());
    let expected = "\
{0} a.one [0.100000s] ... ok

Captured stdout:
~~~~~~~~~~~~~~~~
    hello

{0} a.two [0.200000s] ... FAILED

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    AssertionError: no

{2} b.three ... SKIPPED: not now
{2} b.four [0.200000s] ... ok
{0} c.five [0.000000s] ... FAILED
{3} d.six [] ... inprogress

==============================
Failed 2 tests - output below:
==============================

a.two[smoke,id-1]
-----------------

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    AssertionError: no


c.five
------


======
Totals
======
Ran: 6 tests in 0.5000 sec.
 - Passed: 1
 - Skipped: 1
 - Expected Fail: 1
 - Unexpected Success: 1
 - Failed: 1
Sum of execute time for each test: 0.5000 sec.

==============
Worker Balance
==============
 - Worker 0 (3 tests) => 0:00:00.500000
 - WARNING: missing Worker 1!
 - Worker 2 (2 tests) => 0:00:00.200000
 - Worker 3 (1 tests) => N/A
";
    assert_eq!(shown, expected);
    assert!(!traced.passed);
    let complaint = traced.complaint.unwrap();
    assert!(complaint.ends_with("crashed Python:\n\n\t* d.six\n"), "{complaint}");
}

#[test]
fn the_style_says_what_is_shown_of_a_test() {
    let line = |style| traced(&MIXED, style).0.lines().next().unwrap().to_owned();
    let [abbreviate, color, suppress_attachments, all_attachments] = [
        Style { abbreviate: true, ..Style::default() },
        Style { color: true, ..Style::default() },
        Style { suppress_attachments: true, ..Style::default() },
        Style { all_attachments: true, ..Style::default() },
    ];
    assert_eq!(line(abbreviate), ".FS.Fi");
    assert_eq!(line(color), "{0} a.one [0.100000s] ... \x1b[32;1mok\x1b[0m");
    assert!(!traced(&MIXED, suppress_attachments).0.contains("Captured stdout"));
    assert!(!traced(&MIXED, Style::default()).0.contains("Captured log"));
    assert!(
        traced(&MIXED, all_attachments).0.contains("Captured log:\n~~~~~~~~~~~~~\n    quiet\n")
    );
}

#[test]
fn text_between_packets_is_copied() {
    let mut out = Vec::new();
    let mut trace = Trace::new(&mut out, Style::default());
    let file = Some(FileChunk { name: "stdout", bytes: b"one\n" });
    let _ = trace.event(&Event { file, ..Event::default() });
    let aside = Some("application/json; subunit=1");
    let _ = trace.event(&Event { file, mime_type: aside, ..Event::default() });
    let _ = trace.text(b"two\n");
    drop(trace);
    assert_eq!(out, b"one\ntwo\n");
}

#[test]
fn a_run_without_a_pass_is_not_good() {
    let skipped = [Step("a", Status::Skip, 0, "", NONE)];
    let begun = [Step("a", Status::InProgress, 0, "", NONE)];
    for (steps, expected) in [
        (&[][..], "The test run didn't actually run any tests\n"),
        (&begun, "The test run didn't actually run any tests\n"),
        (&skipped, "\nNo tests were successful during the run\n"),
    ] {
        let (_, traced) = traced(steps, Style::default());
        assert_eq!((traced.complaint.as_deref(), traced.passed), (Some(expected), false));
    }
    let passed = [Step("a", Status::Success, 0, "", NONE)];
    let good = Traced { complaint: None, passed: true };
    assert_eq!(traced(&passed, Style::default()).1, good);
}

#[test]
fn differences_of_times_look_as_in_python() {
    for (micros, expected) in [
        (0, "0:00:00"),
        (1_500_000, "0:00:01.500000"),
        (-1_000_000, "-1 day, 23:59:59"),
        (2 * 86_400_000_000 + 3_661_000_001, "2 days, 1:01:01.000001"),
    ] {
        assert_eq!(hours(micros), expected);
    }
}
