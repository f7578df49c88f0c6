//! Reads JUnit XML.

use subunit_core::{
    Event, FileChunk, Status,
    sink::{Flow, Sink},
};

use super::{
    case::{Case, Kind, Push, TEXT},
    check::{self, Check},
    frames::{Frame, Outcome, Role, Suite},
    output::Output,
    values::{self, JOINT},
};
use crate::formats::{
    FormatReader,
    clock::SyntheticClock,
    xml::{Element, Trouble, Xml, XmlEvent},
};

/// The elements that begin a report. Some writers leave out all that should be around a case.
const ROOTS: &[&str] = &["testsuites", "testsuite", "testcase"];

/// Suites are named in ids; no name is longer than this many bytes there.
const LONGEST_NAME: usize = 4096;
/// What stands for the name of a suite that has none.
const UNNAMED: &str = "testsuite";

/// Reads JUnit XML in every dialect, as it comes, and counts for itself: the counts in reports lie.
///
/// | in the report | event |
/// |---|---|
/// | test case | `inprogress` with the times that the report names, or by a clock that starts in 2000 and adds the durations; then files; then its status |
/// | `failure`, `error`, several too | `fail`; files of these names with the text, `message` and `type` where the text does not have them, numbers behind the names of the second and later |
/// | `skipped` | `skip`, with file `reason`; of types such as `pytest.xfail`, and `todo` with a failure: `xfail` |
/// | failures by the type `UnexpectedSuccess` | `uxsuccess` |
/// | `status="notrun"`, `result="skipped"` and the like | `skip`, where no child says otherwise |
/// | `flakyFailure`, `rerunError` and the like | attempts that failed, before or behind the case's own, under the same id; tag `attempt:2` and so on |
/// | `system-out`, `system-err` | files `stdout`, `stderr`; of a suite: without a test id |
/// | `[[ATTACHMENT\|path]]` in output, property `attachment` | file `artifact-path` |
/// | attributes `file` and `line` | tags `file:...`, `line:...` |
/// | properties | file `properties`, a line `name=value` each |
/// | failure of a suite | `fail` that is not runnable, id: the names of the suites |
/// | the root of libcheck, told by its namespace | what stands below it is read as libcheck's format, which has `suite` and `test` |
/// | cut short, entities declared, malformed | `fail` that is not runnable, id `JUnit report` |
///
/// Memory: one test case up to 1 MiB; what is larger goes out as it comes.
#[derive(Clone, Debug)]
pub struct JunitReader {
    xml: Xml,
    state: State,
}

impl Default for JunitReader {
    fn default() -> Self {
        Self::new()
    }
}

impl JunitReader {
    /// Before the first byte.
    pub fn new() -> Self {
        Self { xml: Xml::new(ROOTS), state: State::default() }
    }
}

impl FormatReader for JunitReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let Self { xml, state } = self;
        let mut clock = state.clock;
        let mut push = Push { sink, clock: &mut clock, flow: Flow::Continue(()) };
        xml.feed(bytes, &mut |event| state.take(event, &mut push));
        let flow = push.flow;
        state.clock = clock;
        flow
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let Self { xml, state } = self;
        let mut clock = state.clock;
        let mut push = Push { sink, clock: &mut clock, flow: Flow::Continue(()) };
        xml.finish(&mut |event| state.take(event, &mut push));
        let flow = push.flow;
        *state = State::default();
        flow
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    clock: SyntheticClock,
    /// One for each open element.
    frames: Vec<Frame>,
    suites: Vec<Suite>,
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
    fn take(&mut self, event: XmlEvent<'_>, push: &mut Push<'_>) {
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
            XmlEvent::Trouble(trouble) => trouble_event("JUnit report", trouble, push),
        }
        self.loose = false;
    }

    fn start(&mut self, element: &Element, push: &mut Push<'_>) {
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
            Role::Suite => self.start_suite(element, push),
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

    fn end(&mut self, name: &str, closed: bool, push: &mut Push<'_>) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        match frame.role {
            Role::Suite => self.end_suite(push),
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

    fn start_suite(&mut self, element: &Element, push: &mut Push<'_>) -> Frame {
        if let Some(start) = element.attribute("timestamp").and_then(values::timestamp) {
            *push.clock = SyntheticClock::new(start);
        }
        self.suites.push(Suite::new(element, LONGEST_NAME));
        Frame::default()
    }

    fn end_suite(&mut self, push: &mut Push<'_>) {
        let id = self.suite_id();
        let Some(suite) = self.suites.pop() else {
            return;
        };
        if suite.cases == 0 && suite.claims > 0 {
            let claims = suite.claims;
            let reason =
                format!("the suite counts {claims} failures and errors and holds no test case");
            push.failure(&id, &reason);
        }
        if let Some(outer) = self.suites.last_mut() {
            outer.cases += suite.cases + suite.claims;
        }
    }

    fn start_case(&mut self, element: &Element) -> Frame {
        if let Some(case) = self.case.take() {
            self.outer.push((case, std::mem::take(&mut self.outcome)));
        }
        if let Some(suite) = self.suites.last_mut() {
            suite.cases += 1;
        }
        let mut case = Case::new(&self.case_id(element));
        case.main.start = element.attribute("timestamp").and_then(values::timestamp);
        case.main.duration = element.attribute("time").and_then(values::seconds);
        for (tag, names) in [("file", ["file", "filepath"]), ("line", ["line", "lineno"])] {
            if let Some(value) = element.first_of(&names) {
                case.tag(&format!("{tag}:{}", values::cut(value, LONGEST_NAME)));
            }
        }
        self.outcome = Outcome::of_attributes(element);
        self.case = Some(case);
        Frame::default()
    }

    fn end_case(&mut self, closed: bool, push: &mut Push<'_>) {
        let Some(mut case) = self.case.take() else {
            return;
        };
        let status = self.outcome.status();
        let status = if closed || status.is_failure() {
            status
        } else {
            case.tag("incomplete");
            case.file("reason", b"no result: the report ends within this test case", push);
            Status::Fail
        };
        case.finish(status, push);
        self.outcome = Outcome::default();
        if let Some((case, outcome)) = self.outer.pop() {
            (self.case, self.outcome) = (Some(case), outcome);
        }
    }

    /// The id of a test case: see the documentation of the format.
    fn case_id(&self, element: &Element) -> String {
        if let Some(id) = element.first_of(&["subunit-id"]) {
            return values::unescape_id(id);
        }
        let name = element.first_of(&["name"]);
        let suite = self.suites.iter().rev().find_map(|suite| suite.name.as_deref());
        let class = match element.attribute("classname") {
            None => suite,
            Some("") => None,
            given => given,
        };
        match (class, name) {
            (Some(class), Some(name)) => format!("{class}{JOINT}{name}"),
            (None, Some(name)) => name.to_owned(),
            (Some(class), None) => class.to_owned(),
            (None, None) => suite.unwrap_or("testcase").to_owned(),
        }
    }

    /// The id of the innermost suite: the names of the suites around it and its own.
    fn suite_id(&self) -> String {
        let names: Vec<&str> =
            self.suites.iter().filter_map(|suite| suite.name.as_deref()).collect();
        if names.is_empty() {
            return UNNAMED.to_owned();
        }
        values::without_nul(&names.join(JOINT)).into_owned()
    }

    fn start_attempt(&mut self, kind: Kind, element: &Element, push: &mut Push<'_>) -> Frame {
        let Some(case) = &mut self.case else {
            return Frame::default();
        };
        let start = element.attribute("timestamp").and_then(values::timestamp);
        let duration = element.attribute("time").and_then(values::seconds);
        case.begin_attempt(kind, start, duration, push);
        self.outcome.begin_text(element);
        let name = if element.name().ends_with("Error") { "error" } else { "failure" };
        self.outcome.file = case.begin_file(name, push);
        Frame { file: true, begins_file: true, ..Frame::default() }
    }

    fn start_result(&mut self, element: &Element, push: &mut Push<'_>) -> Frame {
        self.outcome.begin_text(element);
        if let Some(case) = &mut self.case {
            self.outcome.note(element);
            case.failed = self.outcome.status().is_failure();
            let name = if element.name() == "skipped" { "reason" } else { element.name() };
            self.outcome.file = case.begin_file(name, push);
        } else {
            let name = match element.name() {
                "skipped" => "reason",
                "error" => "error",
                _ => "failure",
            };
            self.outcome.file = name.to_owned();
            self.output = Some(Output::new(Some(self.suite_id()), name));
        }
        Frame { file: true, begins_file: true, ..Frame::default() }
    }

    fn end_result(&mut self, push: &mut Push<'_>) {
        let (message, kind) = self.outcome.end_text();
        let Some(case) = &mut self.case else {
            return self.end_suite_result(&message, push);
        };
        let file = std::mem::take(&mut self.outcome.file);
        let (base, number) = match file.rsplit_once('-') {
            Some((base, number)) => (base, format!("-{number}")),
            None => (&*file, String::new()),
        };
        let content = case.content().map(<[u8]>::trim_ascii);
        let said = content.is_some_and(|content| content.starts_with(message.trim().as_bytes()));
        let empty = content.is_some_and(<[u8]>::is_empty);
        let other = if base == "reason" { &file } else { &format!("message{number}") };
        if empty {
            case.replace(message.as_bytes(), push);
            case.end_file(push);
        } else {
            if base == "reason" && !said {
                case.rename("details");
            }
            case.end_file(push);
            if !said {
                case.file(other, message.as_bytes(), push);
            }
        }
        if base != "reason" {
            case.file(&format!("type{number}"), kind.as_bytes(), push);
        }
    }

    fn end_suite_result(&mut self, message: &str, push: &mut Push<'_>) {
        let Some(mut output) = self.output.take() else {
            return;
        };
        if output.bytes.trim_ascii().is_empty() {
            output.bytes = message.as_bytes().to_vec();
        } else if !message.is_empty() {
            output.bytes = [message.as_bytes(), b"\n", &output.bytes].concat();
        }
        let status = if output.name == "reason" { Status::Skip } else { Status::Fail };
        push.event(&Event {
            timestamp: Some(push.clock.now()),
            runnable: false,
            file: Some(FileChunk { name: output.name, bytes: &output.bytes }),
            mime_type: Some(TEXT),
            eof: true,
            ..Event::status(output.id.as_deref().unwrap_or(UNNAMED), status)
        });
    }

    fn start_file(&mut self, name: &str, push: &mut Push<'_>) -> Frame {
        self.end_file_around(push);
        if let Some(case) = &mut self.case {
            case.begin_file(name, push);
        } else {
            let known = ["stderr", "properties"].into_iter().find(|known| *known == name);
            self.output = Some(Output::new(None, known.unwrap_or("stdout")));
        }
        Frame { file: true, begins_file: true, ..Frame::default() }
    }

    /// Output within a failure is a file of its own, and what the failure says ends with it.
    fn end_file_around(&mut self, push: &mut Push<'_>) {
        let Some(around) = self.frames.last_mut().filter(|around| around.file) else {
            return;
        };
        let begins_file = std::mem::take(&mut around.begins_file);
        around.file = false;
        match around.role {
            Role::Attempt(_) | Role::Result if begins_file => self.end_result(push),
            _ => self.end_file(push),
        }
    }

    fn end_file(&mut self, push: &mut Push<'_>) {
        if let Some(case) = &mut self.case {
            return case.end_file(push);
        }
        if let Some(mut output) = self.output.take() {
            output.send(true, push);
        }
    }

    fn start_property(&mut self, element: &Element, push: &mut Push<'_>) -> Frame {
        let around = self.frames.last().copied().unwrap_or_default();
        if !around.file {
            return Frame::default();
        }
        let name = element.attribute("name").unwrap_or_default();
        let value = element.attribute("value").unwrap_or_default();
        // What does not fit in stays a property.
        if let ("tag", Some(case)) = (name, &mut self.case)
            && case.has_room_for_tags()
        {
            case.tag(values::cut(value, LONGEST_NAME));
            return Frame::default();
        }
        let line = format!("{}={}", one_line(name), one_line(value));
        self.text(line.as_bytes(), push);
        Frame { file: true, ..Frame::default() }
    }

    /// The value may have been an attribute or text: the line has it either way.
    fn end_property(&mut self, push: &mut Push<'_>) {
        if let Some(case) = &mut self.case {
            let last = case.content().and_then(|lines| lines.rsplit(|byte| *byte == b'\n').next());
            let path = last.and_then(|line| line.strip_prefix(b"attachment="));
            if let Some(path) = path.map(<[u8]>::to_vec) {
                case.artifact(&path);
            }
        }
        self.text(b"\n", push);
    }

    fn text(&mut self, mut bytes: &[u8], push: &mut Push<'_>) {
        if self.frames.last().is_some_and(|frame| frame.file) {
            return match (&mut self.case, &mut self.output) {
                (Some(case), _) => case.text(bytes, push),
                (None, Some(output)) => output.text(bytes, push),
                (None, None) => push.text(bytes),
            };
        }
        if !self.loose {
            bytes = bytes.trim_ascii_start();
        }
        if !bytes.is_empty() {
            self.loose = true;
            push.text(bytes);
        }
    }

    fn comment(&mut self, bytes: &[u8], push: &mut Push<'_>) {
        let in_file = self.frames.last().is_some_and(|frame| frame.file);
        match &mut self.case {
            Some(case) if !in_file => {
                if !std::mem::replace(&mut self.comment, true) {
                    case.begin_file("comment", push);
                }
                case.text(bytes, push);
            }
            _ => self.text(bytes, push),
        }
    }

    fn in_case_or_suite(&self) -> bool {
        self.case.is_some() || !self.suites.is_empty()
    }
}

/// What may hide results is red, though all that was read is green.
pub(crate) fn trouble_event(id: &str, trouble: Trouble, push: &mut Push<'_>) {
    push.failure(id, &trouble.to_string());
}

fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}
