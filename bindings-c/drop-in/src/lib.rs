//! The drop-in for the old C library: its six functions, and two more that choose the protocol.
//!
//! `include/subunit/child.h` documents every function; the names, the types and the bytes of version 1
//! are those of libsubunit 1.4.0.

#![deny(unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks)]

mod cut_id;
mod report;
mod settings;

use std::ffi::{CStr, c_char, c_int};

use report::Outcome;
use subunit_c_shared::guard;

/// A string of the caller's; NULL is what printf makes of it.
///
/// # Safety
///
/// `string` is NULL or points to a string ended by NUL that does not change for `'a`.
unsafe fn text<'a>(string: *const c_char) -> &'a [u8] {
    // SAFETY: the caller's promise.
    unsafe { optional(string) }.unwrap_or(b"(null)")
}

/// A string of the caller's, `None` for NULL.
///
/// # Safety
///
/// As [`text`].
unsafe fn optional<'a>(string: *const c_char) -> Option<&'a [u8]> {
    if string.is_null() {
        return None;
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    Some(unsafe { CStr::from_ptr(string) }.to_bytes())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_test_start(name: *const c_char) {
    // SAFETY: the header asks for a string ended by NUL.
    guard((), || report::start(unsafe { text(name) }));
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_test_pass(name: *const c_char) {
    // SAFETY: the header asks for a string ended by NUL.
    guard((), || report::end(Outcome::Pass, unsafe { text(name) }, None));
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_test_fail(name: *const c_char, error: *const c_char) {
    // SAFETY: the header asks for strings ended by NUL; `error` may be NULL.
    guard((), || report::end(Outcome::Fail, unsafe { text(name) }, unsafe { optional(error) }));
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_test_error(name: *const c_char, error: *const c_char) {
    // SAFETY: the header asks for strings ended by NUL; `error` may be NULL.
    guard((), || report::end(Outcome::Error, unsafe { text(name) }, unsafe { optional(error) }));
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_test_skip(name: *const c_char, reason: *const c_char) {
    // SAFETY: the header asks for strings ended by NUL; `reason` may be NULL.
    guard((), || report::end(Outcome::Skip, unsafe { text(name) }, unsafe { optional(reason) }));
}

#[unsafe(no_mangle)]
extern "C" fn subunit_progress(whence: c_int, offset: c_int) {
    guard((), || report::progress(whence, offset));
}

#[unsafe(no_mangle)]
extern "C" fn subunit_set_protocol(version: c_int) {
    guard((), || settings::set_protocol(version));
}

#[unsafe(no_mangle)]
extern "C" fn subunit_get_protocol() -> c_int {
    guard(1, || settings::settings().protocol.number())
}
