//! Documents of all formats that are read, of so many tests each.

use std::fmt::Write as _;

use subunit_core::{
    items,
    sink::{Flow, Sink},
    v1,
};
use subunit_formats::{
    Format,
    csv::CsvWriter,
    ctrf::CtrfWriter,
    github::GithubWriter,
    gitlab::GitlabWriter,
    html::HtmlWriter,
    jsonl_writer::JsonlWriter,
    junit::{JunitOptions, JunitWriter},
    markdown::MarkdownWriter,
    otlp::OtlpWriter,
    report::Report,
    tap::TapWriter,
    teamcity::TeamCityWriter,
    trace::TraceWriter,
};

use crate::corpus::{self, Kind};

/// The reports that can be written.
pub const REPORTS: [&str; 13] = [
    "csv",
    "ctrf",
    "github",
    "gitlab",
    "html",
    "jsonl",
    "junit",
    "markdown",
    "otlp",
    "subunit-v1",
    "tap",
    "teamcity",
    "trace",
];

/// Pushes what a stream says.
pub fn push(stream: &[u8], sink: &mut dyn Sink) {
    for item in items(stream) {
        let _: Flow = sink.item(&item);
    }
    sink.finish();
}

/// A report on a stream: one of [`REPORTS`].
///
/// # Panics
///
/// Where there is no such report.
pub fn report(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if name == "subunit-v1" {
        push(stream, &mut v1::Writer::new(&mut out));
        return out;
    }
    let mut report: Box<dyn Report + '_> = match name {
        "csv" => Box::new(CsvWriter::new(&mut out)),
        "ctrf" => Box::new(CtrfWriter::new(&mut out)),
        "github" => Box::new(GithubWriter::new(&mut out)),
        "gitlab" => Box::new(GitlabWriter::new(&mut out)),
        "html" => Box::new(HtmlWriter::new(&mut out)),
        "jsonl" => Box::new(JsonlWriter::new(&mut out)),
        "junit" => Box::new(JunitWriter::new(&mut out, JunitOptions::default())),
        "markdown" => Box::new(MarkdownWriter::new(&mut out)),
        "otlp" => Box::new(OtlpWriter::new(&mut out)),
        "tap" => Box::new(TapWriter::new(&mut out)),
        "teamcity" => Box::new(TeamCityWriter::new(&mut out)),
        "trace" => Box::new(TraceWriter::new(&mut out)),
        _ => panic!("{name} is no report"),
    };
    push(stream, &mut report);
    if let Err(error) = report.result() {
        unreachable!("memory can be written: {error}");
    }
    out
}

/// A document of so many tests; none for version 2 of subunit, which is no format of its own.
pub fn document(format: Format, tests: u64) -> Option<Vec<u8>> {
    let (head, tail) = frame(format, tests)?;
    let Some(line) = template(format) else {
        return Some(written(format, tests));
    };
    let mut text = head;
    for nth in 0..tests {
        let _ = writeln!(text, "{}", line.replace('%', &nth.to_string()));
    }
    text.push_str(tail);
    Some(text.into_bytes())
}

/// What our own writers make of a stream.
fn written(format: Format, tests: u64) -> Vec<u8> {
    match format {
        Format::SubunitV1 => corpus::stream(Kind::V1, tests, 1),
        Format::Tap | Format::Ktap => corpus::stream(Kind::Tap, tests, 1),
        _ => report(format.name(), &corpus::stream(Kind::Small, tests * 2 + 16, 1)),
    }
}

/// What stands in front of the tests, and behind them.
fn frame(format: Format, tests: u64) -> Option<(String, &'static str)> {
    Some(match format {
        Format::Subunit => return None,
        Format::Libtest => (
            format!("{{ \"type\": \"suite\", \"event\": \"started\", \"test_count\": {tests} }}\n"),
            "",
        ),
        Format::Cargo => (
            format!("running {tests} tests\n"),
            "\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n",
        ),
        Format::Trx => ("<TestRun id=\"r\"><Results>\n".into(), "</Results></TestRun>\n"),
        Format::Nunit => (
            "<test-run id=\"2\"><test-suite type=\"Assembly\" name=\"a.dll\">\n".into(),
            "</test-suite></test-run>\n",
        ),
        Format::Xunit => (
            "<assemblies><assembly name=\"a.dll\"><collection name=\"c\">\n".into(),
            "</collection></assembly></assemblies>\n",
        ),
        Format::Lit => (format!("-- Testing: {tests} tests, 2 workers --\n"), ""),
        _ => Default::default(),
    })
}

/// What is said of a test, with `%` for its number; `None` for what our own writers write.
fn template(format: Format) -> Option<&'static str> {
    Some(match format {
        Format::Gojson => concat!(
            r#"{"Time":"2026-01-01T00:00:00.000001Z","Action":"run","Package":"example.com/p","Test":"Test%"}"#,
            "\n",
            r#"{"Time":"2026-01-01T00:00:00.000002Z","Action":"output","Package":"example.com/p","Test":"Test%","Output":"--- PASS: Test% (0.00s)\n"}"#,
            "\n",
            r#"{"Time":"2026-01-01T00:00:00.000003Z","Action":"pass","Package":"example.com/p","Test":"Test%","Elapsed":0.01}"#
        ),
        Format::Libtest => concat!(
            r#"{ "type": "test", "event": "started", "name": "parser::tests::reads_%" }"#,
            "\n",
            r#"{ "type": "test", "name": "parser::tests::reads_%", "event": "ok", "exec_time": 0.001 }"#
        ),
        Format::Cargo => "test parser::tests::reads_% ... ok",
        Format::Reportlog => concat!(
            r#"{"nodeid": "tests/test_parser.py::test_%", "location": ["tests/test_parser.py", 1, "test_%"], "#,
            r#""keywords": {"test_%": 1}, "outcome": "passed", "longrepr": null, "when": "call", "user_properties": [], "#,
            r#""sections": [], "duration": 0.001, "start": 1767225600.0, "stop": 1767225600.001, "$report_type": "TestReport"}"#
        ),
        Format::Trx => concat!(
            r#"<UnitTestResult testId="t%" executionId="e%" testName="Parser.Tests.Reads%" outcome="Passed" "#,
            r#"duration="00:00:00.0010000" startTime="2026-01-01T00:00:00.0000000+00:00" endTime="2026-01-01T00:00:00.0010000+00:00" />"#
        ),
        Format::Nunit => {
            r#"<test-case id="1-%" name="Reads%" fullname="Parser.Tests.Reads%" result="Passed" duration="0.001" />"#
        }
        Format::Xunit => {
            r#"<test name="Parser.Tests.Reads%" type="Parser.Tests" method="Reads%" time="0.001" result="Pass" />"#
        }
        Format::Dejagnu => "PASS: parser/reads.exp: reads %",
        Format::Automake => "PASS: tests/reads-%.sh",
        Format::Lit => "PASS: Parser :: reads/%.test (1 of 1)",
        _ => return None,
    })
}

/// How many things a stream says, of every kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Events.
    pub events: usize,
    /// Tests that ended.
    pub ended: usize,
}

impl Sink for Tally {
    fn event(&mut self, event: &subunit_core::Event<'_>) -> Flow {
        self.events += 1;
        self.ended += usize::from(event.status.is_some_and(subunit_core::Status::is_final));
        Flow::Continue(())
    }
}

/// Reads a document in pieces of 64 KiB.
///
/// # Panics
///
/// Where the format is version 2 of subunit.
pub fn read(format: Format, document: &[u8]) -> Tally {
    let Some(mut reader) = format.reader() else { panic!("read by the decoder") };
    let mut tally = Tally::default();
    for piece in document.chunks(64 * 1024) {
        let _: Flow = reader.feed(piece, &mut tally);
    }
    let _: Flow = reader.finish(&mut tally);
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_hold_as_many_tests_as_asked() {
        for format in Format::ALL {
            let Some(document) = document(format, 100) else { continue };
            let ended = read(format, &document).ended;
            assert!((100..=116).contains(&ended), "{}: {ended}", format.name());
        }
    }

    #[test]
    fn reports_name_the_tests() {
        let stream = corpus::stream(Kind::Mixed, 200, 1);
        for name in REPORTS {
            let report = report(name, &stream);
            assert!(report.len() > 200, "{name}: {}", String::from_utf8_lossy(&report));
        }
    }
}
