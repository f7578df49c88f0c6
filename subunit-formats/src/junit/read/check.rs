//! The XML of libcheck, unit tests for C: a format of its own below a root that JUnit has too.
//!
//! By what libcheck 0.15.2 writes: suites with a title, in them tests with the attribute `result`, and an
//! element for everything else that is known of a test. A duration of -1 is none.

use std::{borrow::Cow, collections::BTreeMap};

use subunit_core::Status;

use super::case::Case;
use crate::{
    events::{clock::SyntheticClock, clocked::ClockedPush},
    junit::values::{self, cut},
    text::xml::{Element, XmlEvent},
};

/// The namespace of the root, by which it is told from JUnit's.
pub(super) const NAMESPACE: &str = "http://check.sourceforge.net/ns";

/// The elements whose text is kept, of the run or suite, and of a test.
const OF_RUN: &[&str] = &["title", "datetime", "duration"];
const OF_TEST: &[&str] = &["path", "fn", "id", "iteration", "duration", "description", "message"];

/// A message is no longer than this many bytes, and other text is shorter; what is beyond is passed on.
const LONGEST_MESSAGE: usize = 1 << 20;
const LONGEST_PART: usize = 4096;

/// Reads what is below the root. Memory: one test.
///
/// A test's id is `tcase:test`, as in the streams of subunit that libcheck writes. A loop runs a test many
/// times: all but the first time have the number of the iteration after the id, in brackets.
#[derive(Clone, Debug, Default)]
pub(super) struct Check {
    /// Text that belongs to no element has come since the last tag.
    loose: bool,
    /// How many elements are open.
    depth: usize,
    run: Parts,
    /// The test that is read: its result, and all else.
    test: Option<(String, Parts)>,
    /// What the text belongs to.
    part: Option<&'static str>,
}

/// Texts by the names of their elements.
#[derive(Clone, Debug, Default)]
struct Parts(BTreeMap<&'static str, Vec<u8>>);

impl Parts {
    fn bytes(&self, name: &str) -> &[u8] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn text(&self, name: &str) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(name).trim_ascii())
    }
}

impl Check {
    /// Takes what follows the root's start. False where that was the root's end.
    pub(super) fn take(&mut self, event: &XmlEvent<'_>, push: &mut ClockedPush<'_>) -> bool {
        match event {
            XmlEvent::Start(element) => self.start(element, push),
            XmlEvent::Text(bytes) => self.text(bytes, push),
            XmlEvent::End { name, closed } => {
                let Some(depth) = self.depth.checked_sub(1) else { return false };
                self.depth = depth;
                self.end(name, *closed, push);
            }
            _ => {}
        }
        true
    }

    fn start(&mut self, element: &Element, push: &mut ClockedPush<'_>) {
        self.depth += 1;
        self.loose = false;
        let name = element.name();
        if name == "test" {
            self.end_test(false, push);
            let result = cut(element.attribute("result").unwrap_or_default(), LONGEST_PART);
            self.test = Some((result.to_owned(), Parts::default()));
        }
        let known = if self.test.is_some() { OF_TEST } else { OF_RUN };
        self.part = known.iter().find(|known| **known == name).copied();
        if let (Some(part), None) = (self.part, &self.test) {
            self.run.0.remove(part);
        }
    }

    fn text(&mut self, bytes: &[u8], push: &mut ClockedPush<'_>) {
        let mut more = bytes;
        if let Some(name) = self.part {
            let parts = self.test.as_mut().map_or(&mut self.run, |(_, parts)| parts);
            let part = parts.0.entry(name).or_default();
            let longest = if name == "message" { LONGEST_MESSAGE } else { LONGEST_PART };
            let kept;
            (kept, more) = bytes.split_at(bytes.len().min(longest.saturating_sub(part.len())));
            part.extend_from_slice(kept);
        }
        // The space between elements is nobody's, that in front of loose text too.
        if self.part.is_none() && !self.loose {
            more = more.trim_ascii_start();
        }
        if !more.is_empty() {
            self.loose = true;
            push.text(more);
        }
    }

    fn end(&mut self, name: &str, closed: bool, push: &mut ClockedPush<'_>) {
        self.part = None;
        self.loose = false;
        match name {
            "test" => self.end_test(closed, push),
            "datetime" => {
                if let Some(time) = values::timestamp(&self.run.text("datetime")) {
                    *push.clock = SyntheticClock::new(time);
                }
            }
            _ => {}
        }
    }

    fn end_test(&mut self, closed: bool, push: &mut ClockedPush<'_>) {
        let Some((result, parts)) = self.test.take() else { return };
        let mut case = Case::new(&id(&parts));
        case.main.duration = values::seconds(&parts.text("duration"));
        let (file, line) = place(&parts);
        for (tag, value) in [("file", &*file), ("line", &*line), ("suite", &self.run.text("title"))]
        {
            if !value.is_empty() {
                case.tag(&format!("{tag}:{value}"));
            }
        }
        let (file, status) = match &*result {
            "success" => ("message", Status::Success),
            "failure" => ("failure", Status::Fail),
            _ => ("error", Status::Fail),
        };
        let message = parts.bytes("message");
        if status == Status::Fail || message != b"Passed" {
            case.file(file, message, push);
        }
        if !closed && status == Status::Success {
            case.tag("incomplete");
            case.file("reason", b"no result: the report ends within this test", push);
            return case.finish(Status::Fail, push);
        }
        case.finish(status, push);
    }
}

fn id(parts: &Parts) -> String {
    let (case, test) = (parts.text("description"), parts.text("id"));
    let id = if case.is_empty() { test.into_owned() } else { format!("{case}:{test}") };
    match &*parts.text("iteration") {
        "" | "0" => id,
        iteration => format!("{id}[{iteration}]"),
    }
}

/// The file and the line: `ck.c:5` in a folder.
fn place(parts: &Parts) -> (String, String) {
    let (folder, place) = (parts.text("path"), parts.text("fn"));
    let (file, line) = place.rsplit_once(':').unwrap_or((&place, ""));
    let is_here = file.is_empty() || matches!(&*folder, "" | ".");
    let file = if is_here { file.to_owned() } else { format!("{folder}/{file}") };
    (file, line.to_owned())
}
