#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| subunit_formats::fuzzing::libtest(input));
