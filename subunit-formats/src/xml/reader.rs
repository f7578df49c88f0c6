//! Reads reports in XML, element by element while they arrive.

use subunit_core::sink::{Flow, Sink};

use crate::{
    events::{
        push::Push,
        reported::{DocumentRun, Ledger, Reported},
    },
    reader::FormatReader,
    text::xml::{Element, Trouble, Xml, XmlEvent},
};

/// The texts of the open elements are kept up to this size; what is more is passed through.
const MOST_TEXT: usize = 16 << 20;

/// What is known of a report in XML of one format.
pub(crate) trait XmlReport: Default + Send + 'static {
    /// What a report is called where it fails on its own.
    const NAME: &'static str;
    /// The elements that begin one.
    const ROOTS: &'static [&'static str];

    /// An element begins.
    fn start(&mut self, element: &Element, path: &Path, run: &mut DocumentRun<'_, '_>);

    /// An element ends; its own text is in `ended`, unless it was printed by someone else.
    fn end(&mut self, ended: EndedElement<'_>, path: &Path, run: &mut DocumentRun<'_, '_>);

    /// The report is whole: what is wrong with it.
    fn whole(&mut self, _run: &mut DocumentRun<'_, '_>) -> Option<String> {
        None
    }

    /// Whether the next report belongs to the same run as this one.
    fn goes_on(&self) -> bool {
        false
    }

    /// The input has ended, after as many reports as there were.
    fn finish(&mut self, _run: &mut DocumentRun<'_, '_>) {}
}

/// An element that ends.
pub(crate) struct EndedElement<'e> {
    pub(crate) name: &'e str,
    /// Its own text, without that of the elements in it.
    pub(crate) text: Vec<u8>,
    /// Whether its end is in the report.
    pub(crate) closed: bool,
}

impl EndedElement<'_> {
    /// Its text without blanks around it.
    pub(crate) fn trimmed(&self) -> String {
        String::from_utf8_lossy(self.text.trim_ascii()).into_owned()
    }
}

/// The elements around one, the innermost last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path(Vec<Open>);

#[derive(Clone, Debug)]
struct Open {
    name: String,
    text: Vec<u8>,
}

impl Path {
    /// The name of the element around; empty for a root.
    pub(crate) fn parent(&self) -> &str {
        self.0.last().map(|open| open.name.as_str()).unwrap_or_default()
    }

    /// Whether an element of the name is around.
    pub(crate) fn is_in(&self, name: &str) -> bool {
        self.0.iter().any(|open| open.name == name)
    }
}

/// A reader of the format.
pub(crate) fn reader<R: XmlReport>() -> Box<dyn FormatReader> {
    Box::new(XmlReader::<R> {
        xml: Xml::new(R::ROOTS),
        state: State {
            report: R::default(),
            path: Path::default(),
            held: 0,
            is_cut: false,
            has_odd_tags: false,
        },
        ledger: Ledger::default(),
    })
}

/// Reads reports. One that is cut off is red.
///
/// Memory: the texts of the open elements, at most 16 MiB, what the format keeps of one test, and 16 bytes a test.
struct XmlReader<R> {
    xml: Xml,
    state: State<R>,
    ledger: Ledger,
}

struct State<R> {
    report: R,
    path: Path,
    /// How long the texts are.
    held: usize,
    /// The report that ends is not whole.
    is_cut: bool,
    /// It has tags that cannot be read, which is told once.
    has_odd_tags: bool,
}

impl<R: XmlReport> FormatReader for XmlReader<R> {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        let Self { xml, state, ledger } = self;
        xml.feed(bytes, &mut |event| state.take(event, &mut push, ledger));
        push.flow()
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        let Self { xml, state, ledger } = self;
        xml.finish(&mut |event| state.take(event, &mut push, ledger));
        state.report.finish(&mut DocumentRun::new(&mut push, ledger));
        state.report = R::default();
        self.ledger = Ledger::default();
        push.flow()
    }
}

impl<R: XmlReport> State<R> {
    fn take(&mut self, event: XmlEvent<'_>, push: &mut Push<'_>, ledger: &mut Ledger) {
        let mut run = DocumentRun::new(push, ledger);
        match event {
            XmlEvent::Outside(bytes) => run.text(bytes),
            XmlEvent::Text(bytes) => self.text(bytes, &mut run),
            XmlEvent::Comment(_) => {}
            XmlEvent::Start(element) => {
                self.drop_blanks();
                self.report.start(element, &self.path, &mut run);
                self.path.0.push(Open { name: element.name().to_owned(), text: Vec::new() });
            }
            XmlEvent::End { closed, .. } => {
                let Some(Open { name, text }) = self.path.0.pop() else { return };
                self.held -= text.len();
                self.report.end(EndedElement { name: &name, text, closed }, &self.path, &mut run);
                if self.path.0.is_empty() {
                    self.end(&mut run);
                }
            }
            XmlEvent::Trouble(trouble) => {
                self.is_cut |= trouble == Trouble::Truncated;
                let is_odd = trouble == Trouble::Tag;
                if !(is_odd && std::mem::replace(&mut self.has_odd_tags, is_odd)) {
                    run.shortfall(R::NAME, &trouble.to_string());
                }
            }
        }
    }

    fn text(&mut self, bytes: &[u8], run: &mut DocumentRun<'_, '_>) {
        let Some(open) = self.path.0.last_mut() else { return run.text(bytes) };
        let (kept, more) = bytes.split_at(bytes.len().min(MOST_TEXT.saturating_sub(self.held)));
        open.text.extend_from_slice(kept);
        self.held += kept.len();
        run.text(more);
    }

    /// Blanks between elements are no text.
    fn drop_blanks(&mut self) {
        let Some(open) = self.path.0.last_mut() else { return };
        let text = open.text.trim_ascii_end().len();
        self.held -= open.text.len() - text;
        open.text.truncate(text);
    }

    fn end(&mut self, run: &mut DocumentRun<'_, '_>) {
        if std::mem::take(&mut self.is_cut) {
            self.report = R::default();
        } else if let Some(wrong) = self.report.whole(run) {
            run.shortfall(R::NAME, &wrong);
        }
        self.has_odd_tags = false;
        if !self.report.goes_on() {
            run.next_document();
        }
    }
}

/// Tells a test whose element ends, with what came of it if the element is cut off.
pub(crate) fn tell(mut reported: Reported, closed: bool, run: &mut DocumentRun<'_, '_>) {
    if !closed {
        reported.cut_off();
    }
    run.result(&reported);
}
