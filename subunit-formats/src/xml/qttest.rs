//! The XML of QtTest (`-xml`, `-o FILE,xml`), and its `lightxml`, which has no root.
//!
//! By Qt 5.15.
//!
//! * Ids are `Class::function(tag)`, as on the console; in `lightxml`, which knows no class, `function(tag)`.
//! * The last incident of a function and its row is the result: what fails as expected passes after it. Skips are messages.
//! * Other messages are the file `log`; what tests print stands between the elements, and is `stdout`.
//! * It has no totals. Without the `Duration` of the whole a `lightxml` is cut off.

use subunit_core::{
    Status,
    conventions::{REASON, STDOUT},
};

use crate::{
    events::{
        clock::seconds,
        reported::{DocumentRun, Reported},
    },
    format::{Row, Signs},
    text::xml::Element,
    xml::reader::{self, EndedElement, Path, XmlReport},
};

/// The XML of QtTest.
pub(crate) const ROW: Row = Row {
    name: "qttest-xml",
    title: "the XML of QtTest",
    signs: Signs { roots: &["<TestCase", "<TestFunction"], ..Signs::NONE },
    ..Row::document(reader::reader::<Class>)
};

/// What is known of a class. Memory: the rows of one function.
#[derive(Default)]
struct Class {
    name: String,
    function: Option<Function>,
    /// The incident or message that is read: its type and place, its row, what it says.
    kind: String,
    place: String,
    tag: String,
    said: String,
    /// It is a `lightxml` whose end has not come.
    is_open: bool,
}

#[derive(Default)]
struct Function {
    id: String,
    /// The rows, or the function itself, each with its tag.
    rows: Vec<(String, Reported)>,
    duration: Option<f64>,
    log: String,
}

impl XmlReport for Class {
    const NAME: &'static str = "qttest report";
    const ROOTS: &'static [&'static str] = &["TestCase", "TestFunction", "Duration", "Environment"];

    fn start(&mut self, element: &Element, path: &Path, _run: &mut DocumentRun<'_, '_>) {
        let text = |key: &str| element.attribute(key).unwrap_or_default();
        match element.name() {
            "TestCase" => text("name").clone_into(&mut self.name),
            "TestFunction" => {
                self.is_open |= path.parent().is_empty();
                let class = match self.name.as_str() {
                    "" => String::new(),
                    name => format!("{name}::"),
                };
                let id = format!("{class}{}", text("name"));
                self.function = Some(Function { id, ..Function::default() });
            }
            "Incident" | "Message" => {
                text("type").clone_into(&mut self.kind);
                self.place = format!("{}:{}", text("file"), text("line"));
                (self.tag, self.said) = Default::default();
            }
            "Duration" if path.parent() == "TestFunction" => {
                if let Some(function) = &mut self.function {
                    function.duration = text("msecs").parse().ok();
                }
            }
            // The end of a `lightxml`.
            "Duration" if path.parent().is_empty() => self.is_open = false,
            _ => {}
        }
    }

    fn end(&mut self, ended: EndedElement<'_>, _path: &Path, run: &mut DocumentRun<'_, '_>) {
        match ended.name {
            "DataTag" => self.tag = ended.trimmed(),
            "Description" => self.said = ended.trimmed(),
            "Incident" | "Message" if ended.closed => self.note(ended.name == "Message"),
            "TestFunction" => {
                if let Some(function) = self.function.take() {
                    function.end(&ended, run);
                }
            }
            "TestCase" => self.name.clear(),
            _ => {}
        }
    }

    fn finish(&mut self, run: &mut DocumentRun<'_, '_>) {
        if std::mem::take(&mut self.is_open) {
            run.shortfall(Self::NAME, "it is cut off: there is no Duration of the whole");
        }
    }

    fn goes_on(&self) -> bool {
        self.is_open
    }
}

impl Class {
    /// An incident or a message is whole.
    fn note(&mut self, is_message: bool) {
        let Some(function) = &mut self.function else { return };
        let (tag, said) = (std::mem::take(&mut self.tag), std::mem::take(&mut self.said));
        let place = self.place.trim_end_matches(":0").trim_matches(':');
        if is_message && self.kind != "skip" {
            function.log.push_str(&format!("{}: {said}\n", self.kind));
            return;
        }
        let status = match self.kind.as_str() {
            "pass" | "bpass" | "xfail" | "bxfail" | "bfail" | "bxpass" => Some(Status::Success),
            "fail" => Some(Status::Fail),
            "xpass" => Some(Status::UnexpectedSuccess),
            "skip" => Some(Status::Skip),
            _ => None,
        };
        let row = function.row(tag);
        let said = if place.is_empty() { said } else { format!("{place}: {said}") };
        match status {
            Some(Status::Fail) => row.file("failure", said),
            Some(Status::Success) if self.kind == "pass" => {}
            Some(_) => row.file(REASON, format!("{}: {said}", self.kind)),
            None => row.file(REASON, format!("unknown type `{}`: {said}", self.kind)),
        }
        row.set_status(status.unwrap_or(Status::Fail));
    }
}

impl Function {
    fn row(&mut self, tag: String) -> &mut Reported {
        let at = match self.rows.iter().rposition(|(row, _)| *row == tag) {
            Some(at) => at,
            None => {
                let reported = Reported::new(format!("{}({tag})", self.id), Status::Success);
                self.rows.push((tag, reported));
                self.rows.len() - 1
            }
        };
        &mut self.rows[at].1
    }

    fn end(mut self, ended: &EndedElement<'_>, run: &mut DocumentRun<'_, '_>) {
        if self.rows.is_empty() {
            let row = self.row(String::new());
            row.set_status(Status::Fail);
            if ended.closed {
                row.file(REASON, "no result: it has no incident");
            }
        }
        let is_one = self.rows.len() == 1;
        let last = self.rows.len() - 1;
        for (nth, (_, mut row)) in std::mem::take(&mut self.rows).into_iter().enumerate() {
            // The function says how long all of its rows took.
            if is_one {
                row.duration = self.duration.and_then(|millis| seconds(millis / 1e3));
            }
            if nth == last {
                row.file(STDOUT, ended.text.as_slice());
                row.file("log", std::mem::take(&mut self.log));
                if !ended.closed {
                    row.cut_off();
                }
            }
            run.result(&row);
        }
    }
}
