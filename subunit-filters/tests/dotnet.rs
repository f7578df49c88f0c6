//! Reports of .NET's test runners, in the forms that their documentation shows.

#![allow(clippy::unwrap_used, reason = "tests")]

mod junit_support;

use junit_support::{Found, found_by};
use subunit_core::{Status, sink::Verdict};
use subunit_filters::formats::{
    FormatReader, nunit::NunitReader, trx::TrxReader, xunit::XunitReader,
};

/// Reads the report whole, in pieces, and cut short; the last must never be green.
fn read(reader: &mut dyn FormatReader, report: &str) -> Found {
    let whole = found_by(reader, report.as_bytes(), usize::MAX);
    for cut in [1, 2, 7] {
        assert!(found_by(reader, report.as_bytes(), cut).events == whole.events);
    }
    let end = report.trim_end().len();
    for end in (0..end).filter(|end| report.is_char_boundary(*end)) {
        let verdict = found_by(reader, &report.as_bytes()[..end], 50).counts.verdict();
        assert_ne!(verdict, Verdict::Passed, "up to {end}");
    }
    whole
}

/// Tests with their last status and their files.
fn tests(found: &Found) -> Vec<String> {
    let mut tests = Vec::new();
    for event in &found.events {
        let id = event.test_id.as_deref().unwrap_or("-");
        if let Some(file) = &event.file {
            tests.push(format!("{id} {}={}", file.name, String::from_utf8_lossy(&file.bytes)));
        }
        if let Some(status) = event.status.filter(|status| *status != Status::InProgress) {
            tests.push(format!("{id} {status}"));
        }
    }
    tests
}

#[test]
fn trx() {
    let report = "\u{feff}<?xml version='1.0'?><TestRun xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2010'>\
        <Times start='2021-04-02T08:51:01.7636076+10:00'/><Results>\
        <UnitTestResult testName='A.Ok' outcome='Passed' duration='00:00:01.5000000' startTime='2021-04-02T08:51:03Z'>\
        <Output><StdOut>hi</StdOut></Output><ResultFiles><ResultFile path='x.png'/></ResultFiles></UnitTestResult>\
        <UnitTestResult testName='Bad' outcome='Failed'><Output><ErrorInfo><Message>m</Message>\
        <StackTrace>t</StackTrace></ErrorInfo></Output></UnitTestResult>\
        <UnitTestResult testName='Skip' outcome='NotExecuted'><Output><ErrorInfo><Message>why</Message>\
        </ErrorInfo></Output></UnitTestResult>\
        <UnitTestResult testName='Default'/></Results>\
        <ResultSummary outcome='Aborted'><RunInfos><RunInfo outcome='Error'><Text>host crashed</Text></RunInfo>\
        </RunInfos></ResultSummary></TestRun>";
    let found = read(&mut TrxReader::new(), report);
    assert_eq!(
        tests(&found),
        [
            "A.Ok stdout=hi",
            "A.Ok artifact-path=x.png\n",
            "A.Ok success",
            "Bad failure=m\nt",
            "Bad fail",
            "Skip reason=why",
            "Skip skip",
            "Default fail",
            "run reason=host crashed",
            "run fail",
            "run aborted reason=",
            "run aborted fail",
        ]
    );
    let ended = found.events.iter().find(|event| event.status == Some(Status::Success)).unwrap();
    let ended = ended.timestamp.unwrap();
    assert_eq!((ended.seconds(), ended.nanoseconds()), (1_617_353_464, 500_000_000));
}

#[test]
fn nunit() {
    let report = "<test-run><test-suite name='s' result='Failed' site='Child'><failure><message>children\
        </message></failure><test-case fullname='N.C.Ok(\"x\")' result='Passed' duration='0.5'>\
        <properties><property name='Category' value='slow'/></properties>\
        <output><![CDATA[out]]></output></test-case>\
        <test-case fullname='N.C.Bad' result='Failed'><failure><message>m</message><stack-trace>t\
        </stack-trace></failure><attachments><attachment><filePath>a.txt</filePath></attachment></attachments>\
        </test-case><test-case name='N.C.Skip' result='Skipped'><reason><message>r</message></reason>\
        </test-case></test-suite><test-suite fullname='N.D' result='Failed' site='SetUp'><failure>\
        <message>setup</message></failure></test-suite></test-run>";
    let found = read(&mut NunitReader::new(), report);
    assert_eq!(
        tests(&found),
        [
            "N.C.Ok(\"x\") stdout=out",
            "N.C.Ok(\"x\") success",
            "N.C.Bad failure=m\nt",
            "N.C.Bad artifact-path=a.txt",
            "N.C.Bad fail",
            "N.C.Skip reason=r",
            "N.C.Skip skip",
            "N.D reason=setup",
            "N.D fail",
        ]
    );
    assert!(found.events[2].tags.as_ref().unwrap().as_tags().contains("slow"));
}

#[test]
fn xunit() {
    let report = "<assemblies><assembly name='a.dll' run-date='2024-01-02' run-time='03:04:05'><errors>\
        <error type='assembly-cleanup' name='x'><failure><message>boom</message></failure></error></errors>\
        <collection><test name='C.Ok' result='Pass' time='0.25'><traits><trait name='Category' value='fast'/>\
        </traits><output>o</output></test><test name='C.Bad' result='Fail'><failure exception-type='E'>\
        <message>m</message><stack-trace>t</stack-trace></failure></test>\
        <test name='C.Skip' result='Skip'><reason>r</reason></test><test name='C.Not' result='NotRun'/>\
        </collection></assembly></assemblies>";
    let found = read(&mut XunitReader::new(), report);
    assert_eq!(
        tests(&found),
        [
            "x reason=boom",
            "x fail",
            "C.Ok stdout=o",
            "C.Ok success",
            "C.Bad failure=m\nt",
            "C.Bad fail",
            "C.Skip reason=r",
            "C.Skip skip",
            "C.Not skip",
        ]
    );
    assert!(found.events.iter().any(|event| {
        event.tags.as_ref().is_some_and(|tags| tags.as_tags().contains("Category:fast"))
    }));
}

/// What the report says of itself.
#[track_caller]
fn check_claims(reader: &mut dyn FormatReader, report: &str, expected: &[&str]) {
    let found = read(reader, report);
    let own = found.events.iter().filter(|event| !event.runnable && event.file.is_some());
    let own = own.map(|event| {
        let reason = event.file.as_ref().map(|file| String::from_utf8_lossy(&file.bytes));
        format!("{}: {}", event.test_id.clone().unwrap(), reason.unwrap())
    });
    assert_eq!(own.collect::<Vec<_>>(), expected, "{report}");
    assert_eq!(found.counts.verdict(), Verdict::Failed);
}

#[test]
fn a_trx_that_counts_failures_which_it_does_not_show_is_red() {
    let summary = |outcome: &str, counters: &str| {
        format!(
            "<ResultSummary outcome='{outcome}'><Counters total='2' passed='1' {counters}/></ResultSummary>"
        )
    };
    let result = |outcome: &str| format!("<UnitTestResult testName='a' outcome='{outcome}'/>");
    for (result, summary, expected) in [
        (
            result("Passed"),
            summary("Failed", "failed='1' error='0'"),
            &["TRX report: the report counts 1 failure or error, 0 were read"][..],
        ),
        (
            result("Failed"),
            summary("Failed", "failed='1' error='1' timeout='1'"),
            &["TRX report: the report counts 3 failures and errors, 1 was read"],
        ),
        (
            result("Passed"),
            summary("Failed", "failed='0'"),
            &["TRX report: the report says that it failed, and shows no failure"],
        ),
        (result("Failed"), summary("Failed", "failed='1'"), &[]),
    ] {
        for report in [
            format!("{summary}<Results>{result}</Results>"),
            format!("<Results>{result}</Results>{summary}"),
        ] {
            check_claims(&mut TrxReader::new(), &format!("<TestRun>{report}</TestRun>"), expected);
        }
    }
}

#[test]
fn an_nunit_report_that_counts_failures_which_it_does_not_show_is_red() {
    for (report, expected) in [
        (
            "<test-run result='Failed' failed='2'><test-suite name='s' result='Passed' failed='0'>\
             <test-case name='a' result='Passed'/></test-suite></test-run>",
            &["NUnit report: the report counts 2 failures and errors, 0 were read"][..],
        ),
        (
            "<test-run result='Failed'><test-suite fullname='s' result='Failed'>\
             <test-case name='a' result='Passed'/></test-suite></test-run>",
            &["s: the suite says that it failed, and shows no failure"],
        ),
        (
            "<test-results errors='1' failures='2'><test-suite name='s' success='True'><results>\
             <test-case name='a' success='False'/></results></test-suite></test-results>",
            &["NUnit report: the report counts 3 failures and errors, 1 was read"],
        ),
        (
            "<test-run result='Failed' failed='1'><test-suite name='s' result='Failed' failed='1'>\
             <test-case name='a' result='Failed'/></test-suite></test-run>",
            &[],
        ),
    ] {
        check_claims(&mut NunitReader::new(), report, expected);
    }
}

#[test]
fn an_xunit_report_that_counts_failures_which_it_does_not_show_is_red() {
    for (report, expected) in [
        (
            "<assemblies><assembly name='a.dll' failed='1' errors='1'><collection failed='0'>\
             <test name='a' result='Pass'/></collection></assembly></assemblies>",
            &["a.dll: the suite counts 2 failures and errors, 0 were read"][..],
        ),
        (
            "<assembly name='a.dll' failed='1'><collection name='c' failed='1'><test name='a' result='Pass'/>\
             </collection></assembly>",
            &["c: the suite counts 1 failure or error, 0 were read"],
        ),
        (
            "<assembly failed='1'><collection><test name='a' result='Fail'/></collection></assembly>",
            &[],
        ),
    ] {
        check_claims(&mut XunitReader::new(), report, expected);
    }
}

#[test]
fn nunit_2_writes_its_words_in_either_case() {
    let report = "<test-results><test-suite success='false'><results>\
        <test-case name='a' executed='true' success='true'/>\
        <test-case name='b' executed='True' success='False'/>\
        <test-case name='c' executed='false' success='false'/></results></test-suite></test-results>";
    let found = read(&mut NunitReader::new(), report);
    assert_eq!(tests(&found), ["a success", "b fail", "c skip"]);
}
