//! Which format is this? Told from single lines, since output of other programs may stand in front.

use subunit_core::v1::{self, Hint};

use crate::{
    Format,
    format::Preamble,
    json::{
        document::beginning::{Begins, begins},
        jsonl,
    },
    tap,
    text::rust_output,
};

/// What a line tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Detection {
    /// The format begins with this line.
    Is(Format),
    /// The format may begin with this line; the next ones will tell.
    Maybe,
    /// What may stand in front of a format, after empty lines, and tells none alone: the program that a
    /// runner announces, tags of version 1.
    Header,
    /// A point of TAP or anybody's words, which another [sign](of_tap) of TAP tells.
    Words,
    /// Nothing: it is text.
    None,
}

/// How much a line speaks for TAP.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Sign {
    /// Not at all.
    None,
    /// `ok`, `ok then`: words that people say.
    Words,
    /// What TAP has after a point: `# Subtest: a`, `Bail out!`, a block; or a point that cannot be the first,
    /// `ok 7`: those before it were lost, or a test has printed it.
    Later,
    /// `ok 1 - a`, `ok - a`, which tests print as well.
    Point,
    /// A version, a plan, or `not ok`: what failed tells even alone.
    Sure,
}

impl Sign {
    /// Whether two such signs tell TAP.
    pub fn is_one_of_two(self) -> bool {
        self >= Self::Later
    }
}

/// How much a line speaks for TAP. A line end is no part of it.
pub fn of_tap(line: &[u8]) -> Sign {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    if line.starts_with(b"TAP version ") || is_plan(line) || is_failed_point(line) {
        return Sign::Sure;
    }
    if line == b"  ---" || line.starts_with(b"# Subtest: ") || line.starts_with(b"Bail out!") {
        return Sign::Later;
    }
    match line.strip_prefix(b"ok") {
        Some([] | [b'\r']) => Sign::Words,
        Some([b' ', rest @ ..]) => of_point(rest),
        _ => Sign::None,
    }
}

/// What a line tells of the format, by its first few thousand bytes. A line end is no part of it.
///
/// Version 2 of subunit is not among the answers: its packets are found wherever they stand.
pub fn of_line(line: &[u8]) -> Detection {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let narrow;
    let line = if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] = line {
        // UTF-16: half of the bytes of what we look for are NUL.
        narrow = line[2..].iter().copied().filter(|byte| *byte != 0).collect::<Vec<u8>>();
        &narrow
    } else {
        line
    };
    let start = line.trim_ascii();
    if find(line, b"##teamcity[") {
        return Detection::Is(Format::Teamcity);
    }
    match start.first() {
        Some(b'<') => return of_xml(start),
        Some(b'{') => return of_json(start),
        // A list that is a document; what else begins so is told by words.
        Some(b'[') if of_beginning(start) != Detection::None => return of_beginning(start),
        _ => {}
    }
    // What tests print stands in front of a document where the runner writes both to one place.
    if let Some(at) = memchr::memmem::find(line, b"{\"")
        && let detection @ Detection::Is(_) = of_beginning(&line[at..])
    {
        return detection;
    }
    // libtest writes its objects after whatever a test has printed without a line end.
    if find(line, b"{ \"type\": \"") && find(line, b"\"event\"") {
        return Detection::Is(Format::Libtest);
    }
    match of_words(line) {
        Some(format) => Detection::Is(format),
        None if is_header(line) || v1::hint(line) == Hint::MayPrecede => Detection::Header,
        None if line.starts_with(b"ok") && of_tap(line) > Sign::None => Detection::Words,
        None => Detection::None,
    }
}

/// What whole lines tell together that a run may begin with, where none of them tells alone.
pub(crate) fn of_preamble(lines: &[u8]) -> Detection {
    let mut detection = Detection::None;
    for format in Format::ALL {
        match format.row().signs.opens.map(|opens| opens(lines)) {
            Some(Preamble::Is) => return Detection::Is(format),
            Some(Preamble::Maybe) => detection = Detection::Maybe,
            Some(Preamble::None) | None => {}
        }
    }
    detection
}

/// The format that a line tells in the midst of other output, where a test may print anything that looks
/// like a result: only what a document or a whole run begins with tells there.
pub fn unambiguous(line: &[u8]) -> Option<Format> {
    let begins = match line {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'{', ..] => true,
        [b'<', ..] => !line.starts_with(b"<testcase"),
        _ => Format::ALL.into_iter().any(|format| format.row().signs.is_first(line)),
    };
    if !begins {
        return None;
    }
    match of_line(line) {
        Detection::Is(format) => Some(format),
        Detection::Maybe | Detection::Header | Detection::Words | Detection::None => None,
    }
}

/// Whether what tells the format may stand in the lines that follow: the line end of UTF-16 is not seen as one.
pub fn may_go_on_beyond(lines: &[u8]) -> bool {
    matches!(lines, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) && of_line(lines) == Detection::Maybe
}

/// Whether a line that begins so may tell a format [beyond doubt](unambiguous).
pub fn may_begin(first: u8) -> bool {
    static BEGIN: [bool; 256] = beginnings();
    BEGIN.get(usize::from(first)).copied().unwrap_or_default()
}

/// The bytes that [what tells beyond doubt](unambiguous) begins with.
const fn beginnings() -> [bool; 256] {
    let mut begin = [false; 256];
    (begin[0xFF], begin[0xFE]) = (true, true);
    (begin[b'<' as usize], begin[b'{' as usize]) = (true, true);
    let mut nth = 0;
    while nth < Format::ALL.len() {
        let mut words = Format::ALL[nth].row().signs.first;
        while let [word, rest @ ..] = words {
            if let [first, ..] = word.as_bytes() {
                begin[*first as usize] = true;
            }
            words = rest;
        }
        nth += 1;
    }
    begin
}

/// Whether one of these lines is what `prove` writes above the points of a script.
pub fn announce_points(lines: &[u8]) -> bool {
    lines.split(|byte| *byte == b'\n').any(|line| tap::is_header(line.trim_ascii_end()))
}

/// What `cargo test` and `prove -v` write above the output of each program, or in its place: `prove`
/// names scripts that it skipped even where it shows no results of others.
fn is_header(line: &[u8]) -> bool {
    let cargo = find(line, b"Running") || find(line, b"Doc-tests ");
    let prove = line.ends_with(b"..") || find(line, b".. skipped: ");
    cargo && rust_output::program(line).is_some() || prove && tap::is_header(line)
}

/// Whether a line may tell something once it is whole; `start` is what there is of it.
pub fn may_tell(start: &[u8]) -> bool {
    let blank = start.trim_ascii_start();
    of_line(start) != Detection::None
        || Format::ALL.into_iter().any(|format| format.row().signs.may_tell(start))
        || "\u{feff}".as_bytes().starts_with(start)
        || matches!(blank.first(), None | Some(b'<' | b'{'))
        || matches!(start, [0xFF | 0xFE, ..])
}

/// Whether a line may be one of a format's that is read already, once it is whole; `start` is what there is of it.
pub fn may_go_on(start: &[u8]) -> bool {
    const FIRST: [&str; 5] = ["test ", "pragma", "Bail out!", "...", "---"];
    let is_first =
        |word: &str| start.starts_with(word.as_bytes()) || word.as_bytes().starts_with(start);
    let [first, ..] = start else { return true };
    // Blocks are indented; comments and results of TAP and its like begin with these.
    first.is_ascii_whitespace()
        || first.is_ascii_digit()
        || b"#[]{}<".contains(first)
        || FIRST.into_iter().any(is_first)
        || may_tell(start)
}

fn of_xml(start: &[u8]) -> Detection {
    let is_root = |root: &str| {
        memchr::memmem::find(start, root.as_bytes()).is_some_and(|at| {
            let after = start.get(at + root.len());
            after.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
        })
    };
    let has_root = |format: &Format| format.row().signs.roots.iter().any(|root| is_root(root));
    let of_root = Format::ALL.into_iter().find(has_root);
    // CppUnit's root has the name of TRX's, and no attributes: what is in it tells.
    if start.trim_ascii_end().ends_with(b"<TestRun>") {
        return Detection::Maybe;
    }
    match of_root {
        Some(Format::Trx) if find(start, b"<TestRun>") && is_root("<FailedTests") => {
            Detection::Is(Format::CppunitXml)
        }
        Some(Format::Trx) if find(start, b"<TestRun>") && is_root("<SuccessfulTests") => {
            Detection::Is(Format::CppunitXml)
        }
        Some(format) => Detection::Is(format),
        None if start.starts_with(b"<?xml") || start.starts_with(b"<!") => Detection::Maybe,
        None => Detection::None,
    }
}

fn of_json(start: &[u8]) -> Detection {
    let has = |key: &str| find(start, key.as_bytes());
    if has("\"$report_type\"") {
        return Detection::Is(Format::Reportlog);
    }
    if has("\"Action\":") && (has("\"Package\":") || has("\"Time\":") || has("\"ImportPath\":"))
        || is_nameless_go(start)
    {
        return Detection::Is(Format::Gojson);
    }
    if jsonl::begins_object(start) {
        return Detection::Is(Format::Jsonl);
    }
    if has("\"type\":") && has("\"event\":") {
        return Detection::Is(Format::Libtest);
    }
    if has("\"CTRF\"") || has("\"results\"") && has("\"tool\"") {
        return Detection::Is(Format::Ctrf);
    }
    let beginning = of_beginning(start);
    if beginning != Detection::None {
        return beginning;
    }
    // The first lines of a document that is written for people.
    let opens = start.len() <= 2 || has("\"results\"") || has("\"reportFormat\"");
    if opens { Detection::Maybe } else { Detection::None }
}

/// What the first keys of a document tell.
fn of_beginning(start: &[u8]) -> Detection {
    let mut detection = Detection::None;
    for format in Format::ALL {
        match begins(start, format.row().signs.json) {
            Begins::Yes => return Detection::Is(format),
            Begins::Perhaps => detection = Detection::Maybe,
            Begins::No => {}
        }
    }
    detection
}

/// Whether an object is one of `go tool test2json`, which knows no package unless it is told.
fn is_nameless_go(start: &[u8]) -> bool {
    const ACTIONS: [&[u8]; 9] =
        [b"start", b"run", b"output", b"pass", b"fail", b"skip", b"bench", b"pause", b"cont"];
    let Some(action) = start.strip_prefix(b"{\"Action\":\"") else { return false };
    ACTIONS.iter().any(|word| {
        let behind = action.strip_prefix(*word).and_then(|rest| rest.strip_prefix(b"\""));
        behind.is_some_and(|behind| behind == b"}" || behind.starts_with(b",\""))
    })
}

/// What words tell: those that several formats have are asked for first, in this order.
fn of_words(line: &[u8]) -> Option<Format> {
    let is = |pattern: bool, format| pattern.then_some(format);
    is(of_tap(line) == Sign::Sure, Format::Tap)
        .or_else(|| is(find(line, b"KTAP version ") || tap::is_kernel_version(line), Format::Ktap))
        .or_else(|| is(v1::hint(line) == Hint::Is, Format::SubunitV1))
        .or_else(|| Format::ALL.into_iter().find(|format| format.row().signs.tell(line)))
}

/// `1..7`, perhaps with a reason after it.
fn is_plan(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"1..") else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && matches!(rest.get(digits), None | Some(b' ' | b'\r'))
}

/// `not ok 7 - broken`.
fn is_failed_point(line: &[u8]) -> bool {
    match line.strip_prefix(b"not ok") {
        Some([] | [b'\r']) => true,
        Some([b' ', next, ..]) => !next.is_ascii_whitespace(),
        _ => false,
    }
}

/// What follows `ok `. It is none where `go test` writes so of a package: `ok  \tpackage\t0.01s`.
fn of_point(rest: &[u8]) -> Sign {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, behind) = rest.split_at(digits);
    match behind {
        [] if digits == 0 => Sign::None,
        [next, ..] if digits == 0 && next.is_ascii_whitespace() => Sign::None,
        [next, ..] if digits > 0 && !next.is_ascii_whitespace() => Sign::Words,
        _ if digits > 0 => {
            if number == b"1" {
                Sign::Point
            } else {
                Sign::Later
            }
        }
        [b'-'] | [b'-', b' ', ..] | [b'#', ..] => Sign::Point,
        _ => Sign::Words,
    }
}

fn find(line: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(line, what).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_of_formats() {
        for (line, format) in [
            ("<testsuites>", Format::Junit),
            ("<?xml version=\"1.0\"?><testsuite name=\"a\">", Format::Junit),
            ("\u{feff}<TestRun id=\"1\">", Format::Trx),
            ("<assemblies>", Format::Xunit),
            ("<test-run id=\"0\">", Format::Nunit),
            ("<test-results name=\"a.dll\">", Format::Nunit),
            (r#"{"id":{"started":{}},"children":["#, Format::Bazel),
            (r#"{"protocolVersion":"0.1.1","runnerVersion":"1.24.0""#, Format::Dart),
            ("{\n  \"devices\" : [\n    {\n      \"architecture\" : ", Format::Xcresult),
            (r#"{"testNodes":["#, Format::Xcresult),
            ("INSTRUMENTATION_STATUS: class=a.B", Format::Instrumentation),
            ("<robot generator=\"Robot 7.5\">", Format::RobotXml),
            ("<Catch name=\"c2\">", Format::Catch2Xml),
            ("<Catch2TestRun name=\"c2\">", Format::Catch2Xml),
            ("<doctest binary=\"./dt\">", Format::DoctestXml),
            ("<TestLog><TestSuite name=\"m\">", Format::BoostXml),
            ("<TestResult><TestSuite name=\"m\">", Format::BoostXml),
            ("<TestCase name=\"Weird\">", Format::QttestXml),
            ("<testng-results total=\"1\">", Format::TestngXml),
            ("<Site BuildName=\"Linux\"", Format::CtestXml),
            ("<TestRun>\n  <FailedTests>", Format::CppunitXml),
            ("TAP version 14", Format::Tap),
            ("1..0 # skipped", Format::Tap),
            ("not ok 1 - a # TODO", Format::Tap),
            ("not ok", Format::Tap),
            ("[    0.060000][    T1] KTAP version 1", Format::Ktap),
            ("[    0.060000] TAP version 14", Format::Ktap),
            (" TAP version 14", Format::Ktap),
            (r#"{"Time":"2026","Action":"run","Package":"p"}"#, Format::Gojson),
            (r#"{"Action":"start"}"#, Format::Gojson),
            (r#"{"Action":"run","Test":"TestA"}"#, Format::Gojson),
            (r#"{ "type": "suite", "event": "started", "test_count": 2 }"#, Format::Libtest),
            (r#"raw{ "type": "test", "event": "ok" }"#, Format::Libtest),
            (r#"{"type":"event","test_id":"a","runnable":true}"#, Format::Jsonl),
            (r#"{"test_id": "a", "type" : "event"}"#, Format::Jsonl),
            (r#"{"pytest_version": "8", "$report_type": "SessionStart"}"#, Format::Reportlog),
            (r#"{"reportFormat":"CTRF","specVersion":"0.0.0"}"#, Format::Ctrf),
            (r#"{"numFailedTestSuites":4,"numFailedTests":8"#, Format::JestJson),
            (r#"printed{"numTotalTestSuites":9,"numPassedTestSuites":2"#, Format::JestJson),
            ("{\n  \"config\": {\n    \"argv\": [", Format::PlaywrightJson),
            ("{\n  \"tests\": 23,\n  \"failures\": 9,\n  \"disabled\": 1,", Format::GtestJson),
            (r#"{"version":"3.12.0","messages":["#, Format::RspecJson),
            ("{\n  \"stats\": {\n    \"suites\": 4,", Format::MochaJson),
            ("[\n{\"keyword\": \"Feature\", \"name\": \"w\"", Format::CucumberJson),
            ("[\n  {\n    \"description\": \"\",\n    \"elements\": [", Format::CucumberJson),
            (r#"{"meta":{"protocolVersion":"32.2.0""#, Format::CucumberMessages),
            (r#"{"name": "w:a", "stdout": "x", "result": "OK", "is_fail""#, Format::MesonJson),
            ("test_a.py::test_b ##teamcity[testStarted name='b']", Format::Teamcity),
            ("running 1 test", Format::Cargo),
            ("FAIL\texample.com/a [build failed]", Format::Go),
            ("ok  \tencoding/json\t0.003s", Format::Go),
            ("=== RUN   TestA", Format::Go),
            ("==== test session starts ====", Format::Pytest),
            ("2 passed, 1 skipped in 0.04s", Format::Pytest),
            ("..sx            [100%]", Format::Pytest),
            ("test_a (m.C.test_a) ... ok", Format::Unittest),
            ("Ran 4 tests in 0.000s", Format::Unittest),
            ("FAIL: test_a (m.C.test_a)", Format::Unittest),
            ("PASS b/green.test.js", Format::Jest),
            ("Test Suites: 1 failed, 1 total", Format::Jest),
            ("\u{1b}[46m RUN \u{1b}[49m v4.1.12 /src", Format::Vitest),
            ("[==========] Running 2 tests from 1 test suite.", Format::Gtest),
            ("Test project /src/build", Format::Ctest),
            ("Finished in 0.07 seconds (files took 0.6 seconds to load)", Format::Rspec),
            ("PHPUnit 9.6.7 by Sebastian Bergmann and contributors.", Format::Phpunit),
            ("  8 passing (385ms)", Format::MochaConsole),
            ("\u{25b6} group", Format::Node),
            ("c2 is a Catch v2.13.10 host application.", Format::Catch2),
            ("[doctest] doctest version is \"2.4.9\"", Format::Doctest),
            ("\u{1b}[34;1mw.bats", Format::Bats),
            (" Nextest run ID 7e01 with nextest profile: default", Format::Nextest),
            ("# Running:", Format::Minitest),
            ("Loaded suite tu", Format::TestUnit),
            ("running 8 tests from ./w_test.ts", Format::Deno),
            ("ok | 1 passed | 0 failed | 1 ignored (6ms)", Format::Deno),
            ("fails => ./w_test.ts:2:6", Format::Deno),
            ("[INFO]  T E S T S", Format::Surefire),
            ("[\u{1b}[1;34mINFO\u{1b}[m] \u{1b}[1mBUILD FAILURE\u{1b}[m", Format::Surefire),
            ("[ERROR] Tests run: 1, Failures: 1, Errors: 0, Skipped: 0", Format::Surefire),
            ("> Task :app:testDebugUnitTest", Format::Gradle),
            (":compileJava NO-SOURCE", Format::Gradle),
            ("BUILD FAILED in 16s", Format::Gradle),
            ("bun test v1.4.5 (a7733435c)", Format::Bun),
            ("Test run for /src/A.dll (.NETCoreApp,Version=v8.0)", Format::Dotnet),
            ("USING RUNNER: behave.runner:Runner", Format::Behave),
            ("1 feature passed, 0 failed, 0 skipped", Format::Behave),
            ("1) Scenario: fails <b> (attempt 2) # features/w.feature:9", Format::Cucumber),
            ("3 scenarios (1 failed, 2 passed)", Format::Cucumber),
            (" 2/12 weird:fails            FAIL            0.04s   exit status 1", Format::Meson),
            ("Running 2 tests using 1 worker", Format::Playwright),
            ("Running ExUnit with seed: 0, max_cases: 16", Format::Exunit),
            ("Finished in 0.3 seconds (0.00s async, 0.3s sync)", Format::Exunit),
            ("\u{1b}[36m\u{2514}\u{2500}\u{1b}[0m JUnit Jupiter \u{2714}", Format::JunitConsole),
            ("'-- JUnit Jupiter [OK]", Format::JunitConsole),
            ("Test run finished after 730 ms", Format::JunitConsole),
            ("[main] INFO org.testng.internal.Utils - [TestNG] Running:", Format::Testng),
            ("Total tests run: 2, Passes: 1, Failures: 1, Skips: 0", Format::Testng),
            ("Running suite 'Cart' with 7 tests.", Format::Robot),
            ("9 specs, 5 failures, 2 pending specs", Format::Jasmine),
            ("  \u{2718} [fail]: adds", Format::Ava),
            ("  - [todo] cart \u{203a} adds", Format::Ava),
            ("  \u{2500}", Format::Ava),
            ("********* Start testing of Cart *********", Format::Qttest),
            ("Running 18 test cases...", Format::Boost),
            ("test: a", Format::SubunitV1),
            ("\t\t=== gcc tests ===", Format::Dejagnu),
            (":test-result: PASS a", Format::Automake),
            (":global-test-result: PASS", Format::Automake),
            ("make  check-TESTS", Format::Automake),
            ("PASS: LLVM :: a/b.ll (1 of 7)", Format::Lit),
        ] {
            assert_eq!(of_line(line.as_bytes()), Detection::Is(format), "{line}");
        }
        let utf16: Vec<u8> =
            "\u{feff}<TestRun id='1'>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(of_line(&utf16), Detection::Is(Format::Trx));
    }

    #[test]
    fn first_lines_that_tell_together() {
        let rule = "=".repeat(78);
        let name = format!("{:78}", "Cart");
        for (lines, detection) in [
            (vec![rule.as_str()], Detection::Maybe),
            (vec![rule.as_str(), &name], Detection::Maybe),
            (vec![rule.as_str(), &name, &rule], Detection::Is(Format::Robot)),
            (vec![rule.as_str(), &name, "1 passed"], Detection::None),
            (vec![rule.as_str(), "Cart"], Detection::None),
            (vec!["  1) test adds (CartTest)"], Detection::Maybe),
            (
                vec!["  1) test adds (CartTest)", "     test/cart_test.exs:3"],
                Detection::Is(Format::Exunit),
            ),
            (vec!["  1) test adds (CartTest)", "     boom"], Detection::None),
            (vec!["Started"], Detection::Maybe),
            (vec!["Started", ""], Detection::Maybe),
            (vec!["Started", "\u{1b}[32m.\u{1b}[0mF"], Detection::Is(Format::Jasmine)),
            (vec!["Started", "listening"], Detection::None),
            (vec!["Started late"], Detection::None),
            (vec!["compiling"], Detection::None),
        ] {
            for end in ["\n", "\r\n"] {
                let lines: String = lines.iter().map(|line| format!("{line}{end}")).collect();
                assert_eq!(of_preamble(lines.as_bytes()), detection, "{lines}");
            }
        }
    }

    #[test]
    fn the_beginning_of_a_line_that_tells_may_tell() {
        for line in [
            &b"  <testsuites>"[..],
            b"TAP version 14",
            b"1..0 # skipped",
            b"not ok 1 - a # TODO",
            b"[    0.060000][    T1] KTAP version 1",
            b"[    0.060000] TAP version 14",
            b"{\"Time\":\"2026\",\"Action\":\"run\",\"Package\":\"p\"}",
            b"raw{ \"type\": \"test\", \"event\": \"ok\" }",
            b"\xff\xfe<\0T\0e\0s\0t\0R\0u\0n\0",
            b"raw##teamcity[testStarted name='b']",
            b"running 1 test",
            b"FAIL\texample.com/a [setup failed]",
            b"uxsuccess: a",
            b"successful: a",
            b"\t\t=== gcc tests ===",
            b":test-result: PASS a",
            b"make  check-TESTS",
            b"PASS: LLVM :: a/b.ll (1 of 7)",
        ] {
            let telling = [&b"{"[..], b"#", b"KTAP", b"TAP "].into_iter();
            let telling = telling.filter_map(|word| memchr::memmem::find(line, word)).min();
            let telling = telling.unwrap_or(0);
            for cut in telling + 1..=line.len() {
                assert!(may_tell(&line[..cut]), "{}", line[..cut].escape_ascii());
            }
        }
        for prompt in [
            "(Pdb) ",
            "> ",
            "? ",
            "... ",
            "% ",
            "[y/n] ",
            ">>> ",
            "Continue? ",
            "login: ",
            "$ ",
            "# ",
            "compiling",
        ] {
            assert!(!may_tell(prompt.as_bytes()), "{prompt}");
        }
    }

    #[test]
    fn lines_that_tell_nothing() {
        for line in [
            // bats and ExUnit.
            "2 tests, 0 failures, 1 skipped",
            "",
            "compiling...",
            "okay",
            "1..x",
            "<html>",
            "<testsuitesque>",
            "{\"level\":\"info\"}",
            "running tests",
            "make check",
            "test result",
            "error: could not compile `a`",
            "testing: warning: no tests to run",
            "words of TAP version 14",
            "success: all done",
            "skip: nothing to do",
            "time: soon",
        ] {
            assert_eq!(of_line(line.as_bytes()), Detection::None, "{line}");
        }
    }

    #[test]
    fn what_tells_in_the_midst_of_other_output() {
        for (line, format) in [
            ("<testsuites>", Format::Junit),
            (r#"{"Time":"2026","Action":"run","Package":"p"}"#, Format::Gojson),
            ("TAP version 14", Format::Tap),
            ("##teamcity[testStarted name='b']", Format::Teamcity),
            ("running 1 test", Format::Cargo),
            ("\t\t=== gcc tests ===", Format::Dejagnu),
            (":test-result: PASS a", Format::Automake),
            ("-- Testing: 2 tests, 1 workers --", Format::Lit),
        ] {
            assert_eq!(unambiguous(line.as_bytes()), Some(format), "{line}");
            assert!(may_begin(line.as_bytes()[0]), "{line}");
        }
        for line in ["ok 1 - a", "1..2", "test: a", "<html>", "{", "##teamcity[progressStart 'a']"]
        {
            assert_eq!(unambiguous(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn lines_above_the_output_of_a_program() {
        for line in [
            "\x1b[1m\x1b[92m     Running\x1b[0m tests/a.rs (target/debug/deps/a-0123456789abcdef)",
            "   Doc-tests a_b",
            "t/die.t ..",
            "t/net.t ... skipped: no network",
            "[07:20:11] t/ok.t ....",
            "tags: a -b",
            "progress: +3",
        ] {
            assert_eq!(of_line(line.as_bytes()), Detection::Header, "{line}");
        }
        assert!(announce_points(b"make: a\nt/die.t ..\n\n") && !announce_points(b"tags: a\n"));
        for line in ["Running late", "Loading ..", "t/a.t .. ok"] {
            assert_eq!(of_line(line.as_bytes()), Detection::None, "{line}");
        }
    }

    #[test]
    fn how_much_lines_speak_for_tap() {
        for (line, sign) in [
            ("TAP version 14", Sign::Sure),
            ("1..3", Sign::Sure),
            ("not ok 7 - a", Sign::Sure),
            ("not ok", Sign::Sure),
            ("ok 1", Sign::Point),
            ("ok 1 - a", Sign::Point),
            ("ok - a", Sign::Point),
            ("ok # SKIP a", Sign::Point),
            ("ok 7 printed", Sign::Later),
            ("ok 12", Sign::Later),
            ("Bail out!", Sign::Later),
            ("# Subtest: a", Sign::Later),
            ("  ---", Sign::Later),
            ("ok", Sign::Words),
            ("ok then", Sign::Words),
            ("ok -v", Sign::Words),
            ("ok 2nd", Sign::Words),
            ("ok  \tencoding/json\t0.003s", Sign::None),
            ("okay", Sign::None),
            ("not okay", Sign::None),
            ("# comment", Sign::None),
        ] {
            assert_eq!(of_tap(line.as_bytes()), sign, "{line}");
            let is_words = line.starts_with("ok") && sign != Sign::None;
            assert_eq!(of_line(line.as_bytes()) == Detection::Words, is_words, "{line}");
        }
    }

    #[test]
    fn lines_that_may_be_a_beginning() {
        for line in
            ["<?xml version=\"1.0\"?>", "<!-- made by x -->", "{", "{\"results\":{", "[", "[ {"]
        {
            assert_eq!(of_line(line.as_bytes()), Detection::Maybe, "{line}");
        }
    }
}
