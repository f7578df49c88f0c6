//! Bytes to descriptors: whole, in order with what the C program prints, and without locks of ours.

use std::{
    ffi::{CStr, OsString, c_char, c_int},
    os::unix::ffi::OsStringExt,
};

use crate::Errno;

unsafe extern "C" {
    #[cfg_attr(any(target_vendor = "apple", target_os = "freebsd"), link_name = "__stdoutp")]
    static mut stdout: *mut libc::FILE;
}

/// C's own stdout, as it is now: a program may assign to it.
fn c_stdout() -> *mut libc::FILE {
    // SAFETY: the C library defines the variable, and it holds a pointer at all times. A program that
    // assigns to it while others print has a race of its own.
    unsafe { (&raw const stdout).read() }
}

/// The descriptor of C's stdout, which need not be 1; `None` where it has none.
pub fn stdout_descriptor() -> Option<c_int> {
    let file = c_stdout();
    if file.is_null() {
        return None;
    }
    let errno = Errno::last();
    // SAFETY: `file` is C's stdout, an open stream or one that was closed, which fileno reports.
    let descriptor = unsafe { libc::fileno(file) };
    errno.restore();
    (descriptor >= 0).then_some(descriptor)
}

/// Writes to C's stdout, behind all that the program has printed so far.
///
/// # Errors
///
/// The errno of what failed.
pub fn write_stdout(bytes: &[u8]) -> Result<(), Errno> {
    let file = c_stdout();
    if file.is_null() {
        return Err(Errno::BAD_DESCRIPTOR);
    }
    // SAFETY: `file` is C's stdout; fflush takes the stream's own lock and gives it back. Only this
    // stream is flushed, as the locks of others may be held by threads that wait for input.
    unsafe { libc::fflush(file) };
    if let Some(descriptor) = stdout_descriptor() {
        return write_all(descriptor, bytes);
    }
    // A stream without a descriptor, such as one in memory.
    // SAFETY: `bytes` is as long as said, and `file` is as above.
    let written = unsafe { libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), file) };
    // SAFETY: as above.
    let flushed = unsafe { libc::fflush(file) };
    if written == bytes.len() && flushed == 0 { Ok(()) } else { Err(Errno::last()) }
}

/// Writes to a descriptor; if it is that of C's stdout, behind all that the program has printed.
///
/// # Errors
///
/// The errno of what failed.
pub fn write_whole(descriptor: c_int, bytes: &[u8]) -> Result<(), Errno> {
    if stdout_descriptor() == Some(descriptor) {
        return write_stdout(bytes);
    }
    write_all(descriptor, bytes)
}

/// One write(2), unless it is interrupted, short, or has to wait for a reader.
fn write_all(descriptor: c_int, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        // SAFETY: the pointer and the length are those of a slice.
        let written = unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(written) {
            Ok(0) => return Err(Errno::INPUT_OUTPUT),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(_) => wait_after(Errno::last(), descriptor)?,
        }
    }
    Ok(())
}

/// Returns when a failed write is worth another try.
fn wait_after(errno: Errno, descriptor: c_int) -> Result<(), Errno> {
    if errno.is_interruption() {
        return Ok(());
    }
    if !errno.is_full_pipe() {
        return Err(errno);
    }
    let mut waiting = libc::pollfd { fd: descriptor, events: libc::POLLOUT, revents: 0 };
    // SAFETY: one structure, as the count says. What ends the waiting shows at the next write.
    unsafe { libc::poll(&raw mut waiting, 1, -1) };
    Ok(())
}

/// Writes to descriptor 2; what fails there cannot be told anywhere.
pub fn write_stderr(message: &[u8]) {
    let _ = write_all(libc::STDERR_FILENO, message);
}

/// Opens a file or FIFO so that each write goes to its end; the file is made where there is none.
///
/// # Errors
///
/// The errno of open(2).
pub fn append_to(path: &CStr) -> Result<c_int, Errno> {
    let flags = libc::O_WRONLY | libc::O_APPEND | libc::O_CREAT | libc::O_CLOEXEC | libc::O_NOCTTY;
    loop {
        // SAFETY: `path` is ended by NUL; the mode is there, as O_CREAT demands.
        let descriptor = unsafe { libc::open(path.as_ptr(), flags, 0o666) };
        if descriptor >= 0 {
            return Ok(descriptor);
        }
        let errno = Errno::last();
        if !errno.is_interruption() {
            return Err(errno);
        }
    }
}

/// Closes a descriptor that belongs to the library.
///
/// # Errors
///
/// The errno of close(2), which may tell of a write that failed late. The descriptor is gone anyway.
pub fn close(descriptor: c_int) -> Result<(), Errno> {
    // SAFETY: the library opened the descriptor, or was told that it owns it.
    let failed = unsafe { libc::close(descriptor) } != 0;
    if failed && !Errno::last().is_interruption() { Err(Errno::last()) } else { Ok(()) }
}

/// Whether the descriptor is open.
pub fn is_open(descriptor: c_int) -> bool {
    // SAFETY: the call only looks at the number.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) >= 0 }
}

/// Whether the descriptor is a terminal, which would change the bytes of packets.
pub fn is_terminal(descriptor: c_int) -> bool {
    // SAFETY: the call only looks at the number.
    unsafe { libc::isatty(descriptor) == 1 }
}

/// Device and inode of an open file; `None` where the descriptor is closed.
pub fn identity(descriptor: c_int) -> Option<(u64, u64)> {
    // SAFETY: all zeros is a valid value of a structure of integers.
    let mut status: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is there to be filled.
    let failed = unsafe { libc::fstat(descriptor, &raw mut status) } != 0;
    #[allow(clippy::unnecessary_cast, reason = "the types differ between platforms")]
    (!failed).then_some((status.st_dev as u64, status.st_ino as u64))
}

/// A variable of the environment; `None` in a process that has more rights than its user, which must
/// not write where the user says.
pub fn environment(name: &CStr) -> Option<OsString> {
    // SAFETY: `name` is ended by NUL.
    let value: *const c_char = unsafe { getenv(name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: not NULL, so a string ended by NUL, which is copied before the environment can change.
    Some(OsString::from_vec(unsafe { CStr::from_ptr(value) }.to_bytes().to_vec()))
}

#[cfg(target_os = "linux")]
unsafe extern "C" {
    // glibc and musl have it; the libc crate does not name it.
    #[link_name = "secure_getenv"]
    fn getenv(name: *const c_char) -> *const c_char;
}

#[cfg(not(target_os = "linux"))]
unsafe fn getenv(name: *const c_char) -> *const c_char {
    // SAFETY: the two calls only look at the process.
    if unsafe { libc::getuid() != libc::geteuid() || libc::getgid() != libc::getegid() } {
        return std::ptr::null();
    }
    // SAFETY: the caller's promise: `name` is ended by NUL.
    unsafe { libc::getenv(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_why_a_write_failed() {
        assert_eq!(write_whole(-1, b"x"), Err(Errno::BAD_DESCRIPTOR));
        let full = append_to(c"/dev/full").unwrap();
        assert_eq!(write_whole(full, b"x"), Err(Errno::NO_SPACE));
        assert_eq!(close(full), Ok(()));
        assert!(!is_open(-1));
    }

    #[test]
    fn a_full_pipe_is_waited_for() {
        let mut ends = [0; 2];
        // SAFETY: room for the two descriptors that the call makes.
        assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
        let [read, write] = ends;
        // SAFETY: the call takes a number.
        assert_eq!(unsafe { libc::fcntl(write, libc::F_SETFL, libc::O_NONBLOCK) }, 0);
        let reader = std::thread::spawn(move || {
            let mut total = 0;
            let mut block = [0u8; 3000];
            while total < 1_000_000 {
                // SAFETY: the room is as long as said.
                let got = unsafe { libc::read(read, block.as_mut_ptr().cast(), block.len()) };
                total += usize::try_from(got).unwrap_or(0);
            }
            total
        });
        assert_eq!(write_whole(write, &vec![7; 1_000_000]), Ok(()));
        assert_eq!(reader.join().unwrap(), 1_000_000);
        assert_eq!((close(read), close(write)), (Ok(()), Ok(())));
    }
}
