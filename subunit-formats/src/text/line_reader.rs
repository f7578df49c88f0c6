//! Readers of lines: what is in all of them alike, around what is known between lines.

use subunit_core::sink::{Flow, Sink};

use crate::{events::push::Push, reader::FormatReader, text::lines::Lines};

/// What makes lines of bytes.
pub(crate) trait SplitLines {
    /// Takes bytes and calls `each` with every line that is whole now, its line end included.
    fn feed(&mut self, bytes: &[u8], each: impl FnMut(&[u8]));

    /// The last line, if it has no line end.
    fn finish(&mut self) -> Option<Vec<u8>>;
}

impl SplitLines for Lines {
    fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        Self::feed(self, bytes, |line| {
            each(line);
            Flow::Continue
        });
    }

    fn finish(&mut self) -> Option<Vec<u8>> {
        Self::finish(self)
    }
}

/// What a reader of lines knows between them.
pub(crate) trait LineState {
    /// The next line, its line end included.
    fn line(&mut self, line: &[u8], push: &mut Push<'_>);

    /// The input has fallen silent.
    fn settle(&mut self, _push: &mut Push<'_>) {}

    /// The input has ended.
    fn finish(&mut self, push: &mut Push<'_>);
}

/// Reads lines, and goes on to the end of what it is fed when a stop is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineReader<S, L> {
    lines: L,
    state: S,
}

impl<S: LineState + Send, L: SplitLines + Send> FormatReader for LineReader<S, L> {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        self.lines.feed(bytes, |line| self.state.line(line, &mut push));
        push.flow()
    }

    fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        self.state.settle(&mut push);
        push.flow()
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        if let Some(line) = self.lines.finish() {
            self.state.line(&line, &mut push);
        }
        self.state.finish(&mut push);
        push.flow()
    }
}

/// What a reader of short lines knows between them: only what a line begins with says something.
pub(crate) trait ShortLineState {
    /// The next line; of one that is too long, the first piece, which has no line end.
    fn line(&mut self, line: &[u8], sink: &mut dyn Sink) -> Flow;

    /// Another piece of a line that is too long.
    fn rest(&mut self, piece: &[u8], sink: &mut dyn Sink) -> Flow {
        sink.text(piece)
    }

    /// The input has fallen silent.
    fn settle(&mut self, _sink: &mut dyn Sink) -> Flow {
        Flow::Continue
    }

    /// The input has ended.
    fn finish(&mut self, sink: &mut dyn Sink) -> Flow;
}

/// Reads short lines, and stops where a stop is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShortLineReader<S> {
    lines: Lines,
    within_line: bool,
    state: S,
}

impl<S: ShortLineState> ShortLineReader<S> {
    /// Before the first byte, where this much is known.
    pub(crate) fn with(state: S) -> Self {
        Self { lines: Lines::default(), within_line: false, state }
    }
}

impl<S: ShortLineState + Send> FormatReader for ShortLineReader<S> {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let Self { lines, within_line, state } = self;
        lines.feed(bytes, |piece| take(state, within_line, piece, sink))
    }

    fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        self.state.settle(sink)
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let Self { lines, within_line, state } = self;
        let last = lines.finish();
        last.map_or(Flow::Continue, |piece| take(state, within_line, &piece, sink))
            .and_then(|| state.finish(sink))
    }
}

fn take(
    state: &mut impl ShortLineState,
    within_line: &mut bool,
    piece: &[u8],
    sink: &mut dyn Sink,
) -> Flow {
    if std::mem::replace(within_line, !piece.ends_with(b"\n")) {
        return state.rest(piece, sink);
    }
    state.line(piece, sink)
}
