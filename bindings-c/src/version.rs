//! Which version of the library this is.

use std::ffi::c_char;

/// 0.1.0 is 1000, 1.2.3 is 1002003.
const NUMBER: u32 = part(env!("CARGO_PKG_VERSION_MAJOR")) * 1_000_000
    + part(env!("CARGO_PKG_VERSION_MINOR")) * 1000
    + part(env!("CARGO_PKG_VERSION_PATCH"));

const fn part(digits: &str) -> u32 {
    match u32::from_str_radix(digits, 10) {
        Ok(number) => number,
        Err(_) => panic!("cargo's versions are numbers"),
    }
}

#[unsafe(no_mangle)]
extern "C" fn subunit_version_number() -> u32 {
    NUMBER
}

#[unsafe(no_mangle)]
extern "C" fn subunit_version_string() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
