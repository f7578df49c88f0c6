//! The `output.xml` of Robot Framework.
//!
//! By Robot Framework 7.5; versions 3 to 6 name times otherwise (`starttime`, `endtime`).
//!
//! * Ids are `Suite.Sub suite.Test`, which robot takes after `--test`. Tags are tags.
//! * The messages of keywords are the file `log` of their test, with their levels.
//! * A suite whose tear-down failed makes its tests fail without changing what is said of them: a failure that is no test, and
//!   what `statistics` count more than was read is that.
//! * `statistics` must be what was read, and the messages of `errors` are output of the run.

use std::time::Duration;

use subunit_core::{Status, Timestamp, conventions::REASON};

use crate::{
    events::{
        clock::seconds,
        reported::{DocumentRun, Reported},
        tally::difference,
    },
    format::{Row, Signs},
    text::{time, xml::Element},
    xml::reader::{self, EndedElement, Path, XmlReport, tell},
};

/// The `output.xml` of Robot Framework.
pub(crate) const ROW: Row = Row {
    name: "robot-xml",
    title: "the output.xml of Robot Framework",
    signs: Signs { roots: &["<robot"], ..Signs::NONE },
    ..Row::document(reader::reader::<Output>)
};

/// The messages of a test are kept up to this size; what is more is passed through.
const MOST_LOG: usize = 16 << 20;

/// What is known of an output. Memory: the suites around, and one test.
#[derive(Default)]
struct Output {
    suites: Vec<Suite>,
    test: Option<Test>,
    /// The attributes of the innermost `msg`, `status` and `stat`.
    level: String,
    status: Ending,
    stat: Stat,
    total: Option<Stat>,
    /// Tests that passed, and that their suite's tear-down made fail.
    torn_down: u64,
}

#[derive(Default)]
struct Suite {
    name: String,
    /// Tests in it that passed by what is said of them, and have not failed by a tear-down.
    passed: u64,
}

struct Test {
    name: String,
    tags: Vec<String>,
    log: Vec<u8>,
    ending: Option<(Ending, String)>,
}

/// What an element `status` says by its attributes.
#[derive(Clone, Default)]
struct Ending {
    word: String,
    start: Option<Timestamp>,
    duration: Option<Duration>,
}

#[derive(Clone, Default)]
struct Stat {
    pass: Option<u64>,
    fail: Option<u64>,
    skip: Option<u64>,
}

impl XmlReport for Output {
    const NAME: &'static str = "robot output";
    const ROOTS: &'static [&'static str] = &["robot"];

    fn start(&mut self, element: &Element, path: &Path, _run: &mut DocumentRun<'_, '_>) {
        let text = |key: &str| element.attribute(key).unwrap_or_default();
        let count = |key: &str| element.attribute(key).and_then(|count| count.parse().ok());
        match element.name() {
            "suite" if !path.is_in("statistics") => {
                self.suites.push(Suite { name: text("name").to_owned(), passed: 0 });
            }
            "test" => {
                let name = text("name").to_owned();
                self.test = Some(Test { name, tags: Vec::new(), log: Vec::new(), ending: None });
            }
            "msg" => text("level").clone_into(&mut self.level),
            "status" => self.status = Ending::of(element),
            "stat" => {
                self.stat = Stat { pass: count("pass"), fail: count("fail"), skip: count("skip") };
            }
            _ => {}
        }
    }

    fn end(&mut self, ended: EndedElement<'_>, path: &Path, run: &mut DocumentRun<'_, '_>) {
        match (ended.name, path.parent()) {
            ("suite", parent) if parent != "statistics" => self.end_suite(),
            ("test", _) => self.end_test(ended.closed, run),
            ("msg", parent) => self.message(&ended, parent, run),
            ("tag", "test" | "tags") => {
                if let Some(test) = &mut self.test {
                    test.tags.push(ended.trimmed());
                }
            }
            ("status", "test") => {
                let ending = (std::mem::take(&mut self.status), ended.trimmed());
                if let Some(test) = &mut self.test {
                    test.ending = Some(ending);
                }
            }
            ("status", "suite") => self.suite_status(&ended.trimmed(), run),
            // Versions up to 3 count critical tests as well, before all tests.
            ("stat", "total") => self.total = Some(self.stat.clone()),
            _ => {}
        }
    }

    fn whole(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String> {
        let (output, counts) = (std::mem::take(self), run.counts());
        let Some(total) = output.total else { return Some("it has no statistics".to_owned()) };
        difference([
            ("passed", total.pass, counts.passed - output.torn_down),
            ("failed", total.fail, counts.failed + output.torn_down),
            ("skipped", total.skip, counts.skipped),
        ])
    }
}

impl Output {
    fn end_suite(&mut self) {
        let ended = self.suites.pop();
        if let (Some(ended), Some(around)) = (ended, self.suites.last_mut()) {
            around.passed += ended.passed;
        }
    }

    /// A suite says something of its own only where its set-up or its tear-down failed.
    fn suite_status(&mut self, message: &str, run: &mut DocumentRun<'_, '_>) {
        if self.status.word != "FAIL" || message.is_empty() {
            return;
        }
        let id = self.suite_id();
        run.failure(&id, message);
        if let Some(suite) = self.suites.last_mut() {
            self.torn_down += std::mem::take(&mut suite.passed);
        }
    }

    fn suite_id(&self) -> String {
        self.suites.iter().map(|suite| suite.name.as_str()).collect::<Vec<_>>().join(".")
    }

    fn message(&mut self, ended: &EndedElement<'_>, parent: &str, run: &mut DocumentRun<'_, '_>) {
        let line = format!("{}: {}\n", self.level, String::from_utf8_lossy(&ended.text));
        match &mut self.test {
            Some(test) if test.log.len() + line.len() <= MOST_LOG => {
                test.log.extend_from_slice(line.as_bytes());
            }
            None if parent == "errors" => run.output("errors", line.as_bytes()),
            _ => run.text(line.as_bytes()),
        }
    }

    fn end_test(&mut self, closed: bool, run: &mut DocumentRun<'_, '_>) {
        let Some(test) = self.test.take() else { return };
        let id = format!("{}.{}", self.suite_id(), test.name);
        let (ending, message) = test.ending.unwrap_or_default();
        let mut reported = Reported::of_word(id, &ending.word, |word| match word {
            "PASS" => Some(Status::Success),
            "FAIL" => Some(Status::Fail),
            "SKIP" | "NOT RUN" => Some(Status::Skip),
            _ => None,
        });
        (reported.start, reported.duration) = (ending.start, ending.duration);
        test.tags.iter().for_each(|tag| reported.tag(tag));
        reported.file("log", test.log);
        let name = match reported.status() {
            Status::Fail => "failure",
            _ => REASON,
        };
        reported.file(name, message);
        if reported.status() == Status::Success
            && closed
            && let Some(suite) = self.suites.last_mut()
        {
            suite.passed += 1;
        }
        tell(reported, closed, run);
    }
}

impl Ending {
    fn of(element: &Element) -> Self {
        let word = element.attribute("status").unwrap_or_default().to_owned();
        let start = element.attribute("start").and_then(time::parse_zoneless);
        let start = start.or_else(|| old_time(element.attribute("starttime")?));
        let elapsed = element.attribute("elapsed").and_then(|elapsed| elapsed.parse().ok());
        let stop = element.attribute("endtime").and_then(old_time);
        let duration = elapsed.and_then(seconds).or_else(|| stop?.since(start?));
        Self { word, start, duration }
    }
}

/// `20200131 12:00:00.123`, as versions 3 to 6 write times.
fn old_time(text: &str) -> Option<Timestamp> {
    let (day, time) = text.split_once(' ')?;
    let (year, month, day) = (day.get(..4)?, day.get(4..6)?, day.get(6..)?);
    time::parse_zoneless(&format!("{year}-{month}-{day}T{time}"))
}
