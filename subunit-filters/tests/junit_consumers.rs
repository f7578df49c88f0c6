//! Our JUnit XML as those read it who show it: each by its own rules, as its documentation or its source has them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};
use subunit_filters::{commands::VERBS, exit::Exit};

/// A run with all that services treat each in its own way.
const RUN: &str = r#"{"type":"event","test_id":"m.C.ok","status":"success","tags":["file:./tests/a.py","line:3"]}
{"type":"event","test_id":"m.C.ok","file_name":"stdout","file_bytes":"late","eof":true}
{"type":"event","test_id":"m.C.ok","status":"success"}
{"type":"event","test_id":"m.C.bad","file_name":"traceback","file_bytes":"Traceback (most recent call last):\n  File \"./tests/a.py\", line 7, in bad\nValueError: boom\n","eof":true,"mime_type":"text/plain"}
{"type":"event","test_id":"m.C.bad","file_name":"stdout","file_bytes":"printed \u001b[31m]]> & <b>\n","eof":true,"mime_type":"text/plain"}
{"type":"event","test_id":"m.C.bad","file_name":"shot.png","file_base64":"iVBORw0KGgo=","eof":true,"mime_type":"image/png"}
{"type":"event","test_id":"m.C.bad","status":"fail"}
{"type":"event","test_id":"m.C.flaky","status":"inprogress","tags":["attempt-1"]}
{"type":"event","test_id":"m.C.flaky","file_name":"traceback","file_bytes":"first try","eof":true,"mime_type":"text/plain","tags":["attempt-1"]}
{"type":"event","test_id":"m.C.flaky","status":"fail","tags":["attempt-1"]}
{"type":"event","test_id":"m.C.flaky","status":"success","tags":["attempt-2"]}
{"type":"event","test_id":"m.C.again","file_name":"traceback","file_bytes":"one","eof":true,"mime_type":"text/plain","tags":["attempt-1"]}
{"type":"event","test_id":"m.C.again","status":"fail","tags":["attempt-1"]}
{"type":"event","test_id":"m.C.again","file_name":"traceback","file_bytes":"two","eof":true,"mime_type":"text/plain","tags":["attempt-2"]}
{"type":"event","test_id":"m.C.again","status":"fail","tags":["attempt-2"]}
{"type":"event","test_id":"m.C.surprise","status":"uxsuccess"}
{"type":"event","test_id":"m.C.expected","status":"xfail","file_name":"reason","file_bytes":"bug 7","eof":true,"mime_type":"text/plain"}
{"type":"event","test_id":"m.C.skipped","status":"skip","file_name":"reason","file_bytes":"no db","eof":true,"mime_type":"text/plain"}
{"type":"event","test_id":"m.C.hung","status":"inprogress"}
{"type":"event","test_id":"m.C.both","status":"fail","route_code":"linux"}
{"type":"event","test_id":"m.C.both","status":"fail","route_code":"0/mac"}
{"type":"event","test_id":"alone","status":"success"}
{"type":"event","test_id":"","status":"success"}
{"type":"event","test_id":"  ","status":"skip"}
{"type":"event","file_name":"m.C stdout","file_bytes":"suite said\n","eof":true,"mime_type":"text/plain"}
{"type":"event","file_name":"stderr","file_bytes":"crash\n","eof":true,"mime_type":"text/plain"}
{"type":"event","test_id":"setUpModule (m)","status":"fail","runnable":false,"file_name":"reason","file_bytes":"no network","eof":true,"mime_type":"text/plain"}
"#;

/// The report of the run, and the folder with its files.
fn report() -> (String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let words = ["to-junit", "--attachments", &path];
    let (exit, report, _) = command_support::run(VERBS, &words, RUN.as_bytes(), usize::MAX);
    assert_eq!(exit, Exit::Failed);
    (String::from_utf8(report).unwrap(), folder)
}

fn child<'a, 'd>(node: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default()
}

fn cases<'a, 'd>(document: &'a Document<'d>) -> impl Iterator<Item = Node<'a, 'd>> {
    document.descendants().filter(|node| node.has_tag_name("testcase"))
}

/// How a service calls each case, by the name it gives to it.
fn outcomes<'a>(
    document: &'a Document<'_>,
    of: impl Fn(Node<'a, '_>) -> (String, &'static str),
) -> BTreeMap<String, Vec<&'static str>> {
    let mut outcomes: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for case in cases(document) {
        let (name, outcome) = of(case);
        outcomes.entry(name).or_default().push(outcome);
    }
    outcomes
}

/// What every service has to say of the run; names are the class, a dot and the name.
fn expected(skipped: &'static str, flaky: &'static str) -> BTreeMap<String, Vec<&'static str>> {
    [
        ("m.C.ok", vec!["passed", "passed"]),
        ("m.C.bad", vec!["failed"]),
        ("m.C.flaky", vec![flaky]),
        ("m.C.again", vec!["failed"]),
        ("m.C.surprise", vec!["failed"]),
        ("m.C.expected", vec![skipped]),
        ("m.C.skipped", vec![skipped]),
        ("m.C.hung", vec!["failed"]),
        ("linux.m.C.both", vec!["failed"]),
        ("mac.m.C.both", vec!["failed"]),
        ("subunit.alone", vec!["passed"]),
        ("subunit.(no name)", vec!["passed", skipped]),
        ("subunit.setUpModule (m)", vec!["failed"]),
    ]
    .map(|(name, outcome)| (name.to_owned(), outcome))
    .into()
}

/// Class and name of a case, neither of which may be missing or empty.
fn full_name(case: Node<'_, '_>) -> String {
    let attribute = |name| case.attribute(name).filter(|value| !value.trim().is_empty()).unwrap();
    format!("{}.{}", attribute("classname"), attribute("name"))
}

/// The children of a case that tell its outcome, in the order in which a service looks for them.
fn failure<'a, 'd>(case: Node<'a, 'd>, names: [&str; 2]) -> Option<Node<'a, 'd>> {
    names.into_iter().find_map(|name| child(case, name))
}

fn outcome(case: Node<'_, '_>, skipped: &'static str) -> &'static str {
    match failure(case, ["failure", "error"]) {
        Some(_) => "failed",
        None if child(case, "skipped").is_some() => skipped,
        None => "passed",
    }
}

/// The case of this name; the last one.
fn case<'a, 'd>(document: &'a Document<'d>, name: &str) -> Node<'a, 'd> {
    cases(document).filter(|case| case.attribute("name") == Some(name)).last().unwrap()
}

/// Facts: CaseResult and SuiteResult of jenkinsci/junit-plugin. A case without a name breaks it, one without
/// a class has that of its suite; `error` goes before `failure`; the details are the message, the stack trace is the
/// text; attempts are `flakyFailure` and `rerunFailure`, whose stack trace is an element; a case without output shows
/// the suite's; the attachments plugin looks for markers in the output of cases, each at the beginning of a line.
#[test]
fn jenkins() {
    let (report, folder) = report();
    let document = Document::parse(&report).unwrap();
    let found = outcomes(&document, |case| {
        let flaky = child(case, "flakyFailure").is_some();
        let outcome = match (failure(case, ["error", "failure"]), child(case, "skipped")) {
            (Some(_), None) => "failed",
            (None, Some(_)) => "skipped",
            (None, None) if flaky => "flaky",
            (None, None) => "passed",
            (Some(_), Some(_)) => panic!("failed and skipped"),
        };
        (full_name(case), outcome)
    });
    assert_eq!(found, expected("skipped", "flaky"));
    let bad = failure(case(&document, "bad"), ["error", "failure"]).unwrap();
    assert_eq!(bad.attribute("message"), Some("ValueError: boom"));
    assert!(text(bad).starts_with("Traceback (most recent call last)"));
    let attempts = |name: &str, element: &str| {
        let attempts = case(&document, name).children().filter(|node| node.has_tag_name(element));
        let traces = attempts.map(|attempt| text(child(attempt, "stackTrace").unwrap()).to_owned());
        traces.collect::<Vec<_>>()
    };
    assert_eq!(attempts("flaky", "flakyFailure"), ["first try"]);
    assert_eq!(attempts("again", "rerunFailure"), ["two"]);
    assert_eq!(text(failure(case(&document, "again"), ["error", "failure"]).unwrap()), "one");
    let skipped = child(case(&document, "expected"), "skipped").unwrap();
    assert_eq!(skipped.attribute("message"), Some("bug 7"));
    let suite = case(&document, "bad").parent().unwrap();
    assert_eq!(text(child(suite, "system-out").unwrap()), "suite said\n");
    let output = text(child(case(&document, "bad"), "system-out").unwrap());
    let marker = output.lines().find_map(|line| line.strip_prefix("[[ATTACHMENT|")).unwrap();
    let path = std::path::Path::new(marker.strip_suffix("]]").unwrap());
    assert!(path.is_file() && path.starts_with(folder.path()), "{path:?}");
}

/// Facts: `Gitlab::Ci::Parsers::Test::Junit`. There is one `testsuites`; `failure` goes before `error` and `skipped`;
/// what is shown is the text of that element, and no message; the suite is the `classname`; of cases of one status,
/// class and name one is kept; the first marker in the output is the attachment, and holds neither `[` nor `|`.
/// Limits, by docs.gitlab.com: a text is shorter than 10 MB, there are at most 250,000 objects.
#[test]
fn gitlab() {
    let (report, _folder) = report();
    let document = Document::parse(&report).unwrap();
    assert!(document.root_element().has_tag_name("testsuites"));
    let found = outcomes(&document, |case| (full_name(case), outcome(case, "skipped")));
    assert_eq!(found, expected("skipped", "passed"));
    let keys: Vec<_> =
        cases(&document).map(|case| (outcome(case, "skipped"), full_name(case))).collect();
    let kept: BTreeSet<_> = keys.iter().collect();
    // Two results of one test that passed twice are the only ones that cannot be told apart.
    assert_eq!(keys.len() - kept.len(), 1, "{keys:?}");
    for failed in cases(&document).filter_map(|case| failure(case, ["failure", "error"])) {
        let (shown, message) = (text(failed), failed.attribute("message").unwrap_or_default());
        assert!(shown.contains(message), "{message:?} is not in {shown:?}");
    }
    let output = text(child(case(&document, "bad"), "system-out").unwrap());
    let marker = output.split("[[ATTACHMENT|").nth(1).and_then(|rest| rest.split("]]").next());
    assert!(marker.is_some_and(|path| path.ends_with(".png") && !path.contains(['[', ']', '|'])));
}

/// Facts: mikepenz/action-junit-report and dorny/test-reporter. The place is `file` and `line` of the case, as the
/// repository has them; the message is that of the element, or else its text; cases passed whose failures are all of
/// them `flakyFailure`. Suites have names, and each case a time that is a number.
#[test]
fn github_actions() {
    let (report, _folder) = report();
    let document = Document::parse(&report).unwrap();
    let found = outcomes(&document, |case| (full_name(case), outcome(case, "skipped")));
    assert_eq!(found, expected("skipped", "passed"));
    let place = |name: &str| {
        let case = case(&document, name);
        (case.attribute("file").map(str::to_owned), case.attribute("line").map(str::to_owned))
    };
    let of = |file: &str, line: &str| (Some(file.to_owned()), Some(line.to_owned()));
    assert_eq!(place("bad"), of("tests/a.py", "7"));
    let ok = cases(&document).find(|case| case.attribute("name") == Some("ok")).unwrap();
    assert_eq!((ok.attribute("file"), ok.attribute("line")), (Some("tests/a.py"), Some("3")));
    for case in cases(&document) {
        assert!(case.attribute("time").unwrap().parse::<f64>().is_ok());
        assert!(!case.parent().unwrap().attribute("name").unwrap().is_empty());
    }
    for name in ["bad", "again", "surprise", "hung", "setUpModule (m)"] {
        let failed = failure(case(&document, name), ["failure", "error"]).unwrap();
        let message = failed.attribute("message").unwrap_or_default();
        assert!(!message.is_empty() && message.lines().count() == 1, "{name}: {message:?}");
    }
}

/// Facts: JUnitResultReader of the Azure pipelines agent. Suites are children of the root; the first of `failure`,
/// `error` and `skipped` that is there tells the outcome, wherever it stands, and the first of them is the only one;
/// the message is the error's message and the text its stack trace; skipped is `NotExecuted`; `timestamp` is a time
/// with a zone, or is not there.
#[test]
fn azure() {
    let (report, _folder) = report();
    let document = Document::parse(&report).unwrap();
    let suites: Vec<_> = document.root_element().children().filter(Node::is_element).collect();
    assert!(suites.iter().all(|suite| suite.has_tag_name("testsuite")));
    let nested = suites.iter().flat_map(|suite| suite.children());
    assert!(!nested.into_iter().any(|node| node.has_tag_name("testsuite")));
    let told = ["failure", "error", "skipped"];
    for case in cases(&document) {
        let all: Vec<_> =
            case.children().filter(|child| told.contains(&child.tag_name().name())).collect();
        assert!(all.len() <= 1, "{}", full_name(case));
        let first = case.children().find(Node::is_element);
        assert!(all.is_empty() || all.first() == first.as_ref(), "{}", full_name(case));
    }
    let found = outcomes(&document, |case| (full_name(case), outcome(case, "NotExecuted")));
    assert_eq!(found, expected("NotExecuted", "passed"));
    assert!(!report.contains("timestamp"), "no event had a time");
}

/// Facts: circleci.com/docs, "Collect test data" and "Test splitting": each case has a name, a class or a file; the
/// file is as `circleci tests glob` writes it, without `./` in front; `failure` and `error` fail, `skipped` does not;
/// no two cases of one run may have one name where one of them passed and the other failed, which is flaky.
#[test]
fn circleci() {
    let (report, _folder) = report();
    let document = Document::parse(&report).unwrap();
    let found = outcomes(&document, |case| (full_name(case), outcome(case, "skipped")));
    assert_eq!(found, expected("skipped", "passed"));
    let files: BTreeSet<_> = cases(&document).filter_map(|case| case.attribute("file")).collect();
    assert_eq!(files, BTreeSet::from(["tests/a.py"]));
    for (name, outcomes) in found {
        assert!(!(outcomes.contains(&"passed") && outcomes.contains(&"failed")), "{name}");
    }
}

/// Facts: buildkite.com/docs, "Importing JUnit XML": `classname` and `name` are mandatory on every case; an execution
/// is a case, whose attempts are not counted again; the reason is the message, what folds out is the text.
#[test]
fn buildkite() {
    let (report, _folder) = report();
    let document = Document::parse(&report).unwrap();
    let found = outcomes(&document, |case| (full_name(case), outcome(case, "skipped")));
    assert_eq!(found, expected("skipped", "passed"));
    let executions: usize = found.values().map(Vec::len).sum();
    let said = document.root_element().attribute("tests").unwrap();
    assert_eq!(said, executions.to_string());
    let failed = found.values().flatten().filter(|outcome| **outcome == "failed").count();
    let counted = ["failures", "errors"].map(|name| document.root_element().attribute(name));
    let counted = counted.map(|count| count.unwrap().parse::<usize>().unwrap());
    assert_eq!(counted.iter().sum::<usize>(), failed);
}
