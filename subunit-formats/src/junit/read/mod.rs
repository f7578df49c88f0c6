//! Reads JUnit XML.

mod attempt;
mod case;
mod cases;
mod check;
mod files;
mod outcome;
mod output;
mod results;
mod role;
mod suites;

pub(crate) use case::Case;
use check::Check;
use outcome::Outcome;
pub(crate) use output::Output;
use role::{Frame, Role};
use subunit_core::sink::{Flow, Sink};
use suites::{REPORT, Suites};

use crate::{
    events::{clock::SyntheticClock, clocked::ClockedPush, dated::Dated, ids::Ids},
    reader::FormatReader,
    text::xml::{Element, Trouble, Xml, XmlEvent},
};

/// The elements that begin a report. Some writers leave out all that should be around a case.
const ROOTS: &[&str] = &["testsuites", "testsuite", "testcase"];

/// Reads JUnit XML in every dialect, as it comes, and counts for itself.
///
/// | in the report | event |
/// |---|---|
/// | test case | `inprogress` with the times that the report names, or by a clock that adds the durations, and starts where it reaches the first date, if there is one in the next 1 MiB, else at 0; then files; then its status |
/// | `failure`, `error`, several too | `fail`; files of these names with the text, `message` and `type` where the text does not have them, numbers behind the names of the second and later |
/// | `skipped` | `skip`, with file `reason`; of types such as `pytest.xfail`, and `todo` with a failure: `xfail` |
/// | failures by the type `UnexpectedSuccess` | `uxsuccess` |
/// | `status="notrun"`, `result="skipped"` and the like | `skip`, where no child says otherwise |
/// | `flakyFailure`, `rerunError` and the like | attempts that failed, before or after the case's own, under the same id; every attempt has its tag, `attempt-1` and so on |
/// | `system-out`, `system-err` | files `stdout`, `stderr`; of a suite: without a test id, with the names of the suites in front, `db.Tests stdout` |
/// | `[[ATTACHMENT\|path]]` in output, property `attachment` | file `artifact-path` |
/// | attributes `file` and `line` | tags `file:...`, `line:...` |
/// | properties | file `properties`, a line `name=value` each; those of a suite as its output |
/// | a suite or the root counts more failures and errors than were read in it, attempts included | `fail` that is not runnable, which says so, id: the names of the suites, or `JUnit report` |
/// | failure of a suite | `fail` that is not runnable, id: the names of the suites |
/// | the root of libcheck, told by its namespace | what stands below it is read as libcheck's format, which has `suite` and `test` |
/// | cut short, entities declared, malformed | `fail` that is not runnable, id `JUnit report` |
///
/// Tests of one id in different suites or files are different tests: the second has the names of its suites, or
/// its file, in front of the id.
///
/// Memory: one test case up to 1 MiB; what is larger goes out as it comes. Beside it some 30 bytes a test, to know
/// ids again.
#[derive(Clone, Debug)]
pub struct JunitReader {
    xml: Xml,
    state: State,
    dated: Dated,
}

impl Default for JunitReader {
    fn default() -> Self {
        Self::new()
    }
}

impl JunitReader {
    /// Before the first byte.
    pub fn new() -> Self {
        Self { xml: Xml::new(ROOTS), state: State::default(), dated: Dated::default() }
    }

    /// Takes what the parser gives when it is asked to `parse`.
    fn take(
        &mut self,
        sink: &mut dyn Sink,
        parse: impl FnOnce(&mut Xml, &mut dyn FnMut(XmlEvent<'_>)),
    ) -> Flow {
        let Self { xml, state, dated } = self;
        let mut clock = state.clock;
        let mut dated = dated.over(sink);
        let mut push = ClockedPush::new(&mut dated, &mut clock);
        parse(xml, &mut |event| state.take(event, &mut push));
        let flow = push.flow();
        state.clock = clock;
        flow
    }
}

impl FormatReader for JunitReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        self.take(sink, |xml, each| xml.feed(bytes, each))
    }

    fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        self.dated.settle(sink)
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let flow = self.take(sink, Xml::finish);
        self.state = State::default();
        let released = self.dated.finish(sink);
        if flow.is_break() { flow } else { released }
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    clock: SyntheticClock,
    /// One for each open element.
    frames: Vec<Frame>,
    suites: Suites,
    ids: Ids,
    case: Option<Case>,
    /// Cases around the one that is read.
    outer: Vec<(Case, Outcome)>,
    outcome: Outcome,
    /// A file of a suite that is being read.
    output: Option<Output>,
    /// A comment in a case is being read.
    comment: bool,
    /// Text that belongs nowhere has been seen since the last tag.
    loose: bool,
    /// The document is libcheck's.
    check: Option<Check>,
}

impl State {
    fn take(&mut self, event: XmlEvent<'_>, push: &mut ClockedPush<'_>) {
        if let Some(check) = &mut self.check {
            match event {
                XmlEvent::Outside(_) | XmlEvent::Trouble(_) => {}
                _ if check.take(&event, push) => return,
                _ => return self.check = None,
            }
        }
        if !matches!(event, XmlEvent::Comment(_)) && std::mem::take(&mut self.comment) {
            self.end_file(push);
        }
        match event {
            XmlEvent::Outside(bytes) => return push.text(bytes),
            XmlEvent::Text(bytes) => return self.text(bytes, push),
            XmlEvent::Comment(bytes) => return self.comment(bytes, push),
            XmlEvent::Start(element) => self.start(element, push),
            XmlEvent::End { name, closed } => self.end(name, closed, push),
            // What may hide results is red, though all that was read is green.
            XmlEvent::Trouble(trouble) => {
                push.failure(REPORT, &trouble.to_string());
                if trouble == Trouble::Truncated {
                    self.suites.cut();
                }
            }
        }
        self.loose = false;
    }

    fn start(&mut self, element: &Element, push: &mut ClockedPush<'_>) {
        if self.frames.is_empty() && element.attribute("xmlns") == Some(check::NAMESPACE) {
            self.check = Some(Check::default());
            return;
        }
        let around = self.frames.last().copied().unwrap_or_default();
        let role = if around.file {
            Role::within_text(element.name())
        } else {
            Role::of(element.name(), self.case.is_some())
        };
        let frame = match role {
            Role::Suite => {
                self.suites.begin(element, push);
                Frame::default()
            }
            Role::Case => self.start_case(element),
            Role::Attempt(kind) => self.start_attempt(kind, element, push),
            Role::Result => self.start_result(element, push),
            Role::Output(name) => self.start_file(name, push),
            Role::Properties if self.in_case_or_suite() => self.start_file("properties", push),
            Role::Property => self.start_property(element, push),
            Role::Trace => Frame { role, file: around.file, ..Frame::default() },
            Role::Markup => {
                self.text(element.raw(), push);
                let is_empty = element.is_empty();
                Frame { role, file: around.file, is_empty, ..Frame::default() }
            }
            Role::Unknown if self.case.is_some() && around.role == Role::Case => {
                self.start_file(element.name(), push)
            }
            _ => Frame { role, file: around.file, ..Frame::default() },
        };
        self.frames.push(Frame { role, ..frame });
    }

    fn end(&mut self, name: &str, closed: bool, push: &mut ClockedPush<'_>) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        match frame.role {
            Role::Suite => self.suites.end(push),
            Role::Case => self.end_case(closed, push),
            Role::Attempt(_) => {
                if frame.begins_file {
                    self.end_result(push);
                }
                if let Some(case) = &mut self.case {
                    case.end_attempt(push);
                }
            }
            Role::Result if frame.begins_file => self.end_result(push),
            Role::Property if frame.file => self.end_property(push),
            Role::Markup if closed && !frame.is_empty => {
                self.text(format!("</{name}>").as_bytes(), push);
            }
            Role::Output(_) | Role::Properties | Role::Unknown if frame.begins_file => {
                self.end_file(push);
            }
            _ => {}
        }
    }

    fn in_case_or_suite(&self) -> bool {
        self.case.is_some() || !self.suites.is_empty()
    }
}
