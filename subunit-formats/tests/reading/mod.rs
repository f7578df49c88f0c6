//! What the tests of all readers ask: which events, which counts, and the same however the input is cut.

#![allow(dead_code, reason = "each test program uses its part")]

use std::path::PathBuf;

use subunit_core::sink::Verdict;
pub(crate) use subunit_core::testing::Recorded;
use subunit_formats::FormatReader;

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
