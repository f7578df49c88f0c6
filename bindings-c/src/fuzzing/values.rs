//! What a C program passes in: strings, structs of any size, events.

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    ptr,
};

use subunit_core::{Event, Packet, fuzzing::Choices};

use super::calls::{
    ARGUMENT, INTERNAL, OK, TOO_BIG, subunit_event_encode, subunit_status_name, subunit_strerror,
};
use crate::event::CEvent;

/// A struct that begins with its size, and memory behind it as there is in a newer version's.
#[repr(C)]
pub(super) struct Sized<T> {
    pub(super) value: T,
    behind: [u64; 8],
}

impl<T> Sized<T> {
    /// The struct, and the size to write into it: right most of the time, never more than there is.
    pub(super) fn new(value: T, choices: &mut Choices<'_>) -> (Self, usize) {
        let whole = size_of::<Self>();
        let size = match choices.byte() {
            0 => 0,
            1 => size_of::<T>() - 1,
            2 => whole,
            3 => size_of::<T>() + 8,
            4 => usize::MAX,
            5 => 4,
            _ => size_of::<T>(),
        };
        let newer = if choices.byte() == 1 { 7 } else { 0 };
        (Self { value, behind: [0, newer, 0, 0, 0, 0, 0, 0] }, size)
    }
}

/// A string ended by NUL, of any other bytes; or NULL.
pub(super) fn string(choices: &mut Choices<'_>) -> Option<CString> {
    let bytes = choices.bytes();
    if bytes == b"NULL" {
        return None;
    }
    let bytes: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    CString::new(bytes).ok()
}

pub(super) fn pointer(string: &Option<CString>) -> *const c_char {
    string.as_ref().map_or(ptr::null(), |string| string.as_ptr())
}

/// The strings that an event of C points to.
#[derive(Default)]
pub(super) struct Owned {
    strings: [Option<CString>; 4],
    tags: Vec<Option<CString>>,
    pointers: Vec<*const c_char>,
    content: Vec<u8>,
}

impl Owned {
    pub(super) fn new(choices: &mut Choices<'_>) -> Self {
        let there = choices.byte();
        let mut next = |bit: u8| if there >> bit & 1 == 1 { string(choices) } else { None };
        let strings = [next(0), next(1), next(2), next(3)];
        let count = if there >> 4 & 1 == 1 { choices.below(8) } else { 0 };
        let tags: Vec<_> = (0..count).map(|_| string(choices)).collect();
        let pointers = tags.iter().map(pointer).collect();
        let content = if there >> 5 & 1 == 1 { choices.content() } else { Vec::new() };
        Self { strings, tags, pointers, content }
    }

    pub(super) fn tags(&self) -> (*const *const c_char, usize) {
        assert_eq!(self.tags.len(), self.pointers.len());
        (self.pointers.as_ptr(), self.pointers.len())
    }

    pub(super) fn first(&self) -> *const c_char {
        pointer(&self.strings[0])
    }

    /// An event with these strings, and any numbers.
    pub(super) fn event(&self, choices: &mut Choices<'_>) -> Sized<CEvent> {
        let [test_id, file_name, mime_type, route_code] = &self.strings;
        let (tags, tag_count) = self.tags();
        let odd = choices.byte();
        let rarely = |nth: u8, odd_value: u64| if odd == nth { odd_value } else { 0 };
        let no_bytes = self.content.is_empty() && odd & 1 == 1;
        let event = CEvent {
            flags: u32::from(choices.byte() & 7) | rarely(9, 8) as u32,
            status: choices.below(8) as u32 + rarely(10, 1) as u32,
            sec: u64::from(choices.word()) + rarely(11, 1 << 32),
            nsec: choices.word() >> 3,
            reserved: rarely(12, 1) as u32,
            test_id: pointer(test_id),
            tags,
            tag_count,
            file_name: pointer(file_name),
            file_bytes: if no_bytes { ptr::null() } else { self.content.as_ptr().cast() },
            file_size: self.content.len(),
            mime_type: pointer(mime_type),
            route_code: pointer(route_code),
            ..CEvent::EMPTY
        };
        let (mut event, size) = Sized::new(event, choices);
        event.value.struct_size = size;
        event
    }
}

/// A string of the library's, which must be one.
pub(super) fn words(string: *const c_char) -> String {
    assert!(!string.is_null());
    // SAFETY: not NULL, and the header says that it is a string ended by NUL.
    let string = unsafe { CStr::from_ptr(string) };
    string.to_str().expect("words are UTF-8").to_owned()
}

/// Encodes any event into room of any size.
pub(super) fn encode(choices: &mut Choices<'_>) {
    // SAFETY: these take any number.
    let (error, status) = unsafe {
        (subunit_strerror(c_int::from(choices.byte()) - 20), subunit_status_name(choices.word()))
    };
    let _ = (words(error), words(status));
    let owned = Owned::new(choices);
    let event = owned.event(choices);
    let capacity = match choices.below(4) {
        0 => choices.index(600),
        _ => 70_000,
    };
    let nothing = choices.byte() == 7;
    let (code, packet) =
        encoded(if nothing { ptr::null() } else { &raw const event.value }, capacity);
    assert_ne!(code, INTERNAL);
    assert!(!nothing || code == ARGUMENT);
    let Some(packet) = packet else { return };
    let read = Packet::parse(&packet).expect("a packet").event().to_buf();
    same(&read.as_event(), &event.value);
}

/// What `subunit_event_encode` answers, and its packet.
pub(super) fn encoded(event: *const CEvent, capacity: usize) -> (c_int, Option<Vec<u8>>) {
    let mut buffer = vec![0xA5_u8; capacity];
    let room: *mut c_void =
        if capacity == 0 { ptr::null_mut() } else { buffer.as_mut_ptr().cast() };
    let mut size = usize::MAX;
    // SAFETY: the event is NULL or as the header says, and there is room for `capacity` bytes.
    let code = unsafe { subunit_event_encode(event, room, capacity, &raw mut size) };
    match code {
        OK => {
            assert!(size <= capacity);
            buffer.truncate(size);
            (code, Some(buffer))
        }
        TOO_BIG => {
            assert!(size > capacity || size == 0);
            (code, None)
        }
        _ => {
            assert_eq!(size, 0);
            (code, None)
        }
    }
}

/// Whether a packet says what the event of C does.
pub(super) fn same(event: &Event<'_>, expected: &CEvent) {
    assert_eq!(event.status.map_or(0, |status| status as u32), expected.status);
    assert_eq!(event.test_id.is_some(), !expected.test_id.is_null());
    assert_eq!(event.runnable, expected.flags & 4 == 0);
    assert_eq!(event.eof, expected.flags & 2 != 0);
    let time = event.timestamp.map(|time| (time.seconds(), time.nanoseconds()));
    let expected_time = (expected.flags & 1 != 0).then_some((expected.sec, expected.nsec));
    assert_eq!(time, expected_time);
    assert_eq!(event.file.map_or(0, |file| file.bytes.len()), expected.file_size);
    for (string, expected) in [
        (event.test_id, expected.test_id),
        (event.file.map(|file| file.name), expected.file_name),
        (event.mime_type, expected.mime_type),
        (event.route_code.map(|route| route.as_str()), expected.route_code),
    ] {
        let expected = (!expected.is_null()).then(|| words(expected));
        // An empty MIME type is written as none.
        assert_eq!(string.unwrap_or_default(), expected.unwrap_or_default());
    }
}
