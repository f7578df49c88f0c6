//! Reads formats that are one JSON document, test by test while it arrives.

pub(crate) mod beginning;
pub(crate) mod scan;
pub(crate) mod shape;

use serde_json::Value;
use subunit_core::sink::{Flow, Sink};

use crate::{
    events::{
        push::Push,
        reported::{DocumentRun, Ledger},
    },
    reader::FormatReader,
    text::json_line::{Object, Tries, find},
};
use scan::Scanner;
use shape::{DocumentShape, Part};

/// What is known of a document of one format.
pub(crate) trait DocumentFormat: Clone + Default + Send + 'static {
    /// Which parts matter. The first list is the one without which it is no report.
    const SHAPE: &'static DocumentShape;
    /// What a document is called where it fails on its own.
    const NAME: &'static str;

    /// An object in the list of this number.
    fn element(&mut self, list: usize, object: Object, run: &mut DocumentRun<'_, '_>);

    /// A member.
    fn member(&mut self, _key: &str, _value: Value, _run: &mut DocumentRun<'_, '_>) {}

    /// The document is whole: what is wrong with it.
    fn end(&mut self, run: &mut DocumentRun<'_, '_>) -> Option<String>;
}

/// A reader of the format.
pub(crate) fn reader<D: DocumentFormat>() -> Box<dyn FormatReader> {
    Box::new(DocumentReader::<D> {
        scanner: Scanner::new(D::SHAPE),
        state: State {
            document: D::default(),
            ledger: Ledger::default(),
            is_report: false,
            lost: 0,
        },
    })
}

/// Reads documents. One that is cut off, is no report, or has parts that cannot be read is red.
///
/// Memory: one part of at most 64 MiB, and 16 bytes a test.
#[derive(Clone)]
struct DocumentReader<D> {
    scanner: Scanner,
    state: State<D>,
}

#[derive(Clone)]
struct State<D> {
    document: D,
    ledger: Ledger,
    is_report: bool,
    /// Parts that could not be read.
    lost: u64,
}

impl<D: DocumentFormat> FormatReader for DocumentReader<D> {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        self.scanner.feed(bytes, |part| self.state.part(part, &mut push));
        push.flow()
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        self.scanner.settle(|part| self.state.part(part, &mut push));
        push.text(self.scanner.partial());
        if self.scanner.in_document() {
            push.incomplete_group(D::NAME, "the document is cut off", None);
        }
        self.scanner = Scanner::new(D::SHAPE);
        let ledger = Ledger::default();
        self.state = State { document: D::default(), ledger, is_report: false, lost: 0 };
        push.flow()
    }
}

impl<D: DocumentFormat> State<D> {
    fn part(&mut self, part: Part<'_>, push: &mut Push<'_>) {
        match part {
            Part::Text(bytes) => push.text(bytes),
            Part::List(list) => self.is_report |= list == 0,
            Part::TooLarge => self.lost += 1,
            Part::Element(list, bytes) => match object(bytes) {
                Some(object) => {
                    let mut run = DocumentRun::new(push, &mut self.ledger);
                    self.document.element(list, object, &mut run);
                }
                None => self.unread(bytes, push),
            },
            Part::Member(key, bytes) => match value(bytes) {
                Some(value) => {
                    let mut run = DocumentRun::new(push, &mut self.ledger);
                    self.document.member(key, value, &mut run);
                }
                None => self.unread(bytes, push),
            },
            Part::End => self.end(push),
        }
    }

    fn unread(&mut self, bytes: &[u8], push: &mut Push<'_>) {
        push.text(bytes);
        self.lost += 1;
    }

    fn end(&mut self, push: &mut Push<'_>) {
        let mut run = DocumentRun::new(push, &mut self.ledger);
        let wrong = self.document.end(&mut run);
        let lost = std::mem::take(&mut self.lost);
        if !std::mem::take(&mut self.is_report) {
            let list = D::SHAPE.lists.first().map(|keys| keys.join("."));
            run.shortfall(D::NAME, &format!("it has no {}", list.unwrap_or_default()));
        } else if lost > 0 {
            run.shortfall(D::NAME, &format!("{lost} of its parts could not be read"));
        } else if let Some(wrong) = wrong {
            run.shortfall(D::NAME, &wrong);
        }
        self.document = D::default();
        self.ledger.next_document();
    }
}

/// An object in JSON, mended where it has to be.
pub(crate) fn object(bytes: &[u8]) -> Option<Object> {
    let found = find(bytes, &["\"", "}"], |_| true, &mut Tries::default())?;
    found.before.is_empty().then_some(found.object)
}

fn value(bytes: &[u8]) -> Option<Value> {
    match bytes {
        [b'{', ..] => object(bytes).map(|object| Value::Object(object.0)),
        _ => serde_json::from_slice(bytes).ok(),
    }
}
