//! Two parsers, fed anything, asked in any order.

use std::{
    ffi::{c_int, c_void},
    mem, ptr, slice,
};

use subunit_core::{Packet, fuzzing::Choices};

use super::{
    calls::{
        ARGUMENT, INTERNAL, OK, STATE, STOPPED, subunit_parser_each, subunit_parser_feed,
        subunit_parser_finish, subunit_parser_free, subunit_parser_message, subunit_parser_new,
        subunit_parser_next, subunit_parser_settle,
    },
    values::{Sized, encoded, same, words},
};
use crate::parser::{CCallbacks, CItem};

#[derive(Default)]
pub(super) struct Parsers([One; 2]);

/// A parser, what it was fed and what has come out.
struct One {
    parser: *mut c_void,
    fed: Vec<u8>,
    came: Vec<u8>,
    finished: bool,
}

impl Default for One {
    fn default() -> Self {
        Self { parser: ptr::null_mut(), fed: Vec::new(), came: Vec::new(), finished: false }
    }
}

/// What a callback knows.
struct Called {
    parser: *mut c_void,
    /// No kind of item is left out.
    is_whole: bool,
    came: Vec<u8>,
    /// After so many calls it asks to stop.
    patience: u8,
}

const EMPTY: CItem = CItem {
    struct_size: size_of::<CItem>(),
    kind: 0,
    damage: 0,
    offset: 0,
    bytes: ptr::null(),
    size: 0,
    event: ptr::null(),
    message: ptr::null(),
};

impl Parsers {
    pub(super) fn step(&mut self, what: u8, choices: &mut Choices<'_>) {
        let one = &mut self.0[usize::from(what & 1)];
        match what >> 1 & 15 {
            0 => one.open(choices),
            1..=4 => one.feed(choices.bytes()),
            5 | 6 => one.feed(&packet(choices)),
            7 => one.feed_nothing(choices),
            8 => one.finish(),
            9 => one.settle(),
            10..=12 => drop(one.next(choices)),
            13 => one.each(choices),
            14 => one.message(),
            _ => one.free(),
        }
    }

    /// Takes what is left of every parser.
    pub(super) fn end(&mut self) {
        for one in &mut self.0 {
            if one.parser.is_null() {
                continue;
            }
            one.finish();
            while one.next(&mut Choices::new(&[9, 9])) {}
            assert_eq!(one.came, one.fed, "all that was fed came out");
            one.free();
        }
    }
}

fn packet(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut packet = Vec::new();
    choices.event().encode(&mut packet).expect("chosen to fit the wire");
    packet
}

impl One {
    fn open(&mut self, choices: &mut Choices<'_>) {
        if choices.byte() == 7 {
            // SAFETY: the library has to cope with NULL.
            assert_eq!(unsafe { subunit_parser_new(ptr::null_mut()) }, ARGUMENT);
            return;
        }
        self.free();
        // SAFETY: there is room for a pointer.
        assert_eq!(unsafe { subunit_parser_new(&raw mut self.parser) }, OK);
    }

    fn expected(&self) -> c_int {
        if self.parser.is_null() { ARGUMENT } else { OK }
    }

    fn feed(&mut self, bytes: &[u8]) {
        // SAFETY: the parser is NULL or open, and the bytes are there.
        let code = unsafe { subunit_parser_feed(self.parser, bytes.as_ptr().cast(), bytes.len()) };
        if self.finished {
            assert_eq!(code, STATE);
            return;
        }
        assert_eq!(code, self.expected());
        if code == OK {
            self.fed.extend_from_slice(bytes);
        }
    }

    fn feed_nothing(&mut self, choices: &mut Choices<'_>) {
        let size = usize::from(choices.byte() & 1);
        // SAFETY: NULL is for the library to refuse, or for no bytes.
        let code = unsafe { subunit_parser_feed(self.parser, ptr::null(), size) };
        if size == 1 {
            assert_eq!(code, ARGUMENT);
        }
    }

    fn finish(&mut self) {
        // SAFETY: the parser is NULL or open.
        assert_eq!(unsafe { subunit_parser_finish(self.parser) }, self.expected());
        self.finished = !self.parser.is_null();
    }

    fn settle(&mut self) {
        // SAFETY: the parser is NULL or open.
        assert_eq!(unsafe { subunit_parser_settle(self.parser) }, self.expected());
    }

    /// Takes an item; whether there was one.
    fn next(&mut self, choices: &mut Choices<'_>) -> bool {
        let (mut item, size) = Sized::new(EMPTY, choices);
        item.value.struct_size = size;
        let room =
            if choices.byte() == 7 { ptr::null_mut() } else { (&raw mut item).cast::<CItem>() };
        // SAFETY: the parser is NULL or open; the item is NULL or as long as its size says, or its size
        // is that of no struct.
        let code = unsafe { subunit_parser_next(self.parser, room) };
        assert_ne!(code, INTERNAL);
        if code != OK {
            assert_eq!(item.value.kind, 0, "written to though it failed");
            return false;
        }
        assert_eq!(item.value.struct_size, size);
        taken(&item.value, &mut self.came);
        item.value.kind != 0
    }

    fn each(&mut self, choices: &mut Choices<'_>) {
        let which = choices.byte();
        let came = mem::take(&mut self.came);
        let is_whole = which & 7 == 0;
        let mut called = Called { parser: self.parser, is_whole, came, patience: choices.byte() };
        let callback = |bit: u8| {
            (which >> bit & 1 == 0).then_some(called_back as unsafe extern "C" fn(_, _) -> _)
        };
        let callbacks = CCallbacks {
            struct_size: size_of::<CCallbacks>(),
            event: callback(0),
            text: callback(1),
            damage: callback(2),
        };
        let (mut callbacks, size) = Sized::new(callbacks, choices);
        callbacks.value.struct_size = size;
        // SAFETY: the parser is NULL or open, the callbacks are as long as their size says, and `called`
        // is what they take.
        let code = unsafe {
            let called: *mut Called = &raw mut called;
            subunit_parser_each(self.parser, (&raw const callbacks).cast(), called.cast())
        };
        assert_ne!(code, INTERNAL);
        assert!(code != STOPPED || called.patience == 0);
        self.came = called.came;
        if !is_whole {
            // Some items were left out: what came out can no longer be told.
            self.free();
        }
    }

    fn message(&self) {
        // SAFETY: the parser is NULL or open.
        let _ = words(unsafe { subunit_parser_message(self.parser) });
    }

    fn free(&mut self) {
        // SAFETY: the parser is NULL or open, and not used any more.
        unsafe { subunit_parser_free(self.parser) };
        *self = Self::default();
    }
}

/// Looks at everything that an item points to.
fn taken(item: &CItem, came: &mut Vec<u8>) {
    if item.kind == 0 {
        assert!(item.bytes.is_null() && item.event.is_null() && item.message.is_null());
        return;
    }
    // SAFETY: the header says that there are so many bytes, until the next call.
    let bytes = unsafe { slice::from_raw_parts(item.bytes.cast::<u8>(), item.size) };
    put(item, bytes, came);
    assert_eq!(item.kind == 3, item.damage != 0);
    assert_eq!(item.kind == 3, !item.message.is_null());
    assert_eq!(item.kind == 1, !item.event.is_null());
    if item.kind == 3 {
        assert!(!words(item.message).is_empty());
    }
    // SAFETY: an event is there until the next call.
    let Some(event) = (unsafe { item.event.as_ref() }) else { return };
    let read = Packet::parse(bytes).expect("the bytes of an event are its packet");
    same(read.event(), event);
    let (code, again) = encoded(event, bytes.len());
    assert!(code == OK || event.sec > u64::from(u32::MAX), "cannot be written: {code}");
    if let Some(again) = again {
        assert!(Packet::parse(&again).is_ok());
    }
}

/// Adds the bytes of an item to what came. Of a packet some or all may have come as text before, which was let go.
fn put(item: &CItem, bytes: &[u8], came: &mut Vec<u8>) {
    let offset = item.offset as usize;
    match item.kind {
        1 => {
            let let_go = came.get(offset..).expect("not before what came");
            if let_go.starts_with(bytes) {
                return;
            }
            assert!(bytes.starts_with(let_go), "a packet is not what was let go");
            came.truncate(offset);
        }
        // Damage without bytes is told of text, which may come before or after.
        3 => assert!(offset <= came.len() || bytes.is_empty()),
        _ => assert_eq!(offset, came.len()),
    }
    came.extend_from_slice(bytes);
}

/// A callback; the parser is in use, so no function of it does anything.
unsafe extern "C" fn called_back(user: *mut c_void, item: *const CItem) -> c_int {
    // SAFETY: `each` passes a `Called`, which nobody else uses meanwhile.
    let called = unsafe { &mut *user.cast::<Called>() };
    // SAFETY: the header says that an item is there during the call.
    let item = unsafe { &*item };
    // SAFETY: these are the bytes of the item.
    let bytes = unsafe { slice::from_raw_parts(item.bytes.cast::<u8>(), item.size) };
    if called.is_whole {
        put(item, bytes, &mut called.came);
    }
    // SAFETY: the parser is open, and the header says what these do inside a callback.
    unsafe {
        assert_eq!(subunit_parser_feed(called.parser, bytes.as_ptr().cast(), bytes.len()), STATE);
        subunit_parser_free(called.parser);
    }
    if called.patience == 0 {
        return 1;
    }
    called.patience -= 1;
    0
}
