//! One test case as an element of a report.

use std::time::Duration;

use subunit_core::{
    RouteCodeBuf, Status, Timestamp,
    run::{Mark, cause},
    sink::TestRecord,
};

use super::{
    attributes::{attribute, attribute_of_bytes, seconds_attribute, time_attribute},
    names::package_of,
    printed::Printed,
    properties,
    result_element::{LONGEST_MESSAGE, ResultElement},
    spool::entries::Case,
};
use crate::junit::{
    escape::{Ansi, Position, escape_into, escape_str},
    options::JunitOptions,
    values::{CLASS_SEPARATOR, cut, escape_id, fits_xml, is_plain, joins},
};

/// The name of a case whose test has none: Jenkins, Azure and Buildkite do without no name.
const NO_NAME: &str = "(no name)";

fn duration(start: Option<Timestamp>, stop: Option<Timestamp>) -> Option<Duration> {
    stop?.since(start?)
}

/// When an attempt began and ended.
type Times = (Option<Timestamp>, Option<Timestamp>);

/// Writes one element.
pub(super) struct Renderer<'a> {
    xml: &'a mut Vec<u8>,
    options: &'a JunitOptions,
    /// How many bytes of text there is room for.
    room: usize,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(xml: &'a mut Vec<u8>, options: &'a JunitOptions) -> Self {
        Self { xml, options, room: options.max_output }
    }

    /// Writes the test of these attempts, whose id has these parts. Gives the element of its result, empty
    /// where it passed.
    pub(super) fn case(mut self, attempts: &[TestRecord], parts: (usize, usize)) -> &'static str {
        let Some(last) = attempts.last() else {
            return "";
        };
        let failed = last.has_failed();
        // By custom the case is the first failure and reruns follow, or the success that came last.
        let (main, others) = match attempts {
            [first, reruns @ ..] if failed => (first, reruns),
            [flaky @ .., last] => (last, flaky),
            [] => return "",
        };
        let (id, tags) = (main.test_id.as_bytes(), || main.tags.as_tags().bytes());
        let place = Some(main).filter(|main| main.has_failed()).and_then(cause::SourceLocation::of);
        let package = package_of(main.route_code.as_ref().map(RouteCodeBuf::as_route));
        let times = (main.start, main.stop);
        self.start(id, parts, package.as_deref(), times, tags(), place.as_ref());
        let mut outcome = ResultElement::of(main);
        if let Some(outcome) = &mut outcome {
            outcome.mark(last.mark);
            self.result(outcome);
        }
        for attempt in others {
            self.attempt(attempt, if failed { "rerun" } else { "flaky" });
        }
        let file = main.attachment("properties");
        let lines = file.map(|file| &file.bytes[..]).unwrap_or_default();
        let is_alone = others.is_empty();
        self.properties(tags().filter(|tag| is_alone || !is_attempt(tag)), lines, last.mark);
        let used = outcome.as_ref().map(|outcome| &outcome.used[..]).unwrap_or_default();
        let printed = Printed::of_case(main, used, others, self.room);
        printed.iter().for_each(|printed| self.printed(printed));
        self.xml.extend_from_slice(b"</testcase>\n");
        outcome.map_or("", |outcome| outcome.element)
    }

    /// As [`Renderer::case`], for an attempt without files.
    pub(super) fn case_without_files(mut self, case: &Case<'_>) {
        let parts = (case.class, case.name);
        self.start(case.id, parts, None, (case.start, case.stop), case.tags, None);
        if case.status != Some(Status::Success) {
            let test_id = String::from_utf8_lossy(case.id).into_owned();
            let record = TestRecord { test_id, status: case.status, ..TestRecord::default() };
            ResultElement::of(&record).into_iter().for_each(|outcome| self.result(&outcome));
        }
        self.properties(case.tags, b"", None);
        self.xml.extend_from_slice(b"</testcase>\n");
    }

    fn start<'t>(
        &mut self,
        id: &[u8],
        (class_length, name_length): (usize, usize),
        package: Option<&str>,
        times: Times,
        tags: impl Iterator<Item = &'t [u8]>,
        place: Option<&cause::SourceLocation>,
    ) {
        let is_blank = |part: &[u8]| part.trim_ascii().is_empty();
        let class = match &id[..class_length] {
            class if is_blank(class) => self.options.name.as_bytes(),
            class => class,
        };
        let name = match &id[id.len() - name_length..] {
            name if is_blank(name) => NO_NAME.as_bytes(),
            name => name,
        };
        let is_plain = is_plain(id) && (class_length > 0 || is_plain(class));
        let put = |xml: &mut Vec<u8>, value: &[u8]| match is_plain {
            true => xml.extend_from_slice(value),
            false => escape_into(xml, value, Ansi::Strip, Position::Attribute),
        };
        self.xml.extend_from_slice(b"<testcase classname=\"");
        if let Some(package) = package {
            escape_str(self.xml, package, Ansi::Strip, Position::Attribute);
            self.xml.push(b'.');
        }
        put(self.xml, class);
        self.xml.extend_from_slice(b"\" name=\"");
        put(self.xml, name);
        self.xml.push(b'"');
        self.times(times);
        let is_told = self.place(tags, place);
        // Other parts leave room for a dot or for nothing.
        let is_joined = !is_told
            && package.is_none()
            && !is_blank(&id[..class_length])
            && !is_blank(&id[id.len() - name_length..])
            && class_length + CLASS_SEPARATOR.len() + name_length == id.len()
            && joins(&id[..class_length], &id[id.len() - name_length..]);
        if is_plain && !is_joined {
            self.xml.extend_from_slice(b" subunit-id=\"");
            self.xml.extend_from_slice(id);
            self.xml.push(b'"');
        } else if !is_plain {
            let id = String::from_utf8_lossy(id);
            if !is_joined || !fits_xml(&id) {
                attribute(self.xml, "subunit-id", &escape_id(&id));
            }
        }
        self.xml.extend_from_slice(b">\n");
    }

    /// Where the test is, or else where it failed. True for the latter: readers that tell tests of one name apart by
    /// their files must not be misled.
    fn place<'t>(
        &mut self,
        tags: impl Iterator<Item = &'t [u8]>,
        place: Option<&cause::SourceLocation>,
    ) -> bool {
        let (mut file, mut line) = (None, None);
        for tag in tags {
            file = file.or_else(|| tag.strip_prefix(b"file:"));
            line = line.or_else(|| tag.strip_prefix(b"line:"));
        }
        let is_told = place.is_some() && file.is_none();
        let number = place.and_then(|place| place.line).map(|line| line.to_string());
        file = file.or_else(|| Some(place?.file.as_bytes()));
        line = line.or_else(|| number.as_deref().map(str::as_bytes));
        // CircleCI splits tests by paths that begin with a folder's name, as actions of GitHub find files.
        while let Some(rest) = file.and_then(|file| file.strip_prefix(b"./")) {
            file = Some(rest);
        }
        for (name, value) in [("file", file), ("line", line)] {
            if let Some(value) = value {
                attribute_of_bytes(self.xml, name, value);
            }
        }
        is_told
    }

    fn times(&mut self, (start, stop): Times) {
        seconds_attribute(self.xml, duration(start, stop).unwrap_or_default());
        // A time that is no date would be one of 1970 to a reader.
        if let Some(start) = start.filter(|start| !start.is_relative()) {
            time_attribute(self.xml, start);
        }
    }

    fn result(&mut self, outcome: &ResultElement<'_>) {
        self.xml.push(b'<');
        self.xml.extend_from_slice(outcome.element.as_bytes());
        self.message(outcome);
        if outcome.text.is_empty() {
            return self.xml.extend_from_slice(b"/>\n");
        }
        self.xml.push(b'>');
        self.text(&outcome.text, 0);
        self.xml.extend_from_slice(b"</");
        self.xml.extend_from_slice(outcome.element.as_bytes());
        self.xml.extend_from_slice(b">\n");
    }

    fn message(&mut self, outcome: &ResultElement<'_>) {
        if !outcome.message.is_empty() {
            let message = String::from_utf8_lossy(&outcome.message);
            attribute(self.xml, "message", cut(&message, LONGEST_MESSAGE));
        }
        if let Some(kind) = outcome.kind {
            attribute_of_bytes(self.xml, "type", kind);
        }
    }

    /// An attempt other than the main one, in the elements of Surefire, which Jenkins reads.
    fn attempt(&mut self, record: &TestRecord, prefix: &str) {
        let Some(outcome) = ResultElement::of(record) else {
            return;
        };
        let suffix = if outcome.element == "error" { "Error" } else { "Failure" };
        self.xml.push(b'<');
        self.xml.extend_from_slice(prefix.as_bytes());
        self.xml.extend_from_slice(suffix.as_bytes());
        self.message(&outcome);
        if outcome.kind.is_none() {
            attribute(self.xml, "type", "");
        }
        self.times((record.start, record.stop));
        self.xml.extend_from_slice(b">\n");
        self.node("stackTrace", &outcome.text, 0, &[]);
        let printed = Printed::of_case(record, &outcome.used, &[], self.room);
        printed.iter().for_each(|printed| self.printed(printed));
        self.xml.extend_from_slice(b"</");
        self.xml.extend_from_slice(prefix.as_bytes());
        self.xml.extend_from_slice(suffix.as_bytes());
        self.xml.extend_from_slice(b">\n");
    }

    fn properties<'t>(
        &mut self,
        tags: impl Iterator<Item = &'t [u8]>,
        lines: &[u8],
        mark: Option<Mark>,
    ) {
        properties::of_case(self.xml, tags.filter(|_| self.options.tags), lines, mark);
    }

    /// The elements for output.
    pub(super) fn printed(&mut self, printed: &Printed) {
        self.node("system-out", &printed.out, printed.omitted, &printed.markers);
        self.node("system-err", &printed.err, 0, &[]);
    }

    /// An element with text, of which the middle may be left out, and with markers, which are not.
    fn node(&mut self, name: &str, text: &[u8], left_out: u64, markers: &[u8]) {
        if text.is_empty() && markers.is_empty() && left_out == 0 {
            return;
        }
        self.xml.push(b'<');
        self.xml.extend_from_slice(name.as_bytes());
        self.xml.push(b'>');
        self.text(text, left_out);
        escape_into(self.xml, markers, self.options.ansi, Position::Text);
        self.xml.extend_from_slice(b"</");
        self.xml.extend_from_slice(name.as_bytes());
        self.xml.extend_from_slice(b">\n");
    }

    /// Text, as far as there is room for it: of what is longer, the beginning and the end.
    fn text(&mut self, text: &[u8], left_out: u64) {
        let room = self.room.min(text.len());
        self.room -= room;
        let (head, tail) = if room == text.len() {
            (room, room)
        } else {
            (room / 2, text.len() - (room - room / 2))
        };
        let place = Position::Text;
        escape_into(self.xml, &text[..head], self.options.ansi, place);
        let left_out = left_out + (tail - head) as u64;
        if left_out > 0 {
            self.xml.extend_from_slice(format!("\n... {left_out} bytes left out ...\n").as_bytes());
        }
        escape_into(self.xml, &text[tail..], self.options.ansi, place);
    }
}

/// Whether the tag is the number of an attempt, which the elements of a case with several attempts tell.
fn is_attempt(tag: &[u8]) -> bool {
    tag.strip_prefix(b"attempt-").is_some_and(|number| number.iter().all(u8::is_ascii_digit))
}
