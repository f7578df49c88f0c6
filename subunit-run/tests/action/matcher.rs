//! Does the problem matcher find the failures in what a run prints?

use std::fs;

use fancy_regex::Regex;
use serde_json::Value;

use crate::runner::{Job, root};

/// What the matcher finds in a line: file, line and message.
struct Matcher {
    regex: Regex,
    groups: [usize; 3],
}

impl Matcher {
    fn new() -> Self {
        let text = fs::read_to_string(root().join("action/problem-matcher.json")).unwrap();
        let matchers: Value = serde_json::from_str(&text).unwrap();
        let matchers = matchers["problemMatcher"].as_array().unwrap();
        assert_eq!((matchers.len(), &matchers[0]["owner"]), (1, &Value::from("subunit")));
        let pattern = &matchers[0]["pattern"][0];
        let group = |name: &str| usize::try_from(pattern[name].as_u64().unwrap()).unwrap();
        let regex = Regex::new(pattern["regexp"].as_str().unwrap()).unwrap();
        Self { regex, groups: [group("file"), group("line"), group("message")] }
    }

    /// The annotations of a log. GitHub's runner takes colours away before it matches.
    fn found(&self, log: &str) -> Vec<[String; 3]> {
        let find = |line: &str| {
            let groups = self.regex.captures(line).unwrap()?;
            Some(self.groups.map(|group| groups[group].to_owned()))
        };
        log.lines().filter_map(find).collect()
    }
}

/// A failure of Python, whose place is known, as a test program says it.
const TRACEBACK: &str = r#"#!/bin/sh
cat << 'END'
ok 1 - adds
not ok 2 - test_shop.py::test_checkout[a (b)]
  ---
  message: |
    Traceback (most recent call last):
      File "test_shop.py", line 10, in test_checkout
        assert total == 42
    AssertionError: 41 (of shop.py:3): no
  ...
not ok 3 - no place
1..3
END
"#;

#[test]
fn failures_with_a_place_are_found_once() {
    let mut job = Job::new();
    job.write("suite", TRACEBACK);
    let step =
        job.step("run", &[("COMMAND", "./suite"), ("ARGS", "--plain"), ("ANNOTATIONS", "false")]);
    assert_eq!(step.status, 1, "{}", step.log);
    let found = Matcher::new().found(&step.log);
    let id = "test_shop.py::test_checkout[a (b)]";
    let message = format!("{id} (test_shop.py:10): AssertionError: 41 (of shop.py:3): no");
    assert_eq!(found, [["test_shop.py".to_owned(), "10".to_owned(), message]], "{}", step.log);
}

#[test]
fn attempts_and_tests_that_passed_are_no_problems() {
    let matcher = Matcher::new();
    let lines = "   success     0.016 s [0] a.py::b (a.py:3): x
      skip     0.001 s [0] a.py::c: (a.py:3): x
      fail     0.128 s [1] a.py::d (a.py:10)
      fail     0.128 s [1] a.py::d (a.py:10): attempt 1
      fail     0.128 s [1] a.py::d (a.py:10): failed again
    fail (a.py:10)
FAILED  5 tests in 2.699 s";
    assert_eq!(matcher.found(lines), Vec::<[String; 3]>::new());
    for (line, file, number) in [
        (
            "      fail     0.128 s [pytest/1] a.py::d (src/a.py:10): assert 1 == 2",
            "src/a.py",
            "10",
        ),
        ("      fail           - a::d (src/a.rs:7): failed 2 times; no", "src/a.rs", "7"),
        (" uxsuccess    12.001 s [0] a d (C/x y.py:1): passed", "C/x y.py", "1"),
    ] {
        let found = matcher.found(line);
        assert!(found.len() == 1 && found[0][..2] == [file, number], "{line}: {found:?}");
        assert!(line.ends_with(&found[0][2]), "{found:?}");
    }
}
