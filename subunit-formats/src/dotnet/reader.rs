//! Reads a report by its dialect.

use hashbrown::HashSet;
use subunit_core::{
    conventions::{STDERR, STDOUT},
    sink::{Flow, Sink},
};

use super::{
    definitions::Definitions,
    dialect::{Begin, Dialect, Says},
    held::{Held, Holding, Named},
    open::Open,
};
use crate::{
    events::{
        claims::{Claim, Claims},
        clock::SyntheticClock,
        clocked::ClockedPush,
        dated::Dated,
        emit::fit,
        ids::Ids,
    },
    junit::{Case, SuiteOutput},
    reader::FormatReader,
    text::xml::{Element, Trouble, Xml, XmlEvent},
};

/// Reads a report of one dialect. Memory: one test case up to 1 MiB, and those around it; some 30 bytes a test,
/// to know ids again; of a TRX, what waits for classes, up to 64 MiB, and the classes.
#[derive(Clone)]
pub(super) struct Reader {
    dialect: &'static Dialect,
    xml: Xml,
    state: State,
    dated: Dated,
}

#[derive(Clone, Default)]
struct State {
    clock: SyntheticClock,
    frames: Vec<Frame>,
    cases: Vec<Open>,
    /// What has failed and is no test case, with its text so far.
    failed: Vec<(String, Vec<u8>)>,
    /// What was printed in no test, while it is read.
    output: Option<SuiteOutput>,
    claims: Claims,
    ids: Ids,
    definitions: Definitions,
    held: Held,
    /// The names of the tests that failed.
    failures: HashSet<String>,
    loose: bool,
}

#[derive(Clone)]
struct Frame {
    name: String,
    kind: Kind,
    /// It says something of the failures in it, under this id.
    claims: Option<String>,
    /// The assembly that it belongs to.
    assembly: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Case,
    Failed,
    /// Its text belongs to a file.
    Part,
    Other,
}

/// No failure of a container is kept beyond this many bytes; what is more is text.
const LONGEST_FAILURE: usize = 1 << 20;

impl Reader {
    pub(super) fn new(dialect: &'static Dialect) -> Self {
        Self {
            dialect,
            xml: Xml::new(dialect.roots),
            state: State::default(),
            dated: Dated::default(),
        }
    }
}

impl FormatReader for Reader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let Self { dialect, xml, state, dated } = self;
        let mut clock = state.clock;
        let mut dated = dated.over(sink);
        let mut push = ClockedPush::new(&mut dated, &mut clock);
        xml.feed(bytes, &mut |event| state.take(dialect, event, &mut push));
        let flow = push.flow();
        state.clock = clock;
        flow
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let Self { dialect, xml, state, dated } = self;
        let mut clock = state.clock;
        let mut dated = dated.over(sink);
        let mut push = ClockedPush::new(&mut dated, &mut clock);
        xml.finish(&mut |event| state.take(dialect, event, &mut push));
        let flow = push.flow();
        *state = State::default();
        drop(dated);
        let released = self.dated.finish(sink);
        if flow.is_break() { flow } else { released }
    }

    fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        self.dated.settle(sink)
    }
}

impl State {
    fn take(&mut self, dialect: &Dialect, event: XmlEvent<'_>, push: &mut ClockedPush<'_>) {
        match event {
            XmlEvent::Outside(bytes) => return push.text(bytes),
            XmlEvent::Text(bytes) => return self.text(bytes, push),
            XmlEvent::Comment(_) => return,
            XmlEvent::Start(element) => self.start(dialect, element, push),
            XmlEvent::End { name, closed } => self.end(dialect, name, closed, push),
            XmlEvent::Trouble(trouble) => {
                push.failure(dialect.report, &trouble.to_string());
                if trouble == Trouble::Truncated {
                    self.claims.clear();
                }
            }
        }
        self.loose = false;
    }

    fn start(&mut self, dialect: &Dialect, element: &Element, push: &mut ClockedPush<'_>) {
        let around = self.frames.last();
        let in_part = around.is_some_and(|frame| frame.kind == Kind::Part);
        let parent = around.map(|frame| frame.name.as_str()).unwrap_or_default();
        let part = (dialect.part)(element.name(), parent);
        let is_case = (dialect.case)(element.name(), parent);
        if !in_part {
            self.definitions.read(element, parent);
        }
        let claims = if in_part { None } else { self.begin_claims(dialect, element) };
        let kind = if in_part {
            self.text(element.raw(), push);
            Kind::Part
        } else if is_case {
            self.begin_case((dialect.begin)(element));
            Kind::Case
        } else if let Some(id) = (dialect.failed)(element) {
            self.failed.push((id, Vec::new()));
            Kind::Failed
        } else if part.is_some()
            && (self.begin_part(part, push) || self.begin_output(dialect, part))
        {
            Kind::Part
        } else {
            self.aside(dialect, element, push);
            Kind::Other
        };
        let assembly = (dialect.assembly)(element).map(str::to_owned);
        self.frames.push(Frame { name: element.name().to_owned(), kind, claims, assembly });
    }

    /// Takes note of what the element says of failures. The id, if it says it of itself.
    fn begin_claims(&mut self, dialect: &Dialect, element: &Element) -> Option<String> {
        let whole = self.frames.is_empty();
        match (dialect.says)(element) {
            Says::OfItself(claim) => self.claims.begin(claim),
            Says::OfReport(claim) if !whole => {
                self.claims.of_whole(claim);
                return None;
            }
            _ if whole => self.claims.begin(Claim::default()),
            _ => return None,
        }
        let name = element.first_of(&["fullname", "name"]).filter(|_| !whole);
        Some(name.unwrap_or(dialect.report).to_owned())
    }

    /// What an element says by its attributes.
    fn aside(&mut self, dialect: &Dialect, element: &Element, push: &mut ClockedPush<'_>) {
        if let Some(time) = (dialect.time)(element) {
            *push.clock = SyntheticClock::new(time);
        }
        self.of_case(push, |open, push| {
            if let Some(tag) = (dialect.tag)(element) {
                if open.case.has_room_for_tags() {
                    open.case.tag(&tag);
                } else {
                    open.case.file("tags", format!("{tag}\n").as_bytes(), push);
                }
            }
            if let Some(path) = (dialect.artifact)(element) {
                open.case.artifact(path.as_bytes());
            }
        });
    }

    /// Does something with the innermost case, whose events are held where its id is not known. False where
    /// there is none.
    fn of_case(
        &mut self,
        push: &mut ClockedPush<'_>,
        act: impl FnOnce(&mut Open, &mut ClockedPush<'_>),
    ) -> bool {
        let Some(open) = self.cases.last_mut() else { return false };
        if open.number.is_none() {
            act(open, push);
            return true;
        }
        let mut holding = Holding { held: &mut self.held, sink: push.push.sink() };
        let mut inner = ClockedPush::new(&mut holding, push.clock);
        act(open, &mut inner);
        let flow = inner.flow();
        push.push.note(flow);
        if self.held.is_full() {
            self.definitions.complete = true;
            self.release(push);
        }
        true
    }

    /// Hands over what is held: all that there is to know of ids is known.
    fn release(&mut self, push: &mut ClockedPush<'_>) {
        let Self { held, definitions, ids, .. } = self;
        let (names, flow) = held.release(&mut |case| definitions.id(case, ids), push.push.sink());
        push.push.note(flow);
        for open in &mut self.cases {
            if let Some(name) = open.number.take().and_then(|number| names.get(number)) {
                name.clone_into(&mut open.case.id);
            }
        }
    }

    fn end(&mut self, dialect: &Dialect, name: &str, closed: bool, push: &mut ClockedPush<'_>) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let defined = name == "TestDefinitions" && frame.kind != Kind::Part;
        if defined || self.frames.is_empty() {
            self.definitions.complete = true;
            self.release(push);
        }
        if self.frames.is_empty() {
            self.definitions = Definitions::default();
            self.failures.clear();
        }
        let nested = self.frames.last().is_some_and(|around| around.kind == Kind::Part);
        match frame.kind {
            Kind::Case => self.end_case(dialect, closed, push),
            Kind::Failed => {
                if let Some((id, text)) = self.failed.pop() {
                    self.end_failure(dialect, &id, text.trim_ascii(), push);
                }
            }
            Kind::Part if !nested && self.output.is_some() => {
                if let Some(mut output) = self.output.take() {
                    output.send(true, push);
                }
            }
            Kind::Part if nested && closed => self.text(format!("</{name}>").as_bytes(), push),
            _ => {}
        }
        if let Some(id) = frame.claims
            && let Some(said) = self.claims.end()
        {
            let what = if id == dialect.report { "report" } else { "suite" };
            push.shortfall(&id, &format!("the {what} {said}"));
        }
    }

    fn end_failure(
        &mut self,
        dialect: &Dialect,
        id: &str,
        text: &[u8],
        push: &mut ClockedPush<'_>,
    ) {
        let text = String::from_utf8_lossy(text);
        let repeated = dialect.repeats.and_then(|repeats| repeats(&text));
        if repeated.is_some_and(|name| self.failures.contains(name)) {
            return push.text(format!("{text}\n").as_bytes());
        }
        self.claims.read();
        push.failure(id, &text);
    }

    fn begin_case(&mut self, begin: Begin) {
        let name = fit(&begin.id).into_owned();
        let named = Named { definition: begin.definition.unwrap_or_default(), name: name.clone() };
        let (id, number) = if !self.definitions.knows(&named) {
            let number = self.held.begin(named);
            (number.to_string(), Some(number))
        } else if named.definition.is_empty() {
            let class = begin.class.map_or_else(String::new, |class| format!("{class}."));
            let assembly = self.frames.iter().rev().find_map(|frame| frame.assembly.as_deref());
            let assembly = assembly.map_or_else(String::new, |assembly| format!("{assembly}::"));
            (self.ids.of(named.name, [&class, &assembly]), None)
        } else {
            (self.definitions.id(named, &mut self.ids), None)
        };
        let mut case = Case::new(&id);
        (case.main.start, case.main.duration) = (begin.start, begin.duration);
        self.cases.push(Open { case, number, name, status: begin.status, file: None });
    }

    fn end_case(&mut self, dialect: &Dialect, closed: bool, push: &mut ClockedPush<'_>) {
        let mut failed = None;
        self.of_case(push, |open, push| failed = open.end(closed, push));
        self.cases.pop();
        if let Some(name) = failed {
            self.claims.read();
            if dialect.repeats.is_some() {
                self.failures.insert(name);
            }
        }
    }

    /// Opens the file, or goes on with it; what follows is after a newline then. False where there is
    /// neither a case nor a failure that it could belong to.
    fn begin_part(&mut self, file: Option<&'static str>, push: &mut ClockedPush<'_>) -> bool {
        let is_case = self.of_case(push, |open, push| open.begin_part(file, push));
        if is_case {
            return true;
        }
        if let Some((_, text)) = self.failed.last_mut().filter(|(_, text)| !text.is_empty()) {
            text.push(b'\n');
        }
        !self.failed.is_empty()
    }

    /// Begins what was printed in a suite, or in the run. False where it is no such thing.
    fn begin_output(&mut self, dialect: &Dialect, file: Option<&str>) -> bool {
        let Some(name) = file.filter(|name| matches!(*name, STDOUT | STDERR)) else { return false };
        let suite = self.frames.iter().rev().find_map(|frame| frame.claims.as_deref());
        let suite = suite.filter(|suite| *suite != dialect.report);
        self.output = Some(SuiteOutput::of_suite(suite, name));
        true
    }

    fn text(&mut self, mut bytes: &[u8], push: &mut ClockedPush<'_>) {
        if let Some(output) = &mut self.output {
            return output.text(bytes, push);
        }
        if self.frames.last().is_some_and(|frame| frame.kind == Kind::Part) {
            if self.of_case(push, |open, push| open.case.text(bytes, push)) {
                return;
            }
            if let Some((_, text)) = self.failed.last_mut() {
                let room = LONGEST_FAILURE.saturating_sub(text.len());
                let (kept, more) = bytes.split_at(room.min(bytes.len()));
                text.extend_from_slice(kept);
                bytes = more;
            }
        }
        if !self.loose {
            bytes = bytes.trim_ascii_start();
        }
        if !bytes.is_empty() {
            self.loose = true;
            push.text(bytes);
        }
    }
}
