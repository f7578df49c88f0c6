//! What holds for any input.

use proptest::prelude::*;
use subunit_core::sink::Summary;

use crate::log::{hex, parse_into, parsed};

/// Lines that mean something, in pieces that may be put together.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "test: a\n",
        "test: b\n",
        "test a\n",
        "success: a\n",
        "success: b\n",
        "failure: a [\n",
        "error: b [\n",
        "]\n",
        " ]\n",
        "skip: a [ multipart\n",
        "Content-Type: text/plain\n",
        "log\n",
        "5\r\n",
        "hello",
        "0\r\n",
        "A\r\n",
        "time: 2024-01-02 03:04:05Z\n",
        "tags: x -y\n",
        "tags: y\n",
        "progress: push\n",
        "...",
        "\r\n",
        "text\n",
    ]);
    prop_oneof![
        12 => words.prop_map(|line| line.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_same_events_however_cut(
        lines in prop::collection::vec(line(), 0..40),
        cuts in prop::collection::vec(1_usize..40, 1..8),
    ) {
        let input = lines.concat();
        let whole = parsed(&input, &[usize::MAX]);
        prop_assert_eq!(&whole, &parsed(&input, &[1]));
        prop_assert_eq!(&whole, &parsed(&input, &cuts));
    }

    #[test]
    fn every_test_that_begins_ends(lines in prop::collection::vec(line(), 0..40)) {
        let mut summary = Summary::new();
        parse_into(&lines.concat(), &[usize::MAX], &mut summary);
        prop_assert_eq!(summary.counts().unfinished, 0);
    }

    #[test]
    fn bytes_that_say_nothing_are_all_text(input in prop::collection::vec(any::<u8>(), 0..200)) {
        let log = parsed(&input, &[usize::MAX]);
        let text: String = log.events.iter().map(|event| event["file_bytes_hex"].as_str().unwrap()).collect();
        prop_assert_eq!(text, hex(&input));
    }
}
