//! One body for all formats that are read.

use subunit_core::fuzzing::{Log, cuts, reads_the_same, survives};

use crate::{Format, format::Shape, reader::FormatReader};

/// The formats that this body is for. Version 2 of subunit, version 1 and JSON Lines have bodies of their own, and KTAP
/// has the reader of TAP.
pub fn formats() -> impl Iterator<Item = Format> {
    use Format::{Jsonl, Ktap, Subunit, SubunitV1};
    Format::ALL.into_iter().filter(|format| !matches!(format, Subunit | SubunitV1 | Jsonl | Ktap))
}

/// What holds for the reader of a format, and that a line which is none of the format's comes out where it is a format
/// of lines.
pub fn reader(format: Format, input: &[u8]) {
    let Some(new) = format.row().reader else { return };
    // The same events however the input is cut, all of which fit the wire, and no test left open.
    let whole = reads_the_same(input, |pieces| log(new(), pieces));
    assert_eq!(whole.counts().unfinished, 0, "{:?}", whole.said());
    pauses(input, new());
    if format.row().shape == Shape::Lines {
        survives(input, |pieces| log(new(), pieces));
    }
}

fn log(mut reader: Box<dyn FormatReader>, pieces: &[&[u8]]) -> Log {
    let mut log = Log::default();
    for piece in pieces {
        reader.feed(piece, &mut log);
    }
    reader.finish(&mut log);
    log
}

/// An input that pauses anywhere: nothing is left open at its end either.
fn pauses(input: &[u8], mut reader: Box<dyn FormatReader>) {
    let [_, _, small, _] = cuts(input);
    let mut log = Log::default();
    for piece in small {
        reader.feed(piece, &mut log);
        reader.settle(&mut log);
    }
    reader.finish(&mut log);
    assert_eq!(log.counts().unfinished, 0, "with pauses: {:?}", log.said());
}
