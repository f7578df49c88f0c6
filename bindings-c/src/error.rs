//! Codes and messages. All messages are fixed strings, so that telling one takes neither memory nor a lock.

use std::{
    ffi::{CStr, c_char, c_int},
    sync::atomic::{AtomicI32, AtomicPtr, Ordering},
};

use subunit_c_shared::{Errno, Refused};
use subunit_core::EncodeError;

/// A result of a function of the library.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(i32)]
pub(crate) enum Code {
    Ok = 0,
    Argument = -1,
    Utf8 = -2,
    TooBig = -3,
    Io = -4,
    Memory = -5,
    Stopped = -6,
    Version = -7,
    State = -8,
    Internal = -9,
}

/// Why a function did not do what it was asked to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    message: &'static CStr,
    /// errno, or what a callback returned; with [`Code::Io`].
    pub(crate) os_error: c_int,
}

impl Failure {
    pub(crate) const INTERNAL: Self = Self::new(Code::Internal, c"a bug in the library");
    pub(crate) const NO_MEMORY: Self = Self::new(Code::Memory, c"out of memory");

    pub(crate) const fn new(code: Code, message: &'static CStr) -> Self {
        Self { code, message, os_error: 0 }
    }

    pub(crate) const fn argument(message: &'static CStr) -> Self {
        Self::new(Code::Argument, message)
    }

    /// Writing failed.
    pub(crate) const fn io(errno: Errno) -> Self {
        let message = match errno {
            Errno::BAD_DESCRIPTOR => c"the descriptor is closed, or not open for writing",
            Errno::NO_SPACE => c"no space is left on the device",
            Errno::BROKEN_PIPE => c"the reader has closed the pipe",
            _ => c"writing failed; see subunit_writer_os_error()",
        };
        Self { code: Code::Io, message, os_error: errno.0 }
    }

    /// The program's own function failed.
    pub(crate) const fn callback(returned: c_int) -> Self {
        Self { code: Code::Io, message: c"the write callback failed", os_error: returned }
    }
}

impl From<Refused<Self>> for Failure {
    fn from(refused: Refused<Self>) -> Self {
        match refused {
            Refused::Encoding(EncodeError::TooLong { .. }) => Self::new(
                Code::TooBig,
                c"the event is too long for a packet: the protocol allows 4194303 bytes",
            ),
            // Strings of C hold no NUL, and times were looked at before.
            Refused::Encoding(_) => Self::INTERNAL,
            Refused::NoMemory => Self::NO_MEMORY,
            Refused::Output(failure) => failure,
        }
    }
}

/// What has failed at a handle. Any number of threads may note and ask at once.
#[derive(Debug)]
pub(crate) struct Log {
    first: AtomicI32,
    os_error: AtomicI32,
    message: AtomicPtr<c_char>,
}

impl Log {
    pub(crate) const fn new() -> Self {
        Self {
            first: AtomicI32::new(Code::Ok as i32),
            os_error: AtomicI32::new(0),
            message: AtomicPtr::new(c"".as_ptr().cast_mut()),
        }
    }

    /// Notes a failure, if it is one, and gives its code.
    pub(crate) fn note(&self, result: Result<(), Failure>) -> c_int {
        let Err(failure) = result else { return Code::Ok as c_int };
        let code = failure.code as i32;
        let _ = self.first.compare_exchange(0, code, Ordering::Relaxed, Ordering::Relaxed);
        self.message.store(failure.message.as_ptr().cast_mut(), Ordering::Relaxed);
        if failure.code == Code::Io {
            self.os_error.store(failure.os_error, Ordering::Relaxed);
        }
        code
    }

    pub(crate) fn first(&self) -> c_int {
        self.first.load(Ordering::Relaxed)
    }

    pub(crate) fn os_error(&self) -> c_int {
        self.os_error.load(Ordering::Relaxed)
    }

    pub(crate) fn message(&self) -> *const c_char {
        self.message.load(Ordering::Relaxed)
    }
}

#[unsafe(no_mangle)]
extern "C" fn subunit_strerror(code: c_int) -> *const c_char {
    let name = match code {
        0 => c"no error",
        -1 => c"invalid argument",
        -2 => c"string is not UTF-8",
        -3 => c"too big",
        -4 => c"input or output failed",
        -5 => c"out of memory",
        -6 => c"stopped by a callback",
        -7 => c"the library is too old for what is asked",
        -8 => c"not possible in this state",
        -9 => c"a bug in the library",
        _ => c"unknown code",
    };
    name.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_code_and_the_last_message_are_kept() {
        let log = Log::new();
        assert_eq!(log.note(Ok(())), 0);
        log.note(Err(Failure::io(Errno::NO_SPACE)));
        log.note(Err(Failure::argument(c"second")));
        assert_eq!((log.first(), log.os_error()), (Code::Io as i32, Errno::NO_SPACE.0));
        // SAFETY: messages are fixed strings.
        assert_eq!(unsafe { CStr::from_ptr(log.message()) }, c"second");
    }
}
