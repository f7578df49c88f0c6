//! Every reader and writer of a format. `cargo bench -p subunit-tests --bench formats`

use divan::{Bencher, black_box, counter::ItemsCount};
use subunit_formats::Format;
use subunit_tests::{
    corpus::{self, Kind},
    documents,
};

const TESTS: u64 = 5000;

fn main() {
    divan::main();
}

/// Reads a document of 5000 tests.
#[divan::bench(args = Format::ALL.iter().map(|format| format.name()).filter(|name| *name != "subunit"))]
fn read(bencher: Bencher<'_, '_>, name: &str) {
    let Ok(format) = name.parse::<Format>() else { return };
    let Some(document) = documents::document(format, TESTS) else { return };
    bencher.counter(ItemsCount::new(TESTS)).bench(|| documents::read(format, black_box(&document)));
}

/// Writes a report on 10 000 packets, of which two are a test.
#[divan::bench(args = documents::reports())]
fn write(bencher: Bencher<'_, '_>, name: &str) {
    let stream = corpus::stream(Kind::Small, TESTS * 2, 1);
    bencher
        .counter(ItemsCount::new(TESTS * 2))
        .bench(|| documents::report(name, black_box(&stream)));
}
