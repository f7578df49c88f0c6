//! Events of C: `subunit_event` and its encoding.

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr,
};

use subunit_c_shared::{CTags, CText, guard};
use subunit_core::{
    EncodeError, Event, FileChunk, RouteCode, Status, Timestamp,
    encode::{encode_into, encoded_length},
};

use crate::{
    error::{Code, Failure},
    handle::sized,
};

pub(crate) const TIME: u32 = 1;
pub(crate) const EOF: u32 = 2;
pub(crate) const NOT_RUNNABLE: u32 = 4;

/// `subunit_event`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CEvent {
    pub(crate) struct_size: usize,
    pub(crate) flags: u32,
    pub(crate) status: u32,
    pub(crate) sec: u64,
    pub(crate) nsec: u32,
    pub(crate) reserved: u32,
    pub(crate) test_id: *const c_char,
    pub(crate) tags: *const *const c_char,
    pub(crate) tag_count: usize,
    pub(crate) file_name: *const c_char,
    pub(crate) file_bytes: *const c_void,
    pub(crate) file_size: usize,
    pub(crate) mime_type: *const c_char,
    pub(crate) route_code: *const c_char,
}

impl CEvent {
    pub(crate) const EMPTY: Self = Self {
        struct_size: size_of::<Self>(),
        flags: 0,
        status: 0,
        sec: 0,
        nsec: 0,
        reserved: 0,
        test_id: ptr::null(),
        tags: ptr::null(),
        tag_count: 0,
        file_name: ptr::null(),
        file_bytes: ptr::null(),
        file_size: 0,
        mime_type: ptr::null(),
        route_code: ptr::null(),
    };
}

/// Reads an event of the caller's, and its tags.
///
/// # Safety
///
/// `event` is NULL or as the header says, and nothing of it changes for `'a`.
pub(crate) unsafe fn read<'a>(
    event: *const CEvent,
) -> Result<(Event<'a>, &'a [CText<'a>]), Failure> {
    // SAFETY: the caller's promise.
    let event = unsafe { sized(event) }?;
    if event.flags & !(TIME | EOF | NOT_RUNNABLE) != 0 || event.reserved != 0 {
        return Err(Failure::new(Code::Version, c"a flag that this library does not know is set"));
    }
    // SAFETY: the caller's promise, for each of these.
    let (test_id, file, mime_type, route_code, tags) = unsafe {
        (
            string(event.test_id, c"the test id is not UTF-8")?,
            file(&event)?,
            string(event.mime_type, c"the MIME type is not UTF-8")?,
            string(event.route_code, c"the route code is not UTF-8")?,
            tags(event.tags, event.tag_count)?,
        )
    };
    let event = Event {
        status: status(event.status)?,
        test_id,
        timestamp: time(&event)?,
        tags: None,
        runnable: event.flags & NOT_RUNNABLE == 0,
        file,
        mime_type,
        eof: event.flags & EOF != 0,
        route_code: route_code.map(RouteCode::new),
    };
    Ok((event, tags))
}

/// The status of the protocol's number; none for 0.
pub(crate) fn status(code: u32) -> Result<Option<Status>, Failure> {
    if code == 0 {
        return Ok(None);
    }
    match Status::ALL.into_iter().find(|status| *status as u32 == code) {
        Some(status) => Ok(Some(status)),
        None => Err(Failure::argument(c"no such status")),
    }
}

fn time(event: &CEvent) -> Result<Option<Timestamp>, Failure> {
    if event.flags & TIME == 0 {
        return Ok(None);
    }
    match u32::try_from(event.sec) {
        Ok(seconds) if event.nsec < 1_000_000_000 => Ok(Some(Timestamp::new(seconds, event.nsec))),
        Ok(_) => Err(Failure::argument(c"nsec is a second or more")),
        Err(_) => Err(Failure::argument(c"the time is after 2106, for which there is no room")),
    }
}

/// A string of the caller's; `None` for NULL.
///
/// # Safety
///
/// `string` is NULL or points to a string ended by NUL that does not change for `'a`.
pub(crate) unsafe fn string<'a>(
    string: *const c_char,
    not_utf8: &'static CStr,
) -> Result<Option<&'a str>, Failure> {
    // SAFETY: the caller's promise.
    match unsafe { bytes_of(string) }.map(std::str::from_utf8) {
        None => Ok(None),
        Some(Ok(string)) => Ok(Some(string)),
        Some(Err(_)) => Err(Failure::new(Code::Utf8, not_utf8)),
    }
}

/// The bytes of a string; `None` for NULL.
///
/// # Safety
///
/// As [`string`].
pub(crate) unsafe fn bytes_of<'a>(string: *const c_char) -> Option<&'a [u8]> {
    if string.is_null() {
        return None;
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    Some(unsafe { CStr::from_ptr(string) }.to_bytes())
}

/// Bytes of the caller's.
///
/// # Safety
///
/// `bytes` is NULL or points to `size` bytes that do not change for `'a`.
pub(crate) unsafe fn bytes<'a>(bytes: *const c_void, size: usize) -> Result<&'a [u8], Failure> {
    if size == 0 {
        return Ok(&[]);
    }
    if bytes.is_null() || size > isize::MAX as usize {
        return Err(Failure::argument(c"bytes are NULL, or more than there can be"));
    }
    // SAFETY: not NULL and not longer than memory; the rest is the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(bytes.cast(), size) })
}

/// Tags of the caller's.
///
/// # Safety
///
/// `first` is NULL or points to `count` pointers, of which each is NULL or points to a string ended by
/// NUL; nothing of it changes for `'a`.
pub(crate) unsafe fn tags<'a>(
    first: *const *const c_char,
    count: usize,
) -> Result<&'a [CText<'a>], Failure> {
    // SAFETY: the caller's promise.
    unsafe { CText::slice_from_raw(first, count) }
        .ok_or(Failure::new(Code::Utf8, c"a tag is NULL or not UTF-8"))
}

/// # Safety
///
/// The file's fields are as the header says, and do not change for `'a`.
unsafe fn file<'a>(event: &CEvent) -> Result<Option<FileChunk<'a>>, Failure> {
    // SAFETY: the caller's promise.
    let name = unsafe { string(event.file_name, c"the file's name is not UTF-8") }?;
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(event.file_bytes, event.file_size) }?;
    match name {
        Some(name) => Ok(Some(FileChunk { name, bytes })),
        None if bytes.is_empty() => Ok(None),
        None => Err(Failure::argument(c"a file's bytes without its name")),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_event_encode(
    event: *const CEvent,
    buf: *mut c_void,
    capacity: usize,
    size: *mut usize,
) -> c_int {
    guard(Code::Internal as c_int, || {
        if size.is_null() || !size.is_aligned() {
            return Code::Argument as c_int;
        }
        // SAFETY: the header asks for an event as it describes them.
        let event = unsafe { read(event) }
            .map(|(event, tags)| (event, CTags([tags, &[]])))
            .map_err(|failure| failure.code);
        let needed = event.and_then(|(event, tags)| {
            encoded_length(&event, tags).map_err(|error| match error {
                EncodeError::TooLong { .. } => Code::TooBig,
                _ => Code::Internal,
            })
        });
        // SAFETY: not NULL and aligned; the header asks for room for one size.
        unsafe { size.write(needed.unwrap_or(0)) };
        let (Ok((event, tags)), Ok(needed)) = (event, needed) else {
            return needed.err().unwrap_or(Code::Internal) as c_int;
        };
        if needed > capacity || buf.is_null() {
            return Code::TooBig as c_int;
        }
        // SAFETY: the header asks for room for `capacity` bytes, which are as many or more. A packet's
        // bytes are written before any of them is read.
        let room = unsafe { std::slice::from_raw_parts_mut(buf.cast::<u8>(), needed) };
        match encode_into(&event, tags, room) {
            Ok(Some(_)) => Code::Ok as c_int,
            _ => Code::Internal as c_int,
        }
    })
}

#[unsafe(no_mangle)]
extern "C" fn subunit_status_name(status: u32) -> *const c_char {
    let name = match status {
        1 => c"exists",
        2 => c"inprogress",
        3 => c"success",
        4 => c"uxsuccess",
        5 => c"skip",
        6 => c"fail",
        7 => c"xfail",
        _ => c"",
    };
    name.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_names_are_the_cores() {
        for status in Status::ALL {
            // SAFETY: names are fixed strings.
            let name = unsafe { CStr::from_ptr(subunit_status_name(status as u32)) };
            assert_eq!(name.to_str(), Ok(status.name()));
        }
    }
}
