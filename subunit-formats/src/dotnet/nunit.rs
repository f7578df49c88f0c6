//! The XML of NUnit 3, and of NUnit 2 as far as it has the same elements.

use subunit_core::Status;

use crate::{
    dotnet::{
        dialect::{Begin, Dialect, Says, file_name},
        reader::Reader,
    },
    events::claims::Claim,
    format::{Row, Signs},
    junit,
    reader::public_reader,
    text::{time, xml::Element},
};

/// The XML of NUnit 3.
pub(crate) const ROW: Row = Row {
    name: "nunit",
    title: "the XML of NUnit 2 or 3",
    examples: &[
        r#"echo '<test-run><test-case fullname="a" result="Passed"/></test-run>' > a.xml; subunit from-nunit a.xml | subunit ls"#,
        r#"echo '<test-run><test-case fullname="a" result="Failed"/></test-run>' | subunit from-nunit | subunit stats"#,
    ],
    signs: Signs { roots: &["<test-run", "<test-results"], ..Signs::NONE },
    ..Row::document(|| Box::new(NunitReader::new()))
};

public_reader! {
    /// Reads NUnit's XML: `test-case` elements are test cases, named by `fullname`.
    ///
    /// Inconclusive tests are skips, warnings pass. A suite whose set-up or tear-down failed, or that
    /// cannot run, is a failure of its own; one that failed because of its tests is not. Categories are
    /// tags.
    #[derive(Clone)]
    NunitReader(Reader) = Reader::new(&NUNIT)
}

static NUNIT: Dialect = Dialect {
    report: "NUnit report",
    roots: &["test-run", "test-results", "test-suite"],
    case: |name, _| name == "test-case",
    assembly: |element| {
        let is_assembly =
            element.name() == "test-suite" && element.attribute("type") == Some("Assembly");
        element.first_of(&["name"]).filter(|_| is_assembly).map(file_name)
    },
    repeats: None,
    begin,
    part,
    artifact: |_| None,
    tag: |element| match element.name() {
        "property" if element.attribute("name") == Some("Category") => {
            element.attribute("value").map(str::to_owned)
        }
        "category" => element.attribute("name").map(str::to_owned),
        _ => None,
    },
    failed,
    says,
    time: |element| element.attribute("start-time").and_then(time::parse_zoneless),
};

fn begin(element: &Element) -> Begin {
    let id = element.first_of(&["fullname", "name", "id"]).unwrap_or("test").to_owned();
    let status = match element.attribute("result") {
        Some("Passed" | "Success" | "Warning") => Some(Status::Success),
        Some("Skipped" | "Ignored" | "Inconclusive") => Some(Status::Skip),
        Some(_) => Some(Status::Fail),
        None if is(element, "executed") == Some(false) => Some(Status::Skip),
        None => match is(element, "success") {
            Some(true) => Some(Status::Success),
            Some(false) => Some(Status::Fail),
            None => None,
        },
    };
    let start = element.attribute("start-time").and_then(time::parse_zoneless);
    let duration = element.first_of(&["duration", "time"]).and_then(junit::seconds);
    Begin { id, status, start, duration, ..Begin::default() }
}

fn part(name: &str, parent: &str) -> Option<&'static str> {
    match (name, parent) {
        ("message" | "stack-trace", "failure") => Some("failure"),
        ("message", "reason") => Some("reason"),
        ("message" | "stack-trace", "assertion") => Some("assertions"),
        ("output", _) => Some("stdout"),
        ("filePath", "attachment") => Some("artifact-path"),
        ("description", "attachment") => Some("attachment-description"),
        _ => None,
    }
}

fn says(element: &Element) -> Says {
    let claim = match element.name() {
        "test-run" | "test-suite" => Says::failures(element, &["failed"]),
        "test-results" => Says::failures(element, &["errors", "failures"]),
        _ => return Says::Nothing,
    };
    let failed = match element.attribute("result") {
        Some(result) => matches!(result, "Failed" | "Failure" | "Error"),
        None => is(element, "executed") != Some(false) && is(element, "success") == Some(false),
    };
    Says::OfItself(Claim { failed, ..claim })
}

/// What an attribute says that is `True` or `False`, in either case.
fn is(element: &Element, name: &str) -> Option<bool> {
    let value = element.attribute(name)?;
    let is = |word: &str| value.eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

fn failed(element: &Element) -> Option<String> {
    let own = matches!(element.attribute("site"), Some("SetUp" | "TearDown"))
        || element.attribute("runstate") == Some("NotRunnable");
    let failed = matches!(element.attribute("result"), Some("Failed" | "Failure" | "Error"));
    if element.name() != "test-suite" || !own || !failed {
        return None;
    }
    Some(element.first_of(&["fullname", "name"]).unwrap_or("test-suite").to_owned())
}
