//! What each of the old calls writes, in both versions of the protocol.

use std::{borrow::Cow, ffi::c_int};

use subunit_c_shared::{CTags, Errno, PIPE_LIMIT, escaped, packets, text_type, v1, write_stderr};
use subunit_core::{Event, FileChunk, Status, Timestamp};

use crate::{
    cut_id,
    settings::{Protocol, Settings, settings},
};

/// How a test ended, in the words of version 1.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Pass,
    Fail,
    /// Version 2 has no such status: it is a failure there.
    Error,
    Skip,
}

impl Outcome {
    fn keyword(self) -> &'static str {
        match self {
            Self::Pass => "success",
            Self::Fail => "failure",
            Self::Error => "error",
            Self::Skip => "skip",
        }
    }

    fn status(self) -> Status {
        match self {
            Self::Pass => Status::Success,
            Self::Fail | Self::Error => Status::Fail,
            Self::Skip => Status::Skip,
        }
    }

    /// Name and type of the attachment, as the Python tools have them.
    fn attachment(self) -> (&'static str, &'static str) {
        match self {
            Self::Skip => ("reason", "text/plain;charset=utf8"),
            _ => ("traceback", "text/x-traceback;charset=utf8"),
        }
    }
}

/// A test starts.
pub(crate) fn start(name: &[u8]) {
    let settings = settings();
    cut_id::started(name);
    match settings.protocol() {
        Protocol::V1 => write_v1(&settings, "test", name, None),
        Protocol::V2 => write_v2(
            &settings,
            name,
            Event { status: Some(Status::InProgress), ..Event::default() },
        ),
    }
}

/// A test ends. No function of the old library can tell that writing failed.
pub(crate) fn end(outcome: Outcome, name: &[u8], details: Option<&[u8]>) {
    let settings = settings();
    if settings.protocol() == Protocol::V1 {
        return write_v1(&settings, outcome.keyword(), name, details);
    }
    let (file_name, utf8_type) = outcome.attachment();
    let event = Event { status: Some(outcome.status()), ..Event::default() };
    let event = match details {
        Some(bytes) => Event {
            file: Some(FileChunk { name: file_name, bytes }),
            mime_type: Some(text_type(bytes, utf8_type)),
            eof: true,
            ..event
        },
        None => event,
    };
    cut_id::with_started(name, |name| write_v2(&settings, name, event));
}

/// How far the run has come, which version 2 has no event for.
pub(crate) fn progress(whence: c_int, offset: c_int) {
    let line = match whence {
        0 => format!("progress: {offset}\n"),
        1 => format!("progress: {offset:+}\n"),
        2 => "progress: pop\n".to_owned(),
        3 => "progress: push\n".to_owned(),
        // The enumeration is unsigned for C.
        _ => {
            let message = format!("Invalid whence {whence} in subunit_progress()\n");
            return write_stderr(message.as_bytes());
        }
    };
    let settings = settings();
    if settings.protocol() == Protocol::V1 {
        let _ = settings.write(line.as_bytes());
    }
}

fn write_v1(settings: &Settings, keyword: &str, name: &[u8], details: Option<&[u8]>) {
    let _ = v1::record(keyword, name, details, |record| settings.write(record));
}

fn write_v2(settings: &Settings, name: &[u8], event: Event<'_>) {
    let test_id: Cow<'_, str> = escaped(name);
    let event = Event { test_id: Some(&test_id), timestamp: Timestamp::now(), ..event };
    let _ = packets::<Errno>(&event, CTags::default(), PIPE_LIMIT, |packet| settings.write(packet));
}
