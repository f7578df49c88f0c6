//! C's error numbers.

use std::io;

use libc::c_int;

/// A value of C's `errno`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Errno(pub c_int);

impl Errno {
    /// EBADF.
    pub const BAD_DESCRIPTOR: Self = Self(libc::EBADF);
    /// ENOSPC.
    pub const NO_SPACE: Self = Self(libc::ENOSPC);
    /// EPIPE.
    pub const BROKEN_PIPE: Self = Self(libc::EPIPE);
    /// EIO.
    pub const INPUT_OUTPUT: Self = Self(libc::EIO);
    /// ENOMEM.
    pub const NO_MEMORY: Self = Self(libc::ENOMEM);

    /// This thread's errno.
    pub fn last() -> Self {
        Self(io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }

    /// Makes this the thread's errno.
    pub fn restore(self) {
        // SAFETY: the function gives the address of this thread's errno, which is an int that lives
        // as long as the thread and is only touched by it.
        unsafe { *location() = self.0 }
    }

    pub(crate) fn is_interruption(self) -> bool {
        self.0 == libc::EINTR
    }

    pub(crate) fn is_full_pipe(self) -> bool {
        self.0 == libc::EAGAIN || self.0 == libc::EWOULDBLOCK
    }
}

#[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
use libc::__errno as location;
#[cfg(any(target_os = "linux", target_os = "emscripten", target_os = "hurd"))]
use libc::__errno_location as location;
#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
use libc::__error as location;
