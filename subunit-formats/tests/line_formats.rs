//! Any lines in any pieces: the readers of line formats neither panic nor depend on the cuts.

use proptest::prelude::*;
use subunit_core::testing::Recorded;
use subunit_formats::{
    FormatReader,
    consoles::{automake::AutomakeReader, dejagnu::DejagnuReader, lit::LitReader},
    tap::PythonTapReader,
};

fn read(mut reader: impl FormatReader, input: &[u8], size: usize) -> Recorded {
    let mut log = Recorded::default();
    for piece in input.chunks(size) {
        reader.feed(piece, &mut log);
    }
    reader.finish(&mut log);
    log
}

fn check(reader: impl FormatReader + Clone, input: &[u8], size: usize) {
    let whole = read(reader.clone(), input, input.len().max(1));
    let cut = read(reader, input, size);
    assert_eq!(cut.events, whole.events);
    assert_eq!(cut.text, whole.text);
}

proptest! {
    #[test]
    fn any_lines_in_any_pieces(
        lines in prop::collection::vec(prop::sample::select(LINES), 0..16),
        junk in prop::collection::vec(any::<u8>(), 0..30),
        at in 0_usize..17,
        size in 1_usize..30,
    ) {
        let mut lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        lines.insert(at.min(lines.len()), &junk);
        let input = lines.concat();
        check(DejagnuReader::new(), &input, size);
        check(AutomakeReader::new(), &input, size);
        check(AutomakeReader::named("a"), &input, size);
        check(LitReader::new(), &input, size);
        check(PythonTapReader::new(), &input, size);
    }
}

const LINES: &[&str] = &[
    "PASS: a :: b (1 of 2)\n",
    "FAIL: a :: c (2 of 2)\r\n",
    "******************** TEST 'a :: c' FAILED ********************\n",
    "********************\n",
    "-- Testing: 2 tests, 1 workers --\n",
    "Testing Time: 1s\n",
    ":test-result: PASS\n",
    ":test-result: FAIL x\n",
    ":global-test-result: ERROR\n",
    "# TOTAL: 2\n",
    "\t\t=== gcc tests ===\n",
    "\t\t=== gcc Summary ===\n",
    "Schedule of variations:\n",
    "    unix\n",
    "Running target unix\n",
    "Test run by me\n",
    "ERROR: x\n",
    "KFAIL: y (PRMS: z)\n",
    "PASS: ",
    "1..3\n",
    "ok 2 - a # SKIP b\n",
    "not ok",
    "# c\n",
    "Bail out!\n",
];
