//! The reader of the format that `SUBUNIT_FUZZ_FORMAT` names. `.ci/fuzz` runs this target once for each format.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use subunit_formats::{Format, fuzzing};

static FORMAT: LazyLock<Format> = LazyLock::new(|| {
    let name = std::env::var("SUBUNIT_FUZZ_FORMAT").unwrap_or_default();
    let names: Vec<_> = fuzzing::formats().map(Format::name).collect();
    name.parse().unwrap_or_else(|_| panic!("SUBUNIT_FUZZ_FORMAT is one of {}", names.join(" ")))
});

fuzz_target!(|input: &[u8]| fuzzing::reader(*FORMAT, input));
