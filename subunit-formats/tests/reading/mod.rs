//! What the tests of all readers ask: which events, which counts, and the same however the input is cut.

#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, reason = "a failure ends the test")]

use std::path::PathBuf;

pub(crate) use subunit_core::testing::Recorded;
use subunit_core::{InputReader, sink::Verdict};
use subunit_formats::{FormatReader, auto::AutoReader};

/// A file of test data.
pub(crate) fn data(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "data", name].iter().collect();
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reads pieces one after the other.
pub(crate) fn read_pieces<'a, R: FormatReader>(
    mut reader: R,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Recorded {
    let mut recorded = Recorded::default();
    for piece in pieces {
        reader.feed(piece, &mut recorded);
    }
    reader.finish(&mut recorded);
    recorded
}

/// Reads an input whole, and byte by byte and in odd pieces, which must not make a difference.
pub(crate) fn read<R: FormatReader + Clone>(reader: R, input: &[u8]) -> Recorded {
    let whole = read_pieces(reader.clone(), [input]);
    for cut in [1, 7, 4093] {
        let cut_up = read_pieces(reader.clone(), input.chunks(cut));
        assert_eq!(cut_up.text, whole.text, "text, in pieces of {cut}");
        assert_eq!(cut_up.events.len(), whole.events.len(), "events, in pieces of {cut}");
        for (event, expected) in cut_up.events.iter().zip(&whole.events) {
            assert_eq!(event, expected, "in pieces of {cut}");
        }
    }
    whole
}

/// Cuts a red input off at many places: it must never look green.
pub(crate) fn never_green_when_cut<R: FormatReader + Clone>(reader: R, input: &[u8]) {
    assert_eq!(read_pieces(reader.clone(), [input]).verdict(), Verdict::Failed, "the whole is red");
    let step = (input.len() / 300).max(1);
    for end in (0..input.len()).step_by(step) {
        let cut = read_pieces(reader.clone(), [&input[..end]]);
        assert_ne!(cut.verdict(), Verdict::Passed, "cut off at byte {end}");
        assert_eq!(cut.counts().unfinished, 0, "cut off at byte {end}");
    }
}

/// The rows of the table of samples in this folder of test data, one blank between words.
pub(crate) fn table(folder: &str) -> String {
    let table = String::from_utf8(data(&format!("{folder}/table.txt"))).unwrap();
    let rows = table.lines().filter(|row| !row.is_empty() && !row.starts_with('#'));
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// How tables call a verdict.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "green",
        Verdict::Failed => "red",
        Verdict::NoTests => "none",
    }
}

/// What is read of an input that nobody names, in pieces of this size, and what it is taken for.
pub(crate) fn detected(input: &[u8], size: usize) -> (Recorded, Option<&'static str>) {
    let (mut reader, mut recorded) = (AutoReader::new(None), Recorded::default());
    for piece in input.chunks(size.max(1)) {
        reader.space(piece.len())[..piece.len()].copy_from_slice(piece);
        reader.filled(piece.len(), &mut recorded);
    }
    reader.finish(&mut recorded);
    (recorded, reader.told().map(|format| format.name()))
}

/// Numbers that look random, the same in every run (xorshift).
pub(crate) struct Numbers(pub(crate) u64);

impl Iterator for Numbers {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Some(self.0)
    }
}
