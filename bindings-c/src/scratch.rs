//! Events of a parser, in the form that C reads.

use std::ffi::{CString, c_char};

use subunit_core::{Event, PacketError};

use crate::{
    error::Failure,
    event::{CEvent, EOF, NOT_RUNNABLE, TIME},
};

/// Memory for one item's strings, used again for the next.
#[derive(Debug)]
pub(crate) struct Scratch {
    strings: Vec<u8>,
    tags: Vec<*const c_char>,
    event: CEvent,
    message: CString,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self {
            strings: Vec::new(),
            tags: Vec::new(),
            event: CEvent::EMPTY,
            message: CString::default(),
        }
    }

    /// The event for C. It points into the scratch, and into the event's own bytes for a file's content.
    pub(crate) fn event(&mut self, event: &Event<'_>) -> Result<*const CEvent, Failure> {
        self.copy_strings(event)?;
        // The same strings in the same order, now that they do not move any more.
        let mut next = self.strings.as_ptr();
        let mut place = |string: &str| {
            let here = next.cast::<c_char>();
            next = next.wrapping_add(string.len() + 1);
            here
        };
        let mut optional = |string: Option<&str>| string.map_or(std::ptr::null(), &mut place);
        let test_id = optional(event.test_id);
        let file_name = optional(event.file.map(|file| file.name));
        let mime_type = optional(event.mime_type);
        let route_code = optional(event.route_code.map(|route| route.as_str()));
        let tags = event.tags.into_iter().flatten();
        self.tags.extend(tags.map(place));
        let (sec, nsec) =
            event.timestamp.map_or((0, 0), |time| (time.seconds(), time.nanoseconds()));
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        self.event = CEvent {
            flags: flag(event.timestamp.is_some(), TIME)
                | flag(event.eof, EOF)
                | flag(!event.runnable, NOT_RUNNABLE),
            status: event.status.map_or(0, |status| status as u32),
            sec,
            nsec,
            test_id,
            tags: if event.tags.is_some() { self.tags.as_ptr() } else { std::ptr::null() },
            tag_count: self.tags.len(),
            file_name,
            file_bytes: event.file.map_or(std::ptr::null(), |file| file.bytes.as_ptr().cast()),
            file_size: event.file.map_or(0, |file| file.bytes.len()),
            mime_type,
            route_code,
            ..CEvent::EMPTY
        };
        Ok(&raw const self.event)
    }

    fn copy_strings(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        let file_name = event.file.map(|file| file.name);
        let route_code = event.route_code.map(|route| route.as_str());
        let others = [event.test_id, file_name, event.mime_type, route_code];
        let tags = || event.tags.into_iter().flatten();
        let all = || others.into_iter().flatten().chain(tags());
        self.strings.clear();
        self.tags.clear();
        let total = all().map(|string| string.len() + 1).sum();
        self.strings.try_reserve(total).map_err(|_| Failure::NO_MEMORY)?;
        self.tags.try_reserve(tags().count()).map_err(|_| Failure::NO_MEMORY)?;
        for string in all() {
            self.strings.extend_from_slice(string.as_bytes());
            self.strings.push(0);
        }
        Ok(())
    }

    /// What is wrong with a packet, in words.
    pub(crate) fn message(&mut self, reason: PacketError) -> *const c_char {
        self.message = CString::new(reason.to_string()).unwrap_or_default();
        self.message.as_ptr()
    }
}
