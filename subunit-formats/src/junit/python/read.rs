//! Reads JUnit XML as python-subunit's `junitxml2subunit` 1.4.6 does, for its drop-in.

use std::time::{Duration, SystemTime};

use subunit_core::{
    Event, FileChunk, Status, Timestamp,
    sink::{Flow, Sink},
};

use crate::{
    events::{clock::SyntheticClock, clocked::ClockedPush, emit::fit},
    junit::values::CLASS_SEPARATOR,
    reader::FormatReader,
    text::xml::{Element, Xml, XmlEvent},
};

const ROOTS: &[&str] = &["testsuites", "testsuite"];
const DETAIL: &str = "junit detail";
const DETAIL_TYPE: &str = "text/plain; charset=UTF8";
/// Where the reference's clock begins.
const YEAR_2000: u32 = 946_684_800;
/// A detail has to fit into a packet; what is more is text.
const LONGEST_DETAIL: usize = 3 << 20;

/// Reads JUnit XML as `junitxml2subunit` does: test cases in suites at the top only, the first failure or
/// error or skip as one detail, a clock that begins in 2000 and adds `time`, even a negative one.
///
/// Where the reference gives up on a report that is not well-formed, this one reads what there is and
/// reports a failure that is not runnable. For several files, feed and finish one after the other: the
/// clock goes on.
#[derive(Clone, Debug)]
pub struct PythonJunitReader {
    xml: Xml,
    clock: SyntheticClock,
    state: State,
    no_xml: bool,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// The names of the open elements, as far as they matter.
    path: Vec<Node>,
    case: Option<PythonCase>,
    /// A document has begun, or what there was looked like another kind of XML.
    xml: bool,
    /// What stands outside has begun, by these bytes.
    text: bool,
    start: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Node {
    Suites,
    Suite,
    Case,
    Result,
    Other,
}

#[derive(Clone, Debug)]
struct PythonCase {
    id: String,
    time: Seconds,
    /// The results that count: failure before error before skipped, the first of each.
    results: [Option<Found>; 3],
    /// The one whose text is being read.
    reading: Option<usize>,
}

#[derive(Clone, Debug, Default)]
struct Found {
    heading: String,
    body: Vec<u8>,
}

/// A duration that may be negative.
#[derive(Clone, Copy, Debug, Default)]
struct Seconds {
    negative: bool,
    duration: Duration,
}

impl Default for PythonJunitReader {
    fn default() -> Self {
        Self::new()
    }
}

impl PythonJunitReader {
    /// Before the first byte.
    pub fn new() -> Self {
        let clock = SyntheticClock::new(Timestamp::new(YEAR_2000, 0));
        Self { xml: Xml::new(ROOTS), clock, state: State::default(), no_xml: false }
    }

    /// Whether the input that was finished last held no XML at all, or nothing. The reference reports
    /// that as an error in parsing, and exits with 1.
    pub fn no_xml(&self) -> bool {
        self.no_xml
    }
}

impl FormatReader for PythonJunitReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let Self { xml, clock, state, .. } = self;
        let mut push = ClockedPush::new(sink, clock);
        xml.feed(bytes, &mut |event| state.take(event, &mut push));
        push.flow()
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let Self { xml, clock, state, .. } = self;
        let mut push = ClockedPush::new(sink, clock);
        xml.finish(&mut |event| state.take(event, &mut push));
        let flow = push.flow();
        self.no_xml = !state.xml;
        self.state = State::default();
        flow
    }
}

impl State {
    fn take(&mut self, event: XmlEvent<'_>, push: &mut ClockedPush<'_>) {
        match event {
            XmlEvent::Outside(bytes) => {
                if !self.text {
                    self.start.extend(bytes.iter().take(2 - self.start.len()));
                    self.text = self.start.len() == 2;
                    self.xml |= begins_markup(&self.start);
                }
                push.text(bytes);
            }
            XmlEvent::Start(element) => self.start(element),
            XmlEvent::Text(bytes) => self.text(bytes, push),
            XmlEvent::Comment(_) => {}
            XmlEvent::End { .. } => self.end(push),
            XmlEvent::Trouble(trouble) => push.failure("JUnit report", &trouble.to_string()),
        }
    }

    fn start(&mut self, element: &Element) {
        self.xml = true;
        let place = match (&self.path[..], element.name()) {
            ([], "testsuites") => Node::Suites,
            ([] | [Node::Suites], "testsuite") => Node::Suite,
            ([Node::Suite] | [Node::Suites, Node::Suite], "testcase") => Node::Case,
            ([.., Node::Case], name) => {
                let case = self.case.as_mut();
                let is_result = case.is_some_and(|case| case.begin_result(name, element));
                if is_result { Node::Result } else { Node::Other }
            }
            _ => Node::Other,
        };
        if place == Node::Case {
            self.case = PythonCase::of(element);
        }
        self.path.push(place);
    }

    fn text(&mut self, bytes: &[u8], push: &mut ClockedPush<'_>) {
        if self.path.last() != Some(&Node::Result) {
            return;
        }
        let found = self.case.as_mut().and_then(PythonCase::reading);
        let Some(found) = found else {
            return;
        };
        let room = LONGEST_DETAIL.saturating_sub(found.body.len());
        let (kept, more) = bytes.split_at(room.min(bytes.len()));
        found.body.extend_from_slice(kept);
        push.text(more);
    }

    fn end(&mut self, push: &mut ClockedPush<'_>) {
        match self.path.pop() {
            Some(Node::Case) => {
                if let Some(case) = self.case.take() {
                    case.send(push);
                }
            }
            Some(Node::Result) => {
                if let Some(case) = &mut self.case {
                    case.reading = None;
                }
            }
            _ => {}
        }
    }
}

/// Whether these first bytes are those of any XML.
fn begins_markup(start: &[u8]) -> bool {
    match start {
        [b'<', next] => next.is_ascii_alphabetic() || b"_:?!".contains(next) || *next >= 0x80,
        _ => false,
    }
}

impl PythonCase {
    fn of(element: &Element) -> Option<Self> {
        let name = element.first_of(&["name"])?;
        let id = match element.first_of(&["classname"]) {
            Some(class) => format!("{class}{CLASS_SEPARATOR}{name}"),
            None => name.to_owned(),
        };
        let time = element.attribute("time").map(Seconds::of).unwrap_or_default();
        let id = fit(&id).into_owned();
        Some(Self { id, time, results: [None, None, None], reading: None })
    }

    fn begin_result(&mut self, name: &str, element: &Element) -> bool {
        let Some(rank) = ["failure", "error", "skipped"].iter().position(|known| *known == name)
        else {
            return false;
        };
        if self.results[rank].is_some() {
            return false;
        }
        let parts = ["type", "message"].map(|name| element.first_of(&[name]));
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        self.results[rank] = Some(Found { heading: parts.join(": "), body: Vec::new() });
        self.reading = Some(rank);
        true
    }

    fn reading(&mut self) -> Option<&mut Found> {
        self.results.get_mut(self.reading?)?.as_mut()
    }

    fn send(self, push: &mut ClockedPush<'_>) {
        push.event(&Event {
            timestamp: Some(push.clock.now()),
            ..Event::status(&self.id, Status::InProgress)
        });
        self.time.pass(push.clock);
        let status = match self.results {
            [None, None, None] => Status::Success,
            [None, None, Some(_)] => Status::Skip,
            _ => Status::Fail,
        };
        let found = self.results.into_iter().flatten().next().unwrap_or_default();
        let mut detail = found.heading.into_bytes();
        let body = found.body.trim_ascii();
        if !detail.is_empty() && !body.is_empty() {
            detail.push(b'\n');
        }
        detail.extend_from_slice(body);
        let has_detail = !detail.is_empty();
        detail.push(b'\n');
        push.event(&Event {
            timestamp: Some(push.clock.now()),
            file: has_detail.then_some(FileChunk { name: DETAIL, bytes: &detail }),
            mime_type: has_detail.then_some(DETAIL_TYPE),
            eof: true,
            ..Event::status(&self.id, status)
        });
    }
}

impl Seconds {
    /// What is no number is none, and so is `1,234.5`: the reference has it so.
    fn of(text: &str) -> Self {
        let number: f64 = text.trim().parse().unwrap_or_default();
        let duration = Duration::try_from_secs_f64(number.abs()).unwrap_or_default();
        Self { negative: number < 0.0, duration }
    }

    fn pass(self, clock: &mut SyntheticClock) {
        if !self.negative {
            clock.advance(self.duration);
            return;
        }
        let back = SystemTime::from(clock.now()).checked_sub(self.duration);
        if let Some(time) = back.and_then(|time| Timestamp::try_from(time).ok()) {
            *clock = SyntheticClock::new(time);
        }
    }
}
