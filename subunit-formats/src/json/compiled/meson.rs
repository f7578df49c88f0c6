//! The log of `meson test`, `testlog.json`: an object for each test.
//!
//! By meson 1.12. There is no summary: a log that stops is not told from one that is whole.
//!
//! * Ids are `project:name`, as on the console; suites are tags. A name that comes again is the test once more.
//! * The environment is the caller's, and no part of what is told.

use subunit_core::{
    Status,
    conventions::{REASON, STDERR, STDOUT},
};

use crate::{
    events::{
        clock::seconds,
        reported::{DocumentRun, Reported},
    },
    format::{Row, Signs},
    json::object_lines::{self, ObjectLines},
    text::{json_line::Object, time},
};

/// The log of meson.
pub(crate) const ROW: Row = Row {
    name: "meson-json",
    title: "the testlog.json of meson",
    signs: Signs { json: &[r#"{"name":$,"stdout":$,"result":$,"#], ..Signs::NONE },
    ..Row::new(object_lines::reader::<Log>)
};

#[derive(Default)]
struct Log;

impl ObjectLines for Log {
    const BEGINNINGS: &'static [&'static str] = &["\"name\""];

    fn message(&mut self, test: &Object, run: &mut DocumentRun<'_, '_>) -> bool {
        let (Some(name), Some(result)) = (test.str("name"), test.str("result")) else {
            return false;
        };
        let (suites, name) = match name.split_once(" - ") {
            Some((suites, name)) if name.contains(':') => (suites, name),
            _ => ("", name),
        };
        let mut reported = Reported::of_word(name, result, |result| match result {
            "OK" => Some(Status::Success),
            "FAIL" | "ERROR" | "TIMEOUT" | "INTERRUPT" => Some(Status::Fail),
            "SKIP" | "IGNORED" => Some(Status::Skip),
            "EXPECTEDFAIL" => Some(Status::ExpectedFailure),
            "UNEXPECTEDPASS" => Some(Status::UnexpectedSuccess),
            _ => None,
        });
        suites.split('+').filter(|suite| !suite.is_empty()).for_each(|suite| reported.tag(suite));
        reported.start = test.number("starttime").and_then(time::from_seconds);
        reported.duration = test.number("duration").and_then(seconds);
        reported.file(STDOUT, test.str("stdout").unwrap_or_default());
        reported.file(STDERR, test.str("stderr").unwrap_or_default());
        if reported.status() == Status::Fail {
            let code = test.number("returncode").unwrap_or(0.0);
            let ended = match code {
                code if code < 0.0 => format!("signal {}", -code),
                code => format!("exit status {code}"),
            };
            reported.file(REASON, format!("{result}: {ended}"));
        }
        run.result(&reported);
        true
    }

    fn finish(&mut self, _run: &mut DocumentRun<'_, '_>) {}
}
