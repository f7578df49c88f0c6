//! `subunit_writer`: events to a descriptor, a path, a function or stdout.
//!
//! A writer has no lock and keeps nothing back. Threads share it by reference: the options never change,
//! failures are noted in atomics, and each packet is built in a buffer of its own.

use std::ffi::{c_char, c_int, c_void};

use subunit_c_shared::{
    CTags, CText, TEXT_TYPE, close, guard, is_terminal, packets, stdout_descriptor, text_type, v1,
    write_stdout, write_whole,
};
use subunit_core::{Event, FileChunk, RouteCode, Status, Timestamp};

use crate::{
    error::{Code, Failure, Log},
    event::{self, CEvent},
    handle::free,
    options::Options,
};

pub(crate) type WriteFn = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> c_int;

/// Where packets go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Output {
    Descriptor(c_int),
    Stdout,
    Callback(WriteFn, *mut c_void),
}

impl Output {
    /// One packet.
    fn write(self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Descriptor(descriptor) => write_whole(descriptor, bytes).map_err(Failure::io),
            Self::Stdout => write_stdout(bytes).map_err(Failure::io),
            Self::Callback(write, user) => {
                // SAFETY: the header asks for a function that takes these, and says that it may be called
                // by any thread that uses the writer.
                match unsafe { write(user, bytes.as_ptr().cast(), bytes.len()) } {
                    0 => Ok(()),
                    returned => Err(Failure::callback(returned)),
                }
            }
        }
    }

    fn is_for_people(self) -> bool {
        matches!(self, Self::Stdout) && stdout_descriptor().is_some_and(is_terminal)
    }
}

/// `subunit_writer`.
#[derive(Debug)]
pub(crate) struct Writer {
    output: Output,
    options: Options,
    log: Log,
}

impl Writer {
    pub(crate) fn new(output: Output, options: Options) -> Self {
        Self { output, options, log: Log::new() }
    }

    fn event(&self, event: Event<'_>) -> Result<(), Failure> {
        self.event_with(event, &[])
    }

    /// An event with tags of its own.
    fn event_with(&self, event: Event<'_>, tags: &[CText<'_>]) -> Result<(), Failure> {
        if self.output.is_for_people() {
            return self.lines(&event);
        }
        let added = event.status.map(|_| self.options.tags.as_texts());
        let tags = CTags([tags, added.unwrap_or_default()]);
        let event = self.complete(event);
        packets(&event, tags, self.options.limit, |packet| self.output.write(packet))?;
        Ok(())
    }

    /// Adds the time and the route code that the options ask for.
    fn complete<'a>(&'a self, mut event: Event<'a>) -> Event<'a> {
        if event.timestamp.is_none() && self.options.add_time {
            event.timestamp = Timestamp::now();
        }
        if event.route_code.is_none() {
            event.route_code = self.options.route_code.as_deref().map(RouteCode::new);
        }
        event
    }

    /// The event as a person at a terminal reads it.
    fn lines(&self, event: &Event<'_>) -> Result<(), Failure> {
        let keyword = match event.status {
            Some(Status::InProgress) => "test",
            Some(Status::Fail) => "failure",
            Some(status) => status.name(),
            None => "file",
        };
        let name = event.test_id.or_else(|| event.file.map(|file| file.name)).unwrap_or_default();
        let content = event.file.map(|file| file.bytes);
        v1::record(keyword, name.as_bytes(), content, |record| self.output.write(record))
            .map_err(|_| Failure::NO_MEMORY)?
    }

    fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        if bytes.is_empty() { Ok(()) } else { self.output.write(bytes) }
    }

    fn close(&self) -> c_int {
        if let (Output::Descriptor(descriptor), true) = (self.output, self.options.close_descriptor)
        {
            self.log.note(close(descriptor).map_err(Failure::io));
        }
        self.log.first()
    }
}

/// What a function does that writes: `body` gets the writer, and its failure is noted.
///
/// # Safety
///
/// `writer` is NULL or open.
unsafe fn with_writer(
    writer: *const Writer,
    body: impl FnOnce(&Writer) -> Result<(), Failure>,
) -> c_int {
    // SAFETY: the caller's promise. Writers are only ever shared, never lent for changing.
    let Some(writer) = (unsafe { writer.as_ref() }) else { return Code::Argument as c_int };
    let result = guard(Err(Failure::INTERNAL), || body(writer));
    writer.log.note(result)
}

/// A test's id, which must be there.
///
/// # Safety
///
/// As [`event::string`].
unsafe fn test_id<'a>(test_id: *const c_char) -> Result<Option<&'a str>, Failure> {
    // SAFETY: the caller's promise.
    match unsafe { event::string(test_id, c"the test id is not UTF-8") }? {
        None => Err(Failure::argument(c"the test id is NULL")),
        id => Ok(id),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_event(writer: *mut Writer, event: *const CEvent) -> c_int {
    // SAFETY: the header asks for a writer that is open and an event as it describes them.
    unsafe {
        with_writer(writer, |writer| {
            let (event, tags) = event::read(event)?;
            writer.event_with(event, tags)
        })
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_exists(writer: *mut Writer, id: *const c_char) -> c_int {
    // SAFETY: the header asks for a writer that is open and a string ended by NUL.
    unsafe { short(writer, id, Status::Exists) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_start(writer: *mut Writer, id: *const c_char) -> c_int {
    // SAFETY: the header asks for a writer that is open and a string ended by NUL.
    unsafe { short(writer, id, Status::InProgress) }
}

/// # Safety
///
/// `writer` is NULL or open; `id` as for [`test_id`].
unsafe fn short(writer: *const Writer, id: *const c_char, status: Status) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        with_writer(writer, |writer| {
            let status = Some(status);
            writer.event(Event { status, test_id: test_id(id)?, ..Event::default() })
        })
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_result(
    writer: *mut Writer,
    id: *const c_char,
    status: u32,
    text: *const c_char,
) -> c_int {
    let body = |writer: &Writer| {
        let status = event::status(status)?.filter(|status| status.is_final());
        let Some(status) = status else {
            return Err(Failure::argument(c"the status does not end a test"));
        };
        // SAFETY: the header asks for strings ended by NUL; `text` may be NULL.
        let (id, text) = unsafe { (test_id(id)?, event::bytes_of(text)) };
        let event = Event { status: Some(status), test_id: id, ..Event::default() };
        let Some(bytes) = text.filter(|text| !text.is_empty()) else { return writer.event(event) };
        let name = if status == Status::Skip { "reason" } else { "traceback" };
        writer.event(Event {
            file: Some(FileChunk { name, bytes }),
            mime_type: Some(text_type(bytes, TEXT_TYPE)),
            eof: true,
            ..event
        })
    };
    // SAFETY: the header asks for a writer that is open.
    unsafe { with_writer(writer, body) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_attach(
    writer: *mut Writer,
    id: *const c_char,
    file_name: *const c_char,
    mime_type: *const c_char,
    bytes: *const c_void,
    size: usize,
) -> c_int {
    // SAFETY: the header asks for a writer that is open, strings ended by NUL and `size` bytes.
    unsafe {
        with_writer(writer, |writer| {
            let name = event::string(file_name, c"the file's name is not UTF-8")?
                .ok_or(Failure::argument(c"the file's name is NULL"))?;
            writer.event(Event {
                test_id: event::string(id, c"the test id is not UTF-8")?,
                file: Some(FileChunk { name, bytes: event::bytes(bytes, size)? }),
                mime_type: event::string(mime_type, c"the MIME type is not UTF-8")?,
                eof: true,
                ..Event::default()
            })
        })
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_bytes(
    writer: *mut Writer,
    bytes: *const c_void,
    size: usize,
) -> c_int {
    // SAFETY: the header asks for a writer that is open and `size` bytes.
    unsafe { with_writer(writer, |writer| writer.bytes(event::bytes(bytes, size)?)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_message(writer: *const Writer) -> *const c_char {
    // SAFETY: the header asks for a writer that is open, or NULL.
    match unsafe { writer.as_ref() } {
        Some(writer) => writer.log.message(),
        None => c"the writer is NULL".as_ptr(),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_os_error(writer: *const Writer) -> c_int {
    // SAFETY: the header asks for a writer that is open, or NULL.
    unsafe { writer.as_ref() }.map_or(0, |writer| writer.log.os_error())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_close(writer: *mut Writer) -> c_int {
    guard(Code::Internal as c_int, || {
        // SAFETY: the header asks for a writer that is open, or NULL.
        let Some(open) = (unsafe { writer.as_ref() }) else { return Code::Ok as c_int };
        let first = open.close();
        // SAFETY: an open function allocated it, and the header says that nobody uses it any more.
        unsafe { free(writer) };
        first
    })
}
