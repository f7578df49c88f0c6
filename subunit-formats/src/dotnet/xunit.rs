//! The XML of xUnit.net, versions 2 and 3.

use subunit_core::Status;

use crate::{
    dotnet::{
        dialect::{Begin, Dialect, Says, file_name, none},
        reader::Reader,
    },
    format::{Row, Signs},
    junit,
    reader::public_reader,
    text::{time, xml::Element},
};

/// The XML of xUnit.net.
pub(crate) const ROW: Row = Row {
    name: "xunit",
    title: "the XML of xUnit.net",
    examples: &[
        r#"echo '<assemblies><assembly><collection>' '<test name="a" result="Pass"/></collection></assembly></assemblies>' > a.xml; subunit from-xunit a.xml | subunit ls"#,
        r#"echo '<assemblies><assembly><collection>' '<test name="a" result="Fail"/></collection></assembly></assemblies>' | subunit from-xunit | subunit stats"#,
    ],
    signs: Signs { roots: &["<assemblies", "<assembly"], ..Signs::NONE },
    ..Row::document(|| Box::new(XunitReader::new()))
};

public_reader! {
    /// Reads the XML of xUnit.net: `test` elements are test cases, by their names.
    ///
    /// Tests that were not run are skips. Errors of an assembly, a collection or in cleaning up are failures
    /// of their own. Traits are tags `name:value`.
    #[derive(Clone)]
    XunitReader(Reader) = Reader::new(&XUNIT)
}

static XUNIT: Dialect = Dialect {
    report: "xUnit.net report",
    roots: &["assemblies", "assembly"],
    case: |name, _| name == "test",
    assembly: |element| {
        element.first_of(&["name"]).filter(|_| element.name() == "assembly").map(file_name)
    },
    repeats: None,
    begin,
    part,
    artifact: none,
    tag: |element| {
        let (name, value) = (element.attribute("name")?, element.attribute("value")?);
        (element.name() == "trait").then(|| format!("{name}:{value}"))
    },
    failed: |element| {
        let kind = element.attribute("type").filter(|_| element.name() == "error")?;
        Some(element.first_of(&["name"]).unwrap_or(kind).to_owned())
    },
    says: |element| match element.name() {
        "assembly" => Says::OfItself(Says::failures(element, &["failed", "errors"])),
        "collection" => Says::OfItself(Says::failures(element, &["failed"])),
        _ => Says::Nothing,
    },
    time: |element| {
        if let Some(start) = element.attribute("start-rtf").filter(|_| element.name() == "assembly")
        {
            return time::parse_zoneless(start);
        }
        let (day, hour) = (element.attribute("run-date")?, element.attribute("run-time")?);
        time::parse_zoneless(&format!("{day}T{hour}"))
    },
};

fn begin(element: &Element) -> Begin {
    let id = element.first_of(&["name", "method", "id"]).unwrap_or("test").to_owned();
    let status = match element.attribute("result") {
        Some("Pass") => Some(Status::Success),
        Some("Skip" | "NotRun") => Some(Status::Skip),
        Some(_) => Some(Status::Fail),
        None => None,
    };
    let start = element.attribute("start-rtf").and_then(time::parse_zoneless);
    let duration = element.attribute("time").and_then(junit::seconds);
    let class = element.first_of(&["type"]).filter(|class| !id.starts_with(class));
    let class = class.map(str::to_owned);
    Begin { id, class, status, start, duration, ..Begin::default() }
}

fn part(name: &str, parent: &str) -> Option<&'static str> {
    match (name, parent) {
        ("message" | "stack-trace", "failure") => Some("failure"),
        ("reason", _) => Some("reason"),
        ("output", _) => Some("stdout"),
        ("warning", _) => Some("warnings"),
        _ => None,
    }
}
