//! Reads formats that put one JSON object on a line, as messages of one run.

use subunit_core::sink::{Flow, Sink};

use crate::{
    events::{
        push::Push,
        reported::{DocumentRun, Ledger},
    },
    reader::FormatReader,
    text::{
        json_line::{LongLines, Object, each_part, find, note_cut},
        line_reader::SplitLines,
    },
};

/// What is known of a run that is told in messages of one format.
pub(crate) trait ObjectLines: Default + Send + 'static {
    /// What the objects begin with, a quote first; anything else is text.
    const BEGINNINGS: &'static [&'static str];

    /// A message. False where it is none of the format's, and text.
    fn message(&mut self, message: &Object, run: &mut DocumentRun<'_, '_>) -> bool;

    /// The input has ended.
    fn finish(&mut self, run: &mut DocumentRun<'_, '_>);
}

/// A reader of the format.
pub(crate) fn reader<M: ObjectLines>() -> Box<dyn FormatReader> {
    Box::new(MessageReader::<M> {
        lines: LongLines::default(),
        state: M::default(),
        ledger: Ledger::default(),
        torn: false,
    })
}

/// Reads messages, each as soon as its line is whole.
///
/// Memory: a line of at most 64 MiB, what the format keeps, and 16 bytes a test.
struct MessageReader<M> {
    lines: LongLines,
    state: M,
    ledger: Ledger,
    /// A line began as a message does and was none.
    torn: bool,
}

impl<M: ObjectLines> FormatReader for MessageReader<M> {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        let Self { lines, state, ledger, torn } = self;
        lines.feed(bytes, |line| *torn |= read_line(line, state, ledger, &mut push));
        push.flow()
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        let Self { state, ledger, torn, .. } = self;
        if let Some(line) = self.lines.finish() {
            *torn |= read_line(&line, state, ledger, &mut push);
        }
        let mut run = DocumentRun::new(&mut push, ledger);
        if std::mem::take(torn) {
            run.shortfall("torn line", "a line begins as a message does and cannot be read");
        }
        state.finish(&mut run);
        (self.state, self.ledger) = (M::default(), Ledger::default());
        push.flow()
    }
}

/// Whether the line is torn.
fn read_line<M: ObjectLines>(
    line: &[u8],
    state: &mut M,
    ledger: &mut Ledger,
    push: &mut Push<'_>,
) -> bool {
    let mut torn = note_cut(line, push);
    each_part(line, |part, tries| {
        let Some(found) = find(part, M::BEGINNINGS, |_| true, tries) else {
            torn |= begins_message::<M>(part);
            push.text(part);
            return 0;
        };
        push.text(found.before);
        let mut run = DocumentRun::new(push, ledger);
        if !state.message(&found.object, &mut run) {
            push.text(&part[found.before.len()..part.len() - found.after.len()]);
        }
        found.after.len()
    });
    torn
}

/// Whether a line that is none begins as messages do, as far as it goes.
fn begins_message<M: ObjectLines>(line: &[u8]) -> bool {
    let is_cut = !line.ends_with(b"\n");
    let Some(inside) = line.trim_ascii_start().strip_prefix(b"{") else { return false };
    let inside = inside.trim_ascii_start();
    let begins = |key: &&str| {
        inside.starts_with(key.as_bytes()) || is_cut && key.as_bytes().starts_with(inside)
    };
    M::BEGINNINGS.iter().any(begins)
}
