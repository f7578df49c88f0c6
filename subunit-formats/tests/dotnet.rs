//! Reports of .NET's test runners, in the forms that their documentation shows.

#![allow(clippy::unwrap_used, reason = "tests")]

mod junit_support;

use junit_support::{Found, found_by};
use subunit_core::{Status, sink::Verdict};
use subunit_formats::{FormatReader, nunit::NunitReader, trx::TrxReader, xunit::XunitReader};

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

/// Ids and statuses of what ended.
#[track_caller]
fn check_ids(reader: &mut dyn FormatReader, report: &str, expected: &[&str]) {
    let found = read(reader, report);
    let ended = found.events.iter().filter(|event| event.status.is_some_and(Status::is_final));
    let ended =
        ended.map(|event| format!("{} {}", event.test_id.clone().unwrap(), event.status.unwrap()));
    assert_eq!(ended.collect::<Vec<_>>(), expected, "{report}");
}

#[test]
fn trx_names_classes_in_definitions_before_or_after_the_results() {
    let result = |id: &str, name: &str, outcome: &str| {
        format!(
            "<UnitTestResult testId='{id}' testName='{name}' outcome='{outcome}'><Output><StdOut>{name}</StdOut></Output></UnitTestResult>"
        )
    };
    let test = |id: &str, name: &str, class: &str, assembly: &str| {
        format!(
            "<UnitTest name='{name}' id='{id}'><TestMethod codeBase='/x/{assembly}' className='{class}' name='{name}'/></UnitTest>"
        )
    };
    let results = [
        result("1", "Works", "Failed"),
        result("2", "Works", "Passed"),
        result("3", "Works (1.5)", "Passed"),
        result("4", "N.C.a(1)", "Passed"),
        result("5", "Works", "Passed"),
        result("6", "Undefined", "Passed"),
    ];
    let tests = [
        test("1", "Works", "Shop.CartTests", "A.dll"),
        test("2", "Works", "Shop.MailTests, A, Version=1.0.0.0", "A.dll"),
        test("3", "Works", "Shop.CartTests", "A.dll"),
        test("4", "N.C.a(1)", "N.C", "A.dll"),
        test("5", "Works", "Shop.CartTests", "B.dll"),
    ];
    let (results, tests) = (results.concat(), tests.concat());
    let (results, tests) = (
        format!("<Results>{results}</Results>"),
        format!("<TestDefinitions>{tests}</TestDefinitions>"),
    );
    let mut expected = [
        "Shop.CartTests.Works fail",
        "Shop.MailTests.Works success",
        "Shop.CartTests.Works (1.5) success",
        "N.C.a(1) success",
        "B.dll::Shop.CartTests.Works success",
        "Undefined success",
    ];
    check_ids(
        &mut TrxReader::new(),
        &format!("<TestRun>{tests}{results}</TestRun>"),
        &expected[..5].iter().chain(&expected[5..]).copied().collect::<Vec<_>>(),
    );
    let found = read(&mut TrxReader::new(), &format!("<TestRun>{results}{tests}</TestRun>"));
    assert!(self::tests(&found).contains(&"Shop.MailTests.Works stdout=Works".to_owned()));
    // What needs no class has not waited.
    expected[..4].rotate_right(1);
    check_ids(&mut TrxReader::new(), &format!("<TestRun>{results}{tests}</TestRun>"), &expected);
    let twice = format!("<TestRun>{results}</TestRun><TestRun>{tests}</TestRun>");
    let ids = [
        "N.C.a(1) success",
        "Works fail",
        "Works success",
        "Works (1.5) success",
        "Works success",
        "Undefined success",
    ];
    check_ids(&mut TrxReader::new(), &twice, &ids);
}

#[test]
fn a_trx_whose_results_are_too_many_to_wait_is_read_all_the_same() {
    let output = "x".repeat(5 << 20);
    let result = |id: usize| {
        format!(
            "<UnitTestResult testId='{id}' testName='t{id}' outcome='Passed'><Output><StdOut>{output}</StdOut></Output></UnitTestResult>"
        )
    };
    let results: String = (0..15).map(result).collect();
    let report = format!("<TestRun><Results>{results}</Results></TestRun>");
    let found = found_by(&mut TrxReader::new(), report.as_bytes(), 1 << 20);
    assert_eq!((found.counts.success, found.counts.unfinished), (15, 0));
    let bytes: usize =
        found.events.iter().filter_map(|event| Some(event.file.as_ref()?.bytes.len())).sum();
    assert_eq!(bytes, 15 * output.len());
    assert!(found.text.is_empty());
}

#[test]
fn a_trx_has_results_of_other_kinds() {
    let report = "<TestRun><Results><UnitTestResult testName='a' outcome='Passed'/>\
        <WebTestResult testName='b' outcome='Failed'/><NewKind testName='c' outcome='Failed'/>\
        <TestResultAggregation testName='d' outcome='Passed'><InnerResults>\
        <TestResult testName='e' outcome='NotExecuted'/></InnerResults></TestResultAggregation></Results>\
        <ResultSummary outcome='Failed'><Counters failed='2'/></ResultSummary></TestRun>";
    let ids = ["a success", "b fail", "c fail", "e skip", "d success"];
    check_ids(&mut TrxReader::new(), report, &ids);
}

#[test]
fn a_trx_that_repeats_a_failure_for_the_run_counts_it_once() {
    let info = |name: &str| {
        format!(
            "<RunInfo outcome='Error'><Text>[xUnit.net 00:00:00.39]     {name} [FAIL]</Text></RunInfo>"
        )
    };
    let report = format!(
        "<TestRun><Results><UnitTestResult testId='1' testName='N.T.Fails' outcome='Failed'/></Results>\
         <ResultSummary outcome='Failed'><Counters failed='1'/><RunInfos>{}{}</RunInfos></ResultSummary></TestRun>",
        info("N.T.Fails"),
        info("N.T.Other"),
    );
    check_ids(&mut TrxReader::new(), &report, &["N.T.Fails fail", "run fail"]);
    let text = read(&mut TrxReader::new(), &report).text;
    assert_eq!(String::from_utf8_lossy(&text), "[xUnit.net 00:00:00.39]     N.T.Fails [FAIL]\n");
}

#[test]
fn tests_of_one_name_in_two_assemblies_or_classes() {
    let xunit = "<assemblies><assembly name='/x/a.dll'><collection><test name='N.C.a' type='N.C' result='Pass'/>\
        <test name='adds' type='N.C' result='Pass'/><test name='adds' type='N.D' result='Fail'/></collection></assembly>\
        <assembly name='C:\\b.dll'><collection><test name='N.C.a' type='N.C' result='Pass'/></collection></assembly></assemblies>";
    let ids = ["N.C.a success", "adds success", "N.D.adds fail", "b.dll::N.C.a success"];
    check_ids(&mut XunitReader::new(), xunit, &ids);
    let nunit = "<test-run><test-suite type='Assembly' name='a.dll'><test-case fullname='N.C.a' result='Failed'/>\
        </test-suite><test-suite type='Assembly' name='b.dll'><test-suite type='TestFixture' name='C'>\
        <test-case fullname='N.C.a' result='Passed'/></test-suite></test-suite></test-run>";
    check_ids(&mut NunitReader::new(), nunit, &["N.C.a fail", "b.dll::N.C.a success"]);
}

#[test]
fn output_of_a_suite_or_of_the_run_says_whose_it_is() {
    let report = "<test-run result='Passed'><test-suite type='TestFixture' name='C' fullname='N.C'>\
        <test-case fullname='N.C.a' result='Passed'><output>of a</output></test-case>\
        <output>of C &lt;b></output></test-suite></test-run>";
    let found = read(&mut NunitReader::new(), report);
    let expected = ["N.C.a stdout=of a", "N.C.a success", "- N.C stdout=of C <b>"];
    assert_eq!(
        (tests(&found), found.text.is_empty()),
        (expected.map(str::to_owned).to_vec(), true)
    );
    let report = "<TestRun><Results><UnitTestResult testName='a' outcome='Passed'/></Results>\
        <ResultSummary outcome='Completed'><Output><StdOut>of all</StdOut><StdErr>err</StdErr></Output>\
        </ResultSummary></TestRun>";
    let found = read(&mut TrxReader::new(), report);
    let expected = ["a success", "- stdout=of all", "- stderr=err"];
    assert_eq!(
        (tests(&found), found.text.is_empty()),
        (expected.map(str::to_owned).to_vec(), true)
    );
}
