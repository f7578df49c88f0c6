//! The functions under their names in C.

use std::ffi::{c_char, c_int, c_void};

use crate::{
    event::CEvent,
    options::COptions,
    parser::{CCallbacks, CItem},
    writer::WriteFn,
};

pub(super) const OK: c_int = 0;
pub(super) const ARGUMENT: c_int = -1;
pub(super) const TOO_BIG: c_int = -3;
pub(super) const IO: c_int = -4;
pub(super) const STOPPED: c_int = -6;
pub(super) const STATE: c_int = -8;
pub(super) const INTERNAL: c_int = -9;

unsafe extern "C" {
    pub(super) fn subunit_strerror(code: c_int) -> *const c_char;
    pub(super) fn subunit_status_name(status: u32) -> *const c_char;
    pub(super) fn subunit_event_encode(
        event: *const CEvent,
        buf: *mut c_void,
        capacity: usize,
        size: *mut usize,
    ) -> c_int;
    pub(super) fn subunit_writer_open_fd(
        fd: c_int,
        options: *const COptions,
        out: *mut *mut c_void,
    ) -> c_int;
    pub(super) fn subunit_writer_open_callback(
        write: Option<WriteFn>,
        user: *mut c_void,
        options: *const COptions,
        out: *mut *mut c_void,
    ) -> c_int;
    pub(super) fn subunit_writer_event(writer: *mut c_void, event: *const CEvent) -> c_int;
    pub(super) fn subunit_writer_exists(writer: *mut c_void, id: *const c_char) -> c_int;
    pub(super) fn subunit_writer_start(writer: *mut c_void, id: *const c_char) -> c_int;
    pub(super) fn subunit_writer_result(
        writer: *mut c_void,
        id: *const c_char,
        status: u32,
        text: *const c_char,
    ) -> c_int;
    pub(super) fn subunit_writer_attach(
        writer: *mut c_void,
        id: *const c_char,
        file_name: *const c_char,
        mime_type: *const c_char,
        bytes: *const c_void,
        size: usize,
    ) -> c_int;
    pub(super) fn subunit_writer_bytes(
        writer: *mut c_void,
        bytes: *const c_void,
        size: usize,
    ) -> c_int;
    pub(super) fn subunit_writer_message(writer: *const c_void) -> *const c_char;
    pub(super) fn subunit_writer_os_error(writer: *const c_void) -> c_int;
    pub(super) fn subunit_writer_close(writer: *mut c_void) -> c_int;
    pub(super) fn subunit_parser_new(out: *mut *mut c_void) -> c_int;
    pub(super) fn subunit_parser_feed(
        parser: *mut c_void,
        bytes: *const c_void,
        size: usize,
    ) -> c_int;
    pub(super) fn subunit_parser_finish(parser: *mut c_void) -> c_int;
    pub(super) fn subunit_parser_settle(parser: *mut c_void) -> c_int;
    pub(super) fn subunit_parser_next(parser: *mut c_void, item: *mut CItem) -> c_int;
    pub(super) fn subunit_parser_each(
        parser: *mut c_void,
        callbacks: *const CCallbacks,
        user: *mut c_void,
    ) -> c_int;
    pub(super) fn subunit_parser_message(parser: *const c_void) -> *const c_char;
    pub(super) fn subunit_parser_free(parser: *mut c_void);
}
