//! Two writers to functions, written to in any order.

use std::{
    ffi::{c_int, c_void},
    ptr, slice,
};

use subunit_core::{Item, fuzzing::Choices, items};

use super::{
    calls::{
        ARGUMENT, INTERNAL, IO, OK, subunit_writer_attach, subunit_writer_bytes,
        subunit_writer_close, subunit_writer_event, subunit_writer_exists, subunit_writer_message,
        subunit_writer_open_callback, subunit_writer_open_fd, subunit_writer_os_error,
        subunit_writer_result, subunit_writer_start,
    },
    values::{Owned, Sized, pointer, string, words},
};
use crate::{options::COptions, writer::WriteFn};

#[derive(Default)]
pub(super) struct Writers([One; 2]);

/// A writer, and the code of its first failure.
struct One {
    writer: *mut c_void,
    output: Box<Output>,
    first: c_int,
}

/// Where a writer's packets go.
#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    writes: usize,
    /// What the function returns.
    answer: c_int,
}

impl Default for One {
    fn default() -> Self {
        Self { writer: ptr::null_mut(), output: Box::default(), first: OK }
    }
}

impl Writers {
    pub(super) fn step(&mut self, what: u8, choices: &mut Choices<'_>) {
        let one = &mut self.0[usize::from(what & 1)];
        match what >> 1 & 15 {
            0 | 1 => one.open(choices),
            2 => one.open_badly(choices),
            3 => one.output.answer = c_int::from(choices.byte() & 3),
            4 => one.raw(choices),
            5 => one.ask(),
            6 => one.close(),
            which => one.write(which, choices),
        }
    }

    pub(super) fn end(&mut self) {
        self.0.iter_mut().for_each(One::close);
    }
}

impl One {
    fn open(&mut self, choices: &mut Choices<'_>) {
        self.close();
        let owned = Owned::new(choices);
        let (tags, tag_count) = owned.tags();
        let options = COptions {
            struct_size: 0,
            flags: u32::from(choices.byte() & 1) | if choices.byte() == 9 { 4 } else { 0 },
            max_packet: choices.word() >> choices.below(32),
            route_code: owned.first(),
            tags,
            tag_count,
        };
        let (mut options, size) = Sized::new(options, choices);
        options.value.struct_size = size;
        let options =
            if choices.yes() { ptr::null() } else { (&raw const options).cast::<COptions>() };
        let user: *mut Output = &raw mut *self.output;
        // SAFETY: the options are NULL or as long as their size says, or that is no struct's; the output
        // outlives the writer; there is room for a pointer.
        let code = unsafe {
            let write: WriteFn = write;
            subunit_writer_open_callback(Some(write), user.cast(), options, &raw mut self.writer)
        };
        assert_ne!(code, INTERNAL);
        assert_eq!(code == OK, !self.writer.is_null());
    }

    /// Opens nothing: each of these is refused.
    fn open_badly(&mut self, choices: &mut Choices<'_>) {
        let mut out = ptr::NonNull::<c_void>::dangling().as_ptr();
        let place: *mut *mut c_void = &raw mut out;
        // SAFETY: what is wrong with these is for the library to refuse.
        let (code, written) = unsafe {
            match choices.below(3) {
                0 => {
                    (subunit_writer_open_callback(None, ptr::null_mut(), ptr::null(), place), true)
                }
                1 => (subunit_writer_open_fd(-1, ptr::null(), place), true),
                _ => (subunit_writer_open_fd(1, ptr::null(), ptr::null_mut()), false),
            }
        };
        assert_eq!(code, ARGUMENT);
        assert!(!written || out.is_null());
    }

    /// Calls a function that writes events: whatever it writes is whole packets.
    fn write(&mut self, which: u8, choices: &mut Choices<'_>) {
        let owned = Owned::new(choices);
        let event = owned.event(choices);
        let (id, text) = (string(choices), string(choices));
        let (id, text) = (pointer(&id), pointer(&text));
        let content = choices.content();
        let before = self.output.bytes.len();
        let status = choices.below(9) as u32;
        // SAFETY: the writer is NULL or open, strings are NULL or ended by NUL, and there are as many
        // bytes as is said.
        let code = unsafe {
            match which {
                7 => subunit_writer_exists(self.writer, id),
                8 => subunit_writer_start(self.writer, id),
                9 | 10 => subunit_writer_result(self.writer, id, status, text),
                11 | 12 => {
                    let (bytes, size) = (content.as_ptr().cast(), content.len());
                    subunit_writer_attach(self.writer, id, text, owned.first(), bytes, size)
                }
                _ => subunit_writer_event(self.writer, &raw const event.value),
            }
        };
        self.note(code);
        let written = &self.output.bytes[before..];
        assert!(code == OK || code == IO || written.is_empty(), "refused, and something written");
        assert!(items(written).all(|item| matches!(item, Item::Packet(_))), "{written:x?}");
        assert!(code != OK || !written.is_empty(), "nothing was written");
    }

    fn raw(&mut self, choices: &mut Choices<'_>) {
        let bytes = choices.bytes();
        let (before, writes) = (self.output.bytes.len(), self.output.writes);
        // SAFETY: the writer is NULL or open, and the bytes are there.
        let code = unsafe { subunit_writer_bytes(self.writer, bytes.as_ptr().cast(), bytes.len()) };
        self.note(code);
        if code == OK {
            assert_eq!(&self.output.bytes[before..], bytes);
            assert!(self.output.writes <= writes + 1, "not one write");
        }
    }

    fn note(&mut self, code: c_int) {
        assert_ne!(code, INTERNAL);
        assert!(!self.writer.is_null() || code == ARGUMENT);
        if !self.writer.is_null() && self.first == OK {
            self.first = code;
        }
    }

    fn ask(&self) {
        // SAFETY: the writer is NULL or open.
        let (message, os_error) =
            unsafe { (subunit_writer_message(self.writer), subunit_writer_os_error(self.writer)) };
        let failed = self.first != OK || self.writer.is_null();
        assert_eq!(words(message).is_empty(), !failed);
        assert!((0..4).contains(&os_error));
    }

    fn close(&mut self) {
        // SAFETY: the writer is NULL or open, and not used any more.
        let code = unsafe { subunit_writer_close(self.writer) };
        assert_eq!(code, self.first, "the first failure is told at the end");
        *self = Self::default();
    }
}

unsafe extern "C" fn write(user: *mut c_void, bytes: *const c_void, size: usize) -> c_int {
    // SAFETY: `open` passed an output, which nobody uses during a call of the writer.
    let output = unsafe { &mut *user.cast::<Output>() };
    if output.answer == 0 {
        // SAFETY: the header says that so many bytes are there.
        let bytes = unsafe { slice::from_raw_parts(bytes.cast::<u8>(), size) };
        output.bytes.extend_from_slice(bytes);
        output.writes += 1;
    }
    output.answer
}
