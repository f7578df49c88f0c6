//! The document that mocha's reporter `json` writes.
//!
//! By mocha 12.0. `tests` has all tests, and their results only in `pending`, `failures` and `passes`, which are read.
//!
//! * Ids are `fullTitle`; where another file had it first, the name of the file stands in front.
//! * `failures` has hooks, too, which are failures that are no tests.
//! * `stats` must be what was read.

use serde_json::Value;
use subunit_core::{Status, conventions::TRACEBACK};

use crate::{
    events::{
        clock::seconds,
        reported::{DocumentRun, Reported},
        tally::difference,
    },
    format::{Row, Signs},
    json::{
        document::{
            self, DocumentFormat,
            shape::{DocumentShape, Members},
        },
        mocha::is_hook,
    },
    text::{json_line::Object, time},
};

/// The JSON of mocha.
pub(crate) const ROW: Row = Row {
    name: "mocha-json",
    title: "the JSON of mocha",
    signs: Signs { json: SHAPE.begins, ..Signs::NONE },
    ..Row::document(document::reader::<Report>)
};

const SHAPE: DocumentShape = DocumentShape {
    begins: &[r#"{"stats":{"suites":#"#],
    lists: &[&["passes"], &["pending"], &["failures"]],
    members_of: &[],
    members: Members::Named(&["stats"]),
};

/// The statuses of the lists.
const LISTS: [Status; 3] = [Status::Success, Status::Skip, Status::Fail];

#[derive(Clone, Debug, Default)]
struct Report {
    stats: Object,
}

impl DocumentFormat for Report {
    const SHAPE: &'static DocumentShape = &SHAPE;
    const NAME: &'static str = "mocha report";

    fn element(&mut self, list: usize, test: Object, run: &mut DocumentRun<'_, '_>) {
        let status = LISTS.get(list).copied().unwrap_or(Status::Fail);
        let file = test.str("file").unwrap_or_default();
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        let places = [name, file].map(|place| match place {
            "" => String::new(),
            place => format!("{place}::"),
        });
        let title = test.str("title").unwrap_or_default();
        let id = test.str("fullTitle").unwrap_or(title);
        let mut last = Reported::new(id, status).at(places.clone());
        if status == Status::Fail && is_hook(title) {
            last.is_no_test();
        }
        let retries = test.count("currentRetry").unwrap_or(0).min(16) as u32;
        for number in 1..=retries {
            let mut attempt = Reported::new(id, Status::Fail).at(places.clone()).attempt(number);
            attempt.file("reason", "it was tried again: no more is known of this attempt");
            run.earlier(&attempt);
        }
        if retries > 0 {
            last = last.attempt(retries + 1);
        }
        let cause = test.0.get("err").and_then(Value::as_object);
        let said = |key: &str| cause?.get(key)?.as_str();
        let (message, stack) = (said("message").unwrap_or_default(), said("stack"));
        if !stack.is_some_and(|stack| stack.contains(message)) {
            last.file("message", message);
        }
        last.file(TRACEBACK, stack.unwrap_or_default());
        last.duration = test.number("duration").and_then(|millis| seconds(millis / 1e3));
        run.result(&last);
    }

    fn member(&mut self, _key: &str, value: Value, run: &mut DocumentRun<'_, '_>) {
        if let Some(stats) = Object::of(value) {
            self.stats = stats;
            run.starts_at(self.stats.str("start").and_then(time::parse_rfc3339));
        }
    }

    fn end(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let counts = run.counts();
        difference([
            ("passes", self.stats.count("passes"), counts.passed),
            ("pending", self.stats.count("pending"), counts.skipped),
            ("failures", self.stats.count("failures"), counts.failed + counts.beside),
        ])
    }
}
