//! How a writer comes to be: the functions that open.

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    os::unix::ffi::OsStringExt,
    ptr,
};

use subunit_c_shared::{Errno, append_to, environment, guard, is_open};

use crate::{
    error::{Code, Failure},
    handle::allocate,
    options::{COptions, Options},
    writer::{Output, WriteFn, Writer},
};

/// What an open function does: `output` opens, after the options were found good.
///
/// # Safety
///
/// `options` and `out` are as the header says.
unsafe fn open(
    options: *const COptions,
    out: *mut *mut Writer,
    output: impl FnOnce(&mut Options) -> Result<Output, Failure>,
) -> c_int {
    let mut errno = None;
    let code = guard(Code::Internal as c_int, || {
        if out.is_null() || !out.is_aligned() {
            return Code::Argument as c_int;
        }
        // SAFETY: not NULL and aligned; the header asks for room for one pointer.
        unsafe { out.write(ptr::null_mut()) };
        // SAFETY: the caller's promise.
        let opened = unsafe { Options::read(options) }.and_then(|mut options| {
            let output = output(&mut options)?;
            allocate(Writer::new(output, options))
        });
        match opened {
            // SAFETY: as above.
            Ok(writer) => unsafe { out.write(writer) },
            Err(failure) => {
                errno = (failure.code == Code::Io).then_some(Errno(failure.os_error));
                return failure.code as c_int;
            }
        }
        Code::Ok as c_int
    });
    // The one place where errno tells something: there is no handle to ask.
    if let Some(errno) = errno {
        errno.restore();
    }
    code
}

fn open_path(path: &CStr, options: &mut Options) -> Result<Output, Failure> {
    options.close_descriptor = true;
    append_to(path).map(Output::Descriptor).map_err(Failure::io)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_open_fd(
    fd: c_int,
    options: *const COptions,
    out: *mut *mut Writer,
) -> c_int {
    let output = |_: &mut Options| match fd {
        ..0 => Err(Failure::argument(c"the descriptor is below 0")),
        fd if is_open(fd) => Ok(Output::Descriptor(fd)),
        _ => Err(Failure::io(Errno::BAD_DESCRIPTOR)),
    };
    // SAFETY: the header asks for `options` and `out` as `open` needs them.
    unsafe { open(options, out, output) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_open_path(
    path: *const c_char,
    options: *const COptions,
    out: *mut *mut Writer,
) -> c_int {
    let output = |options: &mut Options| {
        if path.is_null() {
            return Err(Failure::argument(c"the path is NULL"));
        }
        // SAFETY: not NULL; the header asks for a string ended by NUL.
        open_path(unsafe { CStr::from_ptr(path) }, options)
    };
    // SAFETY: the header asks for `options` and `out` as `open` needs them.
    unsafe { open(options, out, output) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_open_callback(
    write: Option<WriteFn>,
    user: *mut c_void,
    options: *const COptions,
    out: *mut *mut Writer,
) -> c_int {
    let output = |_: &mut Options| match write {
        Some(write) => Ok(Output::Callback(write, user)),
        None => Err(Failure::argument(c"the function is NULL")),
    };
    // SAFETY: the header asks for `options` and `out` as `open` needs them.
    unsafe { open(options, out, output) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_writer_open_default(
    options: *const COptions,
    out: *mut *mut Writer,
) -> c_int {
    let output = |options: &mut Options| {
        let path = environment(c"SUBUNIT_OUTPUT").filter(|path| !path.is_empty());
        match path.and_then(|path| CString::new(path.into_vec()).ok()) {
            Some(path) => open_path(&path, options),
            None => Ok(Output::Stdout),
        }
    };
    // SAFETY: the header asks for `options` and `out` as `open` needs them.
    unsafe { open(options, out, output) }
}
