//! TRX, the test results of Visual Studio and `dotnet test`.

use std::time::Duration;

use subunit_core::Status;

use crate::{
    dotnet::{
        dialect::{Begin, Dialect, Says, none},
        reader::Reader,
    },
    events::claims::Claim,
    format::{Row, Signs},
    reader::public_reader,
    text::{time, xml::Element},
};

/// TRX.
pub(crate) const ROW: Row = Row {
    name: "trx",
    title: "TRX, the report of dotnet test",
    examples: &[
        r#"echo '<TestRun><Results><UnitTestResult' 'testName="a" outcome="Passed"/></Results></TestRun>' > a.trx; subunit from-trx a.trx | subunit ls"#,
        r#"echo '<TestRun><Results><UnitTestResult' 'testName="a" outcome="Failed"/></Results></TestRun>' | subunit from-trx | subunit stats"#,
    ],
    signs: Signs { roots: &["<TestRun"], ..Signs::NONE },
    ..Row::document(|| Box::new(TrxReader::new()))
};

public_reader! {
    /// Reads TRX: `UnitTestResult` elements are test cases, and so are results of other kinds, named by
    /// `testName`.
    ///
    /// The class of a test stands in its definition, as a rule after all results. Results whose names have
    /// no class in them wait for it, up to 64 MiB. Data-driven tests are cases of their own within the test's.
    /// Not executed and inconclusive tests are skips; a run that says it was aborted or had an error is a
    /// failure of its own, unless it only repeats that of a test. One that counts failures or says that it
    /// failed, and shows none, is a failure.
    #[derive(Clone)]
    TrxReader(Reader) = Reader::new(&TRX)
}

static TRX: Dialect = Dialect {
    report: "TRX report",
    roots: &["TestRun"],
    case: |name, parent| name == "UnitTestResult" || matches!(parent, "Results" | "InnerResults"),
    assembly: |_| None,
    repeats: Some(repeats),
    begin,
    part,
    artifact: |element| {
        (element.name() == "ResultFile").then(|| element.attribute("path").map(str::to_owned))?
    },
    tag: none,
    failed,
    says,
    time: |element| {
        let start = element.attribute("start").filter(|_| element.name() == "Times")?;
        time::parse_zoneless(start)
    },
};

fn begin(element: &Element) -> Begin {
    let id = element.first_of(&["testName", "testId"]).unwrap_or("test").to_owned();
    // The outcome that has the number 0 is left out, and that is an error.
    let outcome = element.attribute("outcome").unwrap_or("Error");
    let status = match outcome {
        "Passed" | "PassedButRunAborted" | "Completed" | "Warning" => Some(Status::Success),
        "NotExecuted" | "NotRunnable" | "Inconclusive" | "Pending" => Some(Status::Skip),
        "InProgress" => None,
        _ => Some(Status::Fail),
    };
    let start = element.attribute("startTime").and_then(time::parse_zoneless);
    let end = element.attribute("endTime").and_then(time::parse_zoneless);
    let duration = element.attribute("duration").and_then(duration);
    let duration = duration.or_else(|| end?.since(start?));
    let definition = element.attribute("testId").map(str::to_owned);
    Begin { id, status, start, duration, definition, ..Begin::default() }
}

/// The adapter of xUnit.net writes of each test that failed: `[xUnit.net 00:00:00.39]     N.C.a [FAIL]`.
fn repeats(text: &str) -> Option<&str> {
    let (_, name) = text.strip_prefix("[xUnit.net ")?.split_once(']')?;
    Some(name.strip_suffix("[FAIL]")?.trim())
}

/// `[days.]hours:minutes:seconds[.fraction]`.
fn duration(text: &str) -> Option<Duration> {
    let (hours, rest) = text.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let whole = u64::from(number(days)?) * 86_400
        + u64::from(number(hours)?) * 3600
        + u64::from(number(minutes)?) * 60;
    Some(Duration::from_secs(whole) + crate::junit::seconds(seconds)?)
}

fn part(name: &str, parent: &str) -> Option<&'static str> {
    match (name, parent) {
        ("Message" | "StackTrace", "ErrorInfo") => Some("failure"),
        ("StdOut", _) => Some("stdout"),
        ("StdErr", _) => Some("stderr"),
        ("DebugTrace", _) => Some("debug"),
        ("Message", "TextMessages") => Some("messages"),
        ("Text", "RunInfo") => Some("failure"),
        _ => None,
    }
}

fn says(element: &Element) -> Says {
    match element.name() {
        "Counters" => Says::OfReport(Says::failures(
            element,
            &["failed", "error", "timeout", "aborted", "disconnected", "inProgress"],
        )),
        "ResultSummary" if element.attribute("outcome") == Some("Failed") => {
            Says::OfReport(Claim { failures: 0, failed: true })
        }
        _ => Says::Nothing,
    }
}

fn failed(element: &Element) -> Option<String> {
    let outcome = element.attribute("outcome")?;
    match element.name() {
        "RunInfo" if matches!(outcome, "Error" | "Failed" | "Aborted") => Some("run".to_owned()),
        "ResultSummary" if matches!(outcome, "Error" | "Aborted" | "Timeout" | "Disconnected") => {
            Some(format!("run {}", outcome.to_ascii_lowercase()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_with_and_without_days() {
        assert_eq!(duration("00:01:02.5000000"), Some(Duration::from_millis(62_500)));
        assert_eq!(duration("1.00:00:00"), Some(Duration::from_secs(86_400)));
        for none in ["", "1", "1:2", "x:y:z", "99999999999:0:0"] {
            assert_eq!(duration(none), None, "{none}");
        }
    }
}
