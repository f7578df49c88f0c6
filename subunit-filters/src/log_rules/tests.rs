//! What logs come to by rules, however they are cut.

use proptest::prelude::*;
use subunit_core::{Status, sink::Verdict, testing::Recorded};
use subunit_formats::FormatReader as _;

use super::{LogOptions, LogReader, parse};

fn options() -> LogOptions {
    let today = jiff::civil::date(2026, 6, 15);
    LogOptions { prefix: "p".to_owned(), as_test: None, today, passes_text: true }
}

/// Reads a log in one piece, and in pieces, which must not matter.
fn read(rules: &str, log: &str, options: &LogOptions) -> (Recorded, Vec<String>) {
    let cut = |size: usize| {
        let rules = parse("rules.toml", rules.as_bytes(), true).unwrap();
        let (mut reader, mut to) = (LogReader::new(rules, options.clone()), Recorded::default());
        for piece in log.as_bytes().chunks(size) {
            reader.feed(piece, &mut to);
        }
        reader.finish(&mut to);
        let unused: Vec<_> = reader.unused_waivers().collect();
        (to, unused)
    };
    let whole = cut(log.len().max(1));
    for size in [1, 3, 7] {
        let (pieces, unused) = cut(size);
        assert_eq!((&pieces.events, &pieces.text), (&whole.0.events, &whole.0.text), "{size}");
        assert_eq!(unused, whole.1);
    }
    whole
}

/// Ids and statuses of what ended.
fn results(recorded: &Recorded) -> Vec<String> {
    let ended = recorded.events.iter().filter_map(|event| {
        let id = event.test_id.as_deref().unwrap_or("-");
        Some(format!("{id} {}", event.status?.name()))
    });
    ended.collect()
}

fn came_to(rules: &str, log: &str) -> Vec<String> {
    results(&read(rules, log, &options()).0)
}

/// The file of this name of a test, as text.
fn file(recorded: &Recorded, id: &str, name: &str) -> String {
    let event = recorded.events.iter().find(|event| {
        let has_name = event.file.as_ref().is_some_and(|file| file.name == name);
        event.test_id.as_deref().unwrap_or_default() == id && has_name
    });
    let file = event.and_then(|event| event.file.as_ref());
    String::from_utf8_lossy(file.map_or(b"(none)", |file| &file.bytes)).into_owned()
}

const SIMULATION: &str = r"
[[section]]
name = 'init'
begin = '^This is a header'
end = '^\s*$'
times = 1
required = true
[[rule]]
kind = 'ignore'
match = ['^//.*error']
[[rule]]
kind = 'forbid'
id = 'no errors'
match = ['ERROR', '\berror\b']
[[rule]]
kind = 'expect'
id = 'pings'
in = ['init']
match = ['bytes from (?<peer>\S+)']
count = '=2'
[[rule]]
kind = 'value'
id = 'voltage'
match = ['out:\s*(?<value>[-+.\deE]+)v']
within = '1.9 +- 0.1'
[[rule]]
kind = 'warn'
id = 'warnings'
not_in = ['init']
match = ['(?i)warning']
";

const GOOD: &str = "This is a header\n64 bytes from a\n64 bytes from b\nwarning: in init\n\n\
                    // no error here\nout: 1.95v\n";

#[test]
fn a_good_log_passes() {
    let (recorded, _) = read(SIMULATION, GOOD, &options());
    assert_eq!(
        results(&recorded),
        [
            "p/init success",
            "p/no errors success",
            "p/pings success",
            "p/voltage success",
            "p/warnings success"
        ]
    );
    assert_eq!(recorded.verdict(), Verdict::Passed);
    assert_eq!(recorded.text, GOOD.as_bytes());
    assert_eq!(file(&recorded, "p/voltage", "metric/voltage"), "1.95\n");
    assert!(recorded.events.iter().all(|event| event.tags.is_none()));
}

#[test]
fn each_rule_says_why_it_failed() {
    let log = "This is a header\r\n64 bytes from a\r\n\r\nout: 2.5v\r\nerror: x\r\nWarning\r\n64 bytes from b\r\n";
    let (recorded, _) = read(SIMULATION, log, &options());
    assert_eq!(
        results(&recorded),
        [
            "p/init success",
            "p/no errors fail",
            "p/pings fail",
            "p/voltage fail",
            "p/warnings success"
        ]
    );
    assert!(file(&recorded, "p/no errors", "reason").ends_with("0 wanted:\n5: error: x\n"));
    assert!(file(&recorded, "p/pings", "reason").starts_with("1 line with"));
    assert!(file(&recorded, "p/voltage", "reason").contains("not 1.9 +- 0.1:\n4: out: 2.5v\n"));
    let warned = recorded.events.last().unwrap();
    assert!(warned.tags.as_ref().unwrap().as_tags().contains("warn"));
    assert_eq!(file(&recorded, "p/warnings", "reason"), "6: Warning\n");
}

#[test]
fn a_log_that_ends_in_a_required_section_fails() {
    for (log, why) in [("This is a header\nx\n", "never ended\n"), ("x\n", "never began\n")] {
        let (recorded, _) = read(SIMULATION, log, &options());
        assert_eq!(file(&recorded, "p/init", "reason"), why);
        assert_eq!(recorded.verdict(), Verdict::Failed);
    }
}

#[test]
fn the_first_rule_takes_the_line_and_one_that_looks_on_takes_none() {
    let rules = "
[[rule]]
kind = 'expect'
id = 'all'
also = true
match = ['a', 'x']
count = '=3'
[[rule]]
kind = 'ignore'
match = ['ax']
[[rule]]
kind = 'expect'
id = 'rest'
match = ['a']
count = '=2'
";
    assert_eq!(came_to(rules, "a\nax\na"), ["p/all success", "p/rest success"]);
}

#[test]
fn the_line_that_ends_a_section_is_inside() {
    let rules = "
[[section]]
name = 's'
begin = '^---'
end = '^---'
[[rule]]
kind = 'expect'
id = 'inside'
in = ['s']
match = ['.']
count = '=3'
";
    assert_eq!(came_to(rules, "x\n---\ny\n---\nz\n"), ["p/inside success"]);
}

fn waived(until: &str, extra: &str) -> String {
    format!(
        "[[rule]]\nkind = 'forbid'\nid = 'r'\nmatch = ['ERROR']\nwaive = {{ until = {until}, reason = 'bug 4711'{extra} }}\n"
    )
}

#[test]
fn a_waiver_holds_up_to_its_day() {
    for (until, expected) in
        [("2026-06-15", &["p/r xfail"][..]), ("2026-06-14", &["p/r (waiver) fail", "p/r fail"])]
    {
        assert_eq!(came_to(&waived(until, ""), "ERROR\n"), expected, "{until}");
    }
    // What ended is red although nothing needs it, and what holds is named when nothing needs it.
    assert_eq!(came_to(&waived("2026-06-14", ""), "fine\n"), ["p/r (waiver) fail", "p/r success"]);
    let (recorded, unused) = read(&waived("2026-06-15", ""), "fine\n", &options());
    assert_eq!(results(&recorded), ["p/r success"]);
    assert_eq!(unused, ["r: nothing needs the waiver any more: bug 4711"]);
}

#[test]
fn a_waiver_is_about_the_lines_that_it_names() {
    let rules = waived("2027-01-01", ", match = 'timeout'");
    assert_eq!(came_to(&rules, "ERROR timeout\n"), ["p/r xfail"]);
    let (recorded, _) = read(&rules, "ERROR timeout\nERROR\n", &options());
    assert!(file(&recorded, "p/r", "reason").ends_with("2: ERROR\n"));
    let list = "[[rule]]\nkind = 'forbid'\nid = 'r'\nmatch = ['E']\n[[rule.waive]]\nuntil = 2027-01-01\nreason = 'a'\nmatch = 'Ea'\n\
                [[rule.waive]]\nuntil = 2027-01-01\nreason = 'b'\nmatch = 'Eb'\n";
    assert_eq!(came_to(list, "Ea\nEb\n"), ["p/r xfail"]);
    assert_eq!(came_to(list, "Ea\nEc\n"), ["p/r fail"]);
}

const TESTS: &str = r"
[[rule]]
kind = 'test'
match = ['^TEST: (?<test>.*?) - (?<result>\w+)$']
results = { PASSED = 'success', FAILED = 'fail', SKIPPED = 'skip' }
expected = ['boot', 'reset']
";

#[test]
fn tests_of_a_log_are_results_where_they_end() {
    let log =
        "TEST: boot - PASSED\nx\nTEST: reset - FAILED\nTEST: more - PASSED\nTEST:  - PASSED\n";
    let (recorded, _) = read(TESTS, log, &options());
    let expected = ["p/boot success", "p/reset fail", "p/more fail", "p/ fail"];
    assert_eq!(results(&recorded), expected);
    assert!(file(&recorded, "p/more", "reason").contains("not among the expected tests"));
    assert_eq!(came_to(TESTS, "TEST: boot - PASSED\n"), ["p/boot success", "p/reset fail"]);
    assert_eq!(
        came_to(TESTS, "TEST: boot - ODD\nTEST: reset - SKIPPED\n"),
        ["p/boot fail", "p/reset skip"]
    );
    let usual =
        TESTS.lines().filter(|line| !line.starts_with("results")).collect::<Vec<_>>().join("\n");
    assert_eq!(
        came_to(&usual, "TEST: boot - ok\nTEST: reset - Skipped\n"),
        ["p/boot success", "p/reset skip"]
    );
}

#[test]
fn a_log_without_its_tests_has_no_test() {
    let rules = "[[rule]]\nkind = 'test'\nmatch = ['(?<test>T) (?<result>R)']\n";
    assert_eq!(read(rules, "x\n", &options()).0.verdict(), Verdict::NoTests);
}

#[test]
fn skip_and_infra_speak_only_where_they_are_hit() {
    let rules = "
[[rule]]
kind = 'skip'
id = 'no device'
match = ['^no device']
[[rule]]
kind = 'infra'
id = 'disk'
match = ['No space left']
";
    assert_eq!(came_to(rules, "fine\n"), [""; 0]);
    let (recorded, _) = read(rules, "no device\nNo space left\n", &options());
    assert_eq!(results(&recorded), ["p/no device skip", "- fail"]);
    assert!(recorded.events[1].tags.as_ref().unwrap().as_tags().contains("infra"));
    assert_eq!(file(&recorded, "", "reason"), "disk: 2: No space left\n");
}

#[test]
fn rules_can_be_one_test() {
    let options = LogOptions { as_test: Some("sim".to_owned()), ..options() };
    let (recorded, _) = read(SIMULATION, GOOD, &options);
    assert_eq!(results(&recorded), ["sim success"]);
    assert_eq!(file(&recorded, "sim", "metric/voltage"), "1.95\n");
    let (recorded, _) = read(SIMULATION, &GOOD.replace("// ", ""), &options);
    assert_eq!(results(&recorded), ["sim fail"]);
    assert!(file(&recorded, "sim", "reason").contains("no errors: fail\n  1 line with"));
    let (recorded, _) = read(TESTS, "TEST: boot - PASSED\nTEST: reset - FAILED\n", &options);
    assert_eq!(results(&recorded), ["sim fail"]);
}

#[test]
fn a_line_without_an_end_is_cut_at_a_mebibyte() {
    let rules = "[[rule]]\nkind = 'expect'\nid = 'x'\nmatch = ['^x', 'y$']\ncount = '=2'\n";
    let rules = parse("rules.toml", rules.as_bytes(), false).unwrap();
    let (mut reader, mut to) = (LogReader::new(rules, options()), Recorded::default());
    reader.feed(b"x", &mut to);
    for _ in 0..17 {
        reader.feed(&[b'z'; 64 << 10], &mut to);
    }
    reader.feed(b"y", &mut to);
    reader.finish(&mut to);
    assert_eq!(to.events[0].status, Some(Status::Success));
    assert_eq!(to.text.len(), 2 + 17 * (64 << 10));
}

#[test]
fn a_mistake_names_its_line() {
    for (rules, mistake) in [
        ("[[rule]]\nkind = 'expect'\nid = 'x'\nmatch = ['(?=a)']\n", "r:4: look-around"),
        ("[[rule]]\nkind = 'expct'\n", "r:2: unknown variant `expct`, expected one of"),
        (
            "[[rule]]\nkind = 'expect'\nmatsh = ['a']\n",
            "r:3: unknown field `matsh`, expected one of",
        ),
        ("[[rule]]\nkind = 'expect'\nmatch = ['a']\n", "r:2: a rule of this kind needs an `id`"),
        ("[[rule]]\nkind = 'ignore'\n", "r:2: a rule needs `match`"),
        ("[[rule]]\nkind = 'expect'\nid = 'a'\nmatch = ['a']\ncount = '5'\n", "r:5: a count is"),
        (
            "[[rule]]\nkind = 'warn'\nid = 'a'\nmatch = ['a']\ncount = '=5'\n",
            "r:5: `count` is only for",
        ),
        (
            "[[rule]]\nkind = 'value'\nid = 'a'\nmatch = ['a']\n",
            "r:4: the pattern needs a group (?<value>",
        ),
        (
            "[[rule]]\nkind = 'value'\nid = 'a'\nmatch = ['(?<value>a)']\nwithin = '1'\n",
            "r:5: bounds are",
        ),
        (
            "[[rule]]\nkind = 'expect'\nid = 'a'\nin = ['b']\nmatch = ['a']\n",
            "r:4: no section is called \"b\"",
        ),
        ("[[section]]\nname = 'all'\nbegin = 'a'\n", "r:2: there is another section \"all\""),
        (
            "[[rule]]\nkind = 'test'\nmatch = ['(?<test>a)(?<result>b)']\nresults = { A = 'ok' }\n",
            "r:4: a result is",
        ),
        ("[[rule]]\nkind = 'forbid'\nid = 'a'\nmatch = ['a']\n", "r: no rule of kind expect"),
        ("[[rule]\n", "r:1: "),
        (
            "[[rule]]\nkind = 'expect'\nid = 'a'\nmatch = ['a']\nwaive = { until = 2027-01-01T00:00:00Z, reason = 'x' }\n",
            "r:5: `until` is a day",
        ),
    ] {
        let said = parse("r", rules.as_bytes(), false).map(|_| ()).unwrap_err().to_string();
        assert!(said.starts_with(mistake) && !said.contains('\n'), "{mistake}\n{said}");
    }
    let said = parse("r", b"[[rule]]\n\xff", false).map(|_| ()).unwrap_err().to_string();
    assert_eq!(said, "r:2: not UTF-8");
}

/// Patterns that look at the ends of lines, at words, and across what ends a line.
const ODD: [&str; 12] = [
    "^a", "b$", "^$", r"\Aa", r"b\z", r"\bab\b", r"a\s*b", "[^a]b", "(?s)a.b", "(?-m:^b)", r"\Bb",
    "",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// To search many lines at once finds what to look at each line finds.
    #[test]
    fn no_line_is_missed(
        chosen in prop::collection::vec(0..ODD.len(), 1..4),
        log in "[ab \r\n\u{e9}]{0,40}",
    ) {
        let mut rules = String::new();
        for (nth, pattern) in chosen.iter().enumerate() {
            rules += &format!(
                "[[rule]]\nkind = 'note'\nalso = true\nid = '{nth}'\nmatch = ['{}']\n", ODD[*pattern]
            );
        }
        let (recorded, _) = read(&rules, &log, &options());
        for (nth, pattern) in chosen.iter().enumerate() {
            let regex = super::patterns::single(ODD[*pattern]).unwrap();
            let mut expected = String::new();
            for (number, line) in log.split_inclusive('\n').enumerate() {
                let line = line.strip_suffix('\n').unwrap_or(line);
                let line = line.strip_suffix('\r').unwrap_or(line);
                if regex.is_match(line.as_bytes()) {
                    expected += &format!("{}: {line}\n", number + 1);
                }
            }
            let expected = if expected.is_empty() { "(none)".to_owned() } else { expected };
            prop_assert_eq!(file(&recorded, &format!("p/{nth}"), "reason"), expected);
        }
    }
}
