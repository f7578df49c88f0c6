//! One test case as an element of a report.

use std::{borrow::Cow, collections::HashSet, time::Duration};

use subunit_core::{
    RouteCode, RouteCodeBuf, Status, Timestamp,
    conventions::{REASON, STDERR, STDOUT},
    run::{
        Identities, Mark, NO_TEST_ID, Output,
        cause::{self, is_text},
    },
    sink::{Attachment, TestRecord},
};

use super::{attachments::ARTIFACTS, spool::entries::Case};
use crate::{
    junit::{
        escape::{Ansi, Position, escape_into, escape_str},
        options::JunitOptions,
        values::{CLASS_SEPARATOR, cut, escape_id, fits_xml, is_plain, joins},
    },
    text::{digits, time::Rfc3339},
};

/// The name of a case whose test has none: Jenkins, Azure and Buildkite do without no name.
const NO_NAME: &str = "(no name)";

/// A message is one line, and no longer than this many bytes.
const LONGEST_MESSAGE: usize = 1024;

fn duration(start: Option<Timestamp>, stop: Option<Timestamp>) -> Option<Duration> {
    stop?.since(start?)
}

/// The element of an attempt's result; none where it passed.
pub(super) fn element_of(record: &TestRecord) -> Option<&'static str> {
    match record.status {
        Some(Status::Success) => None,
        Some(Status::Skip | Status::ExpectedFailure) => Some("skipped"),
        Some(Status::Fail) if has_error(record) => Some("error"),
        Some(Status::Fail | Status::UnexpectedSuccess) => Some("failure"),
        _ => Some("error"),
    }
}

/// Puts ` time="seconds"` behind `xml`, with three digits behind the point, or with as many as there are.
pub(super) fn seconds_attribute(xml: &mut Vec<u8>, time: Duration) {
    xml.extend_from_slice(b" time=\"");
    digits::push(xml, time.as_secs());
    xml.push(b'.');
    let mut fraction = [b'0'; 9];
    digits::fill(&mut fraction, time.subsec_nanos());
    xml.extend_from_slice(&fraction[..fraction_width(time.subsec_nanos())]);
    xml.push(b'"');
}

/// Puts ` timestamp="time"` behind `xml`: UTC, with three digits behind the point or with as many as there are.
pub(super) fn time_attribute(xml: &mut Vec<u8>, time: Timestamp) {
    /// Where the digits behind the point begin.
    const FRACTION: usize = 20;
    let text = Rfc3339(time).text();
    xml.extend_from_slice(b" timestamp=\"");
    xml.extend_from_slice(&text[..FRACTION + fraction_width(time.nanoseconds())]);
    xml.extend_from_slice(b"Z\"");
}

/// How many digits a fraction of a second takes: three, six or nine.
const fn fraction_width(nanoseconds: u32) -> usize {
    match (nanoseconds % 1_000_000, nanoseconds % 1000) {
        (0, _) => 3,
        (_, 0) => 6,
        _ => 9,
    }
}

/// How much of a test id is its class name, and how much of its end is its name: split at the first `::`,
/// or at the last `.` of what stands before parameters and spaces. Of ids that have neither nothing is a
/// class name, and all is a name.
pub(super) fn class_and_name(id: &str) -> (usize, usize) {
    let bytes = id.as_bytes();
    let mut colons = memchr::memchr_iter(b':', bytes);
    let joint = colons.find(|at| bytes[*at..].starts_with(CLASS_SEPARATOR.as_bytes()));
    let split = joint.map(|at| (at, id.len() - at - CLASS_SEPARATOR.len())).or_else(|| {
        let end = memchr::memchr3(b'(', b'[', b' ', bytes).unwrap_or(id.len());
        let dot = memchr::memrchr(b'.', &bytes[..end])?;
        Some((dot, id.len() - dot - 1))
    });
    split.filter(|(class, name)| *class > 0 && *name > 0).unwrap_or((0, id.len()))
}

/// The names in the route of a test, which tell it from tests of the same id, as packages in front of its class.
pub(super) fn package_of(route: Option<RouteCode<'_>>) -> Option<String> {
    let mut identities = Identities::default();
    let names = identities.of(route)?.as_str();
    (!names.is_empty()).then(|| names.replace('/', "."))
}

/// The class in its package.
pub(super) fn in_package<'c>(package: Option<&str>, class: &'c str) -> Cow<'c, str> {
    package.map_or_else(|| class.into(), |package| format!("{package}.{class}").into())
}

/// Puts ` name="value"` behind `xml`.
#[inline]
pub(super) fn attribute(xml: &mut Vec<u8>, name: &str, value: &str) {
    begin_attribute(xml, name);
    escape_str(xml, value, Ansi::Strip, Position::Attribute);
    xml.push(b'"');
}

/// As [`attribute`], with a value that may not be UTF-8.
fn attribute_of_bytes(xml: &mut Vec<u8>, name: &str, value: &[u8]) {
    begin_attribute(xml, name);
    escape_into(xml, value, Ansi::Strip, Position::Attribute);
    xml.push(b'"');
}

/// Puts ` name="` behind `xml`.
#[inline]
pub(super) fn begin_attribute(xml: &mut Vec<u8>, name: &str) {
    xml.push(b' ');
    xml.extend_from_slice(name.as_bytes());
    xml.extend_from_slice(b"=\"");
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

/// The result of an attempt in the words of a report.
struct Outcome<'a> {
    element: &'static str,
    kind: Option<&'a [u8]>,
    message: Cow<'a, [u8]>,
    text: Vec<u8>,
    /// The files that the above have taken up.
    used: Vec<&'a str>,
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
        let mut outcome = Outcome::of(main);
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
        self.outputs(main, used, others);
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
            Outcome::of(&record).into_iter().for_each(|outcome| self.result(&outcome));
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

    fn result(&mut self, outcome: &Outcome<'_>) {
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

    fn message(&mut self, outcome: &Outcome<'_>) {
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
        let Some(outcome) = Outcome::of(record) else {
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
        self.outputs(record, &outcome.used, &[]);
        self.xml.extend_from_slice(b"</");
        self.xml.extend_from_slice(prefix.as_bytes());
        self.xml.extend_from_slice(suffix.as_bytes());
        self.xml.extend_from_slice(b">\n");
    }

    /// Tags, and `lines` as [`name_and_value`] reads them; and whether the failure is new.
    fn properties<'t>(
        &mut self,
        tags: impl Iterator<Item = &'t [u8]>,
        lines: &[u8],
        mark: Option<Mark>,
    ) {
        // That an attempt was the first one is nothing to tell of a test that was tried once.
        let known = |tag: &[u8]| {
            tag.starts_with(b"file:") || tag.starts_with(b"line:") || tag == b"attempt-1"
        };
        let tags = tags.filter(|tag| self.options.tags && !known(tag));
        let start = self.xml.len();
        self.xml.extend_from_slice(b"<properties>\n");
        let empty = self.xml.len();
        for tag in tags {
            self.xml.extend_from_slice(b"<property name=\"tag\" value=\"");
            escape_into(self.xml, tag, Ansi::Strip, Position::Attribute);
            self.xml.extend_from_slice(b"\"/>\n");
        }
        for (name, value) in lines.split(|byte| *byte == b'\n').filter_map(name_and_value) {
            property(self.xml, &name, &value);
        }
        if let Some(mark) = mark {
            property(self.xml, b"baseline", mark.word().as_bytes());
        }
        if self.xml.len() == empty {
            return self.xml.truncate(start);
        }
        self.xml.extend_from_slice(b"</properties>\n");
    }

    /// What the test printed, its other files, and where those are that are on disk: those of `others`
    /// too, since services look for them in the case's own output only.
    fn outputs(&mut self, record: &TestRecord, used: &[&str], others: &[TestRecord]) {
        if record.attachments.is_empty() && record.omitted == 0 && others.is_empty() {
            return;
        }
        let (mut out, mut err, mut left_out) = (Vec::new(), Vec::new(), 0);
        for file in &record.attachments {
            let name = file.name.as_str();
            left_out += file.omitted;
            if used.contains(&name) || name == "properties" {
                continue;
            }
            match name {
                STDOUT => out.extend_from_slice(&file.bytes),
                STDERR => err.extend_from_slice(&file.bytes),
                ARTIFACTS => {}
                _ => other_file(&mut out, file),
            }
        }
        let files = [record].into_iter().chain(others).flat_map(|record| &record.attachments);
        let paths = files.filter(|file| file.name == ARTIFACTS);
        let paths = paths.flat_map(|file| file.bytes.split(|byte| *byte == b'\n'));
        let shown = if out.len() <= self.room { &out[..] } else { &[] };
        let markers = markers(shown, paths.filter(|path| !path.is_empty()));
        let without_file = record.omitted.saturating_sub(left_out);
        if !markers.is_empty() {
            end_line(&mut out);
        }
        self.node("system-out", &out, left_out + without_file, &markers);
        self.node("system-err", &err, 0, &[]);
    }

    /// What was printed in a suite, or by no test at all: `stdout` and `stderr` as they are, if there is but one of
    /// each, all else under titles.
    pub(super) fn outputs_of_suite(mut self, suite: &str, outputs: &[&Output], omitted: u64) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        for output in outputs {
            let name = output.name.as_str();
            let is_its = |owner: &str| {
                owner
                    .strip_suffix(suite)
                    .is_some_and(|o| o.is_empty() || o.ends_with(CLASS_SEPARATOR))
            };
            let own = name.rsplit_once(' ').filter(|(owner, _)| is_its(owner));
            let stream = own.map_or(name, |(_, stream)| stream);
            let is_alone = output.route_code.is_none() || name != stream;
            match stream {
                STDOUT if is_alone => out.extend_from_slice(&output.bytes()),
                STDERR if is_alone => err.extend_from_slice(&output.bytes()),
                _ => titled(&mut out, &output.title(), &output.to_attachment()),
            }
        }
        self.node("system-out", &out, omitted, &[]);
        self.node("system-err", &err, 0, &[]);
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

impl<'a> Outcome<'a> {
    /// Puts `new: ` in front of the message of a new failure. Jenkins, Azure, CircleCI, Buildkite and the actions of
    /// GitHub show messages, and tell tests apart by names: nothing is taken for another test. Properties, which say
    /// the same for programs, are shown by none of them unless somebody asks for it.
    fn mark(&mut self, mark: Option<Mark>) {
        if mark == Some(Mark::New) {
            let message = if self.message.is_empty() { b"failure" } else { &self.message[..] };
            self.message = [b"new: ", message].concat().into();
        }
    }

    fn of(record: &'a TestRecord) -> Option<Self> {
        let element = element_of(record)?;
        let fixed: &[u8] = match record.status {
            Some(Status::ExpectedFailure) => b"xfail",
            Some(Status::UnexpectedSuccess) => b"UnexpectedSuccess",
            Some(Status::Fail | Status::Skip) => b"",
            _ => b"unfinished",
        };
        let is_skip = element == "skipped";
        let cause = if is_skip { reason_of(record) } else { cause_of(record) };
        let message = record.attachment(if is_skip { REASON } else { "message" });
        let mut used: Vec<&str> =
            cause.iter().chain(&message).map(|file| file.name.as_str()).collect();
        let mut kind = (!fixed.is_empty()).then_some(fixed);
        if let Some(file) = record.attachment("type") {
            used.push("type");
            kind = kind.or(Some(&file.bytes));
        }
        let mut text = cause.map(|file| file.bytes.clone()).unwrap_or_default();
        let line = match message.filter(|_| is_skip).or(cause) {
            Some(file) if is_skip => first_line(&file.bytes).into(),
            None if is_skip => Cow::Borrowed(&b""[..]),
            _ => Cow::Owned(cause::message(record).into_bytes()),
        };
        if let Some(message) = message
            && message.bytes.trim_ascii().len() > line.len().min(LONGEST_MESSAGE)
            && cause.is_none_or(|cause| cause.name != message.name)
        {
            text = [&message.bytes[..], b"\n", &text].concat();
        } else if is_skip && text.trim_ascii() == &*line {
            text.clear();
        }
        // What a failure that stands for a suite says is mostly in the output of the suite.
        if !is_skip && !record.runnable && cause.is_some_and(|cause| cause.name == REASON) {
            let is_printed =
                |file: &&Attachment| file.name.ends_with(STDOUT) || file.name.ends_with(STDERR);
            for file in record.attachments.iter().filter(is_printed) {
                end_line(&mut text);
                text.extend_from_slice(&file.bytes);
                used.push(&file.name);
            }
        }
        let is_nameless = line.is_empty() && record.test_id == NO_TEST_ID;
        let line = if is_nameless { b"a failure without a test id"[..].into() } else { line };
        // GitLab shows the text and never the message.
        if !is_skip && memchr::memmem::find(&text, line.trim_ascii()).is_none() {
            let newline = if text.is_empty() { "" } else { "\n" };
            text = [&line[..], newline.as_bytes(), &text].concat();
        }
        Some(Self { element, kind, message: line, text, used })
    }
}

/// Whether the tag is the number of an attempt, which the elements of a case with several attempts tell.
fn is_attempt(tag: &[u8]) -> bool {
    tag.strip_prefix(b"attempt-").is_some_and(|number| number.iter().all(u8::is_ascii_digit))
}

/// Whether the reporter told errors from failures, and this is an error.
fn has_error(record: &TestRecord) -> bool {
    record.attachment("failure").is_none() && record.attachment("error").is_some()
}

/// The file that says why an attempt did not pass.
fn cause_of(record: &TestRecord) -> Option<&Attachment> {
    /// The best first.
    const CAUSES: [&str; 6] = ["failure", "error", "traceback", "reason", "details", "message"];
    let named = CAUSES.iter().filter_map(|name| record.attachment(name));
    // Diagnostics of a format whose name is not ours to choose.
    let is_diagnostic = |file: &&Attachment| {
        let mime_type = file.mime_type.as_deref().unwrap_or_default();
        mime_type.contains("yaml") || file.name == "comments"
    };
    let others = record.attachments.iter().filter(is_diagnostic);
    named.chain(others).find(|file| is_text(file) && !file.bytes.is_empty())
}

/// The file that says why a test was skipped.
fn reason_of(record: &TestRecord) -> Option<&Attachment> {
    ["details", REASON].iter().find_map(|name| record.attachment(name)).filter(|file| is_text(file))
}

/// The first line that is not empty.
fn first_line(text: &[u8]) -> &[u8] {
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}

/// Puts a property behind `xml`.
pub(super) fn property(xml: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    xml.extend_from_slice(b"<property");
    attribute_of_bytes(xml, "name", name);
    attribute_of_bytes(xml, "value", value);
    xml.extend_from_slice(b"/>\n");
}

/// A line `name=value` of the file `properties`, as the reader writes it.
fn name_and_value(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let at = memchr::memchr(b'=', line)?;
    Some((unescape(&line[..at]), unescape(&line[at + 1..])))
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let (mut out, mut bytes) = (Vec::with_capacity(text.len()), text.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => out.extend(bytes.next().map(|byte| if *byte == b'n' { b'\n' } else { *byte })),
            byte => out.push(*byte),
        }
    }
    out
}

/// The markers by which Jenkins, GitLab and Azure find files, unless the output has them already.
fn markers<'p>(out: &[u8], paths: impl Iterator<Item = &'p [u8]>) -> Vec<u8> {
    let (mut markers, mut seen) = (Vec::new(), HashSet::new());
    for path in paths.filter(|path| seen.insert(*path)) {
        let marker = [b"[[ATTACHMENT|", path, b"]]\n"].concat();
        if memchr::memmem::find(out, marker.trim_ascii_end()).is_none() {
            markers.extend_from_slice(&marker);
        }
    }
    markers
}

/// A file that reports have no place for, in the output.
fn other_file(out: &mut Vec<u8>, file: &Attachment) {
    titled(out, &file.name, file);
}

fn titled(out: &mut Vec<u8>, title: &str, file: &Attachment) {
    end_line(out);
    let length = file.bytes.len() as u64 + file.omitted;
    if is_text(file) {
        out.extend_from_slice(format!("--- {title} ---\n").as_bytes());
        out.extend_from_slice(&file.bytes);
        return end_line(out);
    }
    let mime_type = file.mime_type.as_deref().unwrap_or_default();
    let line = format!("--- {title} ({mime_type}, {length} bytes) ---\n");
    out.extend_from_slice(line.as_bytes());
}

fn end_line(out: &mut Vec<u8>) {
    if out.last().is_some_and(|last| *last != b'\n') {
        out.push(b'\n');
    }
}
