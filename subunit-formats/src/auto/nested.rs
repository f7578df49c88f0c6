//! Text of a format, in which a second runner's output, in another format, may stand.

use subunit_core::{
    Damage, Event,
    sink::{Flow, Sink},
};

use super::{begun::Begun, encoding::without_mark, redetect::Redetector};
use crate::{Format, reader::FormatReader};

/// How many formats are read from one input; anything after them is text.
const MOST: usize = 4;

/// The reader of a format, and what becomes of the text that is not the format's.
pub(crate) struct NestedReader {
    format: Format,
    reader: Box<dyn FormatReader>,
    others: Others,
}

enum Others {
    /// It is looked through for a format that has not been read yet.
    Open(Redetector),
    /// It is another format's.
    Format(Box<NestedReader>),
    /// It is text.
    Closed,
}

impl NestedReader {
    /// Reads what has begun; `outer` are the formats whose text it is. `None` where a format has no reader.
    pub(crate) fn begin(begun: Begun, outer: &[Format], sink: &mut dyn Sink) -> Option<Self> {
        let known = [outer, &[begun.format]].concat();
        let others =
            if known.len() < MOST { Others::Open(Redetector::new(known)) } else { Others::Closed };
        let format = begun.format;
        let mut nested = Self { format, reader: format.reader()?, others };
        nested.feed(without_mark(&begun.bytes), sink);
        Some(nested)
    }

    /// The format that was told first.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Takes the next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        self.reader.feed(bytes, &mut Aside { others: &mut self.others, sink })
    }

    /// The input has fallen silent.
    pub(crate) fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.reader.settle(&mut Aside { others: &mut self.others, sink }).is_break() {
            return Flow::Break;
        }
        match &mut self.others {
            Others::Open(redetector) => redetector.pause(sink),
            Others::Format(nested) => nested.settle(sink),
            Others::Closed => Flow::Continue,
        }
    }

    /// Takes text that is nobody's, whatever was read so far.
    pub(crate) fn pass(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        match &mut self.others {
            Others::Format(nested) => nested.pass(bytes, sink),
            Others::Open(redetector) => redetector.release(sink).and_then(|| sink.text(bytes)),
            Others::Closed => sink.text(bytes),
        }
    }

    /// The input has ended.
    pub(crate) fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.reader.finish(&mut Aside { others: &mut self.others, sink }).is_break() {
            return Flow::Break;
        }
        self.others.last_line(sink);
        match &mut self.others {
            Others::Format(nested) => nested.finish(sink),
            Others::Open(_) | Others::Closed => Flow::Continue,
        }
    }
}

impl Others {
    fn text(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        match self {
            Self::Open(redetector) => {
                let begun = redetector.text(bytes, sink);
                self.begin(begun, sink);
                Flow::Continue
            }
            Self::Format(nested) => nested.feed(bytes, sink),
            Self::Closed => sink.text(bytes),
        }
    }

    fn last_line(&mut self, sink: &mut dyn Sink) {
        if let Self::Open(redetector) = self {
            let begun = redetector.last_line(sink);
            self.begin(begun, sink);
        }
    }

    fn begin(&mut self, begun: Option<Begun>, sink: &mut dyn Sink) {
        let (Self::Open(redetector), Some(begun)) = (&self, begun) else { return };
        if let Some(nested) = NestedReader::begin(begun, redetector.known(), sink) {
            *self = Self::Format(Box::new(nested));
        }
    }

    /// Something comes that is not text: what is held of it came before.
    fn release(&mut self, sink: &mut dyn Sink) -> Flow {
        match self {
            Self::Open(redetector) => redetector.release(sink),
            Self::Format(_) | Self::Closed => Flow::Continue,
        }
    }
}

/// What a reader pushes into: its text is the others'.
struct Aside<'a> {
    others: &'a mut Others,
    sink: &'a mut dyn Sink,
}

impl Sink for Aside<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.others.release(self.sink).and_then(|| self.sink.event(event))
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.others.text(bytes, self.sink)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.others.release(self.sink).and_then(|| self.sink.damage(damage))
    }
}
